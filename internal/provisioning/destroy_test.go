package provisioning

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/jobs"
	"github.com/osac-project/terraform-provider-osac/internal/jobs/jobstest"
	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
)

func TestDestroy(t *testing.T) {
	atSite(t, func(site *testSite) {
		record := site.created()
		result, err := site.destroy(site.Context(), record)
		if err != nil || result.Record != nil || len(result.Warnings) > 0 {
			site.Fatalf("%+v, %v", result, err)
		}
		site.wantLaunches(createTemplate, deleteTemplate)
		if left := site.sandbox.Instances(); len(left) > 0 {
			site.Errorf("instances are left: %v", left)
		}
	})
}

func TestDestroyWhileProvisioningCancelsWaitsAndDeletes(t *testing.T) {
	for name, test := range map[string]struct {
		behavior sandbox.Behavior
		after    time.Duration
	}{
		"pending":                       {sandbox.Behavior{PendingShare: 0.9}, 10 * time.Second},
		"running":                       {sandbox.Behavior{}, 20 * time.Second},
		"a slow cancel":                 {sandbox.Behavior{CancelDelay: 30 * time.Second}, 20 * time.Second},
		"a cancel that comes to nought": {sandbox.Behavior{IgnoreCancel: true}, 20 * time.Second},
		"a cancel that comes too late":  {sandbox.Behavior{CancelTooLate: true}, 20 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			atSite(t, func(site *testSite) {
				site.sandbox.Behave(createTemplate, test.behavior)
				created, err := site.create(site.interruptedAfter(test.after))
				if err != nil {
					site.Fatal(err)
				}
				site.hub = site.newHub()
				if _, err := site.destroy(site.Context(), *created.Record); err != nil {
					site.Fatal(err)
				}
				site.wantLaunches(createTemplate, deleteTemplate)
			})
		})
	}
}

func TestDestroyAfterThePurgeOfTheProvisionJob(t *testing.T) {
	atSite(t, func(site *testSite) {
		record := site.created()
		site.sandbox.Purge(site.sandbox.Jobs()[0].ID)
		if _, err := site.destroy(site.Context(), record); err != nil {
			site.Fatal(err)
		}
		site.wantLaunches(deleteTemplate)
	})
}

func TestAFailedDeleteKeepsTheInstanceAndIsRunAgain(t *testing.T) {
	for name, behavior := range map[string]sandbox.Behavior{
		"failed":   {Outcome: "failed", Message: "volume is attached"},
		"canceled": {Outcome: "canceled"},
	} {
		t.Run(name, func(t *testing.T) {
			atSite(t, func(site *testSite) {
				record := site.created()
				site.sandbox.BehaveNext(deleteTemplate, behavior)
				result, err := site.destroy(site.Context(), record)
				if err == nil || result.Record == nil || result.Record.Phase != jobs.PhaseFailed || result.Record.ReconciledConfigVersion != "" {
					site.Fatalf("%+v, %v", result.Record, err)
				}
				refreshed := site.refresh(*result.Record)
				if !refreshed.Record.NeedsRun(jobstest.Instance(), nil) {
					site.Error("after a failed delete, an apply has nothing to do")
				}
				if _, err := site.destroy(site.Context(), *refreshed.Record); err != nil {
					site.Fatal(err)
				}
				site.wantLaunches(createTemplate, deleteTemplate, deleteTemplate)
			})
		})
	}
}

func TestAnApplyAfterAFailedDeleteProvisionsAgain(t *testing.T) {
	atSite(t, func(site *testSite) {
		record := site.created()
		site.sandbox.BehaveNext(deleteTemplate, sandbox.Behavior{Outcome: "failed"})
		result, err := site.destroy(site.Context(), record)
		wantReason(site.T, err, ReasonJobFailed)
		site.hub = site.newHub()
		if _, err := site.update(site.Context(), *result.Record, jobstest.Instance()); err != nil {
			site.Fatal(err)
		}
		site.wantLaunches(createTemplate, deleteTemplate, createTemplate)
	})
}

