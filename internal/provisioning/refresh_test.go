package provisioning

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/osac-project/terraform-provider-osac/internal/jobs"
	"github.com/osac-project/terraform-provider-osac/internal/jobs/jobstest"
	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
)

func TestRefreshOfAnUnchangedInstanceChangesNothing(t *testing.T) {
	atSite(t, func(site *testSite) {
		record := site.created()
		refreshed := site.refresh(record)
		if difference := cmp.Diff(&record, refreshed.Record); difference != "" {
			site.Errorf("(-before +after):\n%s", difference)
		}
	})
}

func TestRefreshSeesWhatWasRunByHand(t *testing.T) {
	atSite(t, func(site *testSite) {
		record := site.created()
		vars := strings.ReplaceAll(site.sandbox.Jobs()[0].ExtraVars, `"runStrategy": "Always"`, `"runStrategy": "Halted"`)
		site.sandbox.LaunchByHand(createTemplate, vars, "admin")
		time.Sleep(2 * time.Minute)
		refreshed := site.refresh(record)
		if !refreshed.Record.NeedsRun(jobstest.Instance(), nil) {
			site.Error("a change that was made by hand is not seen")
		}
		site.sandbox.LaunchByHand(deleteTemplate, vars, "admin")
		time.Sleep(2 * time.Minute)
		if refreshed = site.refresh(record); refreshed.Record != nil {
			site.Error("a delete that was run by hand is not seen")
		}
	})
}

// Where a template was deleted and made anew, an ordinary user may read none of its former jobs: lists leave them out, and
// their own pages are refused (recordings 1120 to 1128). That must not keep the machine from being changed.
func TestJobsOfADeletedTemplateAreHistory(t *testing.T) {
	atSite(t, func(site *testSite) {
		record := site.created()
		site.sandbox.Purge(site.sandbox.Jobs()[0].ID)
		site.sandbox.Fault(sandbox.Fault{
			Path: "/jobs/1/$", Status: 403, Body: `{"detail":"You do not have permission to perform this action."}`,
			Header: http.Header{"Content-Type": {"application/json"}},
		})
		refreshed := site.refresh(record)
		if refreshed.Record == nil || refreshed.Record.NeedsRun(jobstest.Instance(), nil) || len(refreshed.Warnings) > 0 {
			site.Fatalf("what may not be read any more is more than history: %+v", refreshed)
		}
		updated, err := site.update(site.Context(), *refreshed.Record, *jobstest.Halted())
		if err != nil || updated.Record.LastJob.ID != "2" {
			site.Errorf("%v, %+v", err, updated.Record)
		}
		// A job whose end was not seen may still run: nothing is started beside it.
		refreshed.Record.LastJob.State = jobs.JobRunning
		if _, err := site.newHub().Apply(site.Context(), ApplyRequest{Desired: *jobstest.Halted(), Prior: refreshed.Record, Timeout: time.Hour}); err == nil {
			site.Error("a job that may run and can't be read is no error")
		}
	})
}

func TestRefreshAfterAPurge(t *testing.T) {
	atSite(t, func(site *testSite) {
		record := site.created()
		site.sandbox.Purge(site.sandbox.Jobs()[0].ID)
		refreshed := site.refresh(record)
		if refreshed.Record == nil || refreshed.Record.NeedsRun(jobstest.Instance(), nil) || len(refreshed.Warnings) > 0 {
			site.Fatalf("the purge of a finished job is more than history: %+v", refreshed)
		}
		if state := refreshed.Record.LastJob.State; state != jobs.JobPurged {
			site.Errorf("the purged job is shown as %s", state)
		}
		requests := len(site.sandbox.Requests())
		if again := site.refresh(*refreshed.Record); again.Record.LastJob.State != jobs.JobPurged {
			site.Errorf("the purged job is shown as %s", again.Record.LastJob.State)
		}
		for _, request := range site.sandbox.Requests()[requests:] {
			if request.Route == "job" {
				site.Error("a job that is known to be purged is asked for again")
			}
		}
	})
}

