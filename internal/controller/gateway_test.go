package controller

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// host is what one address of AAP answers.
type host struct {
	// gateway is the version that its gateway reports; empty if there is no gateway.
	gateway string
	// pings are the answers at the two places of a controller's ping; a missing one is a 404.
	pings map[string]reply
	// rest answers everything else.
	rest reply
}

func pingOf(version string) reply {
	return reply{status: 200, body: `{"install_uuid":"uuid-1","version":"` + version + `"}`}
}

func (h host) client(t *testing.T, adapt ...func(*Settings)) (*fake, *Client) {
	t.Helper()
	f := newFake(t)
	f.intercept = func(r *http.Request) *reply {
		if answer, known := h.pings[r.URL.Path]; known {
			return &answer
		}
		switch {
		case r.URL.Path == "/api/gateway/v1/ping/" && h.gateway != "":
			if r.Header.Get("Authorization") != "" {
				t.Error("credentials are sent to a gateway's ping")
			}
			return &reply{status: 200, body: `{"version":"` + h.gateway + `","pong":"2027-01-01T10:00:00Z","status":"degraded","db_connected":true}`}
		case strings.HasSuffix(r.URL.Path, "/ping/"):
			return &htmlNotFound
		}
		return &h.rest
	}
	withURL := func(s *Settings) { s.URL = "https://aap.example.com" }
	return f, f.client(append([]func(*Settings){withURL}, adapt...)...)
}

const (
	behindGateway = "/api/controller/v2/ping/"
	atAWX         = "/api/v2/ping/"
)

// TestGatewayIsRecognised finds controllers with and without a gateway. The gateway is asked for its version only if
// the controller's does not imply it.
func TestGatewayIsRecognised(t *testing.T) {
	t.Parallel()
	for version, test := range map[string]struct {
		host     host
		gateway  string
		requests int
		ui       string
	}{
		"4.6.20": {host{pings: map[string]reply{behindGateway: pingOf("4.6.20")}}, "2.5", 1, "/execution/jobs/playbook/7/output"},
		"4.7.1":  {host{pings: map[string]reply{behindGateway: pingOf("4.7.1")}}, "2.6", 1, "/execution/jobs/playbook/7/output"},
		"4.8.6":  {host{pings: map[string]reply{behindGateway: pingOf("4.8.6")}}, "2.7", 1, "/execution/jobs/playbook/7/output"},
		"4.9.0":  {host{gateway: "2.8", pings: map[string]reply{behindGateway: pingOf("4.9.0")}}, "2.8", 2, "/execution/jobs/playbook/7/output"},
		"24.6.2": {host{pings: map[string]reply{atAWX: pingOf("24.6.2")}}, "", 2, "/#/jobs/playbook/7/output"},
		"4.5.1":  {host{pings: map[string]reply{atAWX: pingOf("4.5.1")}}, "", 2, "/#/jobs/playbook/7/output"},
	} {
		f, c := test.host.client(t)
		got, err := c.Installation(within(t, time.Minute))
		if err != nil || got.Gateway != test.gateway || got.Version != version || len(f.requests) != test.requests {
			t.Errorf("%s: %+v after %v, %v", version, got, f.requests, err)
		}
		if url := c.UIURL(jobRef(7)); url != "https://aap.example.com"+test.ui {
			t.Errorf("%s: %s", version, url)
		}
		if url := c.UIURL(Ref{KindWorkflowJob, 7}); url != "https://aap.example.com"+strings.Replace(test.ui, "playbook", "workflow", 1) {
			t.Errorf("%s: %s", version, url)
		}
		if again, err := c.Ping(within(t, time.Minute)); err != nil || again != got {
			t.Errorf("%s: asked again: %+v, %v", version, again, err)
		}
	}
}

func TestUIURLOfAJob(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.prefix = "/proxied/api/v2/"
	f.add(fakeJob{ref: jobRef(7), runs: time.Hour})
	j, err := f.client(func(s *Settings) { s.URL = "https://aap.example.com/proxied" }).Job(within(t, time.Minute), jobRef(7))
	if err != nil || j.UIURL != "https://aap.example.com/proxied/#/jobs/playbook/7/output" || j.URL != "https://aap.example.com/proxied/api/v2/jobs/7/" {
		t.Errorf("%+v, %v", j, err)
	}
}

