package controller

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
	"github.com/osac-project/terraform-provider-osac/internal/transport"
)

// patience is how long the callers in this file wait.
const patience = 40 * time.Second

// clientWait is a call of the client that may have to wait.
type clientWait struct {
	// fault is what keeps the caller waiting.
	fault sandbox.Fault
	call  func(ctx context.Context, c *Client, s *waitingSite) error
	// says is the part of the error that names what it waited for.
	says string
	// bound ends the wait by itself; zero means that only the context does.
	bound time.Duration
	// finishes is set if the bound holds instead of the context: otherwise, nobody would know of the launch that was
	// sent.
	finishes bool
}

// waitingSite is a controller with a job that runs for hours.
type waitingSite struct {
	template Template
	job      Job
	// others are calls in addition to the tested one.
	others sync.WaitGroup
}

func clientWaits() map[string]clientWait {
	hang := func(path string) sandbox.Fault { return sandbox.Fault{Path: path, Hang: true} }
	throttled := sandbox.Fault{Path: "/jobs/", Status: 429, Header: map[string][]string{"Retry-After": {"3000"}}}
	follow := func(ctx context.Context, c *Client, s *waitingSite) error {
		_, err := c.Follow(ctx, s.job.Ref, Follow{})
		return err
	}
	find := func(ctx context.Context, c *Client, _ *waitingSite) error {
		_, err := c.Find(ctx, Search{ExtraVarsValues: []string{"ns/vm"}, TemplateNames: []string{createTemplate}})
		return err
	}
	templates := func(ctx context.Context, c *Client, _ *waitingSite) error {
		c.Forget(createTemplate)
		_, err := c.Templates(ctx, "", createTemplate)
		return err
	}
	installation := func(ctx context.Context, c *Client, _ *waitingSite) error {
		c.installation = nil
		_, err := c.Installation(ctx)
		return err
	}
	launch := func(ctx context.Context, c *Client, s *waitingSite) error {
		_, err := c.Launch(ctx, s.template, payload("vm"))
		return err
	}
	return map[string]clientWait{
		"discovery":               {fault: hang("ping"), call: installation, says: "looking for the controller's API"},
		"discovery, 502":          {fault: sandbox.Fault{Path: "ping", Status: 502}, call: installation, says: "looking for the controller's API"},
		"templates":               {fault: hang("unified_job_templates"), call: templates, says: "templates"},
		"templates, 503":          {fault: sandbox.Fault{Path: "unified_job_templates", Status: 503}, call: templates, says: "templates"},
		"end of a job":            {call: follow, says: "waiting for job 1"},
		"end of a job, hanging":   {fault: hang("id__in"), call: follow, says: "waiting for job 1"},
		"end of a job, throttled": {fault: throttled, call: follow, says: "waiting for job 1"},
		"search, hanging":         {fault: hang("/jobs/"), call: find, says: "/jobs/"},
		"search, throttled":       {fault: throttled, call: find, says: "/jobs/"},
		"launch":                  {fault: hang("launch"), call: launch, says: "/launch/", bound: DefaultLaunchTimeout, finishes: true},
		"launch, locked":          {fault: sandbox.Fault{Path: "launch", Status: 423, Header: throttled.Header}, call: launch, says: "/launch/"},
		"turn to launch":          {fault: sandbox.Fault{Path: "launch", Hang: true, Times: DefaultMaxLaunches}, call: queuedLaunch, says: "waiting for other launches before launching " + createTemplate},
		"cancel":                  {fault: hang("cancel"), says: "/cancel/", call: func(ctx context.Context, c *Client, s *waitingSite) error { return c.Cancel(ctx, s.job.Ref) }},
		"one job": {fault: hang("/jobs/1/"), says: "/jobs/1/", call: func(ctx context.Context, c *Client, s *waitingSite) error {
			_, err := c.Job(ctx, s.job.Ref)
			return err
		}},
		"identity": {fault: hang("ping"), says: "/ping/", call: func(ctx context.Context, c *Client, _ *waitingSite) error { _, err := c.Ping(ctx); return err }},
		"variables needed": {fault: hang("launch"), says: "/launch/", call: func(ctx context.Context, c *Client, s *waitingSite) error {
			_, err := c.VariablesNeeded(ctx, s.template)
			return err
		}},
		"artifacts of a workflow":    {fault: hang("/jobs/"), says: "/jobs/", call: artifactsOfWorkflow},
		"reason of a failure":        {fault: hang("/jobs/1/"), says: "the job's detail", bound: failureBound, call: failureOf},
		"reason, throttled":          {fault: throttled, says: "the job's detail", bound: failureBound, call: failureOf},
		"reason, without its events": {fault: hang("job_events"), says: "events", bound: failureBound, call: failureOf},
	}
}

