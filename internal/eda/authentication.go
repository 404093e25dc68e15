package eda

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/osac-project/terraform-provider-osac/internal/transport"
)

// Authentication says how a sender authenticates. The zero value means not at all. At most one way may be set.
type Authentication struct {
	// Token is sent as "Authorization: Bearer …", which webhooks and event streams take (eda 04, 22).
	Token string
	// Username and Password are sent as basic authentication, which event streams take; a webhook does not (eda 04), but
	// a proxy in front of it may.
	Username string
	Password string
	// HMAC signs the body.
	HMAC *HMAC
}

// clean returns the settings without the white space that files and editors put around a token or a name, or an error.
// The error repeats none of them.
func (a Authentication) clean() (Authentication, error) {
	ways := 0
	for _, set := range []bool{a.Token != "", a.Username != "" || a.Password != "", a.HMAC != nil} {
		if set {
			ways++
		}
	}
	a.Username, a.Password = strings.TrimSpace(a.Username), strings.TrimRight(a.Password, "\r\n")
	token, err := transport.CleanToken(a.Token)
	switch {
	case ways > 1:
		return a, errors.New("only one way of authentication may be set: a token, username and password, or an HMAC secret")
	case a.Password != "" && a.Username == "":
		return a, errors.New("a password is set without a username")
	case strings.Contains(a.Username, ":"):
		return a, errors.New("the username holds a colon, which basic authentication can't send")
	case err != nil:
		return a, err
	}
	a.Token = token
	if a.HMAC != nil {
		own := *a.HMAC
		a.HMAC = &own
		return a, own.check()
	}
	return a, nil
}

// sign sets the headers that authenticate the body. It returns the texts in them that no message may show.
func (a Authentication) sign(header http.Header, body []byte) ([]string, error) {
	switch {
	case a.Token != "":
		header.Set("Authorization", "Bearer "+a.Token)
		return []string{a.Token}, nil
	case a.Username != "":
		pair := base64.StdEncoding.EncodeToString([]byte(a.Username + ":" + a.Password))
		header.Set("Authorization", "Basic "+pair)
		return []string{pair, a.Password}, nil
	case a.HMAC != nil:
		signature, err := a.HMAC.signature(body)
		if err != nil {
			return nil, err
		}
		header.Set(a.HMAC.header(), a.HMAC.prefix()+signature)
		return []string{a.HMAC.Secret, signature}, nil
	}
	return nil, nil
}

// what names the way that is used, for messages.
func (a Authentication) what() string {
	switch {
	case a.Token != "":
		return "a bearer token"
	case a.Username != "":
		return "basic authentication"
	case a.HMAC != nil:
		return fmt.Sprintf("an HMAC signature (%s, %s, prefix %q, in the header %s)",
			a.HMAC.algorithm(), a.HMAC.format(), a.HMAC.prefix(), a.HMAC.header())
	}
	return "no authentication"
}
