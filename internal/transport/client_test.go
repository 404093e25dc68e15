package transport

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// step is one scripted answer of a server in memory.
type step struct {
	status int
	header http.Header
	body   string
	err    error
	hang   bool
}

// script answers requests one step after the other; the last step repeats.
type script struct {
	steps []step
	at    []time.Time
	seen  []*http.Request
	sent  []string
}

func (s *script) RoundTrip(req *http.Request) (*http.Response, error) {
	now := s.steps[min(len(s.at), len(s.steps)-1)]
	s.at = append(s.at, time.Now())
	s.seen = append(s.seen, req)
	if req.Body != nil {
		body, _ := io.ReadAll(req.Body)
		s.sent = append(s.sent, string(body))
	}
	if now.hang {
		<-req.Context().Done()
		return nil, req.Context().Err()
	}
	if now.err != nil {
		return nil, now.err
	}
	header := now.header
	if header == nil {
		header = http.Header{}
	}
	return &http.Response{StatusCode: now.status, Header: header, Body: io.NopCloser(strings.NewReader(now.body)), Request: req}, nil
}

func newTestClient(t *testing.T, s Settings) *Client {
	t.Helper()
	c, err := New(s)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func deadline(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

var refusedDial = &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}

func TestGetIsRetried(t *testing.T) {
	t.Parallel()
	for name, first := range map[string]step{
		"408":          {status: 408},
		"429":          {status: 429},
		"500":          {status: 500},
		"502":          {status: 502, body: "<html>"},
		"503":          {status: 503},
		"504":          {status: 504},
		"refused":      {err: refusedDial},
		"reset":        {err: syscall.ECONNRESET},
		"eof":          {err: io.ErrUnexpectedEOF},
		"hangs":        {hang: true},
		"423":          {status: 423, body: `{"detail":"gateway is locked, denying access!"}`},
		"498":          {status: 498, body: `{"detail":"JWT expired 3 seconds ago"}`},
		"name unclear": {err: &net.DNSError{Err: "server misbehaving", Name: "aap", IsTemporary: true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := &script{steps: []step{first, first, {status: 200, body: "ok"}}}
				c := newTestClient(t, Settings{RoundTripper: server})
				got, err := c.Do(deadline(t, 5*time.Minute), Request{Method: "GET", URL: "https://aap/x/"})
				if err != nil || got.Status != 200 || string(got.Body) != "ok" {
					t.Fatalf("got %+v, %v", got, err)
				}
				if len(server.at) != 3 {
					t.Errorf("%d attempts", len(server.at))
				}
			})
		})
	}
}

func TestFinalAnswersAreNotRetried(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"GET", "POST", "DELETE"} {
		for _, status := range []int{200, 201, 202, 204, 400, 401, 403, 404, 405, 409, 501} {
			synctest.Test(t, func(t *testing.T) {
				server := &script{steps: []step{{status: status}}}
				c := newTestClient(t, Settings{RoundTripper: server})
				got, err := c.Do(deadline(t, time.Minute), Request{Method: method, URL: "https://aap/x/"})
				if err != nil || got.Status != status || len(server.at) != 1 {
					t.Errorf("%s %d: %+v, %v, %d attempts", method, status, got, err, len(server.at))
				}
			})
		}
	}
}

func TestBackoffGrowsAndIsCapped(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := &script{steps: []step{{status: 503}}}
		c := newTestClient(t, Settings{RoundTripper: server})
		var noted int
		_, err := c.Do(deadline(t, 5*time.Minute), Request{Method: "GET", URL: "https://aap/x/", OnRetry: func(error) { noted++ }})
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "503 Service Unavailable") {
			t.Errorf("error %v", err)
		}
		first := server.at[1].Sub(server.at[0])
		if first < 300*time.Millisecond || first > time.Second {
			t.Errorf("first wait %s", first)
		}
		for i := 1; i < len(server.at); i++ {
			if wait := server.at[i].Sub(server.at[i-1]); wait > retryMost {
				t.Errorf("wait %d is %s", i, wait)
			}
		}
		if n := len(server.at); n < 20 || n > 60 || noted != n {
			t.Errorf("%d attempts in 5 minutes, %d noted", n, noted)
		}
	})
}

