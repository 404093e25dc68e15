package transport

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
	"time"
)

// attempts is one request's tries: the RoundTripper below go-retryablehttp, and the memory of what the last try met.
type attempts struct {
	client  *Client
	request Request
	count   int

	// answer or err is what the last attempt met.
	answer *Response
	err    error
	// unsent is true if the last attempt certainly did not reach the server.
	unsent bool
	// lastAnswer or lastErr is what the last attempt met that was not cut short by the caller's context.
	lastAnswer *Response
	lastErr    error
}

// RoundTrip makes one attempt, which includes reading the whole body within the attempt's time-out.
func (a *attempts) RoundTrip(req *http.Request) (*http.Response, error) {
	a.count++
	a.answer, a.err, a.unsent = nil, nil, false
	if err := req.Context().Err(); err != nil {
		a.err, a.unsent = err, true
		return nil, err
	}
	timeout := a.request.Timeout
	if timeout <= 0 {
		timeout = a.client.timeout
	}
	callers := req.Context()
	if a.request.Finish {
		callers = context.WithoutCancel(callers)
	}
	ctx, cancel := context.WithTimeout(callers, timeout)
	defer cancel()
	var trace connectionTrace
	sent := time.Now()
	resp, err := a.client.next.RoundTrip(req.WithContext(trace.watch(ctx)))
	if err == nil {
		a.client.reached.Store(true)
		a.client.clock.learn(resp.Header, sent, time.Now())
		a.answer, err = a.read(resp)
	}
	elapsed := time.Since(sent)
	if err != nil {
		if ctx.Err() != nil && callers.Err() == nil {
			err = fmt.Errorf("no answer within %s", timeout)
		}
		a.answer, a.err, a.unsent = nil, a.client.explain(err), trace.unsent() || neverSent(err)
		if callers.Err() == nil {
			a.lastAnswer, a.lastErr = nil, a.err
		}
		a.log(req, elapsed)
		return nil, a.err
	}
	a.answer.Elapsed = elapsed
	a.lastAnswer, a.lastErr = a.answer, nil
	a.log(req, elapsed)
	resp.Body = io.NopCloser(bytes.NewReader(a.answer.Body))
	return resp, nil
}

// read takes the body in, bounded: an error's body is cut, any other that is too large is an error.
func (a *attempts) read(resp *http.Response) (*Response, error) {
	defer func() { _ = resp.Body.Close() }()
	answer := &Response{Status: resp.StatusCode, Header: resp.Header}
	bound := a.request.MaxBytes
	if bound <= 0 {
		bound = MaxBody
	}
	if resp.StatusCode >= http.StatusBadRequest {
		// What is lost of an error's body is not worth losing its status for.
		answer.Body, _ = io.ReadAll(io.LimitReader(resp.Body, MaxErrorBody))
		return answer, nil
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, bound+1))
	if err != nil {
		return nil, fmt.Errorf("reading the answer (status %d): %w", resp.StatusCode, err)
	}
	if int64(len(body)) > bound {
		return nil, fmt.Errorf("%w: more than %d bytes (status %d)", ErrTooLarge, bound, resp.StatusCode)
	}
	answer.Body = body
	return answer, nil
}

// log writes the attempt's line. Headers and bodies are never written: they hold tokens and extra vars.
func (a *attempts) log(req *http.Request, elapsed time.Duration) {
	attrs := []slog.Attr{
		slog.String("method", req.Method),
		slog.String("host", req.URL.Host),
		slog.String("path", req.URL.Path),
		slog.Duration("duration", elapsed),
		slog.Int("attempt", a.count),
	}
	if req.Method == http.MethodGet && req.URL.RawQuery != "" {
		attrs = append(attrs, slog.String("query", req.URL.RawQuery))
	}
	if a.answer != nil {
		attrs = append(attrs, slog.Int("status", a.answer.Status), slog.Int("bytes", len(a.answer.Body)),
			slog.String("request_id", Cut(OneLine(a.answer.Header.Get("X-API-Request-Id")), 64)))
	} else {
		attrs = append(attrs, slog.Any("error", a.err))
	}
	a.client.log.LogAttrs(req.Context(), slog.LevelDebug, "HTTP request", attrs...)
}

// result turns the end of the tries into what Do returns. err is go-retryablehttp's.
func (a *attempts) result(ctx context.Context, err error) (*Response, error) {
	if a.answer != nil && a.err == nil && !a.repeatable() && !a.unknown() {
		return a.answer, nil
	}
	failed := &Error{
		Method: a.request.Method, URL: a.request.URL, Attempts: a.count, Answer: a.lastAnswer, Err: a.lastErr,
		OutcomeUnknown: a.unknown(), Ended: ctx.Err(),
	}
	if a.err != nil && errors.Is(a.err, ErrRedirect) {
		failed.Answer, failed.Err = nil, a.err
	}
	if failed.Answer == nil && failed.Err == nil && failed.Ended == nil {
		failed.Err = err
	}
	return nil, failed
}

// connectionTrace learns from net/http whether a connection was asked for and whether one was had.
type connectionTrace struct{ asked, had atomic.Bool }

func (t *connectionTrace) watch(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { t.asked.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { t.had.Store(true) },
	})
}

// unsent is true if no connection was had, so that nothing can have been sent. RoundTrippers that don't trace (in
// memory) leave the question open.
func (t *connectionTrace) unsent() bool { return t.asked.Load() && !t.had.Load() }

// checkRedirect follows a GET to the same scheme and host only, so that the token stays there; and never a POST, since
// net/http would repeat it as a GET, which answers 200 and does nothing (live check L1).
func checkRedirect(req *http.Request, via []*http.Request) error {
	first := via[0]
	target := req.URL.Scheme + "://" + req.URL.Host + req.URL.Path
	switch {
	case first.Method != http.MethodGet:
		return fmt.Errorf("%w: the server redirects this %s to %s, which is the URL to use", ErrRedirect, first.Method, target)
	case req.URL.Scheme != first.URL.Scheme || req.URL.Host != first.URL.Host:
		return fmt.Errorf("%w: the server redirects to %s, which is not followed since credentials would go there; "+
			"if that is the right place, configure its URL", ErrRedirect, target)
	case len(via) >= 5:
		return fmt.Errorf("%w: the server redirects in circles, last to %s", ErrRedirect, target)
	}
	return nil
}
