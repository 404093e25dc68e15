package provisioning

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/jobs"
	"github.com/osac-project/terraform-provider-osac/internal/jobs/jobstest"
	"github.com/osac-project/terraform-provider-osac/internal/osac"
	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
)

const (
	// enough is the time of an operation that comes to its end in spite of short troubles, and grace how much longer one
	// may take: a launch that was sent is waited for, a lost one's job is looked for, and a reason read.
	enough = 10 * time.Minute
	grace  = cancelTimeout + jobs.PageTimeout + readingTimeout
)

// hubWait is something that an operation may have to wait for.
type hubWait struct {
	// before is what happens before the operation, fault what keeps it waiting.
	before func(site *testSite) jobs.Record
	fault  sandbox.Fault
	run    func(ctx context.Context, site *testSite, record jobs.Record) (Result, error)
	// says is what the error or a warning says it waited for, and interrupted the same after an interrupt.
	says, interrupted string
	// bound ends the wait on its own account: reads don't hang.
	bound time.Duration
}

func hubWaits() map[string]hubWait {
	hang := func(path string) sandbox.Fault { return sandbox.Fault{Path: path, Hang: true} }
	apply := func(ctx context.Context, site *testSite, _ jobs.Record) (Result, error) {
		return site.hub.Apply(ctx, ApplyRequest{Desired: jobstest.Instance(), Timeout: enough})
	}
	update := func(ctx context.Context, site *testSite, prior jobs.Record) (Result, error) {
		desired := jobstest.Instance()
		jobstest.Change(&desired, func(s *osac.ComputeInstanceSpec) { s.RunStrategy = osac.RunHalted })
		return site.hub.Apply(ctx, ApplyRequest{Desired: desired, Prior: &prior, Timeout: enough})
	}
	destroy := func(ctx context.Context, site *testSite, record jobs.Record) (Result, error) {
		return site.hub.Destroy(ctx, DestroyRequest{Record: record, Timeout: enough})
	}
	refresh := func(ctx context.Context, site *testSite, record jobs.Record) (Result, error) {
		return site.hub.Refresh(ctx, record)
	}
	importing := func(ctx context.Context, site *testSite, _ jobs.Record) (Result, error) {
		return site.hub.Import(ctx, jobstest.Instance().Key)
	}
	checking := func(ctx context.Context, site *testSite, _ jobs.Record) (Result, error) {
		warnings, err := site.hub.Check(ctx, jobstest.Instance())
		return Result{Warnings: warnings}, err
	}
	running := func(ctx context.Context, site *testSite, record jobs.Record) (Result, error) {
		_, err := site.hub.SamePlace(ctx, record.HubIdentity, record.ControllerUUID)
		return Result{}, err
	}
	restarting := func(ctx context.Context, site *testSite, _ jobs.Record) (Result, error) {
		return site.hub.Restart(ctx, RestartRequest{Key: jobstest.Instance().Key, Timeout: enough})
	}
	listing := func(ctx context.Context, site *testSite, _ jobs.Record) (Result, error) {
		_, err := site.hub.Inventory(ctx, Filter{})
		return Result{}, err
	}
	reading := func(ctx context.Context, site *testSite, _ jobs.Record) (Result, error) {
		_, warnings, err := site.hub.Job(ctx, 1)
		return Result{Warnings: warnings}, err
	}
	describing := func(ctx context.Context, site *testSite, _ jobs.Record) (Result, error) {
		_, err := site.hub.Templates(ctx)
		return Result{}, err
	}
	moving := func(ctx context.Context, site *testSite, record jobs.Record) (Result, error) {
		return site.hub.Moved(ctx, record)
	}
	const before, nothing = "before a job of instance", "Terraform was interrupted before a job of instance"
	return map[string]hubWait{
		"create, discovery":          {fault: hang("ping"), run: apply, says: "looking for the controller's API", interrupted: nothing},
		"create, templates":          {fault: hang("unified_job_templates"), run: apply, says: before, interrupted: nothing},
		"create, look":               {fault: hang("/jobs/"), run: apply, says: before, interrupted: nothing},
		"create, launch throttled":   {fault: sandbox.Fault{Path: "launch", Status: 429, Header: http.Header{"Retry-After": {"3000"}}}, run: apply, says: before, interrupted: "Whether the launch of template"},
		"create, lost launch":        {fault: sandbox.Fault{Path: "launch|/jobs/", Hang: true, Skip: 4, AfterHandling: true}, run: apply},
		"create, job's end":          {before: longJobs, run: apply, says: "was running", interrupted: "was running"},
		"create, another's job":      {before: anothersJob, run: apply, says: "was running", interrupted: "was running"},
		"create, job's end, hanging": {before: longJobs, fault: hang("id__in"), run: apply, says: "job 1 of instance", interrupted: "job 1 of instance"},
		"update, job's end":          {before: longUpdate, run: update, says: "job 2 of instance", interrupted: "job 2 of instance"},
		"destroy, discovery":         {before: created, fault: hang("ping"), run: destroy, says: "looking for the controller's API", interrupted: nothing},
		"destroy, look":              {before: created, fault: hang("/jobs/"), run: destroy, says: before, interrupted: nothing},
		"destroy, cancel":            {before: stillRunning, fault: hang("cancel"), run: destroy, says: "job 1 of instance", interrupted: "job 1 of instance"},
		"destroy, cancelled job":     {before: uncancellable, run: destroy, says: "job 1 of instance", interrupted: "job 1 of instance"},
		"destroy, job's end":         {before: longUpdate, run: destroy, says: "job 2 of instance", interrupted: "job 2 of instance"},
		"reason of a failure":        {before: failing, fault: hang("job_events|/jobs/1/"), run: apply, says: "the job's detail", bound: time.Minute + readingTimeout},
		"refresh, discovery":         {before: created, fault: hang("ping"), run: refresh, says: "did not answer within 1m0s", bound: readTimeout},
		"refresh, look":              {before: created, fault: hang("/jobs/"), run: refresh, says: "did not answer within 1m0s", bound: readTimeout},
		"refresh, 502":               {before: created, fault: sandbox.Fault{Status: 502}, run: refresh, says: "did not answer within 1m0s", bound: readTimeout},
		"import, look":               {before: created, fault: hang("/jobs/"), run: importing, says: "could not be used for instance", bound: readTimeout},
		"check, templates":           {before: created, fault: hang("unified_job_templates"), run: checking, says: "Whether hub", bound: readTimeout},
		"check, discovery":           {before: created, fault: hang("ping"), run: checking, says: "Whether hub", bound: readTimeout},
		"restart, look":              {before: created, fault: hang("/jobs/"), run: restarting, says: before, interrupted: nothing},
		"restart, templates":         {before: created, fault: hang("unified_job_templates"), run: restarting, says: before, interrupted: nothing},
		"inventory, look":            {before: created, fault: hang("/jobs/"), run: listing, says: "could not be listed", bound: readTimeout},
		"inventory, templates":       {before: created, fault: hang("unified_job_templates"), run: listing, says: "could not be listed", bound: readTimeout},
		"a job":                      {before: created, fault: hang("/jobs/1/$"), run: reading, says: "could not be read", bound: readTimeout},
		"the templates' surveys":     {before: surveyed, fault: hang("survey_spec"), run: describing, says: "could not be read", bound: readTimeout},
		"moved, job":                 {before: created, fault: hang("/jobs/1/"), run: moving, says: "could not be used", bound: readTimeout},
		"import, templates":          {before: created, fault: hang("unified_job_templates"), run: importing, says: "could not be used", bound: readTimeout},
		"refresh, templates":         {before: created, fault: hang("unified_job_templates"), run: refresh, says: "did not answer within 1m0s", bound: readTimeout},
		"hub's identity":             {before: created, fault: hang("ping"), run: running, says: "looking for the controller's API", bound: readTimeout},
	}
}

