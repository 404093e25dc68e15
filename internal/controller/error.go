package controller

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/transport"
)

// The sentinels that errors of this package match through errors.Is. Each status's meaning was recorded (006 to 018, 220
// to 237, 401 to 451, 601 to 614).
var (
	// ErrNotFound is a 404 with the API's JSON body: the object does not exist, or no longer exists.
	ErrNotFound = errors.New("not found")
	// ErrNotCancellable is a 405 to a cancel: the job is over. Ordinary users get ErrForbidden instead (L6).
	ErrNotCancellable = errors.New("not cancellable")
	// ErrUnauthorized is a 401, or a 403 that means the same: the credentials are wrong, expired or missing.
	ErrUnauthorized = errors.New("unauthorized")
	// ErrForbidden is a 403 in the API's own words: the user lacks a role, or cancels a job that is over (1040). A token of
	// scope read is refused in the same words, but by AAP's gateway.
	ErrForbidden = errors.New("forbidden")
	// ErrScope is the 403 by which AAP's gateway refuses a token of scope read.
	ErrScope = errors.New("the token's scope is too narrow")
	// ErrDenied is any other 403: a license, a limit, or something in front of the controller. No role helps.
	ErrDenied = errors.New("denied")
	// ErrConflict is a 409, which a proxy may send; the API itself never did.
	ErrConflict = errors.New("conflict")
	// ErrInvalid is a 400 or 415, mostly with the fields that are wrong.
	ErrInvalid = errors.New("invalid request")
	// ErrThrottled is a 429.
	ErrThrottled = errors.New("throttled")
	// ErrUnavailable is any other status that may pass by itself (transport.Passing), or no answer at all.
	ErrUnavailable = errors.New("unavailable")
	// ErrNotController is an answer that no controller sends at this path: an HTML page, other JSON, an unknown route.
	ErrNotController = errors.New("not a controller")
)

// errUnreadable is JSON that does not have the API's form.
var errUnreadable = errors.New("unreadable")

// Error is a request that the controller did not carry out, or whose answer can't be used.
type Error struct {
	Method string
	URL    string
	// Status is the answer's status, or 0 if there was no answer.
	Status int
	// Detail is the answer's message, or the failure, in one line.
	Detail string
	// Fields are a 400's messages by field.
	Fields map[string][]string
	// RequestID is the answer's X-API-Request-Id, which the controller's own log has too.
	RequestID string
	// RetryAfter is how long the answer asks to wait; 0 if it asks for no wait.
	RetryAfter time.Duration
	// Advice says what to check, if the answer's meaning is known.
	Advice string

	kind error
	err  error
	// spoken is set if the body of a refusal is the API's: JSON that gives a reason.
	spoken bool
	// believed is set if a retry is no use.
	believed bool
}

// Error says what was asked and what the answer was.
func (e *Error) Error() string {
	var b strings.Builder
	if e.Method != "" {
		b.WriteString(e.Method + " ")
	}
	b.WriteString(transport.Cut(e.URL, 240))
	if e.Status != 0 {
		b.WriteString(": " + strings.TrimSpace(fmt.Sprintf("%d %s", e.Status, http.StatusText(e.Status))))
	}
	if e.Detail != "" {
		b.WriteString(": " + e.Detail)
	}
	separator := ": "
	for _, name := range sortedKeys(e.Fields) {
		b.WriteString(separator + name + ": " + strings.Join(e.Fields[name], " "))
		separator = "; "
	}
	if e.Advice != "" {
		b.WriteString(" (" + e.Advice + ")")
	}
	if e.RequestID != "" {
		b.WriteString(" (request " + e.RequestID + ")")
	}
	return b.String()
}

// Is reports whether the error matches a sentinel.
func (e *Error) Is(target error) bool { return e.kind != nil && target == e.kind }

// Unwrap returns the transport's error, which wraps the context's error and transport.ErrOutcomeUnknown.
func (e *Error) Unwrap() error { return e.err }

