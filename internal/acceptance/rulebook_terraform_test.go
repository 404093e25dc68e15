package acceptance

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
)

// The tests of this file are the whole chain: real Terraform with the built provider posts events to a real
// ansible-rulebook, which launches real runs of the example playbooks. Nothing but the controller is simulated.

func TestRulebook_terraform(t *testing.T) {
	t.Parallel()
	site := StartReal(t)
	webhook := site.startRulebook("webhook.yml", nil)
	site.events = vars{
		"create_url": webhook.url + "create-compute-instance", "delete_url": webhook.url + "delete-compute-instance",
	}
	t.Run("create, update, destroy", func(t *testing.T) { t.Parallel(); livesByEvents(site.within(t)) })
	t.Run("failure", func(t *testing.T) { t.Parallel(); failsByEvents(site.within(t)) })
	t.Run("destroy while provisioning", func(t *testing.T) { t.Parallel(); destroyedWhileProvisioning(site.within(t)) })
}

// within is the same site for a subtest, which has workspaces and secrets of its own.
func (s *Site) within(t *testing.T) *Site {
	own := *s
	own.t, own.secrets, own.instances = t, slices.Clip(s.secrets), nil
	return &own
}

func livesByEvents(site *Site) {
	w, name := site.instance(creating(time.Second))
	w.apply().says("Apply complete! Resources: 1 added")
	launched := site.wantLaunches(name, "create")[0]
	site.wantByEvent(launched)
	recorded := w.inState().wantTainted(false).wantReconciled(true).wantText("phase", "Running").
		wantText("id", namespace+"/"+name).wantJobs("provision Succeeded").jobs()[0]
	if recorded.id != text(launched.id) || recorded.backend != "eda" {
		site.t.Errorf("the job on record is %+v, launched was job %d", recorded, launched.id)
	}
	w.wantNoWork()

	w.change(vars{"run_strategy": "Halted"})
	w.apply().says("Apply complete! Resources: 0 added, 1 changed")
	changed := site.wantLaunches(name, "create", "create")[1]
	site.wantByEvent(changed)
	if strategy := changed.resource(site.t).Spec["runStrategy"]; strategy != "Halted" {
		site.t.Errorf("the second job was given the run strategy %v", strategy)
	}
	w.inState().wantTainted(false).wantReconciled(true).wantText("phase", "Stopped").
		wantJobs("provision Succeeded", "provision Succeeded")
	w.wantNoWork()

	w.destroy().says("Destroy complete! Resources: 1 destroyed")
	site.wantByEvent(site.wantLaunches(name, "create", "create", "delete")[2])
	w.wantGone()
	site.wantNoInstance(name)
}

// wantByEvent checks that the rulebook has launched the job, and that its playbook has come to a good end.
func (s *Site) wantByEvent(j job) {
	s.t.Helper()
	if !strings.Contains(j.extraVars, "Compute instances by webhook") { // ansible_eda.ruleset
		s.t.Errorf("no rulebook has launched job %d: %s", j.id, j.extraVars)
	}
	if j.status != "successful" {
		s.t.Errorf("job %d is %s when Terraform has ended", j.id, j.status)
	}
}

// wantNoInstance checks that, of all jobs, the last one about the instance has deleted it.
func (s *Site) wantNoInstance(name string) {
	s.t.Helper()
	if slices.ContainsFunc(s.simulated.Instances(), func(left sandbox.Instance) bool { return left.Name == name }) {
		s.t.Errorf("%s is still there", name)
	}
}

func failsByEvents(site *Site) {
	w, name := site.instance(vars{"template_parameters": `{"simulate":{"seconds":0,"fail":"no quota left","delete_seconds":0}}`})
	failed := w.tryApply().want(1)
	launched := site.wantLaunches(name, "create")[0]
	failed.says(site.url+"/", text(launched.id), "Fail if asked", "no quota left")
	if launched.status != "failed" {
		site.t.Errorf("the job is %s", launched.status)
	}
	w.inState().wantTainted(true).wantReconciled(false).wantText("phase", "Failed").wantJobs("provision Failed")
	w.destroy()
	site.wantByEvent(site.wantLaunches(name, "create", "delete")[1])
	w.wantGone()
}

func destroyedWhileProvisioning(site *Site) {
	w, name := site.instance(vars{"template_parameters": `{"simulate":{"seconds":600,"delete_seconds":0}}`})
	w.leaveRunning(name, "running")
	w.inState().wantTainted(false).wantReconciled(false).wantJobs("provision active")
	w.destroy()
	jobs := site.wantLaunches(name, "create", "delete")
	if jobs[0].status != "canceled" || jobs[1].created.Before(jobs[0].finished) {
		site.t.Errorf("the delete job did not wait for the end of the canceled create job: %+v", jobs)
	}
	if got := site.countRequests("POST", "cancel"); got != 1 { // the other instances' jobs are left alone
		site.t.Errorf("%d cancels were sent, want 1", got)
	}
	site.wantByEvent(jobs[1])
	w.wantGone()
	site.wantNoInstance(name)
}
