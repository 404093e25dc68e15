package provisioning

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/controller"
	"github.com/osac-project/terraform-provider-osac/internal/jobs"
	"github.com/osac-project/terraform-provider-osac/internal/jobs/jobstest"
	"github.com/osac-project/terraform-provider-osac/internal/osac"
)

// restart restarts the test's instance as another process.
func (s *testSite) restart(ctx context.Context, observe func(Progress)) error {
	s.hub = s.newHub()
	_, err := s.hub.Restart(ctx, RestartRequest{Key: jobstest.Instance().Key, Timeout: time.Hour, Observe: observe})
	return err
}

// given is what the job of an index was given.
func (s *testSite) given(index int) jobs.Run {
	s.Helper()
	read, ok := jobs.ReadRun(osac.ComputeInstance, controller.Job{ExtraVars: s.sandbox.Jobs()[index].ExtraVars}, osac.Provision)
	if !ok {
		s.Fatal("the job is none of an instance's")
	}
	return read
}

// TestRestartRepeatsTheInputs restarts twice: all that was applied is sent again, a record needs no run afterwards, and
// the next change tells of the restart.
func TestRestartRepeatsTheInputs(t *testing.T) {
	atSite(t, func(site *testSite) {
		desired := jobstest.Instance()
		desired.ExtraVars = json.RawMessage(`{"own":1}`)
		desired.WriteOnlyExtraVars = json.RawMessage(`{"written":"only"}`)
		desired.Triggers = map[string]string{"some": "trigger"}
		created, err := site.hub.Apply(site.Context(), ApplyRequest{Desired: desired, Timeout: time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		desired.WriteOnlyExtraVars = nil
		var told []Progress
		for range 2 {
			if err := site.restart(site.Context(), func(p Progress) { told = append(told, p) }); err != nil {
				t.Fatal(err)
			}
		}
		site.wantLaunches(createTemplate, createTemplate, createTemplate)
		first, second := site.given(1), site.given(2)
		if second.LastRestartedAt() == nil || !second.Restart().After(first.Restart().Time) || second.Resource.Status.LastRestartedAt != first.Restart().String() {
			t.Errorf("the second restart is that of %v after %s, the first that of %v", second.Restart(), second.Resource.Status.LastRestartedAt, first.Restart())
		}
		if vars := site.sandbox.Jobs()[2].ExtraVars; !strings.Contains(vars, `"written"`) || !strings.Contains(vars, `"own"`) {
			t.Errorf("the restart was given %s", vars)
		}
		refreshed := site.refresh(*created.Record).Record
		if refreshed.NeedsRun(desired, nil) || !refreshed.LastRestartedAt.Equal(second.Restart().Time) {
			t.Errorf("needs a run: %v; last restarted at %v, want %v", refreshed.NeedsRun(desired, nil), refreshed.LastRestartedAt, second.Restart())
		}
		desired.Labels = map[string]string{"changed": "since"}
		if _, err := site.update(site.Context(), *created.Record, desired); err != nil {
			t.Fatal(err)
		}
		if got := site.given(3).Resource.Status.LastRestartedAt; got != second.Restart().String() {
			t.Errorf("the next change says that the machine was last restarted at %q, want %s", got, second.Restart())
		}
		wantProgress(t, told)
	})
}

// wantProgress checks what was told of two restarts of a minute each.
func wantProgress(t *testing.T, told []Progress) {
	t.Helper()
	states, tasks := map[jobs.JobState]int{}, 0
	for _, progress := range told {
		states[progress.Job.State]++
		if progress.Task != "" && progress.Elapsed >= progressInterval {
			tasks++
		}
	}
	if states[jobs.JobRunning] < 6 || states[jobs.JobSucceeded] != 2 || tasks < 6 {
		t.Errorf("told %v, and %d times of a task", states, tasks)
	}
}

// TestRestartIsFollowedAfterAnInterrupt invokes a restart again whose job still runs.
func TestRestartIsFollowedAfterAnInterrupt(t *testing.T) {
	atSite(t, func(site *testSite) {
		site.created()
		wantReason(t, site.restart(site.interruptedAfter(20*time.Second), nil), ReasonInterrupted, "goes on")
		if err := site.restart(site.Context(), nil); err != nil {
			t.Fatal(err)
		}
		site.wantLaunches(createTemplate, createTemplate)
	})
}

// TestRestartWaitsForAChange restarts while a change runs: with the changed configuration, and not with the one before.
func TestRestartWaitsForAChange(t *testing.T) {
	atSite(t, func(site *testSite) {
		record := site.created()
		desired := jobstest.Instance()
		desired.Labels = map[string]string{"changed": "meanwhile"}
		interrupted, err := site.update(site.interruptedAfter(20*time.Second), record, desired)
		if err != nil {
			t.Fatal(err)
		}
		if err := site.restart(site.Context(), nil); err != nil {
			t.Fatal(err)
		}
		site.wantLaunches(createTemplate, createTemplate, createTemplate)
		if site.refresh(*interrupted.Record).Record.NeedsRun(desired, nil) {
			t.Error("the change is undone")
		}
	})
}

func TestRestartRefused(t *testing.T) {
	t.Run("never made", func(t *testing.T) {
		atSite(t, func(site *testSite) {
			wantReason(t, site.restart(site.Context(), nil), ReasonNoInstance, "No successful job")
		})
	})
	t.Run("deleted", func(t *testing.T) {
		atSite(t, func(site *testSite) {
			if _, err := site.destroy(site.Context(), site.created()); err != nil {
				t.Fatal(err)
			}
			wantReason(t, site.restart(site.Context(), nil), ReasonNoInstance, "deleted since")
			site.wantLaunches(createTemplate, deleteTemplate)
		})
	})
	t.Run("halted", func(t *testing.T) {
		atSite(t, func(site *testSite) {
			halted := jobstest.Instance()
			jobstest.Change(&halted, func(s *osac.ComputeInstanceSpec) { s.RunStrategy = osac.RunHalted })
			if _, err := site.hub.Apply(site.Context(), ApplyRequest{Desired: halted, Timeout: time.Hour}); err != nil {
				t.Fatal(err)
			}
			wantReason(t, site.restart(site.Context(), nil), ReasonRestart, "Halted")
			site.wantLaunches(createTemplate)
		})
	})
	t.Run("hidden variables", func(t *testing.T) {
		atSite(t, func(site *testSite) {
			secret := jobstest.Instance()
			secret.ExtraVars = json.RawMessage(`{"site":{"password":"$encrypted$"}}`)
			if _, err := site.hub.Apply(site.Context(), ApplyRequest{Desired: secret, Timeout: time.Hour}); err != nil {
				t.Fatal(err)
			}
			wantReason(t, site.restart(site.Context(), nil), ReasonNoInstance, "site.password")
			site.wantLaunches(createTemplate)
		})
	})
}
