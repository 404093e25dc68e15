package eda

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"strings"

	"github.com/osac-project/terraform-provider-osac/internal/redact"
	"github.com/osac-project/terraform-provider-osac/internal/transport"
)

// APISettings names an EDA server's API and says how to connect to it.
type APISettings struct {
	// URL is AAP's or the EDA server's address: https://host, or with /api, /api/eda or /api/eda/v1 behind it, with or
	// without a slash. It holds no credentials.
	URL string
	// Token is sent as a bearer token. Only AAP's gateway accepts one; an EDA server without a gateway doesn't (eda 20).
	// Without a token, Username and Password are sent as basic authentication.
	Token    string
	Username string
	Password string

	Transport transport.Settings
}

// API is an EDA server's API; only its rule audit is used. It is safe for concurrent use.
type API struct {
	root          string
	authorization string
	bearer        bool
	secrets       []redact.Secret
	transport     *transport.Client
	// turn is held by the one search of rule audit in progress.
	turn     chan struct{}
	payloads payloadMemory
}

// NewAPI checks the form of the settings, and sends nothing.
func NewAPI(s APISettings) (*API, error) {
	root, err := apiRoot(s.URL)
	if err != nil {
		return nil, err
	}
	how, err := Authentication{Token: s.Token, Username: s.Username, Password: s.Password}.clean()
	if err != nil {
		return nil, err
	}
	s.Token, s.Username, s.Password = how.Token, how.Username, how.Password
	sender, err := transport.New(s.Transport)
	if err != nil {
		return nil, err
	}
	a := &API{root: root, transport: sender, turn: make(chan struct{}, 1)}
	switch {
	case s.Token != "":
		a.authorization, a.bearer = "Bearer "+s.Token, true
		a.secrets = redact.Credentials(s.Token)
	case s.Username != "":
		pair := base64.StdEncoding.EncodeToString([]byte(s.Username + ":" + s.Password))
		a.authorization = "Basic " + pair
		a.secrets = redact.Credentials(pair, s.Password)
	}
	return a, nil
}

// URL returns the API's root, for messages.
func (a *API) URL() string { return a.root }

// get requests a document and passes its body to read.
func (a *API) get(ctx context.Context, path string, read func([]byte) error) error {
	header := http.Header{"Accept": {"application/json"}}
	if a.authorization != "" {
		header.Set("Authorization", a.authorization)
	}
	q := question{method: http.MethodGet, url: a.root + path, secrets: redact.New(a.secrets), advise: a.advice}
	if form, listed := shapeOf(q.method, q.url); !listed {
		return &Error{Method: q.method, URL: q.url, kind: errUnlisted, Detail: "a request of the form " + form.String() + " was never recorded, so it was not sent"}
	}
	answer, err := a.transport.Do(ctx, transport.Request{Method: q.method, URL: q.url, Header: header, MaxBytes: maxAuditBody})
	switch {
	case err != nil:
		return q.unanswered(err)
	case answer.Status >= http.StatusMultipleChoices:
		return q.refused(answer)
	case isPage(answer):
		return q.page(answer)
	}
	if err := read(answer.Body); err != nil {
		return q.unreadable(answer, err)
	}
	return nil
}

// advice says what to check after a request has failed.
func (a *API) advice(e *Error) string {
	switch {
	case errors.Is(e, ErrUnauthorized) && a.bearer:
		return "an EDA server without AAP's gateway takes no token, but username and password"
	case errors.Is(e, ErrUnauthorized):
		return "the EDA API's credentials are wrong or missing"
	case e.Status == http.StatusNotFound && !strings.HasPrefix(e.Detail, "No "), e.Status >= 200 && e.Status < 400:
		return "the URL is not that of an EDA server's API, nor of the AAP before it"
	}
	return ""
}
