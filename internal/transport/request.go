package transport

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// Request is one request. Only Method and URL are needed.
type Request struct {
	Method string
	// URL must carry no credentials: it is shown in errors.
	URL string
	// Header is sent as given, e.g. Authorization; it is never logged.
	Header http.Header
	Body   []byte
	// Timeout bounds each single attempt; zero takes the settings' RequestTimeout.
	Timeout time.Duration
	// MaxBytes bounds the body of an answer below 400; zero means MaxBody. Errors' bodies are cut at MaxErrorBody.
	MaxBytes int64
	// Once sends a single attempt, for callers who retry at their own pace.
	Once bool
	// Finish lets an attempt that has begun end by itself, within its time-out, although ctx has ended: for requests
	// whose outcome must not remain unknown. Waits between attempts still obey ctx.
	Finish bool
	// Idempotent says that a POST or DELETE may be retried like a GET, whatever the outcome of the first attempt.
	Idempotent bool
	// Divisible says that the caller can ask for less. A GET that was sent and not answered in time, or that a gateway
	// answered with 504, is not retried unchanged.
	Divisible bool
	// Refusable takes a 429, and a 503 with Retry-After, as proof that a POST or DELETE was not carried out. Without it
	// the outcome is unknown: a proxy may have passed the request on.
	Refusable bool
	// OnRetry, if set, is called with an attempt's failure before the wait for the next attempt.
	OnRetry func(error)
}

// Bounds of answers, in bytes.
const (
	MaxBody      = 64 << 20
	MaxErrorBody = 64 << 10
)

// Response is an answer whose body has been read.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
	// Elapsed is the time from sending to the body's end, of the answered attempt.
	Elapsed time.Duration
}

// Do sends a request, and retries it while the policy allows and ctx lasts. It returns an answer that the policy does not
// retry as a Response with a nil error, whatever its status. Everything else is an *Error.
//
//   - A GET is retried after connection errors, 408, 423, 429, 498 and 5xx but 501.
//   - A POST or DELETE is retried only if it certainly was not carried out: no connection was made, 423, 498, or what
//     Refusable allows. If it may have been carried out, errors.Is(err, ErrOutcomeUnknown) holds.
//   - A failure that only a change of settings can fix is never retried (see Unconnectable), nor is too large an answer.
//
// When ctx ends, the error wraps the context's error and the last attempt's failure.
func (c *Client) Do(ctx context.Context, r Request) (*Response, error) {
	k := &call{Request: r}
	var body any // nil, not an empty body, if the request has none
	if r.Body != nil {
		body = r.Body
	}
	req, err := retryablehttp.NewRequestWithContext(context.WithValue(ctx, callKey{}, k), r.Method, r.URL, body)
	if err != nil {
		return nil, &Error{Method: r.Method, URL: r.URL, Err: fmt.Errorf("%w: the URL is malformed", ErrUnsendable)}
	}
	maps.Copy(req.Header, r.Header)
	if c.userAgent != "" {
		req.Header.Set("User-Agent", c.userAgent)
	}
	if err := sendable(req.Request); err != nil {
		return nil, &Error{Method: r.Method, URL: r.URL, Err: err}
	}
	resp, err := c.retrying.Do(req)
	if err == nil {
		_ = resp.Body.Close() // It is empty: exchange has read it.
	}
	return k.result(ctx)
}

// call is one call of Do. It is in its request's context, where the hooks of go-retryablehttp find it.
type call struct {
	Request
	// attempt counts from 1. A redirect that is followed belongs to its attempt.
	attempt int
	// last is the last attempt's outcome; met is the last outcome that was not cut short by the caller's context.
	last, met outcome
}

type callKey struct{}

func callOf(ctx context.Context) *call {
	k, _ := ctx.Value(callKey{}).(*call)
	return k
}

// countAttempt is called by go-retryablehttp before each attempt.
func countAttempt(_ retryablehttp.Logger, req *http.Request, retries int) {
	callOf(req.Context()).attempt = retries + 1
}

// failure returns an attempt's outcome as an error.
func (k *call) failure(met outcome) *Error {
	return &Error{Method: k.Method, URL: k.URL, Attempts: k.attempt, Answer: met.answer, Err: met.err}
}

// result returns Do's result after the last attempt.
func (k *call) result(ctx context.Context) (*Response, error) {
	unknown := k.last.unknown(k.Request)
	if k.last.answer != nil && !unknown && !k.last.repeatable(k.Request) {
		return k.last.answer, nil
	}
	failed := k.failure(k.met)
	failed.OutcomeUnknown, failed.Ended = unknown, ctx.Err()
	return nil, failed
}
