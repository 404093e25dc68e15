package acceptance

import (
	"testing"

	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
)

func TestAcc1_create(t *testing.T) {
	t.Parallel()
	site := StartSandbox(t)
	w, name := site.instance(vars{"network_attachments": []any{vars{"subnet_ref": "subnet-1"}}})
	w.apply()
	launched := site.wantLaunches(name, "create")[0]
	given := launched.resource(t)
	if given.Kind != "ComputeInstance" || given.Metadata.Namespace != namespace || given.Spec["cores"] != 2.0 {
		t.Errorf("the job was given %+v", given)
	}
	instance := w.inState().wantTainted(false).wantReconciled(true).wantLastJob("provision Succeeded").
		wantText("id", namespace+"/"+name).wantText("phase", "Running").wantText("hub", "default").
		wantText("desired_config_version", given.Status.DesiredConfigVersion)
	recorded := instance.lastJob()
	if recorded.id != text(launched.id) || recorded.version != given.Status.DesiredConfigVersion || recorded.url == "" {
		t.Errorf("the job on record is %+v, launched was job %d", recorded, launched.id)
	}
	w.wantNoWork()
	site.wantLaunches(name, "create")
}

func TestAcc2_destroy(t *testing.T) {
	t.Parallel()
	site := StartSandbox(t)
	w, name := site.instance(nil)
	w.apply()
	w.destroy()
	jobs := site.wantLaunches(name, "create", "delete")
	if jobs[1].status != "successful" {
		t.Errorf("Terraform did not wait for the delete job: it is %s", jobs[1].status)
	}
	w.wantGone()
}

func TestAcc4_provisionJobFails(t *testing.T) {
	t.Parallel()
	site := StartSandbox(t)
	w, name := site.instance(doomed())
	failed := w.tryApply().want(1).wantReason()
	launched := site.wantLaunches(name, "create")[0]
	failed.says(site.url+"/", "jobs", text(launched.id))
	w.inState().wantTainted(true).wantReconciled(false).wantLastJob("provision Failed")
}

// failing is a job with a reason to fail.
func failing() sandbox.Behavior {
	return sandbox.Behavior{
		Duration: quick, Outcome: "failed", Task: "Make the machine", Host: "worker-1", Message: "the quota is exceeded", EventDelay: quick,
	}
}

func TestAcc5_deprovisionJobFails(t *testing.T) {
	t.Parallel()
	site := StartSandbox(t)
	w, name := site.instance(nil)
	w.apply()
	w.simulate(vars{"delete_fail": reason})
	w.tryDestroy().want(1).says("failed", "Fail if asked", "localhost")
	w.inState().wantTainted(false).wantReconciled(false).wantLastJob("deprovision Failed")
	w.simulate(nil)
	w.destroy()
	site.wantLaunches(name, "create", "delete", "delete")
	w.wantGone()
}

func TestAccX1_destroyAfterFailedProvision(t *testing.T) {
	t.Parallel()
	site := StartSandbox(t)
	w, name := site.instance(doomed())
	w.tryApply().want(1)
	w.destroy()
	jobs := site.wantLaunches(name, "create", "delete")
	if got := jobs[1].resource(t).Spec["cores"]; got != 2.0 {
		t.Errorf("the delete job was given %v cores", got)
	}
	w.wantGone()
}
