package provisioning

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/jobs"
	"github.com/osac-project/terraform-provider-osac/internal/jobs/jobstest"
	"github.com/osac-project/terraform-provider-osac/internal/osac"
	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
)

func wantReason(t *testing.T, err error, reason Reason, mentions ...string) {
	t.Helper()
	var cause *Error
	if !errors.As(err, &cause) {
		t.Fatalf("got %v, want an error with reason %d", err, reason)
	}
	if cause.Reason != reason {
		t.Errorf("reason %d, want %d: %v", cause.Reason, reason, err)
	}
	for _, mention := range mentions {
		if !strings.Contains(err.Error(), mention) {
			t.Errorf("the error does not mention %q:\n%v", mention, err)
		}
	}
}

func TestCreate(t *testing.T) {
	atSite(t, func(site *testSite) {
		result, err := site.create(site.Context())
		if err != nil {
			site.Fatal(err)
		}
		site.wantLaunches(createTemplate)
		record, version := result.Record, jobstest.Instance().Spec.ConfigVersion()
		if record.ReconciledConfigVersion != version || record.Phase != jobs.PhaseRunning || len(result.Warnings) > 0 {
			site.Errorf("reconciled %s, phase %s, warnings %v", record.ReconciledConfigVersion, record.Phase, result.Warnings)
		}
		if record.LastJob == nil || record.LastJob.State != jobs.JobSucceeded || record.LastJob.ConfigVersion != version {
			site.Errorf("the job %+v", record.LastJob)
		}
		if record.IPAddress == "" || record.ControllerUUID != site.sandbox.InstallUUID() {
			site.Errorf("address %q, controller %q", record.IPAddress, record.ControllerUUID)
		}
		if record.NeedsRun(jobstest.Instance(), nil) {
			site.Error("there is work left after a create that succeeded")
		}
	})
}

func TestAFailedJobsReasonIsTold(t *testing.T) {
	atSite(t, func(site *testSite) {
		site.sandbox.Behave(createTemplate, sandbox.Behavior{
			Outcome: "failed", Task: "Make the machine", Host: "localhost", Message: "quota exceeded", EventDelay: 2 * time.Second,
		})
		result, err := site.create(site.Context())
		wantReason(site.T, err, ReasonJobFailed, "ns/vm", "status failed", "Make the machine", "localhost", "quota exceeded", "/api/v2/jobs/")
		if result.Record == nil || result.Record.LastJob.State != jobs.JobFailed || result.Record.ReconciledConfigVersion != "" {
			site.Fatalf("record %+v", result.Record)
		}
		if !strings.Contains(result.Record.LastJob.Message, "quota exceeded") {
			site.Errorf("the job's message is %q", result.Record.LastJob.Message)
		}
	})
}

func TestAnInterruptedCreateIsResumed(t *testing.T) {
	for name, after := range map[string]time.Duration{"while pending": time.Second, "while running": 20 * time.Second, "late": 59 * time.Second} {
		t.Run(name, func(t *testing.T) {
			atSite(t, func(site *testSite) {
				begun := time.Now()
				result, err := site.create(site.interruptedAfter(after))
				if err != nil || result.Record == nil || len(result.Warnings) != 1 {
					site.Fatalf("an interrupted create returned %+v, %v", result, err)
				}
				if waited := time.Since(begun); waited != after {
					site.Errorf("it returned after %s, not at once after %s", waited, after)
				}
				if result.Record.Phase != jobs.PhaseStarting || result.Record.ReconciledConfigVersion != "" {
					site.Errorf("phase %s, reconciled %q", result.Record.Phase, result.Record.ReconciledConfigVersion)
				}
				refreshed := site.refresh(*result.Record)
				if !refreshed.Record.NeedsRun(jobstest.Instance(), nil) {
					site.Fatal("there is nothing to do after an interrupt, though the job runs")
				}
				resumed, err := site.update(site.Context(), *refreshed.Record, jobstest.Instance())
				if err != nil || resumed.Record.Phase != jobs.PhaseRunning {
					site.Fatalf("resuming: %+v, %v", resumed.Record, err)
				}
				site.wantLaunches(createTemplate)
			})
		})
	}
}

func TestAnInterruptedCreateThatSucceededMeanwhileLeavesNoWork(t *testing.T) {
	atSite(t, func(site *testSite) {
		result, err := site.create(site.interruptedAfter(10 * time.Second))
		if err != nil {
			site.Fatal(err)
		}
		time.Sleep(2 * time.Minute)
		refreshed := site.refresh(*result.Record)
		if refreshed.Record.NeedsRun(jobstest.Instance(), nil) {
			site.Errorf("the job has succeeded, and there is work left: %+v", refreshed.Record)
		}
		if refreshed.Record.IPAddress == "" {
			site.Error("the address of the job that was not followed is not read")
		}
	})
}

