package acceptance

import (
	"syscall"
	"testing"
)

func TestAccX7_changedWhileAJobRuns(t *testing.T) {
	t.Parallel()
	site := StartSandbox(t)
	w, name := site.instance(creating(lasting()))
	w.leaveRunning(name, "running")
	w.change(vars{"template_parameters": nil, "run_strategy": "Halted"})
	w.apply()
	jobs := site.wantLaunches(name, "create", "create")
	if jobs[0].status != "successful" {
		t.Errorf("the first job ended as %s", jobs[0].status)
	}
	site.wantCancels(0)
	w.inState().wantTainted(false).wantReconciled(true).wantText("phase", "Stopped")
	w.wantNoWork()
}

func TestAccX25_nameTaken(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]vars{
		"other spec":             {"instance": vars{"cores": 4}, "hub": vars{"owner": "somebody else"}},
		"same spec, other owner": {"hub": vars{"owner": "somebody else"}},
		"same spec, no owner":    nil,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			site := StartSandbox(t)
			w, name := site.instance(nil)
			w.apply()
			other := w.imported()
			if other.set(change); change == nil {
				other.env(ownerVariable + "=")
			}
			other.tryApply().want(1).says("exists already", "terraform import", namespace+"/"+name, "take_over")
			other.wantGone()
			site.wantLaunches(name, "create")
			other.change(vars{"take_over": true})
			other.apply().says("An existing instance is taken over", "Remove take_over")
			site.wantLaunches(name, "create", "create")
			// The machine is the other's now: the first state neither changes nor deletes it.
			w.change(vars{"cores": 8})
			w.tryApply().want(1).says("was taken by job")
			w.tryDestroy().want(1).says("was taken by job")
			site.wantLaunches(name, "create", "create")
		})
	}
}

func TestAccX27_changedOutside(t *testing.T) {
	t.Parallel()
	t.Run("deleted", func(t *testing.T) {
		t.Parallel()
		site := StartAdministered(t)
		w, name := site.instance(nil)
		w.apply()
		site.operator.launch(deleteTemplate, site.jobsOf(name)[0].extraVars)
		site.awaitEnd(name)
		w.wantPlan("create")
		w.apply()
		site.wantLaunches(name, "create", "delete", "create")
		w.inState().wantReconciled(true)
		w.wantNoWork()
	})
	t.Run("changed", func(t *testing.T) {
		t.Parallel()
		site := StartAdministered(t)
		w, name := site.instance(nil)
		w.apply()
		w.change(vars{"run_strategy": "Halted"})
		w.apply()
		site.operator.launch(createTemplate, site.jobsOf(name)[0].extraVars)
		site.awaitEnd(name)
		w.wantPlan("update")
		w.apply()
		site.wantLaunches(name, "create", "create", "create", "create")
		w.inState().wantReconciled(true).wantText("phase", "Stopped")
		w.wantNoWork()
	})
}

// TestAccX35_noActivityStream repeats what needs a look-up where the stream knows nothing.
func TestAccX35_noActivityStream(t *testing.T) {
	t.Parallel()
	site := StartSimulated(t)
	site.faults().DisableActivityStream(true)
	w, name := site.instance(creating(lasting()))
	w.kill(signalled{"both", func(c *command) { c.signalGroup(syscall.SIGKILL) }}, func() { site.awaitStatus(name, 1, "running") })
	w.apply()
	site.wantLaunches(name, "create")
	w.wantNoWork()
	w.destroy()
	site.wantLaunches(name, "create", "delete")
	w.wantGone()
}
