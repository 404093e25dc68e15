package acceptance

import (
	"syscall"
	"testing"
)

// kills are the ways in which a run of Terraform dies without a word.
func kills() []signalled {
	return []signalled{
		{"both", func(c *command) { c.signalGroup(syscall.SIGKILL) }},
		{"Terraform", func(c *command) { c.signalTerraform(syscall.SIGKILL) }},
		{"the provider", func(c *command) { c.signalProvider(syscall.SIGKILL) }},
	}
}

func TestAcc8_crash(t *testing.T) {
	t.Parallel()
	for _, how := range every(kills()) {
		t.Run("create/"+how.name, func(t *testing.T) { t.Parallel(); killedInCreate(t, how) })
		t.Run("update/"+how.name, func(t *testing.T) { t.Parallel(); killedInUpdate(t, how) })
		t.Run("delete/"+how.name, func(t *testing.T) { t.Parallel(); killedInDelete(t, how) })
		atEveryMoment(t, how)
	}
	how := kills()[0]
	t.Run("found done", func(t *testing.T) { t.Parallel(); killedAndFoundDone(t, how) })
}

func killedInCreate(t *testing.T, how signalled) {
	site := StartSandbox(t)
	w, name := site.instance(creating(lasting()))
	w.kill(how, func() { site.awaitStatus(name, 1, "running") })
	site.wantActive(name, 1)
	w.wantGone()
	w.apply()
	site.wantLaunches(name, "create")
	w.inState().wantTainted(false).wantReconciled(true).wantLastJob("provision Succeeded")
	w.wantNoWork()
}

// kill kills an apply when it is time, and removes the lock that it leaves: a person would do that, too.
func (w *workspace) kill(how signalled, awaitTime func()) {
	w.t.Helper()
	w.killRun(how, awaitTime, applyWith()...)
}

func (w *workspace) killRun(how signalled, awaitTime func(), arguments ...string) {
	w.t.Helper()
	running := w.start(arguments...)
	awaitTime()
	how.send(running)
	if ended := running.wait(); ended.exit == 0 {
		w.t.Fatalf("a run that was killed ended well:\n%s", ended.output)
	}
	running.end()
}

func killedInUpdate(t *testing.T, how signalled) {
	site := StartSandbox(t)
	w, name := site.instance(nil)
	w.apply()
	w.change(with(creating(lasting()), vars{"run_strategy": "Halted"}))
	w.kill(how, func() { site.awaitStatus(name, 2, "running") })
	site.wantActive(name, 2)
	w.inState().wantTainted(false)
	w.apply()
	site.wantLaunches(name, "create", "create")
	w.inState().wantReconciled(true).wantText("phase", "Stopped")
	w.wantNoWork()
}

// killedAndFoundDone applies again when the job has long succeeded: the create template runs once more, with a warning, so
// that the machine is this life's alone.
func killedAndFoundDone(t *testing.T, how signalled) {
	site := StartSandbox(t)
	w, name := site.instance(creating(brief()))
	w.kill(how, func() { site.awaitStatus(name, 1, "running") })
	site.awaitEnd(name)
	w.apply().says("An existing instance was adopted")
	site.wantLaunches(name, "create", "create")
	w.inState().wantReconciled(true).wantLastJob("provision Succeeded")
	w.wantNoWork()
}

func killedInDelete(t *testing.T, how signalled) {
	site := StartSandbox(t)
	w, name := site.instance(deleting(lasting()))
	w.apply()
	w.killRun(how, func() { site.awaitStatus(name, 2, "running") }, "destroy", "-auto-approve", "-no-color")
	site.wantActive(name, 2)
	w.destroy()
	site.wantLaunches(name, "create", "delete")
	w.wantGone()
}
