package acceptance

import (
	"strings"
	"testing"
	"time"
)

func TestAccX40_anotherController(t *testing.T) {
	t.Parallel()
	t.Run("different", func(t *testing.T) { t.Parallel(); differentController(t) })
	t.Run("moved", func(t *testing.T) { t.Parallel(); movedHub(t) })
	t.Run("place named", func(t *testing.T) { t.Parallel(); placeNamed(t) })
}

func differentController(t *testing.T) {
	site, other := StartSimulated(t), StartSimulated(t)
	w, name := site.instance(nil)
	w.apply()
	w.set(other.connection())
	w.tryApply().want(1).says("another controller", site.faults().InstallUUID(), other.faults().InstallUUID())
	w.tryDestroy().want(1).says("another controller")
	if launched := other.witness.jobs(t); len(launched) > 0 {
		t.Errorf("the other controller ran %d jobs", len(launched))
	}
	w.set(site.connection())
	w.inState().wantReconciled(true).wantLastJob("provision Succeeded")
	w.wantNoWork()
	site.wantLaunches(name, "create")
}

// movedHub moves the settings of the default hub into an entry of hubs.
func movedHub(t *testing.T) {
	site := StartSandbox(t)
	w, name := site.instance(nil)
	w.apply()
	w.remove("instance.tf")
	w.add("hubs.tf")
	w.set(vars{"hubs": vars{"east": vars{"url": site.url, "token": site.token}}, "hub": "east"})
	w.wantPlan("update")
	w.apply()
	w.inState().wantReconciled(true).wantText("hub", "east").wantText("id", "east/"+namespace+"/"+name).wantLastJob("provision Succeeded")
	w.wantNoWork()
	site.wantLaunches(name, "create")
}

// placeNamed gives a hub the setting place, which its state learns of at the next refresh.
func placeNamed(t *testing.T) {
	site := StartSandbox(t)
	w, name := site.instance(nil)
	w.remove("instance.tf")
	w.add("hubs.tf")
	w.set(vars{"hubs": vars{"east": vars{"url": site.url, "token": site.token}}, "hub": "east"})
	w.apply()
	w.set(vars{"hubs": vars{"east": vars{"url": site.url, "token": site.token, "place": "hall 1"}}, "extra_vars": `{"zone":"b"}`})
	w.apply("-refresh=false")
	w.inState().wantReconciled(true)
	w.wantNoWork()
	w.apply("-refresh-only")
	if identity := w.inState().text("hub_identity"); !strings.HasSuffix(identity, "/hall%201") {
		t.Errorf("the identity is %q after a refresh", identity)
	}
	site.wantLaunches(name, "create", "create")
}

func TestAccX43_endOfCreateUnknown(t *testing.T) {
	t.Parallel()
	t.Run("time-out", func(t *testing.T) {
		t.Parallel()
		unknownEnd(t, func(w *workspace, name string, applying *command) {
			w.site.awaitStatus(name, 1, "running")
			applying.wait().want(1).says("took too long", "untaint")
		})
	})
	t.Run("token revoked", func(t *testing.T) {
		t.Parallel()
		unknownEnd(t, func(w *workspace, name string, applying *command) {
			w.site.awaitStatus(name, 1, "running")
			w.site.operator.revoke(w.site.token)
			applying.wait().want(1).says("untaint")
			w.site.token = w.site.operator.token("write")
			w.set(w.site.connection())
		})
	})
	t.Run("controller gone", func(t *testing.T) {
		t.Parallel()
		StartSimulated(t) // or skips
		unknownEnd(t, func(w *workspace, name string, applying *command) {
			w.site.awaitStatus(name, 1, "running")
			w.site.faults().Down(0)
			applying.wait().want(1).says("untaint")
			w.site.faults().Up()
		})
	})
	t.Run("rebuilt by a plain apply", func(t *testing.T) { t.Parallel(); rebuiltAfterUnknownEnd(t) })
	t.Run("update", func(t *testing.T) { t.Parallel(); unknownEndOfUpdate(t) })
	t.Run("delete", func(t *testing.T) { t.Parallel(); unknownEndOfDelete(t) })
}

// impatient makes an operation give up long before a lasting job ends.
func impatient(operation string) vars {
	return vars{"timeouts": vars{operation: slowed(3 * time.Second).String()}}
}

func unknownEnd(t *testing.T, happen func(w *workspace, name string, applying *command)) {
	site := StartSandbox(t)
	site.token = site.operator.token("write") // the test may revoke it
	w, name := site.instance(with(impatient("create"), creating(lasting())))
	happen(w, name, w.start(applyWith()...))
	w.inState().wantTainted(true).wantReconciled(false).wantLastJob("provision active")
	w.run("untaint", address).want(0)
	w.apply()
	site.wantLaunches(name, "create")
	w.inState().wantTainted(false).wantReconciled(true)
	w.wantNoWork()
}

// rebuiltAfterUnknownEnd applies without untaint: the job is cancelled, and the instance built anew.
func rebuiltAfterUnknownEnd(t *testing.T) {
	site := StartSandbox(t)
	w, name := site.instance(impatient("create"))
	w.simulate(vars{"seconds": 3600})
	w.tryApply().want(1)
	w.simulate(nil)
	w.change(vars{"timeouts": nil})
	w.apply()
	jobs := site.wantLaunches(name, "create", "delete", "create")
	if jobs[0].status != "canceled" {
		t.Errorf("the first job is %s", jobs[0].status)
	}
	w.inState().wantReconciled(true)
}

func unknownEndOfUpdate(t *testing.T) {
	site := StartSandbox(t)
	w, name := site.instance(impatient("update"))
	w.apply()
	w.simulate(vars{"seconds": lasting().Seconds()})
	w.change(vars{"run_strategy": "Halted"})
	w.tryApply().want(1).says("took too long")
	w.inState().wantTainted(false).wantReconciled(false)
	w.change(vars{"timeouts": nil})
	w.apply()
	site.wantLaunches(name, "create", "create")
	w.inState().wantReconciled(true)
	w.wantNoWork()
}

func unknownEndOfDelete(t *testing.T) {
	site := StartSandbox(t)
	w, name := site.instance(impatient("delete"))
	w.apply()
	w.simulate(vars{"delete_seconds": lasting().Seconds()})
	w.tryDestroy().want(1).says("took too long")
	w.inState().wantTainted(false)
	site.awaitEnd(name)
	w.destroy()
	site.wantLaunches(name, "create", "delete")
	w.wantGone()
}
