package provisioning

import (
	"testing"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/controller"
	"github.com/osac-project/terraform-provider-osac/internal/jobs"
	"github.com/osac-project/terraform-provider-osac/internal/jobs/jobstest"
	"github.com/osac-project/terraform-provider-osac/internal/osac"
)

// TestRestartIsDoneOnce changes an input while the job of an interrupted restart runs: the change waits for that job, and
// its own must not restart the machine again.
func TestRestartIsDoneOnce(t *testing.T) {
	atSite(t, func(site *testSite) {
		record := site.created()
		desired := jobstest.Instance()
		moment := osac.NewTimestamp(time.Now().Add(time.Second))
		jobstest.Change(&desired, func(s *osac.ComputeInstanceSpec) { s.RestartRequestedAt = &moment })
		interrupted, err := site.update(site.interruptedAfter(20*time.Second), record, desired)
		if err != nil || interrupted.Record == nil {
			t.Fatal(interrupted, err)
		}
		refreshed := site.refresh(*interrupted.Record)
		desired.Labels = map[string]string{"changed": "meanwhile"}
		if _, err := site.update(site.Context(), *refreshed.Record, desired); err != nil {
			t.Fatal(err)
		}
		site.wantLaunches(createTemplate, createTemplate, createTemplate)
		last, _ := jobs.ReadRun(osac.ComputeInstance, controller.Job{ExtraVars: site.sandbox.Jobs()[2].ExtraVars}, osac.Provision)
		if got := last.Resource.Status.LastRestartedAt; got != moment.String() {
			t.Errorf("the last job was told that the machine was last restarted at %q, want %q", got, moment)
		}
	})
}

// Somebody who runs an old job again does not undo the restart that came after it.
func TestARestartIsKnownBeyondAnOlderJobThatIsRunAgain(t *testing.T) {
	atSite(t, func(site *testSite) {
		record := site.created()
		time.Sleep(time.Minute)
		requested := osac.NewTimestamp(time.Now())
		updated, err := site.update(site.Context(), record, *jobstest.Restarted(&requested))
		if err != nil {
			site.Fatal(err)
		}
		site.sandbox.LaunchByHand(createTemplate, site.sandbox.Jobs()[0].ExtraVars, "admin")
		time.Sleep(2 * time.Minute)
		imported, err := site.newHub().Import(site.Context(), jobstest.Instance().Key)
		if err != nil {
			site.Fatal(err)
		}
		for name, record := range map[string]*jobs.Record{"refreshed": site.refresh(*updated.Record).Record, "imported": imported.Record} {
			if last := record.LastRestartedAt; last == nil || !last.Equal(requested.Time) {
				site.Errorf("%s: last restarted at %v, want %s", name, last, requested)
			}
		}
	})
}
