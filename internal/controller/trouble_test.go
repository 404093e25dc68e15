package controller

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// failing answers lists with a reply from one time after the start to another.
func failing(f *fake, from, to time.Duration, r reply) {
	began := time.Now()
	f.intercept = func(req *http.Request) *reply {
		if now := time.Since(began); strings.Contains(req.URL.RawQuery, "id__in") && now >= from && now < to {
			return &r
		}
		return nil
	}
}

func TestPassingTroubleIsSurvived(t *testing.T) {
	t.Parallel()
	for name, r := range map[string]reply{
		"500": {status: 500, body: "<html>"}, "502": {status: 502}, "503": {status: 503}, "429": {status: 429},
		"timeout": {hang: true}, "refused": {err: syscall.ECONNREFUSED}, "reset": {err: syscall.ECONNRESET},
		"login page": {status: 200, header: http.Header{"Content-Type": {"text/html"}}, body: "<html>log in</html>"},
		"other JSON": {status: 200, body: `{"a":1}`}, "cut off": {status: 200, body: `{"results":[{"id":7,`},
		"unknown route": htmlNotFound, "JSON 404": {status: 404, body: `{"detail":"Invalid page."}`},
		"wrong types": {status: 200, body: `{"results":[{"id":"seven"}]}`}, "a string": {status: 200, body: `"hello"`},
		"strange rows": {status: 200, body: `{"results":[{"id":7,"type":"project_update","status":"successful"}]}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newFake(t)
				c := f.client()
				ref := f.add(fakeJob{ref: jobRef(7), runs: 2 * time.Minute})
				failing(f, 10*time.Second, 100*time.Second, r)
				j, err := c.Follow(within(t, time.Hour), ref, Follow{})
				if err != nil || j.Status != StatusSuccessful {
					t.Fatalf("%+v, %v", j, err)
				}
				if late := lag(f, ref); late > 11*time.Second {
					t.Errorf("noticed %s after the end", late)
				}
				if n := f.count("id__in"); n > 60 {
					t.Errorf("%d polls", n)
				}
			})
		})
	}
}

func TestTroubleToTheDeadline(t *testing.T) {
	t.Parallel()
	for name, r := range map[string]reply{"503": {status: 503}, "refused": {err: syscall.ECONNREFUSED}, "hang": {hang: true}, "page": htmlNotFound} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newFake(t)
				c := f.client()
				ref := f.add(fakeJob{ref: jobRef(7), runs: time.Hour})
				failing(f, 10*time.Second, time.Hour, r)
				began := time.Now()
				j, err := c.Follow(within(t, 5*time.Minute), ref, Follow{})
				if time.Since(began) != 5*time.Minute {
					t.Errorf("took %s", time.Since(began))
				}
				if !errors.Is(err, context.DeadlineExceeded) || j.Status != StatusRunning || j.Ref != ref {
					t.Errorf("%+v, %v", j, err)
				}
				if name != "page" && !errors.Is(err, ErrUnavailable) || !strings.Contains(err.Error(), "the last request failed") {
					t.Errorf("the last trouble is missing: %v", err)
				}
			})
		})
	}
}

func TestCauseIsReported(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		c := f.client()
		ref := f.add(fakeJob{ref: jobRef(7), runs: time.Hour})
		reason := errors.New("the user pressed Ctrl-C")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(30*time.Second, func() { cancel(reason) })
		began := time.Now()
		j, err := c.Follow(ctx, ref, Follow{})
		if !errors.Is(err, reason) || !errors.Is(err, context.Canceled) || errors.Is(err, ErrUnavailable) || j.Status != StatusRunning {
			t.Errorf("%+v, %v", j, err)
		}
		if time.Since(began) != 30*time.Second {
			t.Errorf("took %s", time.Since(began))
		}
		asked := f.count("id__in")
		time.Sleep(time.Minute)
		if f.count("id__in") != asked {
			t.Error("it is asked for although nobody waits")
		}
	})
}

func TestEndedContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		c := f.client()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		j, err := c.Follow(ctx, jobRef(7), Follow{})
		if !errors.Is(err, context.Canceled) || j.Ref != jobRef(7) {
			t.Errorf("%+v, %v", j, err)
		}
	})
}

func TestRightsLostEndsAllWaits(t *testing.T) {
	t.Parallel()
	for want, r := range map[error]reply{ErrUnauthorized: record(t, "006"), ErrForbidden: {status: 403, body: noRole}} {
		synctest.Test(t, func(t *testing.T) {
			f := newFake(t)
			c := f.client()
			failing(f, 10*time.Second, time.Hour, r)
			var group sync.WaitGroup
			for id := range int64(5) {
				ref := f.add(fakeJob{ref: jobRef(id + 1), runs: time.Hour})
				group.Go(func() {
					began := time.Now()
					j, err := c.Follow(within(t, time.Hour), ref, Follow{})
					if !errors.Is(err, want) || j.Status != StatusRunning || time.Since(began) < 70*time.Second || time.Since(began) > 82*time.Second {
						t.Errorf("after %s: %+v, %v", time.Since(began), j, err)
					}
				})
			}
			group.Wait()
		})
	}
}

func TestRetryAfterOfATick(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		c := f.client()
		ref := f.add(fakeJob{ref: jobRef(7), runs: time.Minute})
		failing(f, 3*time.Second, 20*time.Second, reply{status: 429, header: http.Header{"Retry-After": {"45"}}})
		time.AfterFunc(10*time.Second, func() {
			// A new wait does not end the quiet time.
			other := f.add(fakeJob{ref: jobRef(8), runs: time.Second})
			go func() { _, _ = c.Follow(within(t, time.Hour), other, Follow{}) }()
		})
		if _, err := c.Follow(within(t, time.Hour), ref, Follow{}); err != nil {
			t.Fatal(err)
		}
		longest := time.Duration(0)
		for i := 1; i < len(f.times); i++ {
			longest = max(longest, f.times[i].Sub(f.times[i-1]))
		}
		if longest < 45*time.Second || longest > 46*time.Second {
			t.Errorf("longest gap %s", longest)
		}
		synctest.Wait()
	})
}
