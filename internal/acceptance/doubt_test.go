package acceptance

import (
	"net/http"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
)

// TestAccS5_lateLaunch has a launch carried out seconds after it was answered: it stood in a queue.
func TestAccS5_lateLaunch(t *testing.T) {
	t.Parallel()
	later := http.Header{"Retry-After": {"1"}}
	for name, fault := range map[string]sandbox.Fault{
		"504":                  {},
		"no answer":            {Reset: true},
		"503 with Retry-After": {Status: http.StatusServiceUnavailable, Header: later},
		"429":                  {Status: http.StatusTooManyRequests, Header: later},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			site := StartSimulated(t)
			w, instance := site.instance(nil)
			fault.Path, fault.Method, fault.Times, fault.Late = "launch", http.MethodPost, 1, 4*time.Second
			site.faults().Fault(fault)
			w.apply()
			site.wantLaunches(instance, "create")
			w.inState().wantReconciled(true)
			w.wantNoWork()
		})
	}
	t.Run("far below the newest", func(t *testing.T) { t.Parallel(); lateAndFarBelow(t) })
}

// lateAndFarBelow has the late job's number given out first, and 250 jobs made before it appears.
func lateAndFarBelow(t *testing.T) {
	site := StartSimulated(t)
	w, name := site.instance(nil)
	site.faults().Fault(sandbox.Fault{Path: "launch", Method: http.MethodPost, Times: 1, Late: 6 * time.Second, ReserveID: true})
	applying := w.start(applyWith()...)
	site.awaitRequest(func(_ int, r sandbox.Request) bool { return r.Method == http.MethodPost && r.Route == "launch" })
	for range 250 {
		site.faults().LaunchByHand(createTemplate, `{"osac_job_vars":{"resource":{"metadata":{"name":"another","namespace":"elsewhere"}}}}`, "admin")
	}
	site.settling = 24 * time.Hour // those 250 are nobody's
	applying.wait().want(0)
	site.wantLaunches(name, "create")
	w.wantNoWork()
}

// TestAccS6_closingLookup has somebody's job begin while ours runs: success is never told over it.
func TestAccS6_closingLookup(t *testing.T) {
	t.Parallel()
	t.Run("deleted once", func(t *testing.T) { t.Parallel(); deletedBeside(t, 1) })
	t.Run("deleted each time", func(t *testing.T) { t.Parallel(); deletedBeside(t, 5) })
	t.Run("not to be had", func(t *testing.T) { t.Parallel(); closingNotToBeHad(t) })
}

// deletedBeside runs the delete template by hand beside our create, up to so many times.
func deletedBeside(t *testing.T, times int) {
	site := StartSimulated(t)
	site.settling = time.Hour // by hand, beside ours
	w, name := site.instance(creating(brief()))
	applying := w.start(applyWith()...)
	for n := range times {
		jobs := site.await(name, "a create job runs", func(jobs []job) bool {
			return !applying.runsAfter(0) || len(jobs) == 2*n+1 && jobs[2*n].status == "running"
		})
		if len(jobs) != 2*n+1 {
			break
		}
		site.faults().BehaveNext(deleteTemplate, sandbox.Behavior{Duration: brief() + time.Second})
		site.faults().LaunchByHand(deleteTemplate, jobs[2*n].extraVars, "admin")
	}
	ended := applying.wait()
	site.awaitEnd(name)
	creates := slices.DeleteFunc(site.jobsOf(name), func(j job) bool { return j.verb() != "create" })
	if len(creates) > 2 {
		t.Errorf("%d creates were launched, want two at most", len(creates))
	}
	exists := slices.ContainsFunc(site.faults().Instances(), func(i sandbox.Instance) bool { return i.Name == name })
	if ended.exit == 0 && !exists {
		t.Error("apply ended with 0, and the machine is gone")
	}
	if times > 1 {
		ended.want(1).says("delete")
	}
}

// closingNotToBeHad lets the closing lookup fail: a warning, no taint, and the next plan shows work or none is left.
func closingNotToBeHad(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for a minute")
	}
	site := StartSimulated(t)
	w, name := site.instance(creating(brief()))
	applying := w.start(applyWith()...)
	site.awaitStatus(name, 1, "running")
	site.faults().Fault(sandbox.Fault{Path: "order_by=-id", Method: http.MethodGet, Status: http.StatusInternalServerError})
	applying.wait().want(0).says("It is not known whether the run was undone")
	site.faults().ClearFaults()
	w.inState().wantTainted(false).wantReconciled(false)
	w.apply()
	w.wantNoWork()
	site.wantLaunches(name, "create")
}

