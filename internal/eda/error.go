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
	// ErrUnauthorized is a 401 or 403, or a 400 about a missing header of the credentials (eda 04, 22).
	ErrUnauthorized = errors.New("unauthorized")
	// ErrRejected is any other refusal: 4xx, a redirect, a page instead of the API's answer.
	ErrRejected = errors.New("rejected")
	// ErrUnavailable is a status that may pass by itself (transport.Passing), or no answer at all. Unless
	// transport.ErrOutcomeUnknown holds as well, an event was certainly not delivered.
	ErrUnavailable = errors.New("unavailable")
	// ErrAuditHidden is a rule audit that shows no rows at all.
	ErrAuditHidden = errors.New("rule audit shows nothing")
	// ErrAuditIncomplete is a rule audit that is too long to be read to its end.
	ErrAuditIncomplete = errors.New("rule audit was not read to its end")
)

// Error is a request that was not carried out, or whose answer can't be used.
type Error struct {
	Method string
	URL    string
	// Status is the answer's status, or 0 if there was no answer.
	Status int
	// Detail is the answer's message, or the failure, in one line and without secrets.
	Detail string
	// Advice says what to check, if the answer's meaning was recorded.
	Advice string
	// RequestID is the answer's X-Request-Id, which an EDA server's own log has too.
	RequestID string

	kind error
	err  error
}

// Error says what was asked of whom, what the answer was, and what to do.
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

// Is reports whether the error matches a sentinel.
func (e *Error) Is(target error) bool { return e.kind != nil && target == e.kind }

// Unwrap returns the transport's error, which wraps the context's error and transport.ErrOutcomeUnknown.
func (e *Error) Unwrap() error { return e.err }

// Bounds of the quotation of a server's text: enough for every recorded answer.
const (
	maxURL    = 240
	maxDetail = 300
)

// question is a request as its errors describe it.
type question struct {
	method, url string
	secrets     *redact.Redactor
	// advise returns an error's Advice; nil means none.
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

// refused returns the error of an answer of 300 or above.
func (q question) refused(answer *transport.Response) *Error {
	text := messageOf(answer)
	e := q.answered(answer, kindOf(answer.Status, text))
	if e.Detail = q.clean(text); e.Detail == "" {
		e.Detail = q.describe(answer)
	}
	return q.finish(e)
}

// page returns the error of a page instead of an API's answer. A webhook, an event stream and the API never send a page
// with a 200: it is a login, a web interface or a proxy's notice.
func (q question) page(answer *transport.Response) *Error {
	e := q.answered(answer, ErrRejected)
	e.Detail = q.describe(answer)
	return q.finish(e)
}

// unreadable returns the error of an answer that does not have the API's form.
func (q question) unreadable(answer *transport.Response, err error) *Error {
	e := q.answered(answer, ErrRejected)
	e.Detail = "the answer is not what this API gives: " + q.clean(err.Error())
	return q.finish(e)
}

// unanswered returns the error of a request whose attempts ended without a final answer.
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

// kindOfFailure returns nil if the caller gave up before anything had failed.
func kindOfFailure(failed *transport.Error) error {
	switch {
	case errors.Is(failed, transport.ErrRedirect), transport.Unconnectable(failed):
		return ErrRejected
	case failed.Err == nil && failed.Answer == nil && errors.Is(failed.Ended, context.Canceled):
		return nil
	}
	return ErrUnavailable
}

// missingHeader matches a 400 about a missing header of the credentials: "Signature header not found" (eda 04),
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
