package controller

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
	"github.com/osac-project/terraform-provider-osac/internal/transport"
)

// These tests run the client against the simulated controller, which shares no code with it.

func sandboxClient(t *testing.T, s *sandbox.Sandbox, token string) *Client {
	t.Helper()
	c, err := New(Settings{URL: "https://aap.example.com", Token: token, Transport: transport.Settings{RoundTripper: s.RoundTripper()}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// payload is the extra vars of an instance.
func payload(name string) json.RawMessage {
	return json.RawMessage(fmt.Sprintf(`{"osac_job_vars":{"resource":{"metadata":{"namespace":"ns","name":%q,"annotations":{"osac.openshift.io/instance":%q}},"spec":{"cores":2}}}}`, name, "ns/"+name))
}

func launchOn(t *testing.T, c *Client, template, name string) Job {
	t.Helper()
	all, err := c.Templates(t.Context(), "osac", template)
	if err != nil {
		t.Fatal(err)
	}
	launched, err := c.Launch(t.Context(), all[template], payload(name))
	if err != nil || len(launched.IgnoredExtraVars) != 0 {
		t.Fatal(launched, err)
	}
	return launched.Job
}

func TestSandboxLifeOfAJob(t *testing.T) {
	t.Parallel()
	for _, gateway := range append(sandbox.Gateways(), "") {
		synctest.Test(t, func(t *testing.T) {
			s := sandbox.New(sandbox.Options{Gateway: gateway, JobDuration: 20 * time.Second})
			c := sandboxClient(t, s, s.Token())
			found, err := c.Installation(t.Context())
			if err != nil || found.UUID != s.InstallUUID() || !strings.HasSuffix(found.APIRoot, s.APIPath()) {
				t.Fatalf("%+v, %v", found, err)
			}
			j := launchOn(t, c, createTemplate, "vm-ü\"1")
			hits, err := c.Find(t.Context(), Search{ExtraVarsValues: []string{"ns/vm-ü\"1"}, TemplateNames: []string{createTemplate}})
			if err != nil || len(hits) != 1 || hits[0].Ref != j.Ref || hits[0].ExtraVars == "" {
				t.Errorf("found %+v, %v", hits, err)
			}
			var seen []Status
			end, err := c.Follow(within(t, time.Hour), j.Ref, Follow{Observe: func(j Job) { seen = append(seen, j.Status) }})
			if err != nil || end.Status != StatusSuccessful || len(seen) < 2 {
				t.Errorf("%+v, %v, %v", end, seen, err)
			}
			if artifacts, err := c.Artifacts(t.Context(), end); err != nil || !strings.Contains(string(artifacts), "ip_address") {
				t.Errorf("%s, %v", artifacts, err)
			}
			if err := c.Cancel(t.Context(), j.Ref); !errors.Is(err, ErrNotCancellable) {
				t.Error(err)
			}
			s.Purge(j.ID)
			if _, err := c.Job(t.Context(), j.Ref); !errors.Is(err, ErrNotFound) {
				t.Error(err)
			}
			if err := c.Cancel(t.Context(), j.Ref); !errors.Is(err, ErrNotFound) {
				t.Error(err)
			}
		})
	}
}

func TestSandboxFind(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := sandbox.New(sandbox.Options{})
		s.SetTemplate(createTemplate, func(t *sandbox.Template) { t.AllowSimultaneous = true })
		c := sandboxClient(t, s, s.Token())
		var all []Job
		for i := range 450 {
			all = append(all, launchOn(t, c, createTemplate, fmt.Sprintf("vm-%d", i)))
		}
		middle := all[200]
		for name, test := range map[string]struct {
			search Search
			want   int
		}{
			"all":      {Search{TemplateNames: []string{createTemplate}}, 450},
			"names":    {Search{TemplateNames: []string{createTemplate, "other"}}, 450},
			"after":    {Search{TemplateNames: []string{createTemplate}, AfterID: middle.ID}, 249},
			"limit":    {Search{TemplateNames: []string{createTemplate}, AfterID: middle.ID, Limit: 220}, 220},
			"ids":      {Search{IDs: []int64{all[3].ID, all[7].ID, 999999}}, 2},
			"value":    {Search{TemplateNames: []string{createTemplate}, ExtraVarsValues: []string{"ns/vm-4"}}, 1},
			"prefix":   {Search{TemplateNames: []string{createTemplate}, ExtraVarsValues: []string{"ns/vm-"}}, 0},
			"values":   {Search{TemplateNames: []string{createTemplate}, ExtraVarsValues: []string{"ns/vm-4", "ns/vm-40", "ns/vm-x"}, Kinds: []Kind{KindJob}}, 2},
			"workflow": {Search{TemplateNames: []string{createTemplate}, Kinds: []Kind{KindWorkflowJob}}, 0},
			"created":  {Search{TemplateNames: []string{createTemplate}, CreatedAfter: time.Now().Add(time.Hour)}, 0},
		} {
			got, err := c.Find(t.Context(), test.search)
			if err != nil || len(got) != test.want {
				t.Errorf("%s: %d jobs, %v", name, len(got), err)
			}
		}
	})
}

func TestSandboxFailures(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		behavior sandbox.Behavior
		check    func(Failure) bool
	}{
		"task": {
			sandbox.Behavior{Outcome: "failed", Task: "Make it", Host: "h1", Message: "no quota", Rescued: []string{"not this"}, Ignored: []string{"nor this"}},
			func(f Failure) bool {
				return f.Task == "Make it" && f.Host == "h1" && f.Message == "no quota" && f.Note == ""
			},
		},
		"late":        {sandbox.Behavior{Outcome: "failed", Message: "late", EventDelay: 5 * time.Second}, func(f Failure) bool { return f.Message == "late" }},
		"never":       {sandbox.Behavior{Outcome: "failed", Message: "late", EventDelay: time.Hour}, func(f Failure) bool { return strings.Contains(f.Note, "still processing") }},
		"unreachable": {sandbox.Behavior{Outcome: "failed", Unreachable: true}, func(f Failure) bool { return f.Message != "" && f.Task != "" }},
		"no_log":      {sandbox.Behavior{Outcome: "failed", NoLog: true, Message: "s3cret"}, func(f Failure) bool { return f.Message == censored }},
		"syntax":      {sandbox.Behavior{Outcome: "failed", Stdout: "warning\nERROR! bad syntax\nhere"}, func(f Failure) bool { return f.Output == "ERROR! bad syntax\nhere" }},
		"explained":   {sandbox.Behavior{Outcome: "failed", Explanation: "Job terminated due to timeout"}, func(f Failure) bool { return f.Explanation == "Job terminated due to timeout" }},
		"error":       {sandbox.Behavior{Outcome: "error", Traceback: "Traceback\nConnectionRefusedError: x"}, func(f Failure) bool { return f.Traceback == "ConnectionRefusedError: x" }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := sandbox.New(sandbox.Options{})
				s.Behave(createTemplate, test.behavior)
				c := sandboxClient(t, s, s.Token())
				end, err := c.Follow(within(t, time.Hour), launchOn(t, c, createTemplate, "vm").Ref, Follow{})
				if err != nil || end.Status == StatusSuccessful {
					t.Fatalf("%+v, %v", end, err)
				}
				if got := c.FailureOf(within(t, time.Minute), end); !test.check(got) {
					t.Errorf("%+v", got)
				}
			})
		})
	}
}

