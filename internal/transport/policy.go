package transport

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"syscall"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// The waits between attempts double from retryStart to retryMost. Each is shortened at random by up to half, so that
// many clients that failed together don't come back together.
const (
	retryStart = 700 * time.Millisecond
	retryMost  = 15 * time.Second
)

// retryAfterMost bounds an answer's Retry-After: a server that is wrong by years must not silence a client until its
// operation's time is up.
const retryAfterMost = 10 * time.Minute

// outcome is the result of an attempt: an answer or an error.
type outcome struct {
	answer *Response
	err    error
	// unsent is true if the request certainly did not reach the server.
	unsent bool
}

// checkRetry reports to go-retryablehttp whether another attempt follows.
func checkRetry(ctx context.Context, _ *http.Response, err error) (bool, error) {
	k := callOf(ctx)
	if errors.Is(err, ErrRedirect) {
		// The attempt itself was answered; net/http refused to follow the answer.
		k.last = outcome{err: errors.Unwrap(err), unsent: true}
		k.met = k.last
	}
	again := ctx.Err() == nil && !k.Once && k.last.repeatable(k.Request)
	if again && k.OnRetry != nil {
		k.OnRetry(k.failure(k.last))
	}
	return again, nil
}

// repeatable reports whether a request with this outcome may be sent again.
func (o outcome) repeatable(r Request) bool {
	if r.Divisible && o.late() {
		return false
	}
	if o.answer == nil {
		return o.err != nil && !permanent(o.err) && (r.idempotent() || o.unsent)
	}
	return o.refused(r) || r.idempotent() && Passing(o.answer.Status)
}

// late reports whether a request was sent and not answered in time, by the server or behind a gateway.
func (o outcome) late() bool {
	if o.answer != nil {
		return o.answer.Status == http.StatusGatewayTimeout
	}
	return errors.Is(o.err, ErrNoAnswer) && !o.unsent
}

// unknown reports whether a request with this outcome may have been carried out although no answer says so.
func (o outcome) unknown(r Request) bool {
	switch {
	case r.Method == http.MethodGet:
		return false
	case o.answer == nil:
		return !o.unsent
	}
	return Passing(o.answer.Status) && !o.refused(r)
}

// refused reports whether the answer proves that the request was not carried out, and may be sent again. AAP's gateway
// answers 423 while it is locked. A component behind it answers 498 if the gateway's token is too old. Both come before
// anything else is checked. A 429, or a 503 with Retry-After, may come from a proxy that had passed the request on.
func (o outcome) refused(r Request) bool {
	switch o.answer.Status {
	case http.StatusLocked, StatusTokenExpired:
		return true
	case http.StatusTooManyRequests:
		return r.Refusable
	case http.StatusServiceUnavailable:
		return r.Refusable && o.answer.Header.Get("Retry-After") != ""
	}
	return false
}

func (r Request) idempotent() bool { return r.Idempotent || r.Method == http.MethodGet }

// StatusTokenExpired is the status of AAP's components if the token that the gateway made for them is too old.
const StatusTokenExpired = 498

// Passing reports whether a status is about the server's or a proxy's trouble and not about the request, so that a
// retry may succeed soon.
func Passing(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusLocked, StatusTokenExpired:
		return true
	}
	return status >= http.StatusInternalServerError && status != http.StatusNotImplemented
}

// backoff tells go-retryablehttp how long to wait: as long as the answer asks for, if it does.
func backoff(least, most time.Duration, retries int, resp *http.Response) time.Duration {
	wait := retryablehttp.DefaultBackoff(least, most, retries, nil)
	wait -= rand.N(wait / 2) //nolint:gosec // spreads requests, protects nothing
	if resp != nil {
		if asked := RetryAfter(resp.Header); asked > 0 {
			return asked + wait/4
		}
	}
	return wait
}

// RetryAfter reads the header of that name, in seconds or as a date. It returns zero if there is none or if it has
// passed, and ten minutes at most. A date is read relative to the answer's own Date, so that the clocks needn't agree.
func RetryAfter(h http.Header) time.Duration {
	text := h.Get("Retry-After")
	if text == "" {
		return 0
	}
	// Numbers that are too large mean the largest.
	if seconds, err := strconv.ParseInt(text, 10, 64); err == nil || errors.Is(err, strconv.ErrRange) {
		return time.Duration(max(0, min(seconds, int64(retryAfterMost/time.Second)))) * time.Second
	}
	until, err := http.ParseTime(text)
	if err != nil {
		return 0
	}
	now, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		now = time.Now()
	}
	return max(0, min(until.Sub(now), retryAfterMost))
}

// checkRedirect follows a GET to the same scheme and host only, so that the token stays there. It never follows a POST:
// net/http would repeat it as a GET, which answers 200 and does nothing.
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

// neverSent reports, from an error alone, that no connection was made. It serves RoundTrippers that can't be traced.
// Errors that could also come later count as sent.
func neverSent(err error) bool {
	var dns *net.DNSError
	var op *net.OpError
	switch {
	case errors.As(err, &dns), errors.Is(err, syscall.ECONNREFUSED), isCertificateError(err),
		wantsClientCertificate(err):
		return true
	case errors.As(err, &op):
		return op.Op == "dial" || op.Op == "proxyconnect"
	}
	return false
}
