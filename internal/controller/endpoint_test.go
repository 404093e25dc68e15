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

func TestRootIsFound(t *testing.T) {
	t.Parallel()
	const awx, gateway = "/api/v2/", "/api/controller/v2/"
	for _, form := range []string{"", "/", "/api", "/api/", "/api/controller", "/api/controller/", "/api/controller/v2", "/api/controller/v2/", "/api/v2", "/api/v2/"} {
		for _, prefix := range []string{awx, gateway, "/proxied" + awx, "/proxied" + gateway} {
			base := "https://aap.example.com:8443"
			if strings.HasPrefix(prefix, "/proxied") {
				base += "/proxied"
			}
			f := newFake(t)
			f.prefix = prefix
			c := f.client(func(s *Settings) { s.URL = base + form })
			got, err := c.Installation(within(t, time.Minute))
			if err != nil || got.UUID != "uuid-1" || got.Version != "24.6.2" || got.APIRoot != "https://aap.example.com:8443"+prefix {
				t.Errorf("%s with %s: %+v, %v", base+form, prefix, got, err)
			}
			if n := f.count("/v2/ping/"); n > 2 {
				t.Errorf("%s: %d requests", form, n)
			}
			if _, err := c.Installation(within(t, time.Minute)); err != nil || f.count("/v2/ping/") > 2 {
				t.Errorf("asked again: %v", err)
			}
			if c.URL() != base+form {
				t.Errorf("URL %s", c.URL())
			}
		}
	}
}

func TestURLForms(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "aap.example.com", "ftp://aap", "https://", "https://user:pass-s3cret@aap", "https://aap/?x=1", "https://aap/#/jobs", "https://aap/%zz", ":"} {
		_, err := New(Settings{URL: text})
		if err == nil {
			t.Errorf("%q is taken", text)
		} else if strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestNoControllerThere(t *testing.T) {
	t.Parallel()
	for name, r := range map[string]reply{
		"pages": htmlNotFound, "login": {status: 200, header: http.Header{"Content-Type": {"text/html"}}, body: "<html>"},
		"other JSON": {status: 200, body: `{"status":"ok"}`}, "array": {status: 200, body: `[1]`}, "nothing": {status: 200},
		"JSON 404": {status: 404, body: `{"detail":"Not found."}`}, "half": {status: 200, body: `{"version":"1"}`},
		"wrong types": {status: 200, body: `{"install_uuid":1,"version":2}`},
	} {
		f := newFake(t)
		f.intercept = func(*http.Request) *reply { return &r }
		_, err := f.client(func(s *Settings) { s.URL = "https://aap.example.com" }).Installation(within(t, time.Minute))
		if !errors.Is(err, ErrNotController) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, want := range []string{"https://aap.example.com/api/controller/v2/ping/", "https://aap.example.com/api/v2/ping/"} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v does not name %s", name, err, want)
			}
		}
	}
}

func TestRecordedPing(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.serve("GET /api/v2/ping/", record(t, "002"))
	got, err := f.client().Ping(within(t, time.Minute))
	if err != nil || got.UUID != "63fa5e1a-9958-4b49-afa1-fc90539ba77e" || !strings.HasPrefix(got.Version, "24.6.2") {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestDiscoverySendsNoCredentials(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.intercept = func(r *http.Request) *reply {
		if r.Header.Get("Authorization") != "" {
			t.Errorf("credentials are sent to %s", r.URL)
		}
		return nil
	}
	if _, err := f.client().Installation(within(t, time.Minute)); err != nil {
		t.Error(err)
	}
	// A proxy that lets nobody through without credentials gets them.
	f.intercept = func(r *http.Request) *reply {
		if r.Header.Get("Authorization") != "Basic dTpwYXNzd29yZA==" {
			return &reply{status: 401}
		}
		return nil
	}
	basic := func(s *Settings) { s.Token, s.Username, s.Password = "", "u", "password" }
	if _, err := f.client(basic).Installation(within(t, time.Minute)); err != nil {
		t.Error(err)
	}
	if _, err := f.client().Installation(within(t, time.Minute)); !errors.Is(err, ErrUnauthorized) {
		t.Error(err)
	}
}

func TestDiscoveryIsRetried(t *testing.T) {
	t.Parallel()
	for name, r := range map[string]reply{"503": {status: 503}, "refused": {err: syscall.ECONNREFUSED}, "429": {status: 429, header: http.Header{"Retry-After": {"7"}}}} {
		synctest.Test(t, func(t *testing.T) {
			f := newFake(t)
			began := time.Now()
			f.intercept = func(*http.Request) *reply {
				if time.Since(began) < 20*time.Second {
					return &r
				}
				return nil
			}
			c := f.client(func(s *Settings) { s.URL = "https://aap.example.com" })
			if _, err := c.Installation(within(t, time.Minute)); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if n := f.count("ping"); n > 40 {
				t.Errorf("%s: %d requests", name, n)
			}
		})
	}
}

func TestOneRouteBrokenForEver(t *testing.T) {
	t.Parallel()
	// A proxy that answers 502 for unknown paths must not hide the API next to it.
	f := newFake(t)
	f.intercept = func(r *http.Request) *reply {
		if strings.Contains(r.URL.Path, "/controller/") {
			return &reply{status: 502}
		}
		return nil
	}
	if _, err := f.client(func(s *Settings) { s.URL = "https://aap.example.com" }).Installation(within(t, time.Minute)); err != nil {
		t.Error(err)
	}
}

func TestDiscoveryIsShared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		f.delay = 10 * time.Second
		c := f.client()
		var group sync.WaitGroup
		for i := range 10 {
			group.Go(func() {
				bound := time.Hour
				if i == 0 {
					bound = 3 * time.Second // The first to ask leaves first; the others are served all the same.
				}
				began := time.Now()
				_, err := c.Installation(within(t, bound))
				if i == 0 && (!errors.Is(err, context.DeadlineExceeded) || time.Since(began) != bound) {
					t.Errorf("after %s: %v", time.Since(began), err)
				}
				if i > 0 && err != nil {
					t.Error(err)
				}
			})
			synctest.Wait()
		}
		group.Wait()
		if n := f.count("ping"); n != 1 {
			t.Errorf("%d requests", n)
		}
	})
}