// surveyed gives the create template a survey.
func surveyed(site *testSite) jobs.Record {
	site.sandbox.SetTemplate(createTemplate, func(t *sandbox.Template) {
		t.Survey = []sandbox.Question{{Variable: "flavor", Type: "text"}}
	})
	return jobs.Record{}
}

func created(site *testSite) jobs.Record { return site.created() }

// longJobs lets jobs go on for longer than any operation.
func longJobs(site *testSite) jobs.Record {
	site.sandbox.Behave(createTemplate, sandbox.Behavior{Duration: 10 * time.Hour})
	site.sandbox.Behave(deleteTemplate, sandbox.Behavior{Duration: 10 * time.Hour})
	return jobs.Record{}
}

func longUpdate(site *testSite) jobs.Record {
	record := site.created()
	longJobs(site)
	return record
}

// stillRunning leaves a create behind whose job goes on.
func stillRunning(site *testSite) jobs.Record {
	longJobs(site)
	result, err := site.create(site.interruptedAfter(time.Minute))
	if err != nil || result.Record == nil {
		site.Fatal(result, err)
	}
	site.hub = site.newHub()
	return *result.Record
}

func uncancellable(site *testSite) jobs.Record {
	site.sandbox.BehaveNext(createTemplate, sandbox.Behavior{Duration: 10 * time.Hour, IgnoreCancel: true})
	return stillRunning(site)
}

