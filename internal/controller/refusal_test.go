package controller

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// The refusals of this file: the API's own, what a gateway says of itself, and pages of what is in front.
var (
	badToken  = reply{status: 401, body: `{"detail":"Authentication credentials were not provided."}`}
	forbidden = reply{status: 403, body: noRole}
	firewall  = reply{status: 403, header: http.Header{"Content-Type": {"text/html"}}, body: "<title>Request Rejected</title>"}
	gateway   = reply{status: 403}
	login     = reply{status: 200, header: http.Header{"Content-Type": {"text/html"}}, body: "<title>Please sign in</title>"}
)

// readings are GETs of a client that has had an answer to the same form of request before.
var readings = map[string]func(context.Context, *Client) error{
	"job":       func(ctx context.Context, c *Client) error { _, err := c.Job(ctx, jobRef(7)); return err },
	"list":      func(ctx context.Context, c *Client) error { _, err := c.Find(ctx, Search{IDs: []int64{7}}); return err },
	"variables": func(ctx context.Context, c *Client) error { _, err := c.VariablesNeeded(ctx, jobTemplate); return err },
	"templates": func(ctx context.Context, c *Client) error {
		c.Forget(createTemplate)
		_, err := c.Templates(ctx, "", createTemplate)
		return err
	},
}

// refusing is a fake of a readable controller, and a client that has read everything if seen is set. From then on, the
// client gets only r for a while.
func refusing(t *testing.T, seen bool, r reply, during time.Duration, adapt ...func(*Settings)) (*fake, *Client) {
	t.Helper()
	f := newFake(t)
	f.add(fakeJob{ref: jobRef(7), runs: time.Hour})
	f.serve("GET /api/v2/job_templates/9/launch/", reply{status: 200, body: `{}`})
	f.serve("GET /api/v2/unified_job_templates/?name__in="+createTemplate+"&type=job_template,workflow_job_template&page_size=200",
		reply{status: 200, body: `{"next":null,"results":[{"id":9,"type":"job_template","name":"` + createTemplate + `"}]}`})
	f.serve("GET /api/v2/unified_job_templates/?name="+createTemplate+"&type=job_template,workflow_job_template&page_size=200",
		reply{status: 200, body: `{"next":null,"results":[{"id":9,"type":"job_template","name":"` + createTemplate + `"}]}`})
	c := f.client(adapt...)
	if _, err := c.Installation(t.Context()); err != nil {
		t.Fatal(err)
	}
	for name, read := range readings {
		if err := read(t.Context(), c); seen && err != nil {
			t.Fatalf("%s: %v", name, err)
		} else if !seen {
			break
		}
	}
	if !seen {
		c.answered = memory{}
	}
	began := time.Now()
	f.intercept = func(*http.Request) *reply {
		if time.Since(began) < during {
			return &r
		}
		return nil
	}
	return f, c
}

// TestARefusalMayPass refuses good credentials for a while: by a gateway whose own token is too old, or by a proxy.
// Requests that were answered before are retried, and so is an answer that no controller sends.
func TestARefusalMayPass(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answer reply
		// seen and unseen report whether the refusal may pass after such a request was answered before, and otherwise.
		seen, unseen bool
	}{
		"401":       {badToken, true, false},
		"role":      {forbidden, true, false},
		"firewall":  {firewall, true, true},
		"empty 403": {gateway, true, true},
		"401 page":  {reply{status: 401, header: firewall.header, body: firewall.body}, true, true},
		"login":     {login, true, false},
		"404 page":  {htmlNotFound, true, true},
		"423":       {reply{status: 423, body: `{"detail":"locked"}`}, true, true},
		"498":       {reply{status: 498, body: `{"detail":"JWT expired"}`}, true, true},
		"502":       {reply{status: 502}, true, true},
		"400":       {reply{status: 400, body: `{"detail":"no"}`}, false, false},
	} {
		for what, read := range readings {
			for _, seen := range []bool{true, false} {
				synctest.Test(t, func(t *testing.T) {
					f, c := refusing(t, seen, test.answer, 40*time.Second)
					began, passes := time.Now(), test.unseen
					if seen {
						passes = test.seen
					}
					err := read(t.Context(), c)
					took := time.Since(began)
					if passes && (err != nil || took < 40*time.Second || took > 55*time.Second) || !passes && (err == nil || took > 0) {
						t.Errorf("%s, %s, %v: after %s: %v", name, what, seen, took, err)
					}
					if len(f.requests) > 25 {
						t.Errorf("%s, %s: %d requests", name, what, len(f.requests))
					}
				})
			}
		}
	}
}

