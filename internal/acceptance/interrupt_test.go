package acceptance

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
)

// signalled is a way in which a run of Terraform is told to stop.
type signalled struct {
	name string
	send func(c *command)
}

// interrupts are those of Ctrl-C in a terminal, and of a wrapper that passes it on to Terraform alone.
func interrupts() []signalled {
	return []signalled{
		{"SIGINT to the group", func(c *command) { c.signalGroup(syscall.SIGINT) }},
		{"SIGINT to Terraform", func(c *command) { c.signalTerraform(syscall.SIGINT) }},
	}
}

// terminations are those of CI systems.
func terminations() []signalled {
	return []signalled{
		{"SIGTERM to the group", func(c *command) { c.signalGroup(syscall.SIGTERM) }},
		{"SIGTERM to Terraform", func(c *command) { c.signalTerraform(syscall.SIGTERM) }},
	}
}

// stops are all ways in which Terraform is told to stop, and has the time to.
func stops() []signalled { return append(interrupts(), terminations()...) }

func TestAccX24_interrupted(t *testing.T) {
	t.Parallel()
	for _, how := range every(interrupts()) {
		t.Run("create/"+how.name, func(t *testing.T) { t.Parallel(); stoppedInCreate(t, how) })
		t.Run("update/"+how.name, func(t *testing.T) { t.Parallel(); stoppedInUpdate(t, how) })
		t.Run("delete/"+how.name, func(t *testing.T) { t.Parallel(); stoppedInDelete(t, how) })
		atEveryMoment(t, how)
	}
	how := interrupts()[0]
	t.Run("after the last look for others", func(t *testing.T) { t.Parallel(); stoppedLate(t, how) })
	t.Run("before the launch", func(t *testing.T) { t.Parallel(); stoppedBeforeLaunching(t, how) })
	t.Run("succeeded meanwhile", func(t *testing.T) { t.Parallel(); succeededMeanwhile(t, how) })
}

func TestAccX31_stoppedByCISystem(t *testing.T) {
	t.Parallel()
	for _, how := range every(terminations()) {
		t.Run("create/"+how.name, func(t *testing.T) { t.Parallel(); stoppedInCreate(t, how) })
		t.Run("update/"+how.name, func(t *testing.T) { t.Parallel(); stoppedInUpdate(t, how) })
		t.Run("delete/"+how.name, func(t *testing.T) { t.Parallel(); stoppedInDelete(t, how) })
		atEveryMoment(t, how)
	}
}

func stoppedInCreate(t *testing.T, how signalled) {
	site := StartSandbox(t)
	w, name := site.instance(creating(lasting()))
	applying := w.start(applyWith()...)
	site.awaitStatus(name, 1, "running")
	how.send(applying)
	applying.wait().want(1).says("Interrupted: the job goes on")
	site.wantActive(name, 1)
	w.inState().wantTainted(false).wantReconciled(false).wantText("phase", "Starting").wantLastJob("provision active")
	w.wantPlan("update")
	w.apply()
	site.wantLaunches(name, "create")
	w.inState().wantTainted(false).wantReconciled(true).wantLastJob("provision Succeeded")
	w.wantNoWork()
}

// wantActive checks that the newest of so many jobs goes on although Terraform has ended.
func (s *Site) wantActive(name string, count int) {
	s.t.Helper()
	jobs := s.jobsOf(name)
	if len(jobs) != count || jobs[count-1].over() {
		s.t.Fatalf("Terraform did not leave job %d alone: %+v", count, jobs)
	}
}

func stoppedInUpdate(t *testing.T, how signalled) {
	site := StartSandbox(t)
	w, name := site.instance(nil)
	w.apply()
	w.change(with(creating(lasting()), vars{"run_strategy": "Halted"}))
	applying := w.start(applyWith()...)
	site.awaitStatus(name, 2, "running")
	how.send(applying)
	applying.wait().want(1)
	site.wantActive(name, 2)
	w.inState().wantTainted(false).wantReconciled(false).wantLastJob("provision active")
	w.apply()
	site.wantLaunches(name, "create", "create")
	w.inState().wantReconciled(true).wantText("phase", "Stopped")
	w.wantNoWork()
}