func TestAnInterruptedDeleteIsAnErrorAndResumed(t *testing.T) {
	for name, later := range map[string]time.Duration{"while its job runs": 0, "after its end": 2 * time.Minute} {
		t.Run(name, func(t *testing.T) {
			atSite(t, func(site *testSite) {
				record := site.created()
				result, err := site.destroy(site.interruptedAfter(20*time.Second), record)
				wantReason(site.T, err, ReasonInterrupted, "goes on")
				if result.Record == nil || result.Record.Phase != jobs.PhaseDeleting {
					site.Fatalf("record %+v", result.Record)
				}
				time.Sleep(later)
				site.hub = site.newHub()
				if _, err := site.destroy(site.Context(), *result.Record); err != nil {
					site.Fatal(err)
				}
				site.wantLaunches(createTemplate, deleteTemplate)
				if refreshed := site.refresh(*result.Record); refreshed.Record != nil {
					site.Errorf("the deleted instance is still there: %+v", refreshed.Record)
				}
			})
		})
	}
}

func TestADeleteJobThatIsPurgedCountsAsDone(t *testing.T) {
	atSite(t, func(site *testSite) {
		record := site.created()
		time.AfterFunc(20*time.Second, func() {
			history := site.sandbox.Jobs()
			site.sandbox.Purge(history[len(history)-1].ID)
		})
		result, err := site.destroy(site.Context(), record)
		if err != nil || result.Record != nil || len(result.Warnings) != 1 {
			site.Fatalf("%+v, %v", result, err)
		}
	})
}

func TestAnInstanceThatThisProcessMadeIsNotDeleted(t *testing.T) {
	atSite(t, func(site *testSite) {
		made, err := site.create(site.Context())
		if err != nil {
			site.Fatal(err)
		}
		_, err = site.destroy(site.Context(), *made.Record)
		wantReason(site.T, err, ReasonMadeHere, "create_before_destroy")
		site.wantLaunches(createTemplate)
	})
}

func TestAReplacementAdoptsNothingOlder(t *testing.T) {
	for name, purge := range map[string]bool{"as usual": false, "the delete job purged in between": true} {
		t.Run(name, func(t *testing.T) {
			atSite(t, func(site *testSite) {
				record := site.created()
				if _, err := site.destroy(site.Context(), record); err != nil {
					site.Fatal(err)
				}
				if purge {
					site.sandbox.Purge(site.sandbox.Jobs()[1].ID)
				}
				if _, err := site.create(site.Context()); err != nil {
					site.Fatal(err)
				}
				if got := len(site.sandbox.Instances()); got != 1 {
					site.Errorf("%d instances, want 1", got)
				}
				launches := 0
				for _, request := range site.sandbox.Requests() {
					if request.Route == "launch" && request.Method == http.MethodPost {
						launches++
					}
				}
				if launches != 3 {
					site.Errorf("%d launches, want 3", launches)
				}
			})
		})
	}
}

func TestAnOrdinaryUserMayFindTheJobOverOrRunning(t *testing.T) {
	atSite(t, func(site *testSite) {
		site.sandbox.AddUser("worker", "", "worker-token", false, map[string]sandbox.Role{
			createTemplate: sandbox.RoleExecute, deleteTemplate: sandbox.RoleExecute,
		})
		as := func(s *HubSettings) { s.Controller.Token = "worker-token" }
		created, err := site.create(site.interruptedAfter(20 * time.Second))
		if err != nil {
			site.Fatal(err)
		}
		site.hub = site.newHub(as)
		result, err := site.destroy(site.Context(), *created.Record)
		if err != nil || len(result.Warnings) != 1 {
			site.Fatalf("another user's running job: %v, warnings %v", err, result.Warnings)
		}
		site.wantLaunches(createTemplate, deleteTemplate)
	})
	atSite(t, func(site *testSite) {
		site.sandbox.AddUser("worker", "", "worker-token", false, map[string]sandbox.Role{
			createTemplate: sandbox.RoleExecute, deleteTemplate: sandbox.RoleExecute,
		})
		site.sandbox.Behave(createTemplate, sandbox.Behavior{CancelTooLate: true})
		as := func(s *HubSettings) { s.Controller.Token = "worker-token" }
		site.hub = site.newHub(as)
		created, err := site.create(site.interruptedAfter(20 * time.Second))
		if err != nil {
			site.Fatal(err)
		}
		site.hub = site.newHub(as)
		result, err := site.destroy(site.Context(), *created.Record)
		if err != nil || len(result.Warnings) > 0 {
			site.Fatalf("own job that has just ended: %v, warnings %v", err, result.Warnings)
		}
	})
}