func TestRetryAfterIsObeyed(t *testing.T) {
	t.Parallel()
	for name, header := range map[string]http.Header{
		"seconds": {"Retry-After": {"40"}},
		"date":    {"Retry-After": {"Mon, 23 Nov 2026 10:00:40 GMT"}, "Date": {"Mon, 23 Nov 2026 10:00:00 GMT"}},
	} {
		for _, method := range []string{"GET", "POST"} {
			synctest.Test(t, func(t *testing.T) {
				server := &script{steps: []step{{status: 503, header: header}, {status: 201}}}
				c := newTestClient(t, Settings{RoundTripper: server})
				got, err := c.Do(deadline(t, time.Hour), Request{Method: method, URL: "https://aap/x/", Body: []byte("{}"), Refusable: true})
				if err != nil || got.Status != 201 {
					t.Fatalf("%s %s: %v", name, method, err)
				}
				if wait := server.at[1].Sub(server.at[0]); wait < 40*time.Second || wait > 42*time.Second {
					t.Errorf("%s %s: waited %s", name, method, wait)
				}
				if server.sent[0] != "{}" || server.sent[1] != "{}" {
					t.Errorf("bodies %q", server.sent)
				}
			})
		}
	}
}

func TestRetryAfterForms(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		"": 0, "7": 7 * time.Second, "-3": 0, "soon": 0, "Mon, 02 Jan 2006 15:04:05 GMT": 0, "99999999999": 10 * time.Minute,
		"99999999999999999999": 10 * time.Minute, "-99999999999999999999": 0, "Fri, 31 Dec 9999 23:59:59 GMT": 10 * time.Minute,
	} {
		if got := RetryAfter(http.Header{"Retry-After": {text}}); got != want {
			t.Errorf("%q: %s", text, got)
		}
	}
}

func TestPostIsRepeatedOnlyIfNotCarriedOut(t *testing.T) {
	t.Parallel()
	retryAfter := http.Header{"Retry-After": {"1"}}
	for name, test := range map[string]struct {
		first     step
		refusable bool
		retried   bool
		unknown   bool
	}{
		"refused connection":      {first: step{err: refusedDial}, retried: true},
		"unknown host":            {first: step{err: &net.DNSError{Err: "no such host"}}, retried: true},
		"423":                     {first: step{status: 423}, retried: true},
		"498":                     {first: step{status: 498}, retried: true},
		"429":                     {first: step{status: 429}, unknown: true},
		"503 with Retry-After":    {first: step{status: 503, header: retryAfter}, unknown: true},
		"429 of a server":         {first: step{status: 429}, refusable: true, retried: true},
		"503 of a server":         {first: step{status: 503, header: retryAfter}, refusable: true, retried: true},
		"503 without Retry-After": {first: step{status: 503}, refusable: true, unknown: true},
		"500":                     {first: step{status: 500, body: `{"detail":"x"}`}, unknown: true},
		"502":                     {first: step{status: 502}, unknown: true},
		"504":                     {first: step{status: 504}, unknown: true},
		"408":                     {first: step{status: 408}, unknown: true},
		"reset":                   {first: step{err: &net.OpError{Op: "read", Err: syscall.ECONNRESET}}, unknown: true},
		"eof":                     {first: step{err: io.EOF}, unknown: true},
		"no answer":               {first: step{hang: true}, unknown: true},
	} {
		for _, method := range []string{"POST", "DELETE"} {
			t.Run(method+" "+name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					server := &script{steps: []step{test.first, {status: 201}}}
					c := newTestClient(t, Settings{RoundTripper: server})
					got, err := c.Do(deadline(t, 10*time.Minute), Request{Method: method, URL: "https://aap/x/", Body: []byte("{}"), Refusable: test.refusable})
					if test.retried != (len(server.at) == 2) {
						t.Errorf("%d attempts", len(server.at))
					}
					if test.retried && (err != nil || got.Status != 201) {
						t.Errorf("got %v, %v", got, err)
					}
					if errors.Is(err, ErrOutcomeUnknown) != test.unknown {
						t.Errorf("error %v", err)
					}
				})
			})
		}
	}
}

func TestIdempotentPostIsRepeated(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := &script{steps: []step{{hang: true}, {status: 502}, {err: io.EOF}, {status: 202}}}
		c := newTestClient(t, Settings{RoundTripper: server})
		got, err := c.Do(deadline(t, time.Hour), Request{Method: "POST", URL: "https://aap/x/", Idempotent: true})
		if err != nil || got.Status != 202 {
			t.Errorf("got %v, %v", got, err)
		}
	})
}

