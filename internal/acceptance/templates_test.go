package acceptance

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
)

func TestAcc16_templateLookup(t *testing.T) {
	t.Parallel()
	t.Run("missing", func(t *testing.T) {
		t.Parallel()
		site := StartAdministered(t)
		site.own(template{})
		organization, _ := site.operator.double(site.template("create"))
		site.operator.remove(site.template("create"))
		w, name := site.instance(vars{})
		w.set(vars{"hub": vars{"organization": organization}})
		w.tryApply().want(1).says(site.template("create"), `organization "`+organization+`"`, site.url)
		site.wantLaunches(name)
		w.wantGone()
	})
	t.Run("recreated", func(t *testing.T) { t.Parallel(); recreatedTemplate(t) })
	t.Run("ambiguous", func(t *testing.T) {
		t.Parallel()
		site := StartAdministered(t)
		site.own(template{})
		organization, other := site.operator.double(site.template("create"))
		w, name := site.instance(nil)
		w.tryApply().want(1).says(site.template("create"), "set organization", `"`+organization+`"`, `"`+other+`"`)
		site.wantLaunches(name)
		w.set(vars{"hub": vars{"organization": organization}})
		w.apply()
		site.wantLaunches(name, "create")
		w.wantNoWork()
	})
}

// recreatedTemplate has the templates made anew: between two commands, and between the look-up and the launch.
func recreatedTemplate(t *testing.T) {
	site := StartAdministered(t)
	site.own(template{})
	w, name := site.instance(nil)
	w.apply()
	site.wantLaunches(name, "create") // whose job this user sees no more once its template is gone (1120)
	site.operator.remove(site.template("create"))
	site.operator.add(template{name: site.template("create"), verb: "create"})
	w.change(vars{"run_strategy": "Halted"})
	w.apply()
	if site.simulated != nil {
		// The first launch meets a template that was removed after its id was looked up.
		site.faults().Fault(sandbox.Fault{Path: "launch", Method: "POST", Status: 404, Body: `{"detail":"No JobTemplate matches the given query."}`, Times: 1})
	}
	w.change(vars{"run_strategy": "Always"})
	w.apply()
	site.wantLaunches(name, "create", "create", "create")
	w.inState().wantReconciled(true)
	w.wantNoWork()
}

// TestAccX12_unauthorised looks for diagnostics about rights, and for no attempt more than one.
func TestAccX12_unauthorised(t *testing.T) {
	t.Parallel()
	t.Run("bad token", func(t *testing.T) {
		t.Parallel()
		site := StartSandbox(t)
		site.token = site.operator.token("write")
		w, name := site.instance(nil)
		w.run("plan", "-no-color", "-out=plan.tfplan").want(0)
		site.operator.revoke(site.token)
		w.run("apply", "-no-color", "plan.tfplan").want(1).says("401").saysNot("template missing", "there is none")
		if site.simulated != nil {
			if refused := len(site.forbidden()); refused != 1 {
				t.Errorf("a bad token was tried %d times", refused)
			}
		}
		site.wantLaunches(name)
		w.wantGone()
	})
	t.Run("may not launch", func(t *testing.T) {
		t.Parallel()
		site := StartAdministered(t)
		site.token = site.operator.user(reading(), "write")
		w, name := site.instance(nil)
		w.tryApply().want(1).says("403", "permission").saysNot("template missing", "there is none")
		if site.simulated != nil {
			if got := site.countRequests("POST", "launch"); got != 1 {
				t.Errorf("a launch that is forbidden was tried %d times", got)
			}
		}
		site.wantLaunches(name)
		w.wantGone()
	})
	t.Run("may not see the template", func(t *testing.T) {
		t.Parallel()
		site := StartAdministered(t)
		site.token = site.operator.user(nil, "write")
		w, name := site.instance(nil)
		w.run("plan", "-no-color").want(1).says("execute role", createTemplate)
		site.wantLaunches(name)
	})
}

// makes and removes are the job templates in a sandbox's workflows.
const (
	makes   = "create-machine"
	removes = "delete-machine"
)

func TestAccX13_workflowTemplates(t *testing.T) {
	t.Parallel()
	t.Run("followed", func(t *testing.T) {
		t.Parallel()
		site := StartAdministered(t)
		site.own(template{workflow: true})
		w, name := site.instance(nil)
		w.apply()
		if entry := w.inState().wantReconciled(true).wantLastJob("provision Succeeded").lastJob(); !strings.Contains(entry.url, "/workflow_jobs/") {
			t.Errorf("the job's address is %s", entry.url)
		}
		w.wantNoWork()
		w.destroy()
		site.wantLaunches(name, "create", "delete")
		w.wantGone()
	})
	t.Run("cancelled", func(t *testing.T) {
		t.Parallel()
		site := StartAdministered(t)
		site.own(template{workflow: true})
		w, name := site.instance(creating(time.Hour))
		w.leaveRunning(name, "running")
		w.destroy()
		if jobs := site.wantLaunches(name, "create", "delete"); jobs[0].status != "canceled" {
			t.Errorf("the workflow job is %s", jobs[0].status)
		}
		if site.simulated != nil && !slices.ContainsFunc(site.faults().Requests(), func(r sandbox.Request) bool {
			return r.Method == http.MethodPost && strings.Contains(r.Path, "/workflow_jobs/") && strings.HasSuffix(r.Path, "/cancel/")
		}) {
			t.Error("the workflow job was not cancelled as one")
		}
		w.wantGone()
	})
	t.Run("fails", func(t *testing.T) {
		t.Parallel()
		site := StartAdministered(t)
		site.own(template{workflow: true})
		w, name := site.instance(doomed())
		w.tryApply().want(1).wantReason().says(machineNode, "job "+text(site.nodeJob(site.wantLaunches(name, "create")[0])))
		w.inState().wantTainted(true).wantLastJob("provision Failed")
	})
}

func TestAccX14_variablesNotPrompted(t *testing.T) {
	t.Parallel()
	t.Run("seen at plan", func(t *testing.T) {
		t.Parallel()
		site := StartAdministered(t)
		site.own(template{dropsVariables: true})
		w, name := site.instance(nil)
		w.run("plan", "-no-color").want(1).says("prompt on launch", site.template("create"))
		site.wantLaunches(name)
	})
	t.Run("seen at launch", func(t *testing.T) {
		t.Parallel()
		site := StartSimulated(t)
		site.faults().Behave(createTemplate, sandbox.Behavior{Duration: time.Hour, DropsVariables: true, CancelDelay: -1})
		w, _ := site.instance(nil)
		w.tryApply().want(1).says("prompt on launch", createTemplate, "was cancelled")
		if jobs := site.faults().AllJobs(); len(jobs) != 1 || jobs[0].CanceledOn.IsZero() {
			t.Errorf("the job that knows no instance was not cancelled: %+v", jobs)
		}
		w.wantGone()
	})
}

// nodeJob returns the id of the job that a workflow job's only node has run.
func (s *Site) nodeJob(workflow job) int64 {
	s.t.Helper()
	nodes := rows[struct {
		Job int64 `json:"job"`
	}](s.t, &api{url: s.url, token: s.token}, at("workflow_jobs/", workflow.id)+"workflow_nodes/")
	if len(nodes) != 1 {
		s.t.Fatalf("workflow job %d has %d nodes", workflow.id, len(nodes))
	}
	return nodes[0].Job
}