// TestARefusalIsBelieved lets the refusal last. After a minute, the client reports it, in the server's words; a caller
// whose time is up earlier gets it as well.
func TestARefusalIsBelieved(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		answer reply
		want   error
		says   string
	}{
		{badToken, ErrUnauthorized, "Authentication credentials were not provided."},
		{forbidden, ErrForbidden, "You do not have permission"},
		{firewall, ErrDenied, `an HTML page "Request Rejected"`},
		{htmlNotFound, ErrNotController, `an HTML page "Not Found"`},
	} {
		for what, read := range readings {
			synctest.Test(t, func(t *testing.T) {
				_, c := refusing(t, true, test.answer, time.Hour)
				began := time.Now()
				if err := read(t.Context(), c); !errors.Is(err, test.want) || errors.Is(err, ErrNotFound) || !strings.Contains(err.Error(), test.says) || time.Since(began) != time.Minute {
					t.Errorf("%s: after %s: %v", what, time.Since(began), err)
				}
				began = time.Now()
				err := read(within(t, 20*time.Second), c)
				if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.says) ||
					!strings.Contains(err.Error(), "GET https://aap.example.com/api/v2/") || time.Since(began) != 20*time.Second {
					t.Errorf("%s, out of time: after %s: %v", what, time.Since(began), err)
				}
			})
		}
	}
}

// TestACredentialThatWasGood refuses the credential at the first request of another form: a launched job is still
// followed.
func TestACredentialThatWasGood(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		ref := f.add(fakeJob{ref: jobRef(7), runs: time.Minute})
		f.serve(launchLine, reply{status: 201, body: `{"id":7,"type":"job"}`})
		c := f.client()
		if _, err := c.Launch(t.Context(), jobTemplate, nil); err != nil {
			t.Fatal(err)
		}
		failing(f, 0, 10*time.Second, badToken)
		if end, err := c.Follow(within(t, time.Hour), ref, Follow{}); err != nil || end.Status != StatusSuccessful {
			t.Errorf("%+v, %v", end, err)
		}
	})
}

// TestWritesAreToldAtOnce refuses a launch and a cancel: nothing is repeated.
func TestWritesAreToldAtOnce(t *testing.T) {
	t.Parallel()
	for want, answer := range map[error]reply{ErrUnauthorized: badToken, ErrForbidden: forbidden, ErrDenied: firewall} {
		synctest.Test(t, func(t *testing.T) {
			f, c := refusing(t, true, answer, time.Hour)
			began := time.Now()
			_, launched := c.Launch(t.Context(), jobTemplate, nil)
			cancelled := c.Cancel(t.Context(), jobRef(7))
			if !errors.Is(launched, want) || !errors.Is(cancelled, want) || f.count("POST") != 2 || time.Since(began) != 0 {
				t.Errorf("after %s: %v, %v", time.Since(began), launched, cancelled)
			}
		})
	}
}

// TestAPasswordIsTriedRarely refuses a password that was good before. It is tried three times, 20 s apart, however many
// callers there are.
func TestAPasswordIsTriedRarely(t *testing.T) {
	t.Parallel()
	basic := func(s *Settings) { s.Token, s.Username, s.Password = "", "eve", "p4ssword" }
	synctest.Test(t, func(t *testing.T) {
		f, c := refusing(t, true, badToken, time.Hour, basic)
		f.delay = 100 * time.Millisecond
		before, began := len(f.requests), time.Now()
		var all sync.WaitGroup
		for name, read := range readings {
			all.Go(func() {
				if err := read(t.Context(), c); !errors.Is(err, ErrUnauthorized) || time.Since(began) > 61*time.Second {
					t.Errorf("%s: after %s: %v", name, time.Since(began), err)
				}
			})
		}
		all.Go(func() {
			if _, err := c.Follow(t.Context(), jobRef(7), Follow{}); !errors.Is(err, ErrUnauthorized) || time.Since(began) > 2*time.Minute {
				t.Errorf("following: after %s: %v", time.Since(began), err)
			}
		})
		all.Wait()
		moments := map[time.Duration]bool{}
		for _, at := range f.times[before:] {
			moments[at.Sub(began).Truncate(10*time.Second)] = true
		}
		// All callers try at first, since nothing is known then, and one of them each time afterwards.
		if first := len(readings); len(moments) > 3 || len(f.requests)-before > first+2 {
			t.Errorf("tried at %v: %v", moments, f.requests[before:])
		}
	})
	synctest.Test(t, func(t *testing.T) { // a role is no password, but the same directory may be asked
		f, c := refusing(t, true, forbidden, time.Hour, basic)
		before, began := len(f.requests), time.Now()
		if _, err := c.Job(t.Context(), jobRef(7)); !errors.Is(err, ErrForbidden) || len(f.requests)-before != 3 || time.Since(began) != 40*time.Second {
			t.Errorf("%d requests in %s: %v", len(f.requests)-before, time.Since(began), err)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		_, c := refusing(t, true, badToken, 30*time.Second, basic)
		began := time.Now()
		if _, err := c.Job(t.Context(), jobRef(7)); err != nil || time.Since(began) != 40*time.Second {
			t.Errorf("after %s: %v", time.Since(began), err)
		}
		began = time.Now()
		if _, err := c.Job(t.Context(), jobRef(7)); err != nil || time.Since(began) != 0 {
			t.Errorf("after %s: %v", time.Since(began), err)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		_, c := refusing(t, true, badToken, time.Hour, basic)
		began := time.Now()
		_, err := c.Job(within(t, 15*time.Second), jobRef(7))
		if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, ErrUnauthorized) || time.Since(began) != 15*time.Second {
			t.Errorf("after %s: %v", time.Since(began), err)
		}
		_, err = c.Job(within(t, 2*time.Second), jobRef(7))
		if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, ErrUnauthorized) || !strings.Contains(err.Error(), "not provided") {
			t.Errorf("while waiting for its turn: %v", err)
		}
	})
}

