package eda

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/osac-project/terraform-provider-osac/internal/redact"
	"github.com/osac-project/terraform-provider-osac/internal/transport"
)

// The sentinels that errors of this package match through errors.Is. Each status's meaning was recorded (eda 04, 20, 22,
// 25, 27). A POST that fails with one of the first two certainly led to nothing.
var (
	// ErrUnauthorized is a 401 or 403, or a 400 that misses the header of the credentials (eda 04, 22).
	ErrUnauthorized = errors.New("unauthorized")
	// ErrRejected is any other answer that says no: 4xx, a redirect, a page where an API was expected.
	ErrRejected = errors.New("rejected")
	// ErrUnavailable is a status that may pass by itself (transport.Passing), or no answer at all. Unless
	// transport.ErrOutcomeUnknown holds as well, an event was certainly not delivered.
	ErrUnavailable = errors.New("unavailable")
	// ErrAuditHidden is a rule audit in which nothing is to be seen at all.
	ErrAuditHidden = errors.New("rule audit shows nothing")
	// ErrAuditIncomplete is a rule audit that is too long to be read to its end.
	ErrAuditIncomplete = errors.New("rule audit was not read to its end")
)

// Error is a request that was not carried out, or whose answer can't be used.
type Error struct {
	Method string
	URL    string
	// Status is that of the answer, or 0 if there was none.
	Status int
	// Detail is what the answer says, or what went wrong, in one line and without secrets.
	Detail string
	// Advice is what to look at, where the answer's meaning was recorded.
	Advice string
	// RequestID is the answer's X-Request-Id, which an EDA server's own log has too.
	RequestID string

	kind error
	err  error
}

// Error tells what was asked of whom, what came back, and what to do.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Method + " " + transport.Cut(e.URL, maxURL))
	if e.Status != 0 {
		b.WriteString(": " + strings.TrimSpace(fmt.Sprintf("%d %s", e.Status, http.StatusText(e.Status))))
	}
	if e.Detail != "" {
		b.WriteString(": " + e.Detail)
	}
	if e.Advice != "" {
		b.WriteString(" (" + e.Advice + ")")
	}
	if e.RequestID != "" {
		b.WriteString(" (request " + e.RequestID + ")")
	}
	return b.String()
}

// Is reports whether the error is of a sentinel's sort.
func (e *Error) Is(target error) bool { return e.kind != nil && target == e.kind }

// Unwrap gives the transport's error, through which the context's and transport.ErrOutcomeUnknown are found.
func (e *Error) Unwrap() error { return e.err }

// The most that is shown of what a server says: enough for every recorded answer.
const (
	maxURL    = 240
	maxDetail = 300
)

// question is a request as its errors tell it.
type question struct {
	method, url string
	secrets     *redact.Redactor
	// advise gives an error's Advice; nil gives none.
	advise func(*Error) string
}

func (q question) clean(text string) string {
	return transport.Cut(transport.OneLine(q.secrets.Hide(transport.Plain(text))), maxDetail)
}

func (q question) finish(e *Error) *Error {
	if q.advise != nil {
		e.Advice = q.advise(e)
	}
	return e
}

func (q question) answered(answer *transport.Response, kind error) *Error {
	id := transport.OneLine(answer.Header.Get("X-Request-Id"))
	return &Error{
		Method: q.method, URL: q.url, Status: answer.Status, kind: kind,
		RequestID: transport.Cut(q.secrets.Hide(id), 64),
	}
}

// refused makes the error of an answer of 300 or above.
func (q question) refused(answer *transport.Response) *Error {
	text := messageOf(answer)
	e := q.answered(answer, kindOf(answer.Status, text))
	if e.Detail = q.clean(text); e.Detail == "" {
		e.Detail = q.describe(answer)
	}
	return q.finish(e)
}

// page makes the error of a page where an API's answer was expected: neither a webhook nor an event stream nor the API
// ever gives one with a 200. It is a login, a web interface or a proxy's notice.
func (q question) page(answer *transport.Response) *Error {
	e := q.answered(answer, ErrRejected)
	e.Detail = q.describe(answer)
	return q.finish(e)
}

// unreadable is the error of an answer that is not of the API's form.
func (q question) unreadable(answer *transport.Response, err error) *Error {
	e := q.answered(answer, ErrRejected)
	e.Detail = "the answer is not what this API gives: " + q.clean(err.Error())
	return q.finish(e)
}

// unanswered makes the error of a request whose tries ended without a final answer.
func (q question) unanswered(err error) *Error {
	e := &Error{Method: q.method, URL: q.url, Detail: q.clean(err.Error())}
	if failed, ok := errors.AsType[*transport.Error](err); ok {
		if failed.Answer != nil {
			e = q.refused(failed.Answer)
			e.Detail = strings.Trim(e.Detail+"; "+failed.Ending(), "; ")
		} else {
			e.Detail = q.clean(failed.Reason())
		}
		e.kind = kindOfFailure(failed)
	}
	e.err = err
	return q.finish(e)
}

// kindOfFailure is nil for a caller who gave up before anything was met.
func kindOfFailure(failed *transport.Error) error {
	switch {
	case errors.Is(failed, transport.ErrRedirect), transport.Unconnectable(failed):
		return ErrRejected
	case failed.Err == nil && failed.Answer == nil && errors.Is(failed.Ended, context.Canceled):
		return nil
	}
	return ErrUnavailable
}

// missingHeader is how a 400 says that the credentials' header is missing: "Signature header not found" (eda 04),
// "Authorization header is missing" or another name (eda 22).
var missingHeader = regexp.MustCompile(`(?i)header (not found|is missing)`)

func kindOf(status int, text string) error {
	switch {
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return ErrUnauthorized
	case status == http.StatusBadRequest && missingHeader.MatchString(text):
		return ErrUnauthorized
	case transport.Passing(status):
		return ErrUnavailable
	}
	return ErrRejected
}
