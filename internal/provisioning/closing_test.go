package provisioning

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/controller"
	"github.com/osac-project/terraform-provider-osac/internal/jobs"
	"github.com/osac-project/terraform-provider-osac/internal/jobs/jobstest"
	"github.com/osac-project/terraform-provider-osac/internal/osac"
	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
)

// whileSuccessful runs something once the first job has ended well, before the next poll can see it.
func (s *testSite) whileSuccessful(do func()) {
	go func() {
		if _, err := s.sandbox.WaitForJob(s.Context(), func(job sandbox.Job) bool { return job.ID == 1 && !job.Finished.IsZero() }); err == nil {
			do()
		}
	}()
}

func (s *testSite) payload() string { return s.sandbox.AllJobs()[0].ExtraVars }

func (s *testSite) hasWarning(result Result, summary string) {
	s.Helper()
	if !slices.ContainsFunc(result.Warnings, func(w jobs.Warning) bool { return w.Summary == summary }) {
		s.Errorf("no warning %q among %v", summary, result.Warnings)
	}
}

func TestADeleteThatBeginsBeforeTheEndIsSeen(t *testing.T) {
	atBusySite(t, func(site *testSite) {
		site.whileSuccessful(func() { site.sandbox.LaunchByHand(deleteTemplate, site.payload(), "admin") })
		result, err := site.create(site.Context())
		wantReason(t, err, ReasonOvertaken, "job 2", "admin")
		if result.Record == nil || result.Record.ReconciledConfigVersion != "" {
			t.Errorf("%+v", result.Record)
		}
	})
}

func TestAnothersRunOverAnOwnSuccessIsSeen(t *testing.T) {
	atBusySite(t, func(site *testSite) {
		// The other takes the machine over at the very moment.
		site.whileSuccessful(func() {
			site.sandbox.LaunchByHand(createTemplate, anothersRun(site), "admin")
		})
		result, err := site.create(site.Context())
		wantReason(t, err, ReasonOvertaken, "job 2", "admin")
		if result.Record == nil || result.Record.ReconciledConfigVersion != "" {
			t.Errorf("%+v", result.Record)
		}
	})
}

// anothersRun is the payload of another life's run on the same machine.
func anothersRun(site *testSite) string {
	vars := site.payload()
	first, _ := jobs.ReadRun(osac.ComputeInstance, controller.Job{ExtraVars: vars}, osac.Provision)
	return strings.NewReplacer(first.UID(), jobstest.OtherUID, first.RunID(), "ANOTHERRUN").Replace(vars)
}

func TestAScheduleThatRunsTheTemplateIsNotFought(t *testing.T) {
	atBusySite(t, func(site *testSite) {
		halt := strings.NewReplacer(`"runStrategy": "Always"`, `"runStrategy": "Halted"`, osac.AnnotationRunID, "example.com/run")
		scheduled, stop := context.WithCancel(site.Context())
		defer stop()
		go func() {
			for {
				_, err := site.sandbox.WaitForJob(scheduled, func(job sandbox.Job) bool {
					return !scheduledRun(job) && !job.Finished.IsZero() && site.newestIs(job.ID)
				})
				if err != nil {
					return
				}
				site.sandbox.LaunchByHand(createTemplate, halt.Replace(site.payload()), "admin")
			}
		}()
		result, err := site.create(site.Context())
		wantReason(t, err, ReasonOvertaken, "overtaken by job 2", "admin")
		if result.Record == nil || result.Record.ReconciledConfigVersion != "" {
			t.Errorf("%+v", result.Record)
		}
		own := slices.DeleteFunc(site.sandbox.AllJobs(), scheduledRun)
		if len(own) != 1 {
			t.Errorf("%d launches of its own, want 1", len(own))
		}
	})
}

func scheduledRun(job sandbox.Job) bool { return strings.Contains(job.ExtraVars, `"Halted"`) }

func (s *testSite) newestIs(id int64) bool {
	history := s.sandbox.AllJobs()
	return history[len(history)-1].ID == id
}

