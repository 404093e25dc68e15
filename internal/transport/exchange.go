package transport

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
	"time"
)

// exchange is the RoundTripper below go-retryablehttp: one request and its whole answer, within the time-out of an attempt.
type exchange struct{ *Client }

// RoundTrip puts the answer into the request's call. The response that it returns has no body.
func (c exchange) RoundTrip(req *http.Request) (*http.Response, error) {
	k, callers := callOf(req.Context()), req.Context()
	if err := callers.Err(); err != nil {
		k.last = outcome{err: err, unsent: true}
		return nil, err
	}
	if k.Finish {
		callers = context.WithoutCancel(callers)
	}
	timeout := cmp.Or(k.Timeout, c.timeout)
	ctx, cancel := context.WithTimeout(callers, timeout)
	defer cancel()
	var trace connectionTrace
	sent := time.Now()
	resp, err := c.next.RoundTrip(req.WithContext(trace.watch(ctx)))
	k.last = outcome{}
	if err == nil {
		c.reached.Store(true)
		c.clock.learn(resp.Header, sent, time.Now())
		k.last.answer, err = read(resp, k.MaxBytes)
	}
	elapsed := time.Since(sent)
	switch {
	case err == nil:
		k.last.answer.Elapsed = elapsed
		resp.Body = http.NoBody
	case ctx.Err() != nil && callers.Err() == nil:
		k.last.err = fmt.Errorf("%w within %s", ErrNoAnswer, timeout)
	default:
		k.last.err = c.explain(err)
	}
	k.last.unsent = err != nil && (trace.unsent() || neverSent(err))
	if callers.Err() == nil || err == nil {
		k.met = k.last
	}
	c.logExchange(req, k, elapsed)
	return resp, k.last.err
}

// read reads the body within a bound: it cuts an error's body, and any other body that is too large is an error.
func read(resp *http.Response, bound int64) (*Response, error) {
	defer func() { _ = resp.Body.Close() }()
	answer := &Response{Status: resp.StatusCode, Header: resp.Header}
	if bound <= 0 {
		bound = MaxBody
	}
	if resp.StatusCode >= http.StatusBadRequest {
		// An error's status is worth more than the rest of its body.
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

// logExchange writes a log line about an exchange. It never writes headers and bodies, which hold tokens and extra
// vars.
func (c *Client) logExchange(req *http.Request, k *call, elapsed time.Duration) {
	attrs := []slog.Attr{
		slog.String("method", req.Method), slog.String("host", req.URL.Host), slog.String("path", req.URL.Path),
		slog.Duration("duration", elapsed), slog.Int("attempt", k.attempt),
	}
	if req.Method == http.MethodGet && req.URL.RawQuery != "" {
		attrs = append(attrs, slog.String("query", req.URL.RawQuery))
	}
	if answer := k.last.answer; answer != nil {
		attrs = append(attrs, slog.Int("status", answer.Status), slog.Int("bytes", len(answer.Body)),
			slog.String("request_id", Cut(OneLine(answer.Header.Get("X-API-Request-Id")), 64)))
	} else {
		attrs = append(attrs, slog.Any("error", k.last.err))
	}
	c.log.LogAttrs(req.Context(), slog.LevelDebug, "HTTP request", attrs...)
}

// connectionTrace learns from net/http whether a connection was requested, and whether there was one.
type connectionTrace struct{ asked, had atomic.Bool }

func (t *connectionTrace) watch(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { t.asked.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { t.had.Store(true) },
	})
}

// unsent is true if there was no connection, so that nothing can have been sent. RoundTrippers that don't trace (in
// memory) leave the question open.
func (t *connectionTrace) unsent() bool { return t.asked.Load() && !t.had.Load() }
