package transport

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// slowBody returns its text only after a while, or when the request's context ends.
type slowBody struct{ ctx context.Context }

func (b slowBody) Read([]byte) (int, error) {
	<-b.ctx.Done()
	return 0, b.ctx.Err()
}
func (slowBody) Close() error { return nil }

type roundTripFunc func(*http.Request) (*http.Response, error)

func (f roundTripFunc) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

func TestTimeoutCoversTheBody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newTestClient(t, Settings{RequestTimeout: time.Second, RoundTripper: roundTripFunc(func(req *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusCreated, Header: http.Header{}, Body: slowBody{req.Context()}}, nil
		})})
		began := time.Now()
		_, err := c.Do(deadline(t, time.Hour), Request{Method: "POST", URL: "https://aap/x/"})
		if !errors.Is(err, ErrOutcomeUnknown) || time.Since(began) != time.Second {
			t.Errorf("after %s: %v", time.Since(began), err)
		}
	})
}

func TestCancelEndsAWaitAtOnce(t *testing.T) {
	t.Parallel()
	for name, header := range map[string]http.Header{"backoff": {}, "Retry-After": {"Retry-After": {"3000"}}} {
		for _, method := range []string{"GET", "POST"} {
			synctest.Test(t, func(t *testing.T) {
				server := &script{steps: []step{{status: 429, header: header, body: `{"detail":"slow down"}`}}}
				c := newTestClient(t, Settings{RoundTripper: server})
				ctx, cancel := context.WithCancel(t.Context())
				began := time.Now()
				time.AfterFunc(100*time.Millisecond, cancel)
				_, err := c.Do(ctx, Request{Method: method, URL: "https://aap/x/", Refusable: true})
				if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "429 Too Many Requests") {
					t.Errorf("%s: error %v", name, err)
				}
				if errors.Is(err, ErrOutcomeUnknown) {
					t.Errorf("%s: a 429 that is a refusal is no unknown outcome: %v", name, err)
				}
				if took := time.Since(began); took != 100*time.Millisecond {
					t.Errorf("%s: took %s", name, took)
				}
			})
		}
	}
}

func TestLastRealErrorSurvivesTheEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := &script{steps: []step{{status: 502}, {hang: true}}}
		c := newTestClient(t, Settings{RoundTripper: server})
		_, err := c.Do(deadline(t, 10*time.Second), Request{Method: "GET", URL: "https://aap/x/"})
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "502 Bad Gateway") {
			t.Errorf("error %v", err)
		}
	})
}

func TestEndedContextSendsNothing(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	server := &script{steps: []step{{status: 201}}}
	c := newTestClient(t, Settings{RoundTripper: server})
	_, err := c.Do(ctx, Request{Method: "POST", URL: "https://aap/x/"})
	if !errors.Is(err, context.Canceled) || errors.Is(err, ErrOutcomeUnknown) || len(server.at) != 0 {
		t.Errorf("error %v, %d requests", err, len(server.at))
	}
}

func TestCancelledInFlight(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := &script{steps: []step{{hang: true}}}
		c := newTestClient(t, Settings{RoundTripper: server})
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		_, err := c.Do(ctx, Request{Method: "POST", URL: "https://aap/x/"})
		if !errors.Is(err, context.Canceled) || !errors.Is(err, ErrOutcomeUnknown) {
			t.Errorf("error %v", err)
		}
	})
}

func TestBounds(t *testing.T) {
	t.Parallel()
	large := &script{steps: []step{{status: 200, body: strings.Repeat("x", 1001)}}}
	c := newTestClient(t, Settings{RoundTripper: large})
	_, err := c.Do(deadline(t, time.Minute), Request{Method: "GET", URL: "https://aap/x/", MaxBytes: 1000})
	if !errors.Is(err, ErrTooLarge) || len(large.at) != 1 {
		t.Errorf("error %v after %d attempts", err, len(large.at))
	}
	wrong := &script{steps: []step{{status: 404, body: strings.Repeat("x", 2*MaxErrorBody)}}}
	c = newTestClient(t, Settings{RoundTripper: wrong})
	got, err := c.Do(deadline(t, time.Minute), Request{Method: "GET", URL: "https://aap/x/"})
	if err != nil || len(got.Body) != MaxErrorBody {
		t.Errorf("got %d bytes, %v", len(got.Body), err)
	}
}