func TestAClosingLookupThatCannotBeDoneIsAWarning(t *testing.T) {
	for name, run := range map[string]func(site *testSite) (Result, error){
		"create": func(site *testSite) (Result, error) { return site.create(site.Context()) },
	} {
		t.Run(name, func(t *testing.T) {
			atSite(t, func(site *testSite) {
				site.whileSuccessful(func() { site.sandbox.Fault(sandbox.Fault{Path: `jobs/.*name__in`, Status: 503}) })
				result, err := run(site)
				if err != nil || result.Record.Phase != jobs.PhaseRunning || result.Record.ReconciledConfigVersion != "" {
					t.Errorf("%v, %+v", err, result.Record)
				}
				site.hasWarning(result, "It is not known whether the run was undone")
				site.wantLaunches(createTemplate)
			})
		})
	}
}

func TestAProvisionThatBeginsBesideADeleteIsStopped(t *testing.T) {
	atBusySite(t, func(site *testSite) {
		record := site.created()
		vars := site.payload()
		time.AfterFunc(20*time.Second, func() { site.sandbox.LaunchByHand(createTemplate, vars, "admin") })
		if _, err := site.destroy(site.Context(), record); err != nil {
			t.Fatal(err)
		}
		if site.exists() {
			t.Error("the instance is there")
		}
		site.wantLaunches(createTemplate, deleteTemplate, createTemplate, deleteTemplate)
	})
}

func TestAnEndBeforeTheTimeoutIsSeen(t *testing.T) {
	atSite(t, func(site *testSite) {
		// From its start to its end, no poll is answered: as for a process that was stopped.
		site.sandbox.Fault(sandbox.Fault{Path: `jobs/.*id__in`, Status: 503})
		result, err := site.hub.Apply(site.Context(), ApplyRequest{Desired: jobstest.Instance(), Timeout: 5 * time.Minute})
		if err != nil || result.Record.ReconciledConfigVersion == "" || result.Record.LastJob.State != jobs.JobSucceeded {
			t.Errorf("%v, %+v", err, result.Record)
		}
	})
}

// A gateway answers while the launch stands in its queue: it is carried out later.
func TestALateLaunchIsFoundOrStopped(t *testing.T) {
	for name, late := range map[string]time.Duration{"within the doubt": 20 * time.Second, "after the second launch": 45 * time.Second} {
		t.Run(name, func(t *testing.T) {
			atBusySite(t, func(site *testSite) {
				site.sandbox.Fault(sandbox.Fault{Path: "launch", Times: 1, Status: 504, Body: "upstream request timeout"})
				go func() {
					sent, err := site.sandbox.WaitForRequest(site.Context(), func(r sandbox.Request) bool { return r.Route == "launch" })
					var launch struct {
						ExtraVars json.RawMessage `json:"extra_vars"`
					}
					if err != nil || json.Unmarshal([]byte(sent.Body), &launch) != nil {
						t.Error("no launch was seen")
						return
					}
					time.Sleep(late)
					site.sandbox.LaunchByHand(createTemplate, string(launch.ExtraVars), "admin")
				}()
				result, err := site.create(site.Context())
				if err != nil || result.Record.ReconciledConfigVersion == "" {
					t.Fatalf("%v, %+v", err, result.Record)
				}
				time.Sleep(time.Minute)
				live := slices.DeleteFunc(site.sandbox.AllJobs(), func(job sandbox.Job) bool { return job.Status == "canceled" })
				if len(live) != 1 {
					t.Errorf("%d jobs ran", len(live))
				}
				if late > jobs.LaunchDoubt {
					site.hasWarning(result, "A run was started twice")
				}
			})
		})
	}
}

func TestARunThatMayHaveStartedIsOnRecord(t *testing.T) {
	atSite(t, func(site *testSite) {
		site.sandbox.Fault(sandbox.Fault{Path: "launch", Times: 1, Status: 502, AfterHandling: true})
		site.sandbox.Fault(sandbox.Fault{Path: `jobs/.*name__in`, Status: 400, Body: `{"detail":"not today"}`, Skip: 1, Times: 1})
		result, err := site.create(site.Context())
		var failure *Error
		if !errors.As(err, &failure) || result.Record == nil || len(result.Record.OpenRuns) != 1 || result.Record.OpenRuns[0].RunID == "" {
			t.Fatalf("%v, %+v", err, result.Record)
		}
		site.hub = site.newHub()
		updated, err := site.update(site.Context(), *result.Record, jobstest.Instance())
		if err != nil || len(updated.Record.OpenRuns) > 0 || updated.Record.LastJob.ID != "1" {
			t.Errorf("%v, %+v", err, updated.Record)
		}
		site.wantLaunches(createTemplate)
	})
}
