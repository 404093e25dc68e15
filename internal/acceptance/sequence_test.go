package acceptance

import (
	"syscall"
	"testing"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
)

func TestAccX6_backToTheFirst(t *testing.T) {
	t.Parallel()
	t.Run("all succeed", func(t *testing.T) {
		t.Parallel()
		backToTheFirst(t, nil, 0)
	})
	t.Run("the second fails", func(t *testing.T) {
		t.Parallel()
		backToTheFirst(t, vars{"fail": reason}, 1)
	})
	t.Run("the second is purged", func(t *testing.T) { t.Parallel(); backToTheFirstAfterPurge(t) })
}

// backToTheFirstAfterPurge loses the job that came in between: the older success must not count for the newest.
func backToTheFirstAfterPurge(t *testing.T) {
	site := StartAdministered(t)
	w, name := site.instance(nil)
	w.apply()
	w.simulate(vars{"fail": reason})
	w.change(vars{"run_strategy": "Halted"})
	w.tryApply().want(1)
	site.operator.purge(site.jobsOf(name)[1])
	w.simulate(nil)
	w.change(vars{"run_strategy": "Always"})
	w.wantPlan("update")
	w.apply()
	site.wantLaunches(name, "create", "create", "create")
	w.inState().wantReconciled(true).wantText("phase", "Running")
	w.wantNoWork()
}

func backToTheFirst(t *testing.T, second vars, exitOfSecond int) {
	t.Helper()
	site := StartSandbox(t)
	w, name := site.instance(vars{"run_strategy": "Always"})
	w.apply()
	w.simulate(second)
	w.change(vars{"run_strategy": "Halted"})
	w.tryApply().want(exitOfSecond)
	w.simulate(nil)
	w.change(vars{"run_strategy": "Always"})
	w.wantPlan("update")
	w.apply()
	jobs := site.wantLaunches(name, "create", "create", "create")
	if got := jobs[2].resource(t).Spec["runStrategy"]; got != "Always" {
		t.Errorf("the third job was given the run strategy %v", got)
	}
	w.inState().wantReconciled(true).wantText("phase", "Running")
	w.wantNoWork()
}

func TestAccX8_failedThenChanged(t *testing.T) {
	t.Parallel()
	site := StartSandbox(t)
	w, name := site.instance(nil)
	w.apply()
	w.change(with(doomed(), vars{"labels": vars{"a": "1"}}))
	w.tryApply().want(1).wantReason()
	w.change(vars{"template_parameters": nil, "labels": vars{"a": "2"}})
	w.apply()
	jobs := site.wantLaunches(name, "create", "create", "create")
	if got := jobs[2].resource(t).Metadata.Labels["a"]; got != "2" {
		t.Errorf("the last job was given the label %q", got)
	}
	w.inState().wantReconciled(true)
	w.wantNoWork()
}

func TestAccX9_failedSameSpec(t *testing.T) {
	t.Parallel()
	t.Run("update", func(t *testing.T) {
		t.Parallel()
		site := StartSandbox(t)
		w, name := site.instance(nil)
		w.apply()
		w.simulate(vars{"fail": reason})
		w.change(vars{"run_strategy": "Halted"})
		w.tryApply().want(1)
		w.simulate(nil)
		w.inState().wantTainted(false).wantText("phase", "Failed").wantLastJob("provision Failed")
		w.wantPlan("update")
		w.apply()
		site.wantLaunches(name, "create", "create", "create")
		w.inState().wantReconciled(true)
		w.wantNoWork()
	})
	t.Run("create", func(t *testing.T) {
		t.Parallel()
		site := StartSandbox(t)
		w, name := site.instance(nil)
		w.simulate(vars{"fail": reason})
		w.tryApply().want(1)
		w.simulate(nil)
		w.wantPlan("delete", "create")
		w.apply()
		site.wantLaunches(name, "create", "delete", "create")
		w.inState().wantTainted(false).wantReconciled(true)
	})
	t.Run("create, untainted", func(t *testing.T) {
		t.Parallel()
		site := StartSandbox(t)
		w, name := site.instance(nil)
		w.simulate(vars{"fail": reason})
		w.tryApply().want(1)
		w.simulate(nil)
		w.run("untaint", address).want(0)
		w.wantPlan("update")
		w.apply()
		site.wantLaunches(name, "create", "create")
		w.inState().wantTainted(false).wantReconciled(true)
	})
}

func TestAccX10_destroyOfNeverProvisioned(t *testing.T) {
	t.Parallel()
	site := StartSimulated(t)
	w, name := site.instance(nil)
	site.faults().Fault(sandbox.Fault{Path: "launch", Method: "POST", Status: 400, Body: `{"variables_needed_to_start":["no inventory"]}`})
	w.tryApply().want(1).says("could not be started", "no inventory")
	w.wantGone()
	w.destroy()
	site.wantLaunches(name)
}