// queuedLaunch launches while other launches hang and take all turns.
func queuedLaunch(ctx context.Context, c *Client, s *waitingSite) error {
	for range DefaultMaxLaunches {
		s.others.Go(func() { _, _ = c.Launch(context.WithoutCancel(ctx), s.template, payload("other")) })
	}
	synctest.Wait()
	_, err := c.Launch(ctx, s.template, payload("vm"))
	return err
}

func artifactsOfWorkflow(ctx context.Context, c *Client, _ *waitingSite) error {
	_, err := c.Artifacts(ctx, Job{Ref: Ref{Kind: KindWorkflowJob, ID: 2}})
	return err
}

// failureOf returns a Note as an error: FailureOf itself never fails.
func failureOf(ctx context.Context, c *Client, s *waitingSite) error {
	failed := s.job
	failed.Status = StatusFailed
	return errors.New(c.FailureOf(ctx, failed).Note)
}

// TestEveryWaitEnds ends the context of each wait, by its deadline or by an interrupt, or never if the wait has a bound
// of its own. Each wait ends at that very moment, and says what it waited for.
func TestEveryWaitEnds(t *testing.T) {
	t.Parallel()
	for name, wait := range clientWaits() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			t.Run("deadline", func(t *testing.T) {
				wait.ends(t, context.DeadlineExceeded, patience, func(ctx context.Context) (context.Context, context.CancelFunc) {
					return context.WithTimeout(ctx, patience)
				})
			})
			t.Run("interrupt", func(t *testing.T) {
				wait.ends(t, context.Canceled, patience, func(ctx context.Context) (context.Context, context.CancelFunc) {
					interrupted, cancel := context.WithCancel(ctx)
					time.AfterFunc(patience, cancel)
					return interrupted, cancel
				})
			})
			if wait.bound > 0 {
				t.Run("bound", func(t *testing.T) { wait.ends(t, nil, wait.bound, context.WithCancel) })
			}
		})
	}
}

func (w clientWait) ends(t *testing.T, end error, after time.Duration, bounded func(context.Context) (context.Context, context.CancelFunc)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := sandbox.New(sandbox.Options{JobDuration: 5 * time.Hour})
		c, err := New(Settings{URL: "https://aap.example.com", Token: s.Token(), Transport: transport.Settings{RoundTripper: s.RoundTripper()}})
		if err != nil {
			t.Fatal(err)
		}
		job := launchOn(t, c, createTemplate, "vm")
		all, err := c.Templates(t.Context(), "", createTemplate)
		if err != nil {
			t.Fatal(err)
		}
		s.Fault(w.fault)
		ctx, cancel := bounded(t.Context())
		defer cancel()
		began := time.Now()
		site := &waitingSite{template: all[createTemplate], job: job}
		err = w.call(ctx, c, site)
		took := time.Since(began)
		site.others.Wait()
		if w.finishes {
			after, end = w.bound, nil
		}
		if took != after {
			t.Errorf("took %s, want %s", took, after)
		}
		if err == nil || !strings.Contains(err.Error(), w.says) {
			t.Errorf("the error does not say %q: %v", w.says, err)
		}
		if end != nil && w.bound != failureBound && !errors.Is(err, end) {
			t.Errorf("%v is not %v", err, end)
		}
	})
}
