package acceptance

import (
	"syscall"
	"testing"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
)

// restartable makes an instance with an action that restarts it, and applies it.
func restartable(site *Site, attributes vars) (*workspace, string) {
	site.t.Helper()
	w, name := site.instance(attributes)
	w.needsTerraform(1, 14, "actions")
	w.add("restart.tf")
	w.apply()
	return w, name
}

const invokeRestart = "-invoke=action.osac_restart_compute_instance.this"

// wantRestart checks that the newest job was to restart the machine, with all else as the one before it was given.
func (s *Site) wantRestart(name string) {
	s.t.Helper()
	jobs := s.jobsOf(name)
	before, restart := jobs[len(jobs)-2], jobs[len(jobs)-1]
	was, is := before.resource(s.t), restart.resource(s.t)
	if requested, _ := is.Spec["restartRequestedAt"].(string); requested == "" || requested <= is.Status.LastRestartedAt {
		s.t.Errorf("a restart is requested for %q, after one at %q", requested, is.Status.LastRestartedAt)
	}
	const inputs = "osac.openshift.io/inputs-version"
	if was.Metadata.Annotations[inputs] != is.Metadata.Annotations[inputs] {
		s.t.Errorf("the inputs version is %s, was %s", is.Metadata.Annotations[inputs], was.Metadata.Annotations[inputs])
	}
	for variable := range before.vars(s.t) {
		if _, sent := restart.vars(s.t)[variable]; !sent {
			s.t.Errorf("the restart was not given %s", variable)
		}
	}
}

func TestAccX50_restartAction(t *testing.T) {
	t.Parallel()
	t.Run("invoked", func(t *testing.T) {
		t.Parallel()
		site := StartSandbox(t)
		w, name := restartable(site, nil)
		w.apply(invokeRestart).says("Succeeded, ", "Action complete: action.osac_restart_compute_instance.this")
		site.wantLaunches(name, "create", "create")
		site.wantRestart(name)
		w.wantNoWork()
		w.apply()
		w.inState().wantReconciled(true).wantText("last_restarted_at", site.restartedAt(name)).wantLastJob("provision Succeeded")
		w.set(vars{"restart": vars{"id": namespace + "/" + name}})
		w.apply(invokeRestart)
		site.wantRestart(name)
		w.change(vars{"labels": vars{"changed": "since"}})
		w.apply()
		jobs := site.wantLaunches(name, "create", "create", "create", "create")
		last := jobs[3].resource(t)
		if last.Spec["restartRequestedAt"] != nil || last.Status.LastRestartedAt != jobs[2].resource(t).Spec["restartRequestedAt"] {
			t.Errorf("the change says that a restart is requested for %v, and that the last was at %s", last.Spec["restartRequestedAt"], last.Status.LastRestartedAt)
		}
		w.wantNoWork()
	})
	t.Run("triggered", func(t *testing.T) {
		t.Parallel()
		site := StartSandbox(t)
		w, name := restartable(site, nil)
		w.set(vars{"trigger": "2"})
		w.apply().says("triggered by terraform_data.trigger", "Succeeded")
		site.wantLaunches(name, "create", "create")
		site.wantRestart(name)
		w.wantNoWork()
	})
	t.Run("shows tasks", func(t *testing.T) {
		t.Parallel()
		site := StartSimulated(t)
		w, name := restartable(site, nil)
		site.faults().Behave(createTemplate, sandbox.Behavior{Duration: 14 * time.Second})
		w.apply(invokeRestart).says("Running, 10s, task Report the instance")
		site.wantLaunches(name, "create", "create")
	})
	t.Run("fails", func(t *testing.T) {
		t.Parallel()
		site := StartSandbox(t)
		w, name := restartable(site, nil)
		w.simulate(vars{"fail": reason}) // which hides it
		w.tryApply(invokeRestart).want(1).says("Job", "failed", "Task: Fail if asked", "Host:", "Message:", "/jobs/")
		site.wantLaunches(name, "create", "create")
		w.wantPlan("update")
	})
	t.Run("no instance", func(t *testing.T) {
		t.Parallel()
		site := StartSandbox(t)
		w, name := restartable(site, nil)
		w.set(vars{"restart": vars{"id": "other/" + name}})
		w.tryApply(invokeRestart).want(1).says("no instance to restart", "other/"+name)
		w.set(vars{"restart": vars{"hub": "east"}})
		w.tryApply(invokeRestart).want(1).says("Unknown hub", `"east"`)
		w.set(vars{"restart": vars{"id": "a/b/c/d"}})
		w.tryApply(invokeRestart).want(1).says("namespace/name")
		site.wantLaunches(name, "create")
	})
	t.Run("takes too long", func(t *testing.T) {
		t.Parallel()
		site := StartSandbox(t)
		w, name := restartable(site, nil)
		w.simulate(vars{"seconds": (2 * lasting()).Seconds()})
		w.set(vars{"restart": vars{"timeout": brief().String()}})
		w.tryApply(invokeRestart).want(1).says("took too long", "job goes on", "invoke the action again")
		w.set(vars{"restart": nil})
		w.apply(invokeRestart)
		site.wantLaunches(name, "create", "create")
	})
	t.Run("interrupted", func(t *testing.T) {
		t.Parallel()
		site := StartSandbox(t)
		w, name := restartable(site, nil)
		w.simulate(vars{"seconds": (2 * lasting()).Seconds()})
		c := w.start(applyWith(invokeRestart)...)
		site.awaitStatus(name, 2, "running")
		began := time.Now()
		c.signalGroup(syscall.SIGINT)
		ended := c.wait() // whatever its exit code: Terraform drops what the provider says
		if length := time.Since(began); length > slowed(5*time.Second) {
			t.Errorf("Terraform went on for %s after Ctrl-C, and ended with %d", length, ended.exit)
		}
		w.apply(invokeRestart)
		site.wantLaunches(name, "create", "create")
		w.wantNoWork()
	})
}

// restartedAt is when the newest job was to restart the machine.
func (s *Site) restartedAt(name string) string {
	jobs := s.jobsOf(name)
	moment, _ := jobs[len(jobs)-1].resource(s.t).Spec["restartRequestedAt"].(string)
	return moment
}
