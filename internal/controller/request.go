package controller

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/redact"
	"github.com/osac-project/terraform-provider-osac/internal/transport"
)

// call is one request to the controller, by its absolute URL.
type call struct {
	method  string
	url     string
	body    []byte
	accept  string
	timeout time.Duration
	// once sends a single attempt; again allows a POST to be repeated after any failure.
	once, again bool
	// finish lets an attempt that has begun come to its end although the caller's context has ended.
	finish bool
	// anonymous leaves the credentials out.
	anonymous bool
	// secrets are texts of this request that an error must not show.
	secrets  []redact.Secret
	maxBytes int64
	// note, if set, is told what an attempt met before the next one is made.
	note func(error)
}

// send makes the call. An answer of 400 or above is an *Error, as is everything that is no answer.
func (c *Client) send(ctx context.Context, k call) (*transport.Response, error) {
	header := http.Header{"Accept": {"application/json"}}
	if k.accept != "" {
		header.Set("Accept", k.accept)
	}
	if k.body != nil {
		header.Set("Content-Type", "application/json")
	}
	if c.authorization != "" && !k.anonymous {
		header.Set("Authorization", c.authorization)
	}
	answer, err := c.transport.Do(ctx, transport.Request{
		Method: k.method, URL: k.url, Header: header, Body: k.body, Timeout: k.timeout,
		Once: k.once, Idempotent: k.again, Finish: k.finish, MaxBytes: k.maxBytes,
		OnRetry: func(err error) {
			if k.note != nil {
				k.note(c.unanswered(k, err))
			}
		},
	})
	if err != nil {
		return nil, c.unanswered(k, err)
	}
	if answer.Status >= http.StatusMultipleChoices {
		return nil, c.refused(k, answer)
	}
	return answer, nil
}

// get asks for a JSON document and decodes it.
func (c *Client) get(ctx context.Context, address string, into any) error {
	_, err := c.getCall(ctx, call{url: address}, into)
	return err
}

func (c *Client) getCall(ctx context.Context, k call, into any) (*transport.Response, error) {
	k.method = http.MethodGet
	answer, err := c.send(ctx, k)
	if err != nil {
		return nil, err
	}
	return answer, c.decode(k, answer, into)
}

// decode reads an answer's JSON. A page in its place (a login, a proxy's notice) means that this is no controller.
func (c *Client) decode(k call, answer *transport.Response, into any) error {
	err := json.Unmarshal(answer.Body, into)
	if err == nil {
		return nil
	}
	body := bytes.TrimSpace(answer.Body)
	if len(body) == 0 || body[0] != '{' && body[0] != '[' {
		failed := c.newError(k, answer)
		failed.Detail = describe(answer) + " where JSON was expected"
		failed.kind = ErrNotController
		return failed
	}
	return c.unreadable(k, answer, err)
}

// unreadable is the error of an answer that is JSON but not of this API's form.
func (c *Client) unreadable(k call, answer *transport.Response, err error) *Error {
	if k.method == "" {
		k.method = http.MethodGet
	}
	failed := c.newError(k, answer)
	failed.kind = errUnreadable
	failed.Detail = "the answer is not what this API gives: " + transport.Cut(transport.OneLine(err.Error()), maxErrorMessage)
	return failed
}

// describe says what sort of body an answer has, for messages.
func describe(answer *transport.Response) string {
	body := bytes.TrimSpace(answer.Body)
	kind := answer.Header.Get("Content-Type")
	switch {
	case len(body) == 0:
		return "no body"
	case strings.HasPrefix(kind, "text/html"), bytes.HasPrefix(body, []byte("<")):
		return "an HTML page"
	case json.Valid(body):
		return "other JSON"
	default:
		return "text"
	}
}