// TestFollowThroughRefusals follows a job while credentials or rights are refused for a while, in the list or at the
// job's own path.
func TestFollowThroughRefusals(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]reply{"401": badToken, "role": forbidden, "page": firewall, "404": {status: 404, body: `{"detail":"Not found."}`}} {
		for _, place := range []string{"id__in", "the job's page"} {
			for _, during := range []time.Duration{25 * time.Second, time.Hour} {
				t.Run(fmt.Sprint(name, " ", place, " ", during), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						f := newFake(t)
						ref := f.add(fakeJob{ref: jobRef(7), runs: 3 * time.Minute})
						began := time.Now()
						f.intercept = func(r *http.Request) *reply {
							if now := time.Since(began); now < 20*time.Second || now > 20*time.Second+during || strings.HasSuffix(r.URL.Path, "/ping/") {
								return nil
							}
							if place == "id__in" {
								return &answer
							}
							if r.URL.Query().Has("id__in") {
								return &reply{status: 200, body: `{"results":[]}`}
							}
							return &answer
						}
						end, err := f.client().Follow(within(t, 10*time.Minute), ref, Follow{})
						took := time.Since(began)
						switch {
						case during < time.Minute:
							if err != nil || end.Status != StatusSuccessful {
								t.Errorf("%+v, %v", end, err)
							}
						case name == "404" && place == "id__in":
							if err == nil || errors.Is(err, ErrNotFound) && took < 10*time.Minute {
								t.Errorf("a list's 404 counts as the job's: after %s: %v", took, err)
							}
						case name == "404":
							if !errors.Is(err, ErrNotFound) || took < 50*time.Second || took > 60*time.Second {
								t.Errorf("after %s: %v", took, err)
							}
						case err == nil || took < 80*time.Second || took > 100*time.Second:
							t.Errorf("after %s: %v", took, err)
						}
					})
				})
			}
		}
	}
}

// TestAJobThatIsMissedTwice leaves a job out twice for a while, and shows it in between.
func TestAJobThatIsMissedTwice(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		ref := f.add(fakeJob{ref: jobRef(7), runs: 3 * time.Minute})
		began := time.Now()
		f.intercept = func(r *http.Request) *reply {
			now := time.Since(began)
			if strings.HasSuffix(r.URL.Path, "/ping/") || now < 20*time.Second || now > 42*time.Second && now < 47*time.Second || now > 69*time.Second {
				return nil
			}
			if r.URL.Query().Has("id__in") {
				return &reply{status: 200, body: `{"results":[]}`}
			}
			return &reply{status: 404, body: `{"detail":"Not found."}`}
		}
		if end, err := f.client().Follow(within(t, 10*time.Minute), ref, Follow{}); err != nil || end.Status != StatusSuccessful {
			t.Errorf("after %s: %+v, %v", time.Since(began), end, err)
		}
	})
}

// TestALongJobIsMissed follows a job that is polled rarely. The client finds out sooner whether it is gone.
func TestALongJobIsMissed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		ref := f.add(fakeJob{ref: jobRef(7), runs: 10 * time.Hour})
		time.AfterFunc(time.Hour, func() { f.purge(ref) })
		c := f.client(func(s *Settings) { s.PollInterval = time.Hour })
		_, err := c.Follow(within(t, 10*time.Hour), ref, Follow{Usual: 10 * time.Hour})
		var missed time.Time
		for i, line := range f.requests {
			if strings.HasSuffix(line, "/jobs/7/") && missed.IsZero() {
				missed = f.times[i]
			}
		}
		if took := time.Since(missed); !errors.Is(err, ErrNotFound) || took < goneStands || took > goneStands+time.Second {
			t.Errorf("%s after it was missed: %v", took, err)
		}
	})
}

// TestConfirmGone asks for a job that was left out once, and for a job that is gone.
func TestConfirmGone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		ref := f.add(fakeJob{ref: jobRef(7), runs: time.Hour})
		c, began := f.client(), time.Now()
		f.intercept = func(r *http.Request) *reply {
			if strings.HasSuffix(r.URL.Path, "/jobs/7/") && time.Since(began) < 12*time.Second {
				return &reply{status: 404, body: `{"detail":"Not found."}`}
			}
			return nil
		}
		if j, err := c.ConfirmGone(t.Context(), ref); err != nil || j.Status != StatusRunning || time.Since(began) > 20*time.Second {
			t.Errorf("after %s: %+v, %v", time.Since(began), j, err)
		}
		began = time.Now()
		if _, err := c.ConfirmGone(t.Context(), jobRef(8)); !errors.Is(err, ErrNotFound) || time.Since(began) != goneStands {
			t.Errorf("after %s: %v", time.Since(began), err)
		}
		if _, err := c.ConfirmGone(within(t, 8*time.Second), jobRef(8)); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "No Job matches") {
			t.Error(err)
		}
	})
}