func TestAnInterruptBeforeTheLaunchLeavesNothing(t *testing.T) {
	atSite(t, func(site *testSite) {
		site.sandbox.Fault(sandbox.Fault{Path: "ping", Delay: 10 * time.Second})
		result, err := site.create(site.interruptedAfter(5 * time.Second))
		wantReason(site.T, err, ReasonInterrupted)
		if result.Record != nil {
			site.Errorf("there is a record: %+v", result.Record)
		}
		site.wantLaunches()
	})
}

func TestAnInterruptWhileTheLaunchIsOnItsWayKeepsTheJob(t *testing.T) {
	atSite(t, func(site *testSite) {
		site.sandbox.Fault(sandbox.Fault{Path: "launch", Delay: 8 * time.Second, AfterHandling: true})
		result, err := site.create(site.interruptedAfter(3 * time.Second))
		if err != nil || result.Record == nil || result.Record.LastJob == nil {
			site.Fatalf("the launched job is not on record: %+v, %v", result.Record, err)
		}
		site.wantLaunches(createTemplate)
	})
}

func TestACrashedCreateIsAdopted(t *testing.T) {
	for name, later := range map[string]time.Duration{"while its job runs": 0, "after its end": 2 * time.Minute} {
		t.Run(name, func(t *testing.T) {
			atSite(t, func(site *testSite) {
				if _, err := site.create(site.interruptedAfter(10 * time.Second)); err != nil {
					site.Fatal(err)
				}
				time.Sleep(later)
				site.hub = site.newHub()
				result, err := site.create(site.Context())
				if err != nil || result.Record.Phase != jobs.PhaseRunning {
					site.Fatalf("adopting: %+v, %v", result.Record, err)
				}
				if warned := len(result.Warnings) == 1; warned != (later > 0) {
					site.Errorf("warnings %v", result.Warnings)
				}
				lives := site.lives()
				if later == 0 {
					// The job that runs is this life's own.
					site.wantLaunches(createTemplate)
					if result.Record.UID != lives[0] {
						site.Errorf("life %s, the job's is %s", result.Record.UID, lives[0])
					}
					return
				}
				// A finished machine is run once more in a new life, so that a delete of the old one sees it.
				site.wantLaunches(createTemplate, createTemplate)
				if lives[0] == lives[1] || result.Record.UID != lives[1] {
					site.Errorf("lives %v, on record %s", lives, result.Record.UID)
				}
			})
		})
	}
}

func TestALostLaunchAnswerMakesOneJob(t *testing.T) {
	for name, fault := range map[string]sandbox.Fault{
		"cut after it was carried out":  {Path: "launch", Times: 1, Reset: true, AfterHandling: true},
		"cut before it was carried out": {Path: "launch", Times: 1, Reset: true},
		"never answered":                {Path: "launch", Times: 1, Hang: true, AfterHandling: true},
		"a 502 in front of it":          {Path: "launch", Times: 1, Status: 502, AfterHandling: true},
	} {
		t.Run(name, func(t *testing.T) {
			atSite(t, func(site *testSite) {
				site.sandbox.Fault(fault)
				result, err := site.create(site.Context())
				if err != nil || result.Record.Phase != jobs.PhaseRunning {
					site.Fatalf("%+v, %v", result.Record, err)
				}
				site.wantLaunches(createTemplate)
			})
		})
	}
}

func TestALostLaunchWithoutActivityStreamMakesOneJob(t *testing.T) {
	atSite(t, func(site *testSite) {
		site.sandbox.DisableActivityStream(true)
		site.sandbox.Fault(sandbox.Fault{Path: "launch", Times: 1, Reset: true, AfterHandling: true})
		if _, err := site.create(site.Context()); err != nil {
			site.Fatal(err)
		}
		site.wantLaunches(createTemplate)
	})
}

func TestAPurgedJobIsRunOnceMore(t *testing.T) {
	atSite(t, func(site *testSite) {
		time.AfterFunc(20*time.Second, func() { site.sandbox.Purge(site.sandbox.Jobs()[0].ID) })
		result, err := site.create(site.Context())
		if err != nil || len(result.Warnings) != 1 {
			site.Fatalf("%v, warnings %v", err, result.Warnings)
		}
		if job := result.Record.LastJob; job.State != jobs.JobSucceeded || job.ID != "2" {
			site.Errorf("the newest job is %+v", job)
		}
	})
}

func TestAJobThatIsPurgedTwiceIsAnError(t *testing.T) {
	atSite(t, func(site *testSite) {
		for _, at := range []time.Duration{20 * time.Second, 70 * time.Second} { // each is believed after 30 s
			time.AfterFunc(at, func() {
				for _, job := range site.sandbox.Jobs() {
					site.sandbox.Purge(job.ID)
				}
			})
		}
		result, err := site.create(site.Context())
		wantReason(site.T, err, ReasonOutcomeUnknown, "purged", "ns/vm")
		if result.Record == nil {
			site.Error("the instance whose outcome is unknown is not kept")
		}
	})
}