// raced runs two operations at the same moment, each in a process of its own.
func raced(site *testSite, first, second func(hub *Hub) error) (error, error) {
	var group sync.WaitGroup
	var errs [2]error
	for i, operation := range []func(*Hub) error{first, second} {
		hub := site.newHub()
		group.Go(func() { errs[i] = operation(hub) })
	}
	group.Wait()
	return errs[0], errs[1]
}

// neverTwoForLong checks that two jobs were active together no longer than it takes to settle.
func (s *testSite) neverTwoForLong() {
	s.Helper()
	history := s.ownJobs()
	for i := range history {
		for _, later := range history[i+1:] {
			if overlap := minTime(history[i].Finished, later.Finished).Sub(later.Created); overlap > 15*time.Second {
				s.Errorf("jobs %d and %d were active together for %s", history[i].ID, later.ID, overlap)
			}
		}
	}
}

func minTime(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func TestTwoCreatesAtOnceMakeOneInstance(t *testing.T) {
	atBusySite(t, func(site *testSite) {
		create := func(hub *Hub) error {
			result, err := hub.Apply(site.Context(), ApplyRequest{Desired: jobstest.Instance(), Timeout: time.Hour})
			if err == nil && result.Record.Phase != jobs.PhaseRunning {
				site.Errorf("phase %s", result.Record.Phase)
			}
			return err
		}
		first, second := raced(site, create, create)
		if first != nil || second != nil {
			site.Errorf("%v, %v", first, second)
		}
		site.neverTwoForLong()
		succeeded := 0
		for _, job := range site.sandbox.Jobs() {
			if job.Status == "successful" {
				succeeded++
			}
		}
		if succeeded != 1 {
			site.Errorf("%d jobs succeeded, want 1", succeeded)
		}
	})
}

func TestADeleteBeatsAnUpdate(t *testing.T) {
	atBusySite(t, func(site *testSite) {
		record := site.created()
		updated, deleted := raced(site, func(hub *Hub) error {
			_, err := hub.Apply(site.Context(), ApplyRequest{Desired: *jobstest.Halted(), Prior: &record, Timeout: time.Hour})
			return err
		}, func(hub *Hub) error {
			_, err := hub.Destroy(site.Context(), DestroyRequest{Record: record, Timeout: time.Hour})
			return err
		})
		if deleted != nil {
			site.Errorf("the delete failed: %v", deleted)
		}
		// Whoever looked last has seen the other's job: the delete cancels the update's, or the update gives way.
		wantReason(site.T, updated, ReasonDestroyed)
		site.neverTwoForLong()
		if left := site.sandbox.Instances(); len(left) > 0 {
			site.Errorf("instances are left: %v", left)
		}
	})
}

func TestFiftyCreatesShareTheirRequests(t *testing.T) {
	atBusySite(t, func(site *testSite) {
		const instances = 50
		site.sandbox.Fault(sandbox.Fault{Delay: 50 * time.Millisecond})
		var group sync.WaitGroup
		for i := range instances {
			desired := jobstest.Instance()
			desired.Name = "vm-" + string(rune('a'+i%26)) + string(rune('a'+i/26))
			group.Go(func() {
				if _, err := site.hub.Apply(context.WithoutCancel(site.Context()), ApplyRequest{Desired: desired, Timeout: time.Hour}); err != nil {
					site.Error(err)
				}
			})
		}
		group.Wait()
		requests := len(site.sandbox.Requests())
		site.Logf("%d instances took %d requests", instances, requests)
		if most := 3 * instances; requests > most {
			site.Errorf("%d instances took %d requests, more than %d", instances, requests, most)
		}
	})
}

func TestAnUnfinishedJobThatALookMissesIsAskedForByItself(t *testing.T) {
	atSite(t, func(site *testSite) {
		created, err := site.create(site.interruptedAfter(10 * time.Second))
		if err != nil {
			site.Fatal(err)
		}
		site.sandbox.Fault(sandbox.Fault{Path: "name__in=.*order_by", Times: 4, Status: 200, Body: `{"results": []}`})
		site.hub = site.newHub()
		if _, err := site.destroy(site.Context(), *created.Record); err != nil {
			site.Fatal(err)
		}
		site.wantLaunches(createTemplate, deleteTemplate)
	})
}
