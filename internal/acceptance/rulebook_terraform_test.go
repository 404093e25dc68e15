package acceptance

import (
	"syscall"
	"testing"
	"time"
)

// The tests of this file are the whole: real Terraform, the provider, a real ansible-rulebook with an example rulebook,
// the simulated controller, and real runs of the example playbooks.

// throughRulebook has the provider post its events to the rulebook.
func (s *Site) throughRulebook(name string) {
	s.t.Helper()
	listening := s.startRulebook(name, nil)
	if name == "event-stream.yml" {
		s.events = vars{"event_stream_url": listening.url + "post/"}
		return
	}
	s.events = vars{
		"create_url": listening.url + "create-compute-instance", "delete_url": listening.url + "delete-compute-instance",
	}
}

func TestRulebook_terraform(t *testing.T) {
	t.Parallel()
	site := StartReal(t)
	site.throughRulebook("webhook.yml")

	w, name := site.instance(vars{"template_parameters": `{"simulate": {"seconds": 0, "artifacts": {"ip_address": "10.0.0.7"}}}`})
	w.apply()
	w.inState().wantTainted(false).wantReconciled(true).wantText("ip_address", "10.0.0.7").wantLastJob("provision Succeeded")
	w.wantNoWork()

	w.change(vars{"run_strategy": "Halted"})
	w.apply()
	w.inState().wantReconciled(true).wantText("phase", "Stopped").wantLastJob("provision Succeeded")

	w.change(vars{"template_parameters": `{"simulate": {"seconds": 0, "fail": "no {{ quota }} left"}}`})
	w.tryApply().want(1).says("Fail if asked", "localhost", "no {{ quota }} left")
	w.inState().wantReconciled(false)

	w.change(vars{"template_parameters": `{"simulate": {"seconds": 0, "delete_seconds": 0}}`})
	w.apply()
	w.destroy()
	w.wantGone()
	for _, launched := range site.wantLaunches(name, "create", "create", "create", "create", "delete") {
		if given := launched.vars(t); given["ansible_eda"] == nil || given["osac_job_vars"] == nil {
			t.Errorf("job %d was not launched by the rulebook, or lacks osac_job_vars: %s", launched.id, launched.extraVars)
		}
	}
}

func TestRulebook_terraformDestroysWhileProvisioning(t *testing.T) {
	t.Parallel()
	site := StartReal(t)
	site.throughRulebook("event-stream.yml")
	w, name := site.instance(creating(10 * time.Minute))
	applying := w.start(applyWith()...)
	site.awaitStatus(name, 1, "running")
	applying.signalGroup(syscall.SIGINT)
	applying.wait().want(1)
	w.destroy()
	w.wantGone()
	jobs := site.wantLaunches(name, "create", "delete")
	if jobs[0].status != "canceled" || jobs[1].status != "successful" {
		t.Errorf("the jobs are %s and %s, want canceled and successful", jobs[0].status, jobs[1].status)
	}
}