func TestRefreshAfterThePurgeOfAnUnfinishedJob(t *testing.T) {
	atSite(t, func(site *testSite) {
		created, err := site.create(site.interruptedAfter(20 * time.Second))
		if err != nil {
			site.Fatal(err)
		}
		time.Sleep(2 * time.Minute)
		site.sandbox.Purge(site.sandbox.Jobs()[0].ID)
		refreshed := site.refresh(*created.Record)
		if len(refreshed.Warnings) != 1 || !refreshed.Record.NeedsRun(jobstest.Instance(), nil) {
			site.Fatalf("%+v", refreshed)
		}
		if _, err := site.update(site.Context(), *refreshed.Record, jobstest.Instance()); err != nil {
			site.Fatal(err)
		}
	})
}

func TestRefreshOfAReusedJobIDTouchesNothingOfTheOther(t *testing.T) {
	atSite(t, func(site *testSite) {
		record := site.created()
		vars := strings.ReplaceAll(site.sandbox.Jobs()[0].ExtraVars, `"ns/vm"`, `"ns/other"`)
		vars = strings.ReplaceAll(vars, `"name": "vm"`, `"name": "other"`)
		site.sandbox.SetExtraVars(site.sandbox.Jobs()[0].ID, vars)
		refreshed := site.refresh(record)
		if refreshed.Record == nil || refreshed.Record.LastJob.State != jobs.JobPurged {
			site.Errorf("%+v", refreshed.Record)
		}
	})
}

func TestAHubThatIsDownIsAWarningOnce(t *testing.T) {
	atSite(t, func(site *testSite) {
		record := site.created()
		site.sandbox.Down(time.Hour)
		begun := time.Now()
		for range 3 {
			result, err := site.hub.Refresh(site.Context(), record)
			if err != nil || len(result.Warnings) != 1 {
				site.Fatalf("%+v, %v", result, err)
			}
			if difference := cmp.Diff(&record, result.Record); difference != "" {
				site.Errorf("the record changed:\n%s", difference)
			}
		}
		if waited := time.Since(begun); waited > readTimeout+time.Second {
			site.Errorf("three reads waited %s for a hub that is down", waited)
		}
	})
}

func TestARefusedTokenIsAnError(t *testing.T) {
	atSite(t, func(site *testSite) {
		record := site.created()
		site.hub = site.newHub(func(s *HubSettings) { s.Controller.Token = "wrong" })
		_, err := site.hub.Refresh(site.Context(), record)
		wantReason(site.T, err, ReasonHub, "401")
	})
}

func TestImport(t *testing.T) {
	atSite(t, func(site *testSite) {
		record := site.created()
		imported, err := site.hub.Import(site.Context(), jobstest.Instance().Key)
		if err != nil {
			site.Fatal(err)
		}
		if difference := cmp.Diff(&record, imported.Record); difference != "" {
			site.Errorf("the import differs from what was created:\n%s", difference)
		}
		if _, err := site.destroy(site.Context(), record); err != nil {
			site.Fatal(err)
		}
		_, err = site.hub.Import(site.Context(), jobstest.Instance().Key)
		wantReason(site.T, err, ReasonImport, "deleted since")
	})
}

func TestImportOfKeysThatItDoesNotKnow(t *testing.T) {
	atSite(t, func(site *testSite) {
		site.created()
		byHand := func(more string) (Result, error) {
			vars := strings.ReplaceAll(site.sandbox.Jobs()[0].ExtraVars, `"cores": 2, `, `"cores": 2, `+more)
			site.sandbox.LaunchByHand(createTemplate, vars, "admin")
			time.Sleep(2 * time.Minute)
			return site.hub.Import(site.Context(), jobstest.Instance().Key)
		}
		result, err := byHand(`"flavour": "sweet", `)
		if err != nil || string(jobstest.SpecOf(result.Record.Instance).Extra) != `{"flavour":"sweet"}` {
			site.Errorf("imported as %+v, %v", result.Record, err)
		}
		result, err = byHand(`"additionalDisks": [{"sizeGiB": 1, "flavour": "sweet"}], `)
		if err != nil || string(jobstest.SpecOf(result.Record.Instance).Extra) != `{"additionalDisks":[{"flavour":"sweet"}]}` {
			site.Errorf("imported as %+v, %v", result.Record, err)
		}
		_, err = byHand(`"additionalDisks": [{"sizeGiB": "sweet"}], `)
		wantReason(site.T, err, ReasonImport, "sizeGiB")
	})
}