// TestDiscoveryBelieves501 asks a server that answers 501, which no wait changes.
func TestDiscoveryBelieves501(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		f.intercept = func(*http.Request) *reply { return &reply{status: 501, body: "Unsupported method"} }
		began := time.Now()
		_, err := f.client().Installation(within(t, time.Hour))
		if !errors.Is(err, ErrNotController) || time.Since(began) != 0 {
			t.Errorf("after %s: %v", time.Since(began), err)
		}
	})
}

func TestDiscoveryEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		f.intercept = func(*http.Request) *reply { return &reply{status: 503, body: `{"detail":"starting up"}`} }
		c := f.client()
		for range 2 { // A failure is not kept.
			began := time.Now()
			_, err := c.Installation(within(t, 20*time.Second))
			if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, ErrUnavailable) || !strings.Contains(err.Error(), "starting up") {
				t.Errorf("error %v", err)
			}
			if time.Since(began) != 20*time.Second {
				t.Errorf("took %s", time.Since(began))
			}
		}
		began := time.Now()
		_, err := c.Installation(within(t, 10*time.Minute))
		if time.Since(began) != 10*time.Minute || !errors.Is(err, ErrUnavailable) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("after %s: %v", time.Since(began), err)
		}
		// The controller comes back long after the bound of one shared call: a caller who has time finds it.
		f.intercept = func(*http.Request) *reply {
			if time.Since(began) < 15*time.Minute {
				return &reply{status: 503, body: `{"detail":"starting up"}`}
			}
			return nil
		}
		if _, err := c.Installation(within(t, time.Hour)); err != nil {
			t.Error(err)
		}
		if took := time.Since(began); took < 15*time.Minute || took > 16*time.Minute {
			t.Errorf("took %s", took)
		}
	})
}

func TestPingAsksAgain(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	c := f.client()
	for range 3 {
		if _, err := c.Ping(within(t, time.Minute)); err != nil {
			t.Error(err)
		}
	}
	if _, err := c.Installation(within(t, time.Minute)); err != nil {
		t.Error(err)
	}
	for range 3 {
		if _, err := c.Ping(within(t, time.Minute)); err != nil {
			t.Error(err)
		}
	}
	if n := f.count("ping"); n != 7 {
		t.Errorf("%d requests", n)
	}
}

func TestJobURLs(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.prefix = "/api/controller/v2/"
	c := f.client(func(s *Settings) { s.URL = "https://aap.example.com/" })
	if _, err := c.Installation(within(t, time.Minute)); err != nil {
		t.Fatal(err)
	}
	for _, ref := range []Ref{{KindJob, 16}, {KindWorkflowJob, 62}} {
		got, ok := RefOf(c.JobURL(ref))
		if !ok || got != ref {
			t.Errorf("%s: %v", c.JobURL(ref), got)
		}
	}
	if got := c.JobURL(Ref{KindWorkflowJob, 62}); got != "https://aap.example.com/api/controller/v2/workflow_jobs/62/" {
		t.Error(got)
	}
	for text, want := range map[string]Ref{
		"/api/v2/jobs/16/": {KindJob, 16}, "https://h/api/v2/workflow_jobs/62": {KindWorkflowJob, 62}, "https://h/api/v2/jobs/16/?x=1": {KindJob, 16},
		"": {}, "/jobs/x/": {}, "/jobs/-1/": {}, "/inventory/16/": {}, "16": {}, "%zz": {}, "/jobs/99999999999999999999/": {},
	} {
		if got, ok := RefOf(text); got != want || ok != (want.ID != 0) {
			t.Errorf("%q: %v, %v", text, got, ok)
		}
	}
}
