package provisioning

import (
	"testing"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/controller"
)

// TestRestartIsDoneOnce changes an input while the job of an interrupted restart runs: the change waits for that job, and
// its own must not restart the machine again.
func TestRestartIsDoneOnce(t *testing.T) {
	atSite(t, func(site *testSite) {
		record := site.created()
		desired := testInstance()
		moment := NewTimestamp(time.Now().Add(time.Second))
		desired.Spec.RestartRequestedAt = &moment
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
		last, _ := readRun(controller.Job{ExtraVars: site.sandbox.Jobs()[2].ExtraVars}, Provision)
		if got := last.resource.Status.LastRestartedAt; got != moment.String() {
			t.Errorf("the last job was told that the machine was last restarted at %q, want %q", got, moment)
		}
	})
}