// TestDivisible sends requests whose callers can ask for less. A missing answer is reported at once. All other trouble
// is retried, and so is a missing connection.
func TestDivisible(t *testing.T) {
	t.Parallel()
	unconnected := func(req *http.Request) (*http.Response, error) {
		httptrace.ContextClientTrace(req.Context()).GetConn("aap:443")
		<-req.Context().Done()
		return nil, req.Context().Err()
	}
	for name, met := range map[string]struct {
		server http.RoundTripper
		status int
		took   time.Duration
	}{
		"no answer":     {&script{steps: []step{{hang: true}}}, 0, DefaultRequestTimeout},
		"504":           {&script{steps: []step{{status: 504}}}, 504, 0},
		"503":           {&script{steps: []step{{status: 503}}}, 0, time.Hour},
		"no connection": {roundTripFunc(unconnected), 0, time.Hour},
	} {
		synctest.Test(t, func(t *testing.T) {
			c := newTestClient(t, Settings{RoundTripper: met.server})
			began := time.Now()
			answer, err := c.Do(deadline(t, time.Hour), Request{Method: "GET", URL: "https://aap/x/", Divisible: true})
			if took := time.Since(began); took != met.took {
				t.Errorf("%s took %s", name, took)
			}
			if met.status != 0 && (err != nil || answer.Status != met.status) || met.status == 0 && err == nil || name == "no answer" && !errors.Is(err, ErrNoAnswer) {
				t.Errorf("%s: %+v, %v", name, answer, err)
			}
		})
	}
}

func TestOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := &script{steps: []step{{status: 503, header: http.Header{"Retry-After": {"9"}}}}}
		c := newTestClient(t, Settings{RoundTripper: server})
		_, err := c.Do(deadline(t, time.Hour), Request{Method: "GET", URL: "https://aap/x/", Once: true})
		var failed *Error
		if !errors.As(err, &failed) || failed.Answer.Status != 503 || failed.Ended != nil || len(server.at) != 1 {
			t.Errorf("error %v after %d attempts", err, len(server.at))
		}
		if got := err.Error(); got != "GET https://aap/x/: 503 Service Unavailable" {
			t.Errorf("text %q", got)
		}
	})
}

func TestAttemptTimeout(t *testing.T) {
	t.Parallel()
	for override, want := range map[time.Duration]time.Duration{0: 7 * time.Second, time.Minute: time.Minute} {
		synctest.Test(t, func(t *testing.T) {
			server := &script{steps: []step{{hang: true}}}
			c := newTestClient(t, Settings{RoundTripper: server, RequestTimeout: 7 * time.Second})
			began := time.Now()
			_, err := c.Do(deadline(t, time.Hour), Request{Method: "POST", URL: "https://aap/x/", Timeout: override})
			if took := time.Since(began); took != want {
				t.Errorf("took %s", took)
			}
			if !strings.Contains(err.Error(), fmt.Sprintf("no answer within %s", want)) || errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestLogHoldsNoSecrets(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var text bytes.Buffer
		log := slog.New(slog.NewTextHandler(&text, &slog.HandlerOptions{Level: slog.Level(-8)}))
		server := &script{steps: []step{
			{status: 423, body: "answer-s3cret"},
			{status: 201, body: "answer-s3cret", header: http.Header{"X-Api-Request-Id": {"abc123"}}},
		}}
		c := newTestClient(t, Settings{RoundTripper: server, Logger: log, UserAgent: "osac/1"})
		_, err := c.Do(deadline(t, time.Minute), Request{
			Method: "POST", URL: "https://aap/api/v2/jobs/?key=query-s3cret", Body: []byte("body-s3cret"),
			Header: http.Header{"Authorization": {"Bearer token-s3cret"}},
		})
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(text.String(), "s3cret") {
			t.Errorf("the log holds a secret:\n%s", &text)
		}
		for _, want := range []string{"method=POST", "path=/api/v2/jobs/", "status=201", "status=423", "request_id=abc123", "duration="} {
			if !strings.Contains(text.String(), want) {
				t.Errorf("the log lacks %s:\n%s", want, &text)
			}
		}
		if got := server.seen[0].Header.Get("User-Agent"); got != "osac/1" {
			t.Errorf("user agent %q", got)
		}
	})
}

func TestFinish(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		steps   []step
		unknown bool
		took    time.Duration
		text    string
	}{
		{[]step{{hang: true}}, true, 30 * time.Second, "no answer within 30s"},
		{[]step{{status: 423, header: http.Header{"Retry-After": {"60"}}}}, false, time.Second, "423"},
	} {
		synctest.Test(t, func(t *testing.T) {
			c := newTestClient(t, Settings{RoundTripper: &script{steps: test.steps}})
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Second, cancel)
			began := time.Now()
			_, err := c.Do(ctx, Request{Method: "POST", URL: "https://aap/x/", Finish: true})
			if !errors.Is(err, context.Canceled) || errors.Is(err, ErrOutcomeUnknown) != test.unknown || !strings.Contains(err.Error(), test.text) {
				t.Errorf("error %v", err)
			}
			if took := time.Since(began); took != test.took {
				t.Errorf("took %s", took)
			}
		})
	}
}

func TestMalformedURL(t *testing.T) {
	t.Parallel()
	c := newTestClient(t, Settings{RoundTripper: &script{}})
	if _, err := c.Do(t.Context(), Request{Method: "GET", URL: "https://aap/%zz"}); err == nil {
		t.Error("no error")
	}
}
