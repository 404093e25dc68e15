package acceptance

import (
	"strings"
	"testing"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
)

// asksForIDs reports whether a request is a look at the jobs that are waited for.
func asksForIDs(r sandbox.Request) bool { return strings.Contains(r.Query, "id__in=") }

func TestAcc20_longJob(t *testing.T) {
	t.Parallel()
	t.Run("completes", func(t *testing.T) {
		t.Parallel()
		site := StartSimulated(t)
		w, name := site.instance(creating(lasting()))
		w.apply()
		looks := 0
		for _, request := range site.faults().Requests() {
			if asksForIDs(request) {
				looks++
			}
		}
		if looks < 5 {
			t.Errorf("a lasting job was looked at %d times", looks)
		}
		site.wantLaunches(name, "create")
		w.inState().wantReconciled(true)
	})
	t.Run("honours timeouts", func(t *testing.T) {
		t.Parallel()
		site := StartSandbox(t)
		w, name := site.instance(with(impatient("create"), creating(time.Hour)))
		w.tryApply().want(1).says("took too long")
		site.wantActive(name, 1)
		w.destroy()
		site.wantLaunches(name, "create", "delete")
	})
}

// instanceShown reads an instance by the data source, with its history of jobs.
const instanceShown = `
data "osac_compute_instance" "shown" {
  name = var.name
}

output "jobs" {
  value = data.osac_compute_instance.shown.jobs
}
`

// TestAcc21_jobHistoryBounded has a dozen jobs run for the instance, some by hand. State knows the newest; the data source
// has a bounded history.
func TestAcc21_jobHistoryBounded(t *testing.T) {
	t.Parallel()
	site := StartSimulated(t)
	w, name := site.instance(nil)
	w.apply()
	site.faults().BehaveNext(deleteTemplate, failing())
	w.tryDestroy().want(1)
	site.faults().Behave(createTemplate, sandbox.Behavior{Duration: 20 * time.Millisecond})
	first := site.jobsOf(name)[0]
	for range 11 {
		site.faults().Relaunch(first.id, "admin")
		site.awaitEnd(name)
	}
	w.apply()
	newest := site.jobsOf(name)
	if last := w.inState().wantReconciled(true).wantLastJob("provision Succeeded").lastJob(); last.id != text(newest[len(newest)-1].id) {
		t.Errorf("the last job in state is %s, want %d", last.id, newest[len(newest)-1].id)
	}
	w.write("shown.tf", instanceShown)
	w.apply()
	entries := listed(decode[any](t, w.run("output", "-json", "jobs").want(0).output))
	if len(entries) != 10 {
		t.Fatalf("%d jobs are shown, want 10", len(entries))
	}
	for i, entry := range entries {
		if want := newest[len(newest)-1-i].id; entry.verb != "provision" || entry.id != text(want) {
			t.Errorf("entry %d is job %s (%s), want %d", i, entry.id, entry.verb, want)
		}
	}
	w.wantNoWork()
}
