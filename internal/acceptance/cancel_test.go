package acceptance

import (
	"net/http"
	"os"
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
	t.Run("pending", func(t *testing.T) {
		t.Parallel()
		site := StartAdministered(t)
		site.own(template{oneByOne: true})
		first, firstName := site.instance(creating(time.Hour))
		first.leaveRunning(firstName, "running")
		w, name := site.instance(nil) // its job waits for the other's
		destroyWhile(w, name, "pending")
		first.destroy()
	})
	t.Run("waiting", func(t *testing.T) {
		t.Parallel()
		site := StartSimulated(t)
		site.faults().Behave(createTemplate, sandbox.Behavior{Duration: time.Hour, PendingShare: -1, WaitingShare: 0.9, CancelDelay: quick})
		w, name := site.instance(nil)
		destroyWhile(w, name, "waiting")
	})
}

func destroyWhile(w *workspace, name, status string) {
	w.t.Helper()
	w.leaveRunning(name, status)
	w.destroy()
	if jobs := w.site.wantLaunches(name, "create", "delete"); jobs[0].status != "canceled" {
		w.t.Errorf("the create job is %s", jobs[0].status)
	}
	w.wantGone()
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
	site := StartSandbox(t)
	if site.simulated != nil { // a real one is slow by itself
		site.faults().Behave(createTemplate, sandbox.Behavior{Duration: time.Hour, CancelDelay: 3 * time.Second})
	}
	w, name := site.instance(creating(time.Hour))
	w.leaveRunning(name, "running")
	w.destroy()
	jobs := site.wantLaunches(name, "create", "delete")
	if jobs[0].status != "canceled" || jobs[1].created.Before(jobs[0].finished) {
		t.Errorf("the delete job did not wait for the end of the other: %+v", jobs)
	}
	site.wantCancels(1)
	w.wantGone()
}

func TestAcc13_cancelledByAdmin(t *testing.T) {
	t.Parallel()
	site := StartAdministered(t)
	w, name := site.instance(nil)
	w.apply()
	w.simulate(vars{"seconds": 3600})
	w.change(vars{"run_strategy": "Halted"})
	applying := w.start(applyWith()...)
	site.operator.cancel(site.awaitStatus(name, 2, "running"))
	applying.wait().want(1).says("was cancelled", "Somebody cancelled")
	w.inState().wantTainted(false).wantReconciled(false).wantLastJob("provision Canceled")
	w.simulate(nil)
	w.apply()
	site.wantLaunches(name, "create", "create", "create")
	w.inState().wantReconciled(true).wantText("phase", "Stopped")
}

func TestAccX11_deprovisionCancelledByAdmin(t *testing.T) {
	t.Parallel()
	site := StartAdministered(t)
	w, name := site.instance(nil)
	w.apply()
	w.simulate(vars{"delete_seconds": 3600})
	destroying := w.start("destroy", "-auto-approve", "-no-color")
	site.operator.cancel(site.awaitStatus(name, 2, "running"))
	destroying.wait().want(1).says("was cancelled")
	w.inState().wantTainted(false).wantLastJob("deprovision Canceled")
	w.simulate(nil)
	w.destroy()
	site.wantLaunches(name, "create", "delete", "delete")
	w.wantGone()
}

// TestAccX17_stateAndMessageInStep looks at a job that was cancelled while nobody was watching, and at one while
// somebody was.
func TestAccX17_stateAndMessageInStep(t *testing.T) {
	t.Parallel()
	site := StartAdministered(t)
	w, name := site.instance(creating(time.Hour))
	w.leaveRunning(name, "running")
	site.operator.cancel(site.jobsOf(name)[0])
	site.awaitEnd(name)
	w.wantPlan("update")
	w.apply("-refresh-only")
	entry := w.inState().wantText("phase", "Failed").lastJob()
	if entry.state != "Canceled" || !strings.HasPrefix(entry.message, "canceled") {
		t.Errorf("state %q and message %q are out of step", entry.state, entry.message)
	}
	applying := w.start(applyWith()...)
	site.operator.cancel(site.awaitStatus(name, 2, "running"))
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
		site := StartAdministered(t)
		person := site.asAdministrator()
		w, name := site.instance(creating(lasting()))
		w.leaveRunning(name, "running")
		person()
		w.set(site.connection())
		w.destroy().says("could not be cancelled")
		jobs := site.wantLaunches(name, "create", "delete")
		if jobs[0].status != "successful" {
			t.Errorf("the job of another user ended as %s", jobs[0].status)
		}
		w.wantGone()
	})
}

// asAdministrator has the provider use an administrator's token, until the returned function is called: then it is that of
// an ordinary user.
func (s *Site) asAdministrator() func() {
	if s.simulated != nil {
		return s.executeOnly
	}
	person := s.token
	s.token = os.Getenv("OSAC_ACC_ADMIN_TOKEN")
	return func() { s.token = person }
}

// executeOnly goes on as an ordinary user, who may execute both templates.
func (s *Site) executeOnly() {
	s.token = s.plant("token", nowhere)
	s.faults().AddUser("terraform", "", s.token, false, map[string]sandbox.Role{
		createTemplate: sandbox.RoleExecute, deleteTemplate: sandbox.RoleExecute,
	})
}
