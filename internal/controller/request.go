package controller

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
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
	// divisible says that the caller asks for fewer rows if the answer does not come in time.
	divisible bool
	// finish lets an attempt that has begun end by itself, although the caller's context has ended.
	finish bool
	// anonymous leaves the credentials out.
	anonymous bool
	// secrets are texts of this request that no error may show.
	secrets  []redact.Secret
	maxBytes int64
	// note, if set, is called with the failure of an attempt before the next one.
	note func(error)
}

// errUnlisted is the error of a request whose form is not among Shapes.
var errUnlisted = errors.New("a request of a form that was never recorded")

// send makes the call. An answer of 300 or above is an *Error, and so is a missing answer. It is the only way to the
// controller, and refuses any form that is not among Shapes.
func (c *Client) send(ctx context.Context, k call) (*transport.Response, error) {
	if form, listed := shapeOf(k.method, k.url); !listed {
		return nil, &Error{
			Method: k.method, URL: k.url, kind: errUnlisted,
			Detail: "a request of the form " + form.String() + " is not among those that this client has seen a controller answer (Shapes), so it was not sent",
		}
	}
	if err := c.lockout.enter(ctx, k); err != nil {
		return nil, err
	}
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
	sent := time.Now()
	answer, err := c.transport.Do(ctx, transport.Request{
		Method: k.method, URL: k.url, Header: header, Body: k.body, Timeout: k.timeout,
		Once: k.once, Idempotent: k.again, Divisible: k.divisible, Finish: k.finish, MaxBytes: k.maxBytes,
		OnRetry: func(err error) {
			met := c.unanswered(k, err)
			c.failed.note(met)
			if k.note != nil {
				k.note(met)
			}
		},
	})
	if err != nil {
		failed := c.unanswered(k, err)
		c.lockout.giveUp(k)
		if ctx.Err() == nil && Passing(failed) {
			c.failed.note(failed)
		}
		return nil, failed
	}
	if answer.Status >= http.StatusMultipleChoices {
		refused := c.refused(k, answer)
		c.lockout.leave(k, sent, refused)
		if Passing(refused) || c.mayPass(k, refused) {
			c.failed.note(refused)
		}
		return nil, refused
	}
	c.lockout.leave(k, sent, nil)
	if k.method == http.MethodPost {
		c.answered.accept()
	}
	return answer, nil
}

// get requests a JSON document and decodes it.
func (c *Client) get(ctx context.Context, address string, into any) error {
	_, err := c.getCall(ctx, call{url: address}, into)
	return err
}

// getCall requests a JSON document and decodes it. It retries a refusal that may pass, while ctx lasts, unless the call
// is to be sent once.
func (c *Client) getCall(ctx context.Context, k call, into any) (*transport.Response, error) {
	k.method = http.MethodGet
	var met refusal
	for {
		answer, err := c.getOnce(ctx, k, into)
		if err == nil || k.once || k.anonymous || !c.mayPass(k, err) {
			return answer, err
		}
		wait, again := met.wait(c.basic)
		if !again {
			return nil, err
		}
		if k.note != nil {
			k.note(err)
		}
		if pause(ctx, wait) != nil {
			return nil, c.left(ctx, "waiting to ask again", err)
		}
	}
}

func (c *Client) getOnce(ctx context.Context, k call, into any) (*transport.Response, error) {
	answer, err := c.send(ctx, k)
	if err != nil {
		return nil, err
	}
	if err := c.decode(k, answer, into); err != nil {
		return answer, err
	}
	c.answered.add(k)
	return answer, nil
}

// decode reads an answer's JSON. A page instead (a login, a proxy's notice) means that the server is no controller.
func (c *Client) decode(k call, answer *transport.Response, into any) error {
	err := json.Unmarshal(answer.Body, into)
	if err == nil {
		return nil
	}
	body := bytes.TrimSpace(answer.Body)
	if len(body) == 0 || body[0] != '{' && body[0] != '[' {
		failed := c.newError(k, answer)
		failed.Detail = c.describe(k, answer) + " where JSON was expected"
		failed.kind = ErrNotController
		return failed
	}
	return c.unreadable(k, answer, err)
}

// unreadable is the error of an answer that is JSON but does not have this API's form.
func (c *Client) unreadable(k call, answer *transport.Response, err error) *Error {
	if k.method == "" {
		k.method = http.MethodGet
	}
	failed := c.newError(k, answer)
	failed.kind = errUnreadable
	failed.Detail = "the answer is not what this API gives: " + transport.Cut(transport.OneLine(err.Error()), maxErrorMessage)
	return failed
}

// describe names an answer's sort of body, and quotes its first words without secrets.
func (c *Client) describe(k call, answer *transport.Response) string {
	return answer.Describe(newRedaction(c.secrets, k.secrets).clean)
}