// TestWhatIsWrongWithTheAddress makes each mistake that people make with AAP's addresses. The error must name it.
func TestWhatIsWrongWithTheAddress(t *testing.T) {
	t.Parallel()
	own := reply{status: 401, body: `{"detail":"Authentication credentials were not provided."}`}
	for name, test := range map[string]struct {
		host host
		want error
		says []string
	}{
		"a component's own host since 2.7": {
			host{pings: map[string]reply{behindGateway: htmlNotFound, atAWX: own}, rest: own},
			ErrUnauthorized,
			[]string{"/api/v2/ping/: 401", "component's own host", "the gateway's address"},
		},
		"a gateway without a controller": {
			host{gateway: "2.7"}, ErrNotController, []string{"this is the gateway of AAP 2.7, but it has no automation controller", "/api/controller/v2/ping/: 404"},
		},
		"no AAP at all": {host{}, ErrNotController, []string{"no controller answers here", "/api/v2/ping/: 404"}},
	} {
		_, c := test.host.client(t)
		_, err := c.Installation(within(t, time.Minute))
		if !errors.Is(err, test.want) {
			t.Errorf("%s: %v", name, err)
		}
		for _, part := range test.says {
			if err == nil || !strings.Contains(err.Error(), part) {
				t.Errorf("%s: %q is missing in: %v", name, part, err)
			}
		}
	}
	synctest.Test(t, func(t *testing.T) {
		page := reply{status: 503, header: http.Header{"Content-Type": {"text/html"}}, body: "<html><body><h1>Application is not available</h1></body></html>"}
		_, c := host{pings: map[string]reply{behindGateway: page, atAWX: page}, rest: page}.client(t)
		_, err := c.Installation(within(t, 20*time.Second))
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), `503 Service Unavailable: an HTML page "Application is not available"`) ||
			!strings.Contains(err.Error(), "OpenShift's router") {
			t.Error(err)
		}
	})
}

// TestWhatIsWrongWithTheCredentials covers each 401 that AAP's gateway, or a controller behind it, sends.
func TestWhatIsWrongWithTheCredentials(t *testing.T) {
	t.Parallel()
	basic := func(s *Settings) { s.Token, s.Username, s.Password = "", "eve", "p4ssword" }
	token := func(*Settings) {}
	for _, test := range []struct {
		at      string
		version string
		adapt   func(*Settings)
		says    string
	}{
		{behindGateway, "4.8.6", token, "tokens of the controller's own API are not valid since AAP 2.7, and this is AAP 2.7; make one at https://aap.example.com/api/gateway/v1/tokens/"},
		{behindGateway, "4.6.2", token, "this is AAP 2.5; make one at"},
		{behindGateway, "4.8.6", basic, "basic authentication is switched off at the gateway of AAP 2.7"},
		{atAWX, "4.8.6", token, "controller's own host in AAP"},
		{atAWX, "4.7.6", basic, "set url to the gateway's address"},
		{atAWX, "24.6.2", token, ""},
	} {
		h := host{pings: map[string]reply{test.at: pingOf(test.version)}, rest: badToken}
		_, c := h.client(t, test.adapt)
		_, err := c.Templates(within(t, time.Minute), "", createTemplate)
		failed, ok := errors.AsType[*Error](err)
		if !ok || !errors.Is(err, ErrUnauthorized) || !strings.Contains(err.Error(), test.says) || test.says == "" && failed.Advice != "" {
			t.Errorf("%s %s: %v", test.at, test.version, err)
		}
	}
}

func TestForbiddenIsToldApart(t *testing.T) {
	t.Parallel()
	all := []error{ErrForbidden, ErrScope, ErrDenied, ErrUnauthorized}
	for body, want := range map[string]error{
		noRole: ErrForbidden,
		`{"details":"Your token has insufficient scope to perform this action"}`:         ErrScope,
		`{"detail":"License has expired."}`:                                              ErrDenied,
		`{"detail":"You have already reached the maximum number of 10 hosts."}`:          ErrDenied,
		`{"detail":"Authentication credentials were not provided."}`:                     ErrUnauthorized,
		`{"detail":"Unable to validate user permissions - gateway claims fetch failed"}`: ErrUnauthorized,
		"<html><title>Request Rejected</title>":                                          ErrDenied,
		"":                                                                               ErrDenied,
		`{"details":"CSRF Failed: something"}`:                                           ErrDenied,
		record(t, "1059").body:                                                           ErrForbidden,
		record(t, "1040").body:                                                           ErrForbidden,
	} {
		f := newFake(t)
		f.serve(launchLine, reply{status: 403, body: body})
		_, err := f.client().Launch(within(t, time.Minute), jobTemplate, nil)
		for _, kind := range all {
			if errors.Is(err, kind) != errors.Is(want, kind) {
				t.Errorf("%s: is it %v? %v", body, kind, err)
			}
		}
	}
	for body, says := range map[string]string{`["No more."]`: "No more.", `"No more."`: "No more.", `{"details":"a","detail":"b"}`: "b", `{"error":"c"}`: "c"} {
		if got := parseErrorBody([]byte(body)).detail; got != says {
			t.Errorf("%s: %s", body, got)
		}
	}
}