// TestAccS7_missedOnce leaves a job out of answers: it is there all the same.
func TestAccS7_missedOnce(t *testing.T) {
	t.Parallel()
	t.Run("one row and one page", func(t *testing.T) {
		t.Parallel()
		site := StartSimulated(t)
		w, name := site.instance(creating(brief()))
		applying := w.start(applyWith()...)
		site.awaitStatus(name, 1, "running")
		site.faults().Fault(sandbox.Fault{Path: "id__in", Times: 1, Status: http.StatusOK, Body: `{"next":null,"previous":null,"results":[]}`})
		site.faults().Fault(sandbox.Fault{Path: `/jobs/\d+/$`, Times: 1, Status: http.StatusNotFound, Body: `{"detail":"Not found."}`})
		applying.wait().want(0).saysNot("purged")
		site.wantLaunches(name, "create")
		w.wantNoWork()
	})
	t.Run("a replica that lags", func(t *testing.T) {
		t.Parallel()
		site := StartSimulated(t, func(o *sandbox.Options) { o.Conditions.ReplicaLag = 10 * time.Second })
		w, name := site.instance(nil)
		w.apply().saysNot("purged")
		site.wantLaunches(name, "create")
		w.wantNoWork()
		w.destroy().saysNot("purged")
		site.wantLaunches(name, "create", "delete")
		site.wantExists(name, false)
	})
}

// TestAccS10_lastLook stops the provider past its time-out, while the job succeeds: the time-out is not told over that.
func TestAccS10_lastLook(t *testing.T) {
	t.Parallel()
	site := StartSimulated(t)
	length, margin := brief(), slowed(3*time.Second)
	w, name := site.instance(with(creating(length), vars{"timeouts": vars{"create": (length + margin).String()}}))
	applying := w.start(applyWith()...)
	site.awaitStatus(name, 1, "running")
	applying.signalProvider(syscall.SIGSTOP)
	site.awaitEnd(name)
	time.Sleep(margin + time.Second) // the job has taken the rest of the time-out
	applying.signalProvider(syscall.SIGCONT)
	applying.wait().want(0)
	w.inState().wantTainted(false).wantReconciled(true)
	w.wantNoWork()
	site.wantLaunches(name, "create")
}

// TestAccS11_smallPages has a job to be found among many others', by pages of 25 rows and without an activity stream.
func TestAccS11_smallPages(t *testing.T) {
	t.Parallel()
	site := StartSimulated(t, func(o *sandbox.Options) { o.Conditions.PageCap, o.Conditions.ActivityStreamOff = 25, true })
	w, name := site.instance(creating(lasting()))
	w.kill(kills()[0], func() { site.awaitStatus(name, 1, "running") })
	for range 210 {
		site.faults().LaunchByHand(createTemplate, `{"osac_job_vars":{"resource":{"metadata":{"name":"another","namespace":"elsewhere"}}}}`, "admin")
	}
	site.settling = 24 * time.Hour // those 210 are nobody's
	w.apply()
	site.wantLaunches(name, "create")
	w.wantNoWork()
}

// TestAccS12_credentialsWaver refuses credentials in mid-wait, once: that passes.
func TestAccS12_credentialsWaver(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]sandbox.Fault{
		"401": {Status: http.StatusUnauthorized, Body: `{"detail":"Authentication credentials were not provided. To establish a login session, visit /api/login/."}`},
		"403": {Status: http.StatusForbidden, Body: `{"detail":"You do not have permission to perform this action."}`},
		"498": {Status: 498, Body: `{"detail":"JWT expired"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			site := StartSimulated(t)
			w, instance := site.instance(creating(brief()))
			applying := w.start(applyWith()...)
			site.awaitStatus(instance, 1, "running")
			fault.Times = 1
			site.faults().Fault(fault)
			applying.wait().want(0)
			site.wantLaunches(instance, "create")
			w.wantNoWork()
		})
	}
	t.Run("for good", func(t *testing.T) { t.Parallel(); refusedForGood(t) })
}

func refusedForGood(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for a minute")
	}
	site := StartSimulated(t)
	w, name := site.instance(creating(time.Hour))
	applying := w.start(applyWith()...)
	site.awaitStatus(name, 1, "running")
	began := time.Now()
	site.faults().Fault(sandbox.Fault{Status: http.StatusUnauthorized, Body: `{"detail":"Invalid token."}`})
	applying.wait().want(1).says("401")
	if took := time.Since(began); took < 50*time.Second {
		t.Errorf("it was given up after %s", took)
	}
	site.wantLaunches(name, "create")
}

// TestAccS13_orphan kills Terraform alone: the provider ends by itself, and at once when it is told to.
func TestAccS13_orphan(t *testing.T) {
	t.Parallel()
	t.Run("with its calls", func(t *testing.T) { t.Parallel(); orphaned(t, nil) })
	t.Run("on SIGTERM", func(t *testing.T) {
		t.Parallel()
		orphaned(t, func(pid int) { _ = syscall.Kill(pid, syscall.SIGTERM) })
	})
}

func orphaned(t *testing.T, then func(pid int)) {
	site := StartSimulated(t)
	w, name := site.instance(creating(lasting()))
	applying := w.start(applyWith()...)
	site.awaitStatus(name, 1, "running")
	providers := applying.providers()
	if len(providers) == 0 {
		t.Fatal("there is no provider")
	}
	applying.signalTerraform(syscall.SIGKILL)
	<-applying.ended
	if then != nil {
		for _, pid := range providers {
			then(pid)
		}
	}
	const atMost = 10 * time.Second
	deadline := time.Now().Add(slowed(atMost))
	for _, pid := range providers {
		for syscall.Kill(pid, 0) == nil && !isZombie(pid) {
			if time.Now().After(deadline) {
				t.Fatalf("the provider still runs after %s", atMost)
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
	applying.end()
	w.apply()
	site.wantLaunches(name, "create")
	w.wantNoWork()
}