func stoppedInDelete(t *testing.T, how signalled) {
	site := StartSandbox(t)
	w, name := site.instance(deleting(lasting()))
	w.apply()
	destroying := w.start("destroy", "-auto-approve", "-no-color")
	site.awaitStatus(name, 2, "running")
	how.send(destroying)
	destroying.wait().want(1)
	site.wantActive(name, 2)
	w.inState().wantTainted(false).wantText("phase", "Deleting").wantLastJob("deprovision active")
	w.destroy()
	site.wantLaunches(name, "create", "delete")
	w.wantGone()
}

// stoppedLate sends the signal when the run has looked for others' jobs a second time, and only follows its own.
func stoppedLate(t *testing.T, how signalled) {
	site := StartSimulated(t)
	w, name := site.instance(creating(12 * time.Second))
	applying := w.start(applyWith()...)
	launched := site.awaitStatus(name, 1, "running")
	site.await(name, "others were looked for again", func([]job) bool {
		looks := 0
		for _, request := range site.simulated.Requests() {
			if request.Answered && request.Time.After(launched.created) && strings.Contains(request.Query, "name__in") {
				looks++
			}
		}
		return looks >= 2
	})
	how.send(applying)
	applying.wait().want(1)
	site.wantActive(name, 1)
	w.inState().wantTainted(false).wantLastJob("provision active")
	w.apply()
	site.wantLaunches(name, "create")
	w.inState().wantReconciled(true)
}

// stoppedBeforeLaunching sends the signal while the hub is still being looked at: nothing comes of it.
func stoppedBeforeLaunching(t *testing.T, how signalled) {
	site := StartSimulated(t)
	simulated := site.faults()
	w, name := site.instance(nil)
	w.run("plan", "-no-color", "-out=plan.tfplan").want(0)
	seen := len(simulated.Requests())
	site.faults().Fault(sandbox.Fault{Path: "activity stream", Hang: true, Times: 1})
	site.faults().Fault(sandbox.Fault{Path: "activity_stream", Hang: true, Times: 1})
	site.faults().Fault(sandbox.Fault{Path: "ping", Hang: true, Times: 1})
	applying := w.start("apply", "-no-color", "plan.tfplan")
	site.awaitRequest(func(index int, _ sandbox.Request) bool { return index >= seen })
	how.send(applying)
	applying.wait().want(1)
	site.wantLaunches(name)
	w.wantGone()
	site.faults().ClearFaults()
	w.apply()
	site.wantLaunches(name, "create")
}

// awaitRequest waits for a request in the sandbox's log.
func (s *Site) awaitRequest(fits func(index int, request sandbox.Request) bool) {
	s.t.Helper()
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	deadline := time.After(patience)
	for {
		for i, request := range s.simulated.Requests() {
			if fits(i, request) {
				return
			}
		}
		select {
		case <-ticker.C:
		case <-deadline:
			s.t.Fatal("the request did not come")
		}
	}
}

func succeededMeanwhile(t *testing.T, how signalled) {
	site := StartSandbox(t)
	w, name := site.instance(creating(brief()))
	applying := w.start(applyWith()...)
	site.awaitStatus(name, 1, "running")
	how.send(applying)
	applying.wait().want(1)
	site.awaitEnd(name)
	w.wantNoWork()
	w.apply()
	site.wantLaunches(name, "create")
	w.inState().wantReconciled(true).wantText("phase", "Running")
}

func TestAcc3_destroyWhileProvisioning(t *testing.T) {
	t.Parallel()
	site := StartSandbox(t)
	w, name := site.instance(creating(time.Hour))
	w.leaveRunning(name, "running")
	w.destroy()
	jobs := site.wantLaunches(name, "create", "delete")
	if jobs[0].status != "canceled" || jobs[1].status != "successful" {
		t.Errorf("the jobs ended as %s and %s", jobs[0].status, jobs[1].status)
	}
	site.wantCancels(1)
	w.wantGone()
}

// wantCancels checks how many cancels the provider has sent, where the controller keeps a book of requests.
func (s *Site) wantCancels(want int) {
	s.t.Helper()
	if s.simulated == nil {
		return
	}
	if got := s.countRequests("POST", "cancel"); got != want {
		s.t.Errorf("%d cancels were sent, want %d", got, want)
	}
}

// countRequests counts requests by their route.
func (s *Site) countRequests(method, route string) int {
	count := 0
	for _, request := range s.simulated.Requests() {
		if request.Method == method && request.Route == route {
			count++
		}
	}
	return count
}