// TestCredentialsAreTrimmed passes credentials as files and editors write them.
func TestCredentialsAreTrimmed(t *testing.T) {
	t.Parallel()
	for _, adapt := range []func(*Settings){
		func(s *Settings) { s.Token = "t0ken-s3cret\n" },
		func(s *Settings) { s.Token = "\ufefft0ken-s3cret\r\n" },
		func(s *Settings) { s.URL += "\n" },
	} {
		f := newFake(t)
		f.add(fakeJob{ref: jobRef(7), runs: time.Hour})
		f.intercept = func(r *http.Request) *reply {
			if !strings.HasSuffix(r.URL.Path, "/ping/") && r.Header.Get("Authorization") != "Bearer t0ken-s3cret" {
				t.Errorf("sent %q", r.Header.Get("Authorization"))
			}
			return nil
		}
		c := f.client(adapt)
		if _, err := c.Job(within(t, time.Minute), jobRef(7)); err != nil || c.URL() != "https://aap.example.com/api/v2" {
			t.Errorf("%s: %v", c.URL(), err)
		}
	}
	for name, s := range map[string]Settings{
		"control":   {Token: "s3cret\x01s3cret"},
		"blank":     {Token: "s3cret s3cret"},
		"colon":     {Username: "eve:s3cret", Password: "s3cret"},
		"port":      {Token: "s3cret", URL: "https://aap:99999"},
		"not ASCII": {Token: "s3crét-s3cret"},
	} {
		if s.URL == "" {
			s.URL = "https://aap.example.com"
		}
		if c, err := New(s); err == nil || c != nil || strings.Contains(err.Error(), "s3cr") {
			t.Errorf("%s: %v", name, err)
		}
	}
	f := newFake(t)
	f.add(fakeJob{ref: jobRef(7), runs: time.Hour})
	f.intercept = func(r *http.Request) *reply {
		if name, password, _ := r.BasicAuth(); !strings.HasSuffix(r.URL.Path, "/ping/") && (name != "eve" || password != " p4ssword ") {
			t.Errorf("sent %q, %q", name, password)
		}
		return nil
	}
	c := f.client(func(s *Settings) { s.Token, s.Username, s.Password = "", "eve\n", " p4ssword \r\n" })
	if _, err := c.Job(within(t, time.Minute), jobRef(7)); err != nil {
		t.Error(err)
	}
}

// TestThrottledLaunchTellsWhen answers a launch as busy gateways do. The error must say that the launch may have been
// carried out, and when to retry.
func TestThrottledLaunchTellsWhen(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]error{429: ErrThrottled, 503: ErrUnavailable} {
		f := newFake(t)
		f.serve(launchLine, reply{status: status, header: http.Header{"Retry-After": {"7"}, "Content-Type": {"text/plain"}}, body: "no healthy upstream"})
		_, err := f.client().Launch(within(t, time.Minute), jobTemplate, nil)
		failed, ok := errors.AsType[*Error](err)
		if !ok || !errors.Is(err, want) || failed.RetryAfter != 7*time.Second || !strings.Contains(err.Error(), fmt.Sprint(status)) || !strings.Contains(err.Error(), `text "no healthy upstream"`) {
			t.Errorf("%d: %v", status, err)
		}
	}
}

// valueKey is the key of a value in the contexts of TestSharedWorkIsNobodysOwn.
type valueKey struct{}

// TestSharedWorkIsNobodysOwn checks the context of each shared request: it carries the client's own values, and not
// those of the first caller.
func TestSharedWorkIsNobodysOwn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		f.add(fakeJob{ref: jobRef(7), runs: 20 * time.Second})
		shared := 0
		f.intercept = func(r *http.Request) *reply {
			if r.URL.Path == "/api/v2/unified_job_templates/" {
				shared++
				return &reply{status: 200, body: `{"next":null,"results":[]}`}
			}
			return nil
		}
		ended, end := context.WithCancel(t.Context())
		end()
		c := f.client(func(s *Settings) {
			s.Context = context.WithValue(ended, valueKey{}, "the client's")
			s.Transport.RoundTripper = roundTripFunc(func(r *http.Request) (*http.Response, error) {
				if got := r.Context().Value(valueKey{}); got != "the client's" {
					t.Errorf("%s is made for %v", r.URL, got)
				}
				return f.RoundTrip(r)
			})
		})
		caller := context.WithValue(t.Context(), valueKey{}, "a caller's")
		if _, err := c.Templates(caller, "", createTemplate); !errors.Is(err, ErrTemplateMissing) {
			t.Error(err)
		}
		if _, err := c.Follow(caller, jobRef(7), Follow{}); err != nil || shared != 1 {
			t.Error(err)
		}
	})
}

type roundTripFunc func(*http.Request) (*http.Response, error)

func (f roundTripFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
