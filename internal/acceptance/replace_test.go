package acceptance

import (
	"syscall"
	"testing"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
)

func TestAccX37_createBeforeDestroy(t *testing.T) {
	t.Parallel()
	t.Run("replace", func(t *testing.T) {
		t.Parallel()
		refusedCreateBeforeDestroy(t, func(w *workspace) result { return w.tryApply("-replace=" + address) })
	})
	t.Run("taint", func(t *testing.T) {
		t.Parallel()
		refusedCreateBeforeDestroy(t, func(w *workspace) result {
			w.run("taint", address).want(0)
			return w.tryApply()
		})
	})
	t.Run("changed disk", func(t *testing.T) {
		t.Parallel()
		refusedCreateBeforeDestroy(t, func(w *workspace) result {
			w.change(vars{"boot_disk": vars{"size_gib": 40}})
			return w.tryApply()
		})
	})
	t.Run("changed name", func(t *testing.T) { t.Parallel(); newNameCreateBeforeDestroy(t) })
}

// refusedCreateBeforeDestroy replaces an instance under an unchanged name: the machine must survive that, and the
// applies that follow.
func refusedCreateBeforeDestroy(t *testing.T, apply func(w *workspace) result) {
	site := StartSandbox(t)
	w, name := site.instance(nil)
	w.add("create_before_destroy_override.tf")
	w.apply()
	// The create comes first, and takes the machine of its own owner; then its delete is refused.
	apply(w).want(1).says(name, "made by this same run")
	site.wantLaunches(name, "create", "create")
	site.wantExists(name, true)
	w.tryApply()
	site.wantExists(name, true)
}

// wantExists checks whether the machine exists, as far as jobs can tell.
func (s *Site) wantExists(name string, want bool) {
	s.t.Helper()
	exists := false
	for _, each := range s.jobsOf(name) {
		if each.status == "successful" {
			exists = each.verb() == "create"
		}
	}
	if exists != want {
		s.t.Errorf("machine %s exists: %v, want %v", name, exists, want)
	}
}

func newNameCreateBeforeDestroy(t *testing.T) {
	site := StartSandbox(t)
	w, name := site.instance(nil)
	w.add("create_before_destroy_override.tf")
	w.apply()
	successor := site.newName()
	w.set(vars{"name": successor})
	w.apply()
	deleted := site.wantLaunches(name, "create", "delete")[1]
	created := site.wantLaunches(successor, "create")[0]
	if !created.finished.Before(deleted.created) {
		t.Error("the old instance was deleted before the new one was there")
	}
	w.wantNoWork()
}

func TestAccX38_replace(t *testing.T) {
	t.Parallel()
	t.Run("-replace", func(t *testing.T) {
		t.Parallel()
		replaced(t, func(w *workspace) { w.apply("-replace=" + address) })
	})
	t.Run("tainted", func(t *testing.T) {
		t.Parallel()
		replaced(t, func(w *workspace) {
			w.run("taint", address).want(0)
			w.apply()
		})
	})
	t.Run("changed", func(t *testing.T) {
		t.Parallel()
		replaced(t, func(w *workspace) {
			w.change(vars{"boot_disk": vars{"size_gib": 40}})
			w.apply()
		})
	})
	t.Run("delete job purged in between", func(t *testing.T) {
		t.Parallel()
		StartSimulated(t) // or skips
		replaced(t, func(w *workspace) {
			w.site.faults().Behave(deleteTemplate, sandbox.Behavior{Duration: time.Hour})
			name, _ := w.variables["name"].(string)
			applying := w.start(applyWith("-replace=" + address)...)
			w.site.purgeRunning(name, 2)
			applying.wait().want(0)
		})
	})
}

func replaced(t *testing.T, apply func(w *workspace)) {
	site := StartSandbox(t)
	w, name := site.instance(nil)
	w.apply()
	apply(w)
	jobs := site.wantLaunches(name, "create", "delete", "create")
	first, second := jobs[0].resource(t).Metadata.Annotations, jobs[2].resource(t).Metadata.Annotations
	if first["osac.openshift.io/run-id"] == second["osac.openshift.io/run-id"] {
		t.Error("the second creation is no run of its own")
	}
	w.inState().wantTainted(false).wantReconciled(true)
	w.wantNoWork()
}

func TestAccX39_destroyFailedThenApply(t *testing.T) {
	t.Parallel()
	t.Run("failed", func(t *testing.T) {
		t.Parallel()
		appliedAfterDestroy(t, func(w *workspace, _ string) {
			w.simulate(vars{"delete_fail": reason})
			w.tryDestroy().want(1)
		})
	})
	t.Run("cancelled", func(t *testing.T) {
		t.Parallel()
		appliedAfterDestroy(t, func(w *workspace, name string) {
			w.simulate(vars{"delete_seconds": 3600})
			destroying := w.start("destroy", "-auto-approve", "-no-color")
			w.site.operator.cancel(w.site.awaitStatus(name, 2, "running"))
			destroying.wait().want(1).says("cancelled")
		})
	})
	t.Run("interrupted", func(t *testing.T) {
		t.Parallel()
		appliedAfterDestroy(t, func(w *workspace, name string) {
			w.simulate(vars{"delete_seconds": lasting().Seconds()})
			destroying := w.start("destroy", "-auto-approve", "-no-color")
			w.site.awaitStatus(name, 2, "running")
			destroying.signalGroup(syscall.SIGINT)
			destroying.wait().want(1)
			w.site.wantActive(name, 2)
		})
	})
}

func appliedAfterDestroy(t *testing.T, destroy func(w *workspace, name string)) {
	site := StartAdministered(t)
	w, name := site.instance(nil)
	w.apply()
	destroy(w, name)
	w.simulate(nil)
	w.inState().wantTainted(false)
	w.wantPlan("update")
	w.apply()
	site.wantLaunches(name, "create", "delete", "create")
	w.inState().wantReconciled(true).wantText("phase", "Running")
	w.wantNoWork()
	site.wantExists(name, true)
}
