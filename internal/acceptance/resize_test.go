package acceptance

import (
	"testing"
	"time"
)

// TestAccX53_resize gives a machine another size, which never replaces it, and then another one along with a restart.
func TestAccX53_resize(t *testing.T) {
	t.Parallel()
	site := StartSandbox(t)
	w, name := site.instance(vars{"cores": 2, "memory_gib": 4})
	w.apply()
	uid := w.inState().text("uid")
	w.change(vars{"cores": 4, "memory_gib": 8})
	w.wantPlan("update")
	w.apply()
	w.inState().wantReconciled(true).wantText("uid", uid)
	w.wantNoWork()

	restart := time.Now().Add(2 * time.Second).UTC().Truncate(time.Second).Format(time.RFC3339)
	w.change(vars{"cores": 1, "memory_gib": 8, "restart_requested_at": restart})
	w.wantPlan("update")
	w.apply()
	w.inState().wantReconciled(true).wantText("uid", uid).wantText("last_restarted_at", restart)
	w.wantNoWork()

	jobs := site.wantLaunches(name, "create", "create", "create")
	for i, want := range []struct {
		cores, memory float64
		restart       any
	}{{2, 4, nil}, {4, 8, nil}, {1, 8, restart}} {
		spec := jobs[i].resource(t).Spec
		if spec["cores"] != want.cores || spec["memoryGiB"] != want.memory || spec["restartRequestedAt"] != want.restart {
			t.Errorf("job %d was given %v, want %v", i+1, spec, want)
		}
	}
	site.wantRestarts(name, restart)
}