func (c *Client) newError(k call, answer *transport.Response) *Error {
	return &Error{
		Method: k.method, URL: k.url, Status: answer.Status,
		RequestID:  transport.Cut(transport.OneLine(answer.Header.Get("X-API-Request-Id")), 64),
		RetryAfter: transport.RetryAfter(answer.Header),
	}
}

// refused returns the error of an answer of 300 or above.
func (c *Client) refused(k call, answer *transport.Response) *Error {
	e := c.newError(k, answer)
	body := parseErrorBody(answer.Body)
	redact := newRedaction(c.secrets, k.secrets)
	e.Detail = redact.clean(body.detail)
	for name, messages := range body.fields {
		if e.Fields == nil {
			e.Fields = map[string][]string{}
		}
		name = transport.Cut(redact.clean(name), maxFieldName)
		for _, message := range messages {
			e.Fields[name] = append(e.Fields[name], redact.clean(message))
		}
	}
	if e.spoken = e.Detail != "" || e.Fields != nil; !e.spoken {
		e.Detail = c.describe(k, answer)
	}
	e.kind = kindOf(answer.Status, body.detail)
	e.Advice = c.adviceOn(e)
	return e
}

func kindOf(status int, detail string) error {
	switch {
	case status == http.StatusBadRequest, status == http.StatusUnsupportedMediaType:
		return ErrInvalid
	case status == http.StatusUnauthorized:
		return ErrUnauthorized
	case status == http.StatusForbidden:
		return kindOfForbidden(detail)
	case status == http.StatusNotFound && detail != "":
		return ErrNotFound
	case status == http.StatusNotFound:
		// The API's own 404 always has a detail (346, 450); a route that it doesn't know is answered with a page (347).
		return ErrNotController
	case status == http.StatusMethodNotAllowed:
		return ErrNotCancellable
	case status == http.StatusConflict:
		return ErrConflict
	case status == http.StatusTooManyRequests:
		return ErrThrottled
	case transport.Passing(status):
		return ErrUnavailable
	default:
		return nil
	}
}

// Passing reports whether an error may go away by itself: the controller, or a proxy in front of it, is down or busy.
func Passing(err error) bool { return errors.Is(err, ErrUnavailable) || errors.Is(err, ErrThrottled) }

// kindOfForbidden chooses a 403's sentinel by its message (010, 1040, 1059). Missing credentials are a 401 of AWX, and
// a 403 of a controller that takes its users from AAP's gateway alone.
func kindOfForbidden(detail string) error {
	switch detail = strings.ToLower(detail); {
	case strings.Contains(detail, "do not have permission"):
		return ErrForbidden
	case strings.Contains(detail, "insufficient scope"):
		return ErrScope
	case strings.HasPrefix(detail, "authentication credentials"), strings.HasPrefix(detail, "unable to validate user"):
		return ErrUnauthorized
	}
	return ErrDenied
}

// unanswered returns the error of a request whose attempts ended without a final answer.
func (c *Client) unanswered(k call, err error) *Error {
	var failed *transport.Error
	if !errors.As(err, &failed) {
		return &Error{Method: k.method, URL: k.url, Detail: newRedaction(c.secrets, k.secrets).clean(err.Error()), err: err}
	}
	e := &Error{Method: k.method, URL: k.url}
	if failed.Answer != nil {
		e = c.refused(k, failed.Answer)
		e.Detail = strings.Trim(e.Detail+"; "+failed.Ending(), "; ")
	} else {
		e.Detail = newRedaction(c.secrets, k.secrets).clean(failed.Reason())
	}
	e.err = err
	if e.kind == nil {
		e.kind = unavailable(failed)
	}
	return e
}

// unavailable returns nil for a failure that says nothing of the controller's health: the caller gave up before the
// first answer, or there was a certificate, a proxy that refuses, a redirect, or too large an answer.
func unavailable(failed *transport.Error) error {
	switch {
	case transport.Unconnectable(failed) && !errors.Is(failed, http.ErrSchemeMismatch), errors.Is(failed, transport.ErrRedirect),
		errors.Is(failed, transport.ErrTooLarge):
		return nil
	case failed.Err == nil && errors.Is(failed.Ended, context.Canceled):
		return nil
	}
	return ErrUnavailable
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
