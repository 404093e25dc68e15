package acceptance

import (
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
)

// leaveRunning interrupts a create while its job has the status.
func (w *workspace) leaveRunning(name, status string) {
	w.t.Helper()
	applying := w.start(applyWith()...)
	w.site.awaitStatus(name, 1, status)
	applying.signalGroup(syscall.SIGINT)
	applying.wait().want(1)
	w.site.wantActive(name, 1)
}

func TestAcc9_destroyWhilePendingOrWaiting(t *testing.T) {
	t.Parallel()
	for status, behavior := range map[string]sandbox.Behavior{
		"pending": {Duration: time.Hour, PendingShare: 0.9, CancelDelay: quick},
		"waiting": {Duration: time.Hour, PendingShare: -1, WaitingShare: 0.9, CancelDelay: quick},
	} {
		t.Run(status, func(t *testing.T) {
			t.Parallel()
			site := StartSimulated(t)
			site.faults().Behave(createTemplate, behavior)
			w, name := site.instance(nil)
			w.leaveRunning(name, status)
			w.destroy()
			if jobs := site.wantLaunches(name, "create", "delete"); jobs[0].status != "canceled" {
				t.Errorf("the create job is %s", jobs[0].status)
			}
			w.wantGone()
		})
	}
}

func TestAcc11_cancelTooLate(t *testing.T) {
	t.Parallel()
	site := StartSimulated(t)
	site.faults().Behave(createTemplate, sandbox.Behavior{Duration: time.Hour, CancelTooLate: true})
	w, name := site.instance(nil)
	w.leaveRunning(name, "running")
	w.destroy()
	if jobs := site.wantLaunches(name, "create", "delete"); jobs[0].status != "successful" {
		t.Errorf("the create job is %s", jobs[0].status)
	}
	site.wantAnswer("cancel", 405)
	w.wantGone()
}

// wantAnswer checks that the only request of a route was answered so.
func (s *Site) wantAnswer(route string, status int) {
	s.t.Helper()
	var got []int
	for _, request := range s.simulated.Requests() {
		if request.Route == route && request.Method == http.MethodPost {
			got = append(got, request.Status)
		}
	}
	if len(got) != 1 || got[0] != status {
		s.t.Errorf("%s was answered %v, want %d once", route, got, status)
	}
}

func TestAcc12_slowCancel(t *testing.T) {
	t.Parallel()
	site := StartSimulated(t)
	site.faults().Behave(createTemplate, sandbox.Behavior{Duration: time.Hour, CancelDelay: 3 * time.Second})
	w, name := site.instance(nil)
	w.leaveRunning(name, "running")
	w.destroy()
	jobs := site.wantLaunches(name, "create", "delete")
	if jobs[0].status != "canceled" || jobs[1].created.Before(jobs[0].finished) {
		t.Errorf("the delete job did not wait for the end of the other: %+v", jobs)
	}
	if got := site.countRequests("POST", "cancel"); got != 1 {
		t.Errorf("%d cancels were sent, want 1", got)
	}
	w.wantGone()
}

func TestAcc13_cancelledByAdmin(t *testing.T) {
	t.Parallel()
	site := StartSimulated(t)
	w, name := site.instance(nil)
	w.apply()
	site.faults().BehaveNext(createTemplate, sandbox.Behavior{Duration: time.Hour, CancelDelay: -1})
	w.change(vars{"run_strategy": "Halted"})
	applying := w.start(applyWith()...)
	running := site.awaitStatus(name, 2, "running")
	site.faults().CancelByHand(running.id)
	applying.wait().want(1).says("was cancelled", "Somebody cancelled")
	w.inState().wantTainted(false).wantReconciled(false).wantLastJob("provision Canceled")
	w.apply()
	site.wantLaunches(name, "create", "create", "create")
	w.inState().wantReconciled(true).wantText("phase", "Stopped")
}

func TestAccX11_deprovisionCancelledByAdmin(t *testing.T) {
	t.Parallel()
	site := StartSimulated(t)
	w, name := site.instance(nil)
	w.apply()
	site.faults().BehaveNext(deleteTemplate, sandbox.Behavior{Duration: time.Hour, CancelDelay: quick})
	destroying := w.start("destroy", "-auto-approve", "-no-color")
	site.faults().CancelByHand(site.awaitStatus(name, 2, "running").id)
	destroying.wait().want(1).says("was cancelled")
	w.inState().wantTainted(false).wantLastJob("deprovision Canceled")
	w.destroy()
	site.wantLaunches(name, "create", "delete", "delete")
	w.wantGone()
}

// TestAccX17_stateAndMessageInStep looks at a job that was cancelled while nobody was watching, and at one while
// somebody was.
func TestAccX17_stateAndMessageInStep(t *testing.T) {
	t.Parallel()
	site := StartSimulated(t)
	site.faults().Behave(createTemplate, sandbox.Behavior{Duration: time.Hour, CancelDelay: -1})
	w, name := site.instance(nil)
	w.leaveRunning(name, "running")
	site.faults().CancelByHand(site.jobsOf(name)[0].id)
	w.wantPlan("update")
	w.apply("-refresh-only")
	entry := w.inState().wantText("phase", "Failed").lastJob()
	if entry.state != "Canceled" || !strings.HasPrefix(entry.message, "canceled") {
		t.Errorf("state %q and message %q are out of step", entry.state, entry.message)
	}
	applying := w.start(applyWith()...)
	site.faults().CancelByHand(site.awaitStatus(name, 2, "running").id)
	applying.wait().want(1)
	entry = w.inState().lastJob()
	if entry.state != "Canceled" || !strings.HasPrefix(entry.message, "canceled") {
		t.Errorf("state %q and message %q are out of step", entry.state, entry.message)
	}
}

// TestAccX30_cancelRefused destroys as a user who may only execute the templates.
func TestAccX30_cancelRefused(t *testing.T) {
	t.Parallel()
	t.Run("because it is over", func(t *testing.T) {
		t.Parallel()
		site := StartSimulated(t)
		site.executeOnly()
		site.faults().Behave(createTemplate, sandbox.Behavior{Duration: time.Hour, CancelTooLate: true})
		w, name := site.instance(nil)
		w.leaveRunning(name, "running")
		w.destroy().saysNot("could not be cancelled")
		site.wantAnswer("cancel", 403)
		site.wantLaunches(name, "create", "delete")
		w.wantGone()
	})
	t.Run("while it runs", func(t *testing.T) {
		t.Parallel()
		site := StartSimulated(t)
		site.faults().Behave(createTemplate, sandbox.Behavior{Duration: lasting})
		w, name := site.instance(nil)
		w.leaveRunning(name, "running")
		site.executeOnly()
		w.set(site.connection())
		w.destroy().says("could not be cancelled")
		jobs := site.wantLaunches(name, "create", "delete")
		if jobs[0].status != "successful" {
			t.Errorf("the job of another user ended as %s", jobs[0].status)
		}
		w.wantGone()
	})
}

// executeOnly goes on as an ordinary user, who may execute both templates.
func (s *Site) executeOnly() {
	s.token = s.plant("token", nowhere)
	s.faults().AddUser("terraform", "", s.token, false, map[string]sandbox.Role{
		createTemplate: sandbox.RoleExecute, deleteTemplate: sandbox.RoleExecute,
	})
}