func TestSandboxWorkflow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := sandbox.New(sandbox.Options{})
		s.AddTemplate(sandbox.Template{Name: "wf", Workflow: true, AsksVariables: true, Nodes: []sandbox.Node{{Identifier: "make", Template: createTemplate}}})
		c := sandboxClient(t, s, s.Token())
		j := launchOn(t, c, "wf", "vm")
		end, err := c.Follow(within(t, time.Hour), j.Ref, Follow{})
		if err != nil || end.Kind != KindWorkflowJob || end.Status != StatusSuccessful {
			t.Fatalf("%+v, %v", end, err)
		}
		if artifacts, err := c.Artifacts(t.Context(), end); err != nil || !strings.Contains(string(artifacts), "ip_address") {
			t.Errorf("%s, %v", artifacts, err)
		}
		s.Behave(createTemplate, sandbox.Behavior{Outcome: "failed", Message: "no quota"})
		end, err = c.Follow(within(t, time.Hour), launchOn(t, c, "wf", "vm").Ref, Follow{})
		if err != nil || end.Status != StatusFailed {
			t.Fatalf("%+v, %v", end, err)
		}
		if got := c.FailureOf(t.Context(), end); got.Node != "make" || got.Message != "no quota" || got.Explanation == "" || got.NodeJob == nil {
			t.Errorf("%+v", got)
		}
		// A user who may only execute the workflow doesn't see its jobs (L6).
		s.AddUser("execer", "pw", "execer-token", false, map[string]sandbox.Role{"wf": "execute"})
		if got := sandboxClient(t, s, "execer-token").FailureOf(t.Context(), end); got.Node != "make" || !strings.Contains(got.Note, "may not read") || !strings.Contains(got.Message, "failed") {
			t.Errorf("without rights: %+v", got)
		}
	})
}

