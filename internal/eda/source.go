package eda

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"

	"github.com/osac-project/terraform-provider-osac/internal/redact"
	"github.com/osac-project/terraform-provider-osac/internal/transport"
)

// Settings names a source of events and says how to connect to it.
type Settings struct {
	// URL holds no credentials; it is shown in errors.
	URL            string
	Authentication Authentication
	// Transport says how to connect; its RequestTimeout bounds each single attempt to post.
	Transport transport.Settings
}

// Source accepts events: it is a webhook of a rulebook, or an event stream of an EDA server. It is safe for concurrent
// use.
type Source struct {
	url            string
	kind           kind
	authentication Authentication
	transport      *transport.Client
}

// kind is the sort of source, as messages name it.
type kind string

const (
	webhook     kind = "webhook"
	eventStream kind = "event stream"
)

// NewWebhook returns the source for one endpoint of a rulebook's webhook (ansible.eda.webhook, eda.builtin.webhook). It
// sends nothing.
func NewWebhook(s Settings) (*Source, error) { return newSource(s, webhook, webhookURL) }

// NewEventStream returns the source for an event stream of an EDA server. It sends nothing.
func NewEventStream(s Settings) (*Source, error) { return newSource(s, eventStream, streamURL) }

func newSource(s Settings, kind kind, parse func(string) (*url.URL, error)) (*Source, error) {
	address, err := parse(s.URL)
	if err != nil {
		return nil, err
	}
	authentication, err := s.Authentication.clean()
	if err != nil {
		return nil, err
	}
	sender, err := transport.New(s.Transport)
	if err != nil {
		return nil, err
	}
	return &Source{url: address.String(), kind: kind, authentication: authentication, transport: sender}, nil
}

// URL returns the address that events are posted to, for messages.
func (s *Source) URL() string { return s.url }

// Post sends one event, which is a JSON document. It returns nil if the event was accepted, which does not mean that a
// rule knows it (eda 04, 22). An error is an *Error.
//
// An event that certainly was not delivered (no connection, 429, 503 with Retry-After) is sent again until ctx ends. An
// event that may have been delivered is not: errors.Is(err, transport.ErrOutcomeUnknown) holds then, and the caller
// must search for its job before posting again. A rulebook whose queue is full lets clients wait, and accepts their
// events even after they have given up (F63).
//
// A post that has begun goes on to its answer, within its time-out, although ctx ends meanwhile.
func (s *Source) Post(ctx context.Context, body []byte) error {
	header := http.Header{"Content-Type": {"application/json"}, "Accept": {"*/*"}}
	secrets, err := s.authentication.sign(header, body)
	if err == nil && !json.Valid(body) {
		err = errors.New("the event is not JSON")
	}
	if err != nil {
		return &Error{Method: http.MethodPost, URL: s.url, Detail: err.Error(), kind: ErrRejected}
	}
	// Words of the URL that are also in the event, such as the verb, are no secret: a redirect's target must be shown.
	values := slices.DeleteFunc(redact.Values(body), func(value redact.Secret) bool { return value.In(s.url) })
	q := question{
		method: http.MethodPost, url: s.url, secrets: redact.New(redact.Credentials(append(secrets, string(body))...), values),
		advise: func(e *Error) string { return s.advice(e, len(body)) },
	}
	answer, err := s.transport.Do(ctx, transport.Request{
		Method: q.method, URL: q.url, Header: header, Body: body, Finish: true, Refusable: true, MaxBytes: maxPostAnswer,
	})
	switch {
	case err != nil:
		return q.unanswered(err)
	case answer.Status >= http.StatusMultipleChoices:
		return q.refused(answer)
	case isPage(answer):
		return q.page(answer)
	}
	return nil
}

// maxPostAnswer bounds the part of an answer that is read: a webhook's is its endpoint's name, an event stream's is
// empty.
const maxPostAnswer = 1 << 20
