package transport

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// TestEveryWaitEnds ends the context of each wait, by its deadline or by an interrupt. The wait ends at that very
// moment. Its error says what it waited for, and what happened on the way.
func TestEveryWaitEnds(t *testing.T) {
	t.Parallel()
	later := http.Header{"Retry-After": {"3000"}}
	for name, wait := range map[string]struct {
		method string
		met    step
		says   string
	}{
		"answer to a GET":         {"GET", step{hang: true}, "no answer within 30s"},
		"answer to a POST":        {"POST", step{hang: true}, "no answer within 30s"},
		"backoff after 5xx":       {"GET", step{status: 502}, "502 Bad Gateway"},
		"backoff after reset":     {"GET", step{err: syscall.ECONNRESET}, "connection reset"},
		"backoff after refusal":   {"POST", step{err: refusedDial}, "connection refused"},
		"Retry-After of a GET":    {"GET", step{status: 503, header: later}, "503 Service Unavailable"},
		"Retry-After of a POST":   {"POST", step{status: 423, header: later}, "423 Locked"},
		"Retry-After of a DELETE": {"DELETE", step{status: 498, header: later}, "498"},
	} {
		for _, end := range []error{context.DeadlineExceeded, context.Canceled} {
			synctest.Test(t, func(t *testing.T) {
				c := newTestClient(t, Settings{RoundTripper: &script{steps: []step{wait.met}}})
				ctx, cancel := context.WithCancel(t.Context())
				length := 100 * time.Second
				if errors.Is(end, context.DeadlineExceeded) {
					ctx = deadline(t, length)
				} else {
					time.AfterFunc(length, cancel)
				}
				defer cancel()
				began := time.Now()
				_, err := c.Do(ctx, Request{Method: wait.method, URL: "https://aap/x/"})
				// A POST without an answer is not retried: its own time-out ends it.
				if wait.method == "POST" && wait.met.hang {
					length = DefaultRequestTimeout
				} else if !errors.Is(err, end) {
					t.Errorf("%s: %v is not %v", name, err, end)
				}
				if took := time.Since(began); took != length {
					t.Errorf("%s, %v: took %s, want %s", name, end, took, length)
				}
				if err == nil || !strings.Contains(err.Error(), wait.says) || !strings.Contains(err.Error(), "https://aap/x/") {
					t.Errorf("%s, %v: the error is %v", name, end, err)
				}
			})
		}
	}
}