func TestCheckFindsWhatAnApplyWouldFailOn(t *testing.T) {
	for name, test := range map[string]struct {
		change   func(*sandbox.Sandbox)
		mentions string
	}{
		"no create template": {func(s *sandbox.Sandbox) { s.RemoveTemplate(createTemplate) }, createTemplate},
		"no delete template": {func(s *sandbox.Sandbox) { s.RemoveTemplate(deleteTemplate) }, deleteTemplate},
		"variables are not asked": {func(s *sandbox.Sandbox) {
			s.SetTemplate(createTemplate, func(t *sandbox.Template) { t.AsksVariables = false })
		}, "prompt on launch"},
	} {
		t.Run(name, func(t *testing.T) {
			atSite(t, func(site *testSite) {
				if _, err := site.hub.Check(site.Context(), jobstest.Instance()); err != nil {
					site.Fatal(err)
				}
				test.change(site.sandbox)
				site.hub = site.newHub()
				_, err := site.hub.Check(site.Context(), jobstest.Instance())
				wantReason(site.T, err, ReasonTemplate, test.mentions)
			})
		})
	}
}

// TestEveryWaitEnds holds every operation to its deadline and to its context, whatever the controller does.
func TestEveryWaitEnds(t *testing.T) {
	for name, fault := range map[string]sandbox.Fault{
		"nothing answers":          {Hang: true},
		"nothing but the ping":     {Path: "^/api/v2/(jobs|job_templates|unified)", Hang: true},
		"launches are not taken":   {Path: "launch", Hang: true},
		"launches are throttled":   {Path: "launch", Status: 429, Header: map[string][]string{"Retry-After": {"30"}}},
		"jobs can't be read":       {Path: "id__in", Status: 503},
		"templates can't be read":  {Path: "unified_job_templates", Status: 500},
		"connections are cut":      {Reset: true},
		"jobs go on without end":   {Path: "no such path", Hang: true},
		"cancels are never obeyed": {Path: "cancel", Status: 500},
	} {
		for ending, interrupt := range map[string]time.Duration{"by its time-out": time.Hour, "by an interrupt": 3 * time.Minute} {
			t.Run(name+" "+ending, func(t *testing.T) {
				atBusySite(t, func(site *testSite) {
					record := site.created()
					site.sandbox.Behave(createTemplate, sandbox.Behavior{Duration: 48 * time.Hour})
					site.sandbox.Behave(deleteTemplate, sandbox.Behavior{Duration: 48 * time.Hour})
					site.sandbox.Fault(fault)
					ctx, cancel := context.WithTimeoutCause(site.Context(), interrupt, context.Canceled)
					defer cancel()
					const allowed = 10 * time.Minute
					latest := time.Now().Add(min(allowed, interrupt) + 2*time.Minute)
					_, updated := site.hub.Apply(ctx, ApplyRequest{Desired: *jobstest.Halted(), Prior: &record, Timeout: allowed})
					if late := time.Since(latest); late > 0 {
						site.Errorf("the update ended %s too late: %v", late, updated)
					}
					latest = time.Now().Add(allowed + 2*time.Minute)
					_, destroyed := site.newHub().Destroy(site.Context(), DestroyRequest{Record: record, Timeout: allowed})
					if late := time.Since(latest); late > 0 {
						site.Errorf("the delete ended %s too late: %v", late, destroyed)
					}
					var cause *Error
					if !errors.As(destroyed, &cause) || !strings.Contains(cause.Error(), "ns/vm") {
						site.Errorf("the delete that cannot end says %v", destroyed)
					}
				})
			})
		}
	}
}