// anothersJob lets a job run that a create has to wait for.
func anothersJob(site *testSite) jobs.Record {
	record := site.created()
	longJobs(site)
	site.sandbox.LaunchByHand(deleteTemplate, site.sandbox.Jobs()[0].ExtraVars, "admin")
	return record
}

func failing(site *testSite) jobs.Record {
	site.sandbox.Behave(createTemplate, sandbox.Behavior{Outcome: "failed"})
	return jobs.Record{}
}

// TestEveryWaitOfAnOperationEnds lets every wait of every operation end: by the operation's own time, by an interrupt, or by the
// bound of a read. Each ends within its grace and says what it waited for.
func TestEveryWaitOfAnOperationEnds(t *testing.T) {
	t.Parallel()
	for name, wait := range hubWaits() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			t.Run("deadline", func(t *testing.T) {
				if wait.bound > 0 {
					wait.ends(t, 0, wait.bound, wait.bound+5*time.Second, wait.says)
				} else {
					wait.ends(t, 0, enough, enough+grace, wait.says)
				}
			})
			t.Run("interrupt", func(t *testing.T) {
				if wait.bound == 0 {
					wait.ends(t, 5*time.Minute, 5*time.Minute, 5*time.Minute+grace, wait.interrupted)
				} else {
					wait.ends(t, 20*time.Second, 20*time.Second, 20*time.Second+grace, wait.interrupted)
				}
			})
		})
	}
}

// ends runs the operation, with an interrupt after a while if that is not zero, and checks that it takes so long.
func (w hubWait) ends(t *testing.T, interrupt, least, most time.Duration, says string) {
	t.Helper()
	atBusySite(t, func(site *testSite) {
		var record jobs.Record
		if w.before != nil {
			record = w.before(site)
		}
		site.sandbox.Fault(w.fault)
		ctx := site.Context()
		if interrupt > 0 {
			ctx = site.interruptedAfter(interrupt)
		}
		began := time.Now()
		result, err := w.run(ctx, site, record)
		if took := time.Since(began); took < least || took > most {
			t.Errorf("took %s, want %s to %s", took, least, most)
		}
		var said strings.Builder
		if err != nil {
			said.WriteString(err.Error())
		}
		for _, warning := range result.Warnings {
			said.WriteString(warning.Detail)
		}
		if said.Len() == 0 || !strings.Contains(said.String(), says) {
			t.Errorf("it does not say %q: %s", says, &said)
		}
	})
}