func TestSandboxTroubles(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]sandbox.Fault{
		"503": {Status: 503, For: 30 * time.Second}, "reset": {Reset: true, For: 30 * time.Second}, "hang": {Hang: true, For: 10 * time.Second},
		"429": {Status: 429, Header: http.Header{"Retry-After": {"20"}}, For: 30 * time.Second}, "slow": {Delay: 5 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := sandbox.New(sandbox.Options{JobDuration: time.Minute})
				c := sandboxClient(t, s, s.Token())
				j := launchOn(t, c, createTemplate, "vm")
				time.AfterFunc(5*time.Second, func() { s.Fault(fault) })
				end, err := c.Follow(within(t, time.Hour), j.Ref, Follow{})
				if err != nil || end.Status != StatusSuccessful {
					t.Errorf("%+v, %v", end, err)
				}
			})
		})
	}
	synctest.Test(t, func(t *testing.T) {
		s := sandbox.New(sandbox.Options{JobDuration: time.Hour})
		c := sandboxClient(t, s, s.Token())
		j := launchOn(t, c, createTemplate, "vm")
		time.AfterFunc(time.Minute, func() { s.RevokeToken(s.Token()) })
		if _, err := c.Follow(within(t, 2*time.Hour), j.Ref, Follow{}); !errors.Is(err, ErrUnauthorized) {
			t.Errorf("revoked: %v", err)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		s := sandbox.New(sandbox.Options{JobDuration: time.Hour})
		c := sandboxClient(t, s, s.Token())
		j := launchOn(t, c, createTemplate, "vm")
		time.AfterFunc(time.Minute, func() { s.Purge(j.ID) })
		began := time.Now()
		if _, err := c.Follow(within(t, 2*time.Hour), j.Ref, Follow{}); !errors.Is(err, ErrNotFound) || time.Since(began) > 102*time.Second {
			t.Errorf("purged: %v after %s", err, time.Since(began))
		}
	})
	synctest.Test(t, func(t *testing.T) {
		s := sandbox.New(sandbox.Options{})
		c := sandboxClient(t, s, s.Token())
		if _, err := c.Installation(t.Context()); err != nil {
			t.Fatal(err)
		}
		// The launch is carried out, and its answer is lost.
		all, err := c.Templates(t.Context(), "", createTemplate)
		if err != nil {
			t.Fatal(err)
		}
		s.Fault(sandbox.Fault{Method: http.MethodPost, Path: "launch", Reset: true, AfterHandling: true, Times: 1})
		_, err = c.Launch(t.Context(), all[createTemplate], payload("vm"))
		if !errors.Is(err, transport.ErrOutcomeUnknown) || len(s.Jobs()) != 1 {
			t.Errorf("lost: %v, %d jobs", err, len(s.Jobs()))
		}
		if hits, err := c.Find(t.Context(), Search{TemplateNames: []string{createTemplate}, ExtraVarsValues: []string{"ns/vm"}}); err != nil || len(hits) != 1 {
			t.Errorf("%+v, %v", hits, err)
		}
	})
}

func TestSandboxCancel(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := sandbox.New(sandbox.Options{JobDuration: time.Hour})
		c := sandboxClient(t, s, s.Token())
		j := launchOn(t, c, createTemplate, "vm")
		time.AfterFunc(20*time.Second, func() {
			if err := c.Cancel(context.WithoutCancel(t.Context()), j.Ref); err != nil {
				t.Error(err)
			}
		})
		end, err := c.Follow(within(t, 2*time.Hour), j.Ref, Follow{})
		if err != nil || end.Status != StatusCanceled || end.CanceledOn.IsZero() {
			t.Errorf("%+v, %v", end, err)
		}
		if got := c.FailureOf(t.Context(), end); got.Note != "" || got.Task != "" {
			t.Errorf("%+v", got)
		}
	})
}

func TestSandboxVariables(t *testing.T) {
	t.Parallel()
	s := sandbox.New(sandbox.Options{})
	s.AddTemplate(sandbox.Template{Name: "survey", Survey: []sandbox.Question{{Variable: "instance_id", Required: true}}})
	s.SetTemplate(createTemplate, func(t *sandbox.Template) { t.AsksVariables = false })
	c := sandboxClient(t, s, s.Token())
	all, err := c.Templates(t.Context(), "osac", "survey", createTemplate)
	if err != nil || !all["survey"].SurveyEnabled || all[createTemplate].AsksVariables {
		t.Fatalf("%+v, %v", all, err)
	}
	if needed, err := c.VariablesNeeded(t.Context(), all["survey"]); err != nil || fmt.Sprint(needed) != "[instance_id]" {
		t.Errorf("%v, %v", needed, err)
	}
	if _, err := c.Launch(t.Context(), all["survey"], payload("vm")); !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), "instance_id") {
		t.Error(err)
	}
	got, err := c.Launch(t.Context(), all[createTemplate], payload("vm"))
	if err != nil || fmt.Sprint(got.IgnoredExtraVars) != "[osac_job_vars]" {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestSandboxBatch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := sandbox.New(sandbox.Options{JobDuration: 20 * time.Second})
		s.SetTemplate(createTemplate, func(t *sandbox.Template) { t.AllowSimultaneous = true })
		c := sandboxClient(t, s, s.Token())
		var group sync.WaitGroup
		for i := range 50 {
			time.Sleep(20 * time.Millisecond)
			ref := launchOn(t, c, createTemplate, fmt.Sprintf("vm-%d", i)).Ref
			group.Go(func() {
				if end, err := c.Follow(within(t, time.Hour), ref, Follow{}); err != nil || !end.Terminal() {
					t.Error(err)
				}
			})
		}
		group.Wait()
		lists := 0
		for _, r := range s.Requests() {
			if strings.Contains(r.Query, "id__in") {
				lists++
			}
		}
		if lists > 22 {
			t.Errorf("%d list requests", lists)
		}
	})
}