func TestACancelledJobIsAnError(t *testing.T) {
	atSite(t, func(site *testSite) {
		time.AfterFunc(20*time.Second, func() { site.sandbox.CancelByHand(site.sandbox.Jobs()[0].ID) })
		result, err := site.create(site.Context())
		wantReason(site.T, err, ReasonJobCanceled, "cancelled job", "launches a new job")
		if got := result.Record.LastJob; got.State != jobs.JobCanceled || got.Message != "canceled" {
			site.Errorf("the job is %s, %q", got.State, got.Message)
		}
		site.hub = site.newHub()
		if _, err := site.update(site.Context(), *result.Record, jobstest.Instance()); err != nil {
			site.Fatal(err)
		}
		site.wantLaunches(createTemplate, createTemplate)
	})
}

func TestATimeoutIsAnErrorAndResumed(t *testing.T) {
	atSite(t, func(site *testSite) {
		result, err := site.hub.Apply(site.Context(), ApplyRequest{Desired: jobstest.Instance(), Timeout: 30 * time.Second})
		wantReason(site.T, err, ReasonTimeout, "time", "running", "goes on")
		resumed, err := site.update(site.Context(), *result.Record, jobstest.Instance())
		if err != nil || resumed.Record.Phase != jobs.PhaseRunning {
			site.Fatalf("resuming: %+v, %v", resumed.Record, err)
		}
		site.wantLaunches(createTemplate)
	})
}

func TestARevokedTokenEndsTheWait(t *testing.T) {
	atSite(t, func(site *testSite) {
		time.AfterFunc(20*time.Second, func() { site.sandbox.RevokeToken(site.sandbox.Token()) })
		begun := time.Now()
		result, err := site.create(site.Context())
		wantReason(site.T, err, ReasonOutcomeUnknown, "goes on")
		if result.Record == nil || time.Since(begun) > 100*time.Second { // a refusal is believed after a minute
			site.Errorf("record %+v after %s", result.Record, time.Since(begun))
		}
	})
}

func TestChangeThereAndBack(t *testing.T) {
	atSite(t, func(site *testSite) {
		record := site.created()
		for _, desired := range []osac.Instance{*jobstest.Halted(), jobstest.Instance()} {
			result, err := site.update(site.Context(), record, desired)
			if err != nil {
				site.Fatal(err)
			}
			record = *result.Record
			if record.ReconciledConfigVersion != desired.Spec.ConfigVersion() {
				site.Errorf("reconciled %s, want %s", record.ReconciledConfigVersion, desired.Spec.ConfigVersion())
			}
		}
		site.wantLaunches(createTemplate, createTemplate, createTemplate)
	})
}

func TestNothingToRunRunsNothing(t *testing.T) {
	atSite(t, func(site *testSite) {
		record := site.created()
		requests := len(site.sandbox.Requests())
		result, err := site.update(site.Context(), record, jobstest.Instance())
		if err != nil || result.Record == nil {
			site.Fatal(err)
		}
		if asked := len(site.sandbox.Requests()) - requests; asked > 0 {
			site.Errorf("%d requests were made for nothing", asked)
		}
	})
}

func TestARestartRunsOnceAndIsRemembered(t *testing.T) {
	atSite(t, func(site *testSite) {
		record := site.created()
		moment := osac.NewTimestamp(time.Now())
		restart := *jobstest.Restarted(&moment)
		result, err := site.update(site.Context(), record, restart)
		if err != nil {
			site.Fatal(err)
		}
		record = *result.Record
		if record.LastRestartedAt == nil || !record.LastRestartedAt.Equal(moment.Time) || record.NeedsRun(restart, nil) {
			site.Errorf("last restarted at %v, needs a run: %v", record.LastRestartedAt, record.NeedsRun(restart, nil))
		}
		if record.NeedsRun(jobstest.Instance(), nil) {
			site.Error("removing the restart request needs a run")
		}
		jobstest.Change(&restart, func(s *osac.ComputeInstanceSpec) { s.RunStrategy = osac.RunHalted })
		jobstest.Change(&restart, func(s *osac.ComputeInstanceSpec) { s.RestartRequestedAt = nil })
		if _, err := site.update(site.Context(), record, restart); err != nil {
			site.Fatal(err)
		}
		history := site.sandbox.Jobs()
		if last := history[len(history)-1].ExtraVars; !strings.Contains(last, `"lastRestartedAt": "`+moment.String()+`"`) {
			site.Errorf("the later payload does not carry the last restart, so the playbook would reboot again:\n%s", last)
		}
	})
}

