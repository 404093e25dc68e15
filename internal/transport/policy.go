package transport

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"syscall"
	"time"
)

// The waits between attempts grow from retryStart by doubling to retryMost, each shortened at random by up to half, so
// that many clients that failed together don't come back together.
const (
	retryStart = 700 * time.Millisecond
	retryMost  = 15 * time.Second
)

// retryAfterMost bounds what an answer may ask for: a server that is mistaken by years must not silence a client until
// its operation's time is up.
const retryAfterMost = 10 * time.Minute

// check is go-retryablehttp's question whether to go on after an attempt.
func (a *attempts) check(ctx context.Context, _ *http.Response, err error) (bool, error) {
	if err != nil && errors.Is(err, ErrRedirect) {
		// The attempt itself was answered; net/http refused what the answer asked for.
		a.err, a.unsent = strip(err), true
	}
	return ctx.Err() == nil && a.repeatable() && !a.request.Once, nil
}

// repeatable reports whether what the last attempt met may be tried again.
func (a *attempts) repeatable() bool {
	if a.err != nil {
		return !permanent(a.err) && (a.idempotent() || a.unsent)
	}
	return a.refused() || a.idempotent() && passing(a.answer.Status)
}

// unknown reports whether the last attempt may have been carried out although its answer doesn't say so.
func (a *attempts) unknown() bool {
	if a.request.Method == http.MethodGet {
		return false
	}
	if a.answer == nil || a.err != nil {
		return !a.unsent
	}
	return passing(a.answer.Status) && !a.refused()
}

// refused reports whether the answer says that the request was certainly not carried out, and may come again. AAP's
// gateway answers 423 while it is locked, and a component behind it 498 to a gateway's token that is too old: both before
// anything else is looked at. A 429, or a 503 with Retry-After, can come from something that had passed the request on.
func (a *attempts) refused() bool {
	switch {
	case a.answer.Status == http.StatusLocked, a.answer.Status == statusTokenExpired:
		return true
	case a.answer.Status == http.StatusTooManyRequests,
		a.answer.Status == http.StatusServiceUnavailable && a.answer.Header.Get("Retry-After") != "":
		return a.request.Refusable
	}
	return false
}

func (a *attempts) idempotent() bool {
	return a.request.Idempotent || a.request.Method == http.MethodGet
}

// statusTokenExpired is what AAP's components answer where the token that the gateway has made for them is too old.
const statusTokenExpired = 498

// passing reports whether a status that refuses nothing may be another one soon: the server's or a proxy's trouble, not
// the request's.
func passing(status int) bool {
	return status == http.StatusRequestTimeout || status == http.StatusTooManyRequests ||
		status >= http.StatusInternalServerError && status != http.StatusNotImplemented
}

// backoff is go-retryablehttp's question how long to wait. n counts from 0.
func (a *attempts) backoff(_, _ time.Duration, n int, _ *http.Response) time.Duration {
	wait := min(retryStart<<min(n, 10), retryMost)
	wait -= rand.N(wait / 2) //nolint:gosec // spreads requests, protects nothing
	if a.answer != nil {
		if asked := RetryAfter(a.answer.Header); asked > 0 {
			wait = asked + wait/4
		}
	}
	if a.request.OnRetry != nil {
		a.request.OnRetry(&Error{
			Method: a.request.Method, URL: a.request.URL, Attempts: a.count, Answer: a.answer, Err: a.err,
		})
	}
	return wait
}

// RetryAfter reads the header of that name, in seconds or as a date; zero if there is none or it has passed, and ten
// minutes at most. A date is taken relative to the answer's own Date, so that the clocks needn't agree.
func RetryAfter(h http.Header) time.Duration {
	text := h.Get("Retry-After")
	if text == "" {
		return 0
	}
	// Numbers that are too large are read as the largest.
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

// neverSent tells from an error alone that no connection was made. It serves RoundTrippers that can't be traced; errors
// that could also come later count as sent.
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

// strip removes net/http's wrapper, which repeats the method and the URL.
func strip(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		return wrapped.Err
	}
	return err
}