func TestAccX16_halted(t *testing.T) {
	t.Parallel()
	site := StartSandbox(t)
	w, name := site.instance(nil)
	w.apply()
	for _, each := range []struct{ strategy, phase string }{{"Halted", "Stopped"}, {"Always", "Running"}} {
		w.change(vars{"run_strategy": each.strategy})
		w.wantPlan("update")
		w.apply()
		w.inState().wantText("phase", each.phase).wantReconciled(true)
		w.wantNoWork()
	}
	site.wantLaunches(name, "create", "create", "create")
}

func TestAccX33_reasonLate(t *testing.T) {
	t.Parallel()
	site := StartSimulated(t)
	late := failing()
	late.EventDelay = 2 * time.Second
	site.faults().BehaveNext(createTemplate, late)
	w, _ := site.instance(nil)
	w.tryApply().want(1).says("Make the machine", "worker-1", "the quota is exceeded")
}

func TestAccX56_ranNothing(t *testing.T) {
	t.Parallel()
	site := StartSimulated(t)
	nothing := sandbox.Behavior{NoHosts: true, EventDelay: 2 * time.Second}
	for _, template := range []string{createTemplate, createTemplate, deleteTemplate} {
		site.faults().BehaveNext(template, nothing)
	}
	w, name := site.instance(nil)
	w.apply().says("A job did nothing", "met no host", createTemplate)
	w.wantNoWork()
	w.change(vars{"labels": map[string]string{"team": "b"}})
	w.apply().says("A job did nothing")
	w.destroy().says("A job did nothing", "look whether the machine is still there", "met no host", deleteTemplate)
	site.wantLaunches(name, "create", "create", "delete")
	w.wantGone()
}

func TestAcc18_restartNegative(t *testing.T) {
	t.Parallel()
	t.Run("at create", func(t *testing.T) {
		t.Parallel()
		site := StartSandbox(t)
		moment := time.Now().UTC().Truncate(time.Second).Format(time.RFC3339)
		w, name := site.instance(vars{"restart_requested_at": moment})
		w.apply()
		given := site.wantLaunches(name, "create")[0].resource(t)
		if given.Spec["restartRequestedAt"] != moment || given.Status.LastRestartedAt != moment {
			t.Errorf("the job was given restart %v, last restart %q", given.Spec["restartRequestedAt"], given.Status.LastRestartedAt)
		}
		w.wantNoWork()
		site.wantRestarts(name)
	})
	t.Run("not later than the creation", func(t *testing.T) {
		t.Parallel()
		site := StartSandbox(t)
		w, name := site.instance(nil)
		w.apply()
		w.change(vars{"restart_requested_at": time.Now().Add(-time.Hour).Format(time.RFC3339)})
		w.apply()
		w.wantNoWork()
		site.wantLaunches(name, "create")
		site.wantRestarts(name)
	})
	t.Run("unrelated later update", func(t *testing.T) {
		t.Parallel()
		site := StartSandbox(t)
		w, name := site.instance(nil)
		w.apply()
		moment := time.Now().Add(2 * time.Second).UTC().Truncate(time.Second)
		w.change(vars{"restart_requested_at": moment.Format(time.RFC3339)})
		w.apply()
		w.change(vars{"labels": vars{"a": "1"}})
		w.apply()
		w.change(vars{"restart_requested_at": moment.Add(-time.Minute).Format(time.RFC3339)})
		w.apply()
		jobs := site.wantLaunches(name, "create", "create", "create")
		if got := jobs[2].resource(t).Status.LastRestartedAt; got != moment.Format(time.RFC3339) {
			t.Errorf("the later payload carries the last restart %q, so the playbook would reboot again", got)
		}
		site.wantRestarts(name, moment.Format(time.RFC3339))
		w.wantNoWork()
	})
}

func TestAcc19_unknownStatus(t *testing.T) {
	t.Parallel()
	for _, status := range []string{"new", "quantum"} {
		t.Run(status, func(t *testing.T) {
			t.Parallel()
			site := StartSimulated(t)
			site.faults().Behave(createTemplate, sandbox.Behavior{Duration: lasting(), Status: status})
			w, name := site.instance(nil)
			applying := w.start(applyWith()...)
			site.awaitStatus(name, 1, status)
			site.awaitRequest(func(_ int, r sandbox.Request) bool { return r.Answered && r.Route == "jobs list" && asksForIDs(r) })
			applying.signalGroup(syscall.SIGINT)
			applying.wait().want(1)
			w.inState().wantLastJob("provision Unknown").wantReconciled(false)
			w.apply()
			site.wantLaunches(name, "create")
			w.inState().wantLastJob("provision Succeeded").wantReconciled(true)
		})
	}
}
