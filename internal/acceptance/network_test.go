package acceptance

import (
	"net/http"
	"testing"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
)

func TestAcc14_pollingDisturbed(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]sandbox.Fault{
		"500":   {Status: 500},
		"502":   {Status: 502, Body: "<html>Bad Gateway</html>", Header: http.Header{"Content-Type": {"text/html"}}},
		"503":   {Status: 503},
		"reset": {Reset: true},
		"hang":  {Hang: true},
		// What AAP's gateway and its components answer to a good credential for a while.
		"401":                {Status: 401, Body: `{"detail":"Authentication credentials were not provided."}`},
		"403":                {Status: 403, Body: `{"detail":"You do not have permission to perform this action."}`},
		"423":                {Answer: sandbox.AnswerLocked},
		"498":                {Status: 498, Body: `{"detail":"JWT expired 3 seconds ago - check for clock skew."}`},
		"502 without a body": {Status: 502},
	} {
		t.Run(name, func(t *testing.T) { t.Parallel(); disturbed(t, fault) })
	}
	t.Run("refused", func(t *testing.T) {
		t.Parallel()
		site := StartSimulated(t)
		w, name := site.instance(creating(4 * time.Second))
		applying := w.start(applyWith()...)
		site.awaitStatus(name, 1, "running")
		site.faults().Down(time.Second)
		applying.wait().want(0)
		site.wantLaunches(name, "create")
		w.inState().wantReconciled(true)
	})
	t.Run("for good", func(t *testing.T) {
		t.Parallel()
		site := StartSimulated(t)
		w, name := site.instance(with(impatient("create"), creating(time.Hour)))
		applying := w.start(applyWith()...)
		site.awaitStatus(name, 1, "running")
		site.faults().Fault(sandbox.Fault{Method: "GET", Path: "id__in=", Status: 503, Body: `{"detail":"down for maintenance"}`})
		applying.wait().want(1).says("took too long", "503")
		site.wantLaunches(name, "create")
		w.inState().wantTainted(true)
	})
}

// disturbed spoils some looks at a running job.
func disturbed(t *testing.T, fault sandbox.Fault) {
	site := StartSimulated(t)
	w, name := site.instance(creating(2 * time.Second))
	w.set(vars{"hub": vars{"request_timeout": "1s"}})
	fault.Method, fault.Path, fault.Skip, fault.Times = "GET", "id__in=", 1, 2
	site.faults().Fault(fault)
	w.apply()
	site.wantLaunches(name, "create")
	w.inState().wantReconciled(true)
	w.wantNoWork()
}

func TestAcc15_launchRefused(t *testing.T) {
	t.Parallel()
	refusal := sandbox.Fault{Method: "POST", Path: "launch", Status: 400, Body: `{"detail":"the inventory is gone"}`}
	t.Run("create", func(t *testing.T) {
		t.Parallel()
		site := StartSimulated(t)
		site.faults().Fault(refusal)
		w, name := site.instance(nil)
		w.tryApply().want(1).says("the inventory is gone", createTemplate)
		site.wantLaunches(name)
		w.wantGone()
	})
	t.Run("update and delete", func(t *testing.T) {
		t.Parallel()
		site := StartSimulated(t)
		w, name := site.instance(nil)
		w.apply()
		site.faults().Fault(refusal)
		w.tryDestroy().want(1).says("the inventory is gone", deleteTemplate)
		w.inState().wantTainted(false).wantReconciled(true).wantLastJob("provision Succeeded")
		w.change(vars{"run_strategy": "Halted"})
		w.tryApply().want(1).says("the inventory is gone", createTemplate)
		w.inState().wantTainted(false).wantText("run_strategy", "Always").wantLastJob("provision Succeeded")
		site.wantLaunches(name, "create")
	})
	for name, fault := range map[string]sandbox.Fault{
		"answer lost":        {Reset: true, AfterHandling: true},
		"answer spoilt":      {Status: 502, AfterHandling: true},
		"request lost":       {Reset: true},
		"answer never comes": {Hang: true, AfterHandling: true},
	} {
		t.Run(name, func(t *testing.T) { t.Parallel(); launchedOnceAllTheSame(t, fault) })
	}
}

// launchedOnceAllTheSame spoils the launch of a create and that of a delete: each is looked up before it is repeated.
func launchedOnceAllTheSame(t *testing.T, fault sandbox.Fault) {
	site := StartSimulated(t)
	fault.Method, fault.Path, fault.Times = "POST", "launch", 1
	if fault.Hang {
		// The provider's own time-out for a launch is a minute; a proxy's is shorter.
		fault.Hang, fault.Delay, fault.Reset = false, 2*time.Second, true
	}
	w, name := site.instance(creating(2 * time.Second))
	site.faults().Fault(fault)
	w.apply()
	site.wantLaunches(name, "create")
	w.inState().wantTainted(false).wantReconciled(true)
	site.faults().Fault(fault)
	w.destroy()
	site.wantLaunches(name, "create", "delete")
	w.wantGone()
}

func TestAccX23_throttled(t *testing.T) {
	t.Parallel()
	site := StartSimulated(t)
	throttle := sandbox.Fault{Status: 429, Header: http.Header{"Retry-After": {"1"}}, Body: `{"detail":"Request was throttled."}`, Times: 2}
	launch, look := throttle, throttle
	launch.Method, launch.Path = "POST", "launch"
	look.Method, look.Path = "GET", "id__in="
	site.faults().Fault(launch)
	site.faults().Fault(look)
	w, name := site.instance(creating(2 * time.Second))
	w.apply()
	site.wantLaunches(name, "create")
	if got := site.countRequests("POST", "launch"); got != 3 {
		t.Errorf("the launch was sent %d times, want 3", got)
	}
	w.inState().wantReconciled(true)
}
