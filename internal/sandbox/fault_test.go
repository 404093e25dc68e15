package sandbox

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

func TestFaults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(Options{})
		c.box.Fault(Fault{Path: "launch", Skip: 1, Times: 2, Status: 503, Header: http.Header{"Retry-After": {"2"}}, Body: "{}"})
		c.launch(t, "osac-create-compute-instance", "a")
		refused := c.post(t, "job_templates/9/launch/", "{}")
		expect(t, "status", refused.status, 503)
		expect(t, "header", refused.header.Get("Retry-After"), "2")
		expect(t, "other requests", c.get(t, "jobs/").ids(), "1")
		expect(t, "second", c.post(t, "job_templates/9/launch/", "{}").status, 503)
		expect(t, "third", c.post(t, "job_templates/9/launch/", "{}").status, 201)

		c.box.Fault(Fault{Path: `/jobs/\?id__in=`, Delay: 3 * time.Second, For: time.Minute})
		began := time.Now()
		c.get(t, "jobs/?id__in=1")
		expect(t, "delay", time.Since(began), 3*time.Second)
		time.Sleep(time.Minute)
		began = time.Now()
		c.get(t, "jobs/?id__in=1")
		expect(t, "afterwards", time.Since(began), 0)
	})
}

func TestLostAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(Options{})
		transport := c.box.RoundTripper()
		post := func(ctx context.Context) error {
			request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://awx/api/v2/job_templates/9/launch/", http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("Authorization", "Bearer admin")
			response, err := transport.RoundTrip(request)
			if err == nil {
				_ = response.Body.Close()
			}
			return err
		}
		c.box.Fault(Fault{Path: "launch", Times: 1, Reset: true})
		if err := post(t.Context()); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("reset: %v", err)
		}
		expect(t, "jobs after a reset before handling", len(c.box.Jobs()), 0)
		c.box.Fault(Fault{Path: "launch", Times: 1, Reset: true, AfterHandling: true})
		if err := post(t.Context()); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("reset: %v", err)
		}
		expect(t, "jobs after a reset after handling", len(c.box.Jobs()), 1)
		c.box.Fault(Fault{Path: "launch", Times: 1, Hang: true, AfterHandling: true})
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		if err := post(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("hang: %v", err)
		}
		expect(t, "jobs after a hang", len(c.box.Jobs()), 2)
		c.box.Down(30 * time.Second)
		if err := post(t.Context()); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("down: %v", err)
		}
		time.Sleep(30 * time.Second)
		if err := post(t.Context()); err != nil {
			t.Errorf("up again: %v", err)
		}
		last := c.box.Requests()[len(c.box.Requests())-2]
		expect(t, "log of the hanging launch", last.Route, "launch")
		expect(t, "has no status", last.Status, 0)
		expect(t, "took", last.Duration, 30*time.Second)
	})
}

func TestResetOverTheNetwork(t *testing.T) {
	box := New(Options{})
	server := httptest.NewServer(box)
	defer server.Close()
	box.Fault(Fault{Path: "ping", Times: 1, Reset: true})
	get := func() error {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/api/v2/ping/", nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := server.Client().Do(request)
		if err == nil {
			_ = response.Body.Close()
		}
		return err
	}
	var network *net.OpError
	if err := get(); !errors.As(err, &network) {
		t.Errorf("got %v, want a connection error", err)
	}
	if err := get(); err != nil {
		t.Error(err)
	}
}

func TestWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(Options{JobDuration: 20 * time.Second})
		c.launch(t, "osac-create-compute-instance", "a")
		began := time.Now()
		done, err := c.box.WaitForJob(t.Context(), func(j Job) bool { return j.Status == "successful" })
		expect(t, "error", err, nil)
		expect(t, "waited", time.Since(began).Round(10*time.Millisecond), 20*time.Second)
		expect(t, "name", done.Namespace+"/"+done.Name, "ns/a")
		go func() {
			time.Sleep(time.Second)
			c.get(t, "ping/")
		}()
		seen, err := c.box.WaitForRequest(t.Context(), func(r Request) bool { return r.Route == "ping" && r.Answered })
		expect(t, "error", err, nil)
		expect(t, "user", seen.User, "admin")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err = c.box.WaitForJob(ctx, func(Job) bool { return false })
		expect(t, "deadline", errors.Is(err, context.DeadlineExceeded), true)
		synctest.Wait()
	})
}