func TestACreateWithARestartRequestSendsBothTimesEqual(t *testing.T) {
	atSite(t, func(site *testSite) {
		moment := osac.NewTimestamp(time.Now())
		result, err := site.hub.Apply(site.Context(), ApplyRequest{Desired: *jobstest.Restarted(&moment), Timeout: time.Hour})
		if err != nil {
			site.Fatal(err)
		}
		vars := site.sandbox.Jobs()[0].ExtraVars
		for _, name := range []string{"restartRequestedAt", "lastRestartedAt"} {
			if !strings.Contains(vars, `"`+name+`": "`+moment.String()+`"`) {
				site.Errorf("%s is not %s in the payload", name, moment)
			}
		}
		if result.Record.NeedsRun(*jobstest.Restarted(&moment), nil) {
			site.Error("the restart that came with the create is due again")
		}
	})
}

func TestATemplateThatDropsVariablesIsRefusedAndItsJobCancelled(t *testing.T) {
	atSite(t, func(site *testSite) {
		site.sandbox.Behave(createTemplate, sandbox.Behavior{DropsVariables: true})
		result, err := site.create(site.Context())
		wantReason(site.T, err, ReasonTemplate, "prompt on launch", createTemplate, "cancelled")
		if result.Record != nil {
			site.Errorf("there is a record of a job that did not know the instance: %+v", result.Record)
		}
		time.Sleep(time.Minute)
		if status := site.sandbox.Jobs()[0].Status; status != "canceled" {
			site.Errorf("the job that ran without variables is %s", status)
		}
	})
}

func TestAnotherControllerIsAnErrorBeforeAnything(t *testing.T) {
	atSite(t, func(site *testSite) {
		record := site.created()
		other := sandbox.New(sandbox.Options{Token: site.sandbox.Token()})
		site.hub = site.newHub(func(s *HubSettings) { s.Controller.Transport.RoundTripper = other.RoundTripper() })
		_, err := site.update(site.Context(), record, *jobstest.Halted())
		wantReason(site.T, err, ReasonOtherController, record.ControllerUUID, other.InstallUUID())
		_, err = site.destroy(site.Context(), record)
		wantReason(site.T, err, ReasonOtherController)
		_, err = site.hub.Refresh(site.Context(), record)
		wantReason(site.T, err, ReasonOtherController)
		if launched := other.Jobs(); len(launched) > 0 {
			site.Errorf("the other controller ran %d jobs", len(launched))
		}
	})
}

func TestAJobThatWaitsBehindAnotherSaysSo(t *testing.T) {
	atBusySite(t, func(site *testSite) {
		site.sandbox.SetTemplate(createTemplate, func(template *sandbox.Template) { template.AllowSimultaneous = false })
		var warnings []jobs.Warning
		var group sync.WaitGroup
		for _, name := range []string{"first", "second"} {
			desired := jobstest.Instance()
			desired.Name = name
			hub := site.newHub()
			group.Go(func() {
				result, err := hub.Apply(site.Context(), ApplyRequest{Desired: desired, Timeout: time.Hour})
				if err != nil {
					site.Error(err)
				}
				warnings = append(warnings, result.Warnings...)
			})
			time.Sleep(time.Second)
		}
		group.Wait()
		if len(warnings) != 1 || !strings.Contains(warnings[0].Detail, "waiting for job") {
			site.Errorf("warnings %v", warnings)
		}
	})
}

func TestAnInterruptRightAfterALookKeepsWhatIsKnownOfTheJob(t *testing.T) {
	atSite(t, func(site *testSite) {
		result, err := site.create(site.interruptedAfter(settleTime + 10*time.Millisecond))
		if err != nil {
			site.Fatal(err)
		}
		if job := result.Record.LastJob; job.State != jobs.JobRunning || job.CreatedAt.IsZero() || job.Message != "running" {
			site.Errorf("the job on record is %+v", job)
		}
	})
}

// TestAnEndIsExpectedFromTheHistory: the jobs that the first look has found tell how long such jobs take, so the polls
// are few, and close together where the end is near.
func TestAnEndIsExpectedFromTheHistory(t *testing.T) {
	atSite(t, func(site *testSite) {
		record := site.created()
		before := len(site.sandbox.Requests())
		if _, err := site.update(site.Context(), record, *jobstest.Halted()); err != nil {
			site.Fatal(err)
		}
		history := site.sandbox.Jobs()
		if late := time.Since(history[len(history)-1].Finished); late > 2*time.Second {
			site.Errorf("the end was noticed after %s", late)
		}
		if asked := len(site.sandbox.Requests()) - before; asked > 30 {
			site.Errorf("%d requests for an update of a minute", asked)
		} else {
			site.Logf("%d requests, noticed after %s", asked, time.Since(history[len(history)-1].Finished))
		}
	})
}
