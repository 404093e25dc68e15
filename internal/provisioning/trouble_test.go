package provisioning

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/jobs"
	"github.com/osac-project/terraform-provider-osac/internal/jobs/jobstest"
	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
)

// A template may be deleted and made anew between the plan's look at it and the launch.
func TestATemplateThatWasMadeAnewIsLookedUpAfresh(t *testing.T) {
	atSite(t, func(site *testSite) {
		if warnings, err := site.hub.Check(site.Context(), jobstest.Instance()); err != nil || len(warnings) > 0 {
			t.Fatalf("%v, warnings %v", err, warnings)
		}
		site.sandbox.RemoveTemplate(createTemplate)
		site.sandbox.AddTemplate(sandbox.Template{Name: createTemplate, AsksVariables: true})
		if _, err := site.create(site.Context()); err != nil {
			t.Fatal(err)
		}
		site.wantLaunches(createTemplate)
	})
}

// People who wait for a reason that does not come press Ctrl-C a second time, which loses the state.
func TestAnInterruptEndsTheReadingOfAReason(t *testing.T) {
	atSite(t, func(site *testSite) {
		site.sandbox.BehaveNext(createTemplate, sandbox.Behavior{Outcome: "failed"})
		site.sandbox.Fault(sandbox.Fault{Path: "events", Hang: true})
		began := time.Now()
		result, err := site.create(site.interruptedAfter(65 * time.Second))
		if took := time.Since(began); took < 65*time.Second || took > 66*time.Second {
			t.Errorf("it went on for %s after the interrupt", took-65*time.Second)
		}
		wantReason(t, err, ReasonJobFailed)
		if result.Record == nil || result.Record.Phase != jobs.PhaseFailed {
			t.Errorf("%+v", result.Record)
		}
	})
}

// A second job of a run that could not be cancelled stays on record, and the next operation looks for it.
func TestASecondJobThatCanNotBeCancelledIsOnRecord(t *testing.T) {
	atBusySite(t, func(site *testSite) {
		site.sandbox.Fault(sandbox.Fault{Path: "cancel", Method: http.MethodPost, Status: http.StatusForbidden, Body: `{"detail":"You do not have permission."}`})
		go func() {
			first, err := site.sandbox.WaitForJob(site.Context(), func(job sandbox.Job) bool { return job.Status == "running" })
			if err == nil {
				site.sandbox.BehaveNext(createTemplate, sandbox.Behavior{Duration: time.Hour})
				site.sandbox.LaunchByHand(createTemplate, first.ExtraVars, "admin")
			}
		}()
		result, err := site.create(site.Context())
		if err != nil || result.Record.LastJob.ID != "1" {
			t.Fatalf("%v, %+v", err, result.Record)
		}
		if !slices.ContainsFunc(result.Record.OpenRuns, func(open jobs.JobRecord) bool { return open.ID == "2" }) {
			t.Errorf("the second job is not on record: %+v", result.Record.OpenRuns)
		}
		if !slices.ContainsFunc(result.Warnings, func(w jobs.Warning) bool { return strings.Contains(w.Detail, "could not be cancelled") }) {
			t.Errorf("warnings %v", result.Warnings)
		}
	})
}

// A job that was launched without its variables, and can't be cancelled, was launched all the same.
func TestAJobWithoutItsVariablesThatCanNotBeCancelledIsOnRecord(t *testing.T) {
	atSite(t, func(site *testSite) {
		site.sandbox.BehaveNext(createTemplate, sandbox.Behavior{DropsVariables: true})
		site.sandbox.Fault(sandbox.Fault{Path: "cancel", Method: http.MethodPost, Status: http.StatusForbidden, Body: `{"detail":"You do not have permission."}`})
		result, err := site.create(site.Context())
		wantReason(t, err, ReasonTemplate, "could not be cancelled", "You do not have permission")
		if result.Record == nil || result.Record.LastJob == nil || result.Record.LastJob.ID != "1" {
			t.Errorf("the job is not on record: %+v", result.Record)
		}
	})
}

// Later lookups of an operation go back no further than its first. What that one has seen still counts: here, that the
// payload which an administrator runs once more is the same owner's machine's of before.
func TestJobsOfTheFirstLookupStillCountInTheLast(t *testing.T) {
	atBusySite(t, func(site *testSite) {
		site.created()
		before := site.payload()
		time.Sleep(10 * time.Minute)
		site.others(250)
		go func() {
			_, err := site.sandbox.WaitForJob(site.Context(), func(job sandbox.Job) bool { return job.ID > 251 && job.Status == "running" })
			if err == nil {
				site.sandbox.LaunchByHand(createTemplate, before, "admin")
			}
		}()
		result, err := site.create(site.Context())
		if err != nil || result.Record.ReconciledConfigVersion == "" {
			t.Errorf("%v, %+v", err, result.Record)
		}
	})
}
