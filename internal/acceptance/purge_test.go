package acceptance

import (
	"syscall"
	"testing"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
)

func TestAccX4_provisionJobPurgedWhileWaiting(t *testing.T) {
	t.Parallel()
	t.Run("once", func(t *testing.T) { t.Parallel(); purgedOnce(t) })
	t.Run("twice", func(t *testing.T) { t.Parallel(); purgedTwice(t) })
	t.Run("restart", func(t *testing.T) { t.Parallel(); purgedRestart(t) })
}

// purgeRunning purges the newest of so many jobs while it runs.
func (s *Site) purgeRunning(name string, count int) {
	s.t.Helper()
	running := s.awaitStatus(name, count, "running")
	s.faults().Purge(running.id)
}

func purgedOnce(t *testing.T) {
	site := StartSimulated(t)
	site.faults().BehaveNext(createTemplate, sandbox.Behavior{Duration: time.Hour}, sandbox.Behavior{Duration: quick})
	w, name := site.instance(nil)
	applying := w.start(applyWith()...)
	site.purgeRunning(name, 1)
	applying.wait().want(0).says("A job was purged before its end")
	site.wantLaunches(name, "create", "create")
	w.inState().wantTainted(false).wantReconciled(true).wantLastJob("provision Succeeded")
	w.wantNoWork()
}

func purgedTwice(t *testing.T) {
	site := StartSimulated(t)
	site.faults().Behave(createTemplate, sandbox.Behavior{Duration: time.Hour})
	w, name := site.instance(nil)
	applying := w.start(applyWith()...)
	site.purgeRunning(name, 1)
	site.purgeRunning(name, 2)
	applying.wait().want(1).says("outcome is unknown")
	site.wantLaunches(name, "create", "create")
	w.inState().wantReconciled(false).wantLastJob("provision Purged")
}

func purgedRestart(t *testing.T) {
	site := StartSimulated(t)
	w, name := site.instance(nil)
	w.apply()
	site.faults().Behave(createTemplate, sandbox.Behavior{Duration: time.Hour})
	w.change(vars{"restart_requested_at": time.Now().Add(2 * time.Second).Format(time.RFC3339)})
	applying := w.start(applyWith()...)
	site.purgeRunning(name, 2)
	applying.wait().want(1).says("restart the machine", "outcome is unknown")
	site.wantLaunches(name, "create", "create")
	w.inState().wantTainted(false).wantReconciled(false).wantText("last_restarted_at", "")
}

func TestAccX5_deprovisionJobPurgedWhileWaiting(t *testing.T) {
	t.Parallel()
	site := StartSimulated(t)
	w, name := site.instance(nil)
	w.apply()
	site.faults().Behave(deleteTemplate, sandbox.Behavior{Duration: time.Hour})
	destroying := w.start("destroy", "-auto-approve", "-no-color")
	site.purgeRunning(name, 2)
	destroying.wait().want(0).says("A delete job was purged before its end")
	site.wantLaunches(name, "create", "delete")
	w.wantGone()
}

func TestAcc10_provisionJobPurgedThenDestroy(t *testing.T) {
	t.Parallel()
	site := StartAdministered(t)
	w, name := site.instance(nil)
	w.apply()
	site.purgeAll(name)
	w.destroy()
	site.wantLaunches(name, "create", "delete")
	w.wantGone()
}

func TestAccX28_purgedJobsAtRefresh(t *testing.T) {
	t.Parallel()
	t.Run("finished", func(t *testing.T) { t.Parallel(); finishedPurged(t) })
	t.Run("unfinished provision", func(t *testing.T) { t.Parallel(); unfinishedProvisionPurged(t) })
	t.Run("unfinished delete", func(t *testing.T) { t.Parallel(); unfinishedDeletePurged(t) })
}

func finishedPurged(t *testing.T) {
	site := StartAdministered(t)
	w, name := site.instance(nil)
	w.apply()
	site.purgeAll(name)
	w.wantNoWork()
	w.apply("-refresh-only")
	w.inState().wantReconciled(true).wantText("phase", "Running").wantLastJob("provision Purged")
	w.wantNoWork()
	site.wantLaunches(name, "create")
}

func unfinishedProvisionPurged(t *testing.T) {
	site := StartSimulated(t)
	site.faults().BehaveNext(createTemplate, sandbox.Behavior{Duration: time.Hour})
	w, name := site.instance(nil)
	applying := w.start(applyWith()...)
	running := site.awaitStatus(name, 1, "running")
	applying.signalGroup(syscall.SIGINT)
	applying.wait().want(1)
	site.faults().Purge(running.id)
	w.wantPlan("update").says("outcome of a job is unknown")
	w.apply()
	site.wantLaunches(name, "create", "create")
	w.inState().wantReconciled(true).wantLastJob("provision Succeeded")
}

func unfinishedDeletePurged(t *testing.T) {
	site := StartSimulated(t)
	w, name := site.instance(nil)
	w.apply()
	site.faults().BehaveNext(deleteTemplate, sandbox.Behavior{Duration: time.Hour})
	destroying := w.start("destroy", "-auto-approve", "-no-color")
	running := site.awaitStatus(name, 2, "running")
	destroying.signalGroup(syscall.SIGINT)
	destroying.wait().want(1)
	site.faults().Purge(running.id)
	w.wantPlan("update").says("outcome of a job is unknown")
	w.destroy()
	site.wantLaunches(name, "create", "delete", "delete")
	w.wantGone()
}
