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
		site := StartSimulated(t)
		site.faults().RemoveTemplate(createTemplate)
		w, name := site.instance(vars{})
		w.set(vars{"hub": vars{"organization": "osac"}})
		w.tryApply().want(1).says(createTemplate, `organization "osac"`, site.url)
		site.wantLaunches(name)
		w.wantGone()
	})
	t.Run("recreated", func(t *testing.T) { t.Parallel(); recreatedTemplate(t) })
	t.Run("ambiguous", func(t *testing.T) {
		t.Parallel()
		site := StartSimulated(t)
		site.faults().AddTemplate(sandbox.Template{Name: createTemplate, Organization: "other", AsksVariables: true, AllowSimultaneous: true})
		w, name := site.instance(nil)
		w.tryApply().want(1).says(createTemplate, "set organization", `"osac"`, `"other"`)
		site.wantLaunches(name)
		w.set(vars{"hub": vars{"organization": "osac"}})
		w.apply()
		site.wantLaunches(name, "create")
		w.wantNoWork()
	})
}

// recreatedTemplate has the templates made anew: between two commands, and between the look-up and the launch.
func recreatedTemplate(t *testing.T) {
	site := StartSimulated(t)
	w, name := site.instance(nil)
	w.apply()
	recreate := func() {
		site.faults().RemoveTemplate(createTemplate)
		site.faults().AddTemplate(sandbox.Template{Name: createTemplate, AsksVariables: true, AllowSimultaneous: true})
	}
	recreate()
	w.change(vars{"run_strategy": "Halted"})
	w.apply()
	// The first launch meets a template that was removed after its id was looked up.
	site.faults().Fault(sandbox.Fault{Path: "launch", Method: "POST", Status: 404, Body: `{"detail":"No JobTemplate matches the given query."}`, Times: 1})
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
		site := StartSimulated(t)
		w, name := site.instance(nil)
		w.run("plan", "-no-color", "-out=plan.tfplan").want(0)
		site.faults().RevokeToken(site.token)
		seen := len(site.faults().Requests())
		w.run("apply", "-no-color", "plan.tfplan").want(1).says("401").saysNot("template missing", "there is none")
		refused := 0
		for _, request := range site.faults().Requests()[seen:] {
			if request.Status == 401 {
				refused++
			}
		}
		if refused != 1 {
			t.Errorf("a bad token was tried %d times", refused)
		}
		site.wantLaunches(name)
		w.wantGone()
	})
	t.Run("may not launch", func(t *testing.T) {
		t.Parallel()
		site := StartSimulated(t)
		site.token = site.plant("token", nowhere)
		site.faults().AddUser("reader", "", site.token, false, map[string]sandbox.Role{
			createTemplate: sandbox.RoleRead, deleteTemplate: sandbox.RoleRead,
		})
		w, name := site.instance(nil)
		w.tryApply().want(1).says("403", "permission").saysNot("template missing", "there is none")
		if got := site.countRequests("POST", "launch"); got != 1 {
			t.Errorf("a launch that is forbidden was tried %d times", got)
		}
		site.wantLaunches(name)
		w.wantGone()
	})
	t.Run("may not see the template", func(t *testing.T) {
		t.Parallel()
		site := StartSimulated(t)
		site.token = site.plant("token", nowhere)
		site.faults().AddUser("stranger", "", site.token, false, nil)
		w, name := site.instance(nil)
		w.run("plan", "-no-color").want(1).says("execute role", createTemplate)
		site.wantLaunches(name)
	})
}

// makes and removes are the job templates in the workflows.
const (
	makes   = "make-machine"
	removes = "remove-machine"
)

// workflows replaces the two templates by workflows of a job template each.
func (s *Site) workflows() {
	simulated := s.faults()
	for workflow, node := range map[string]string{createTemplate: makes, deleteTemplate: removes} {
		simulated.RemoveTemplate(workflow)
		simulated.AddTemplate(sandbox.Template{Name: node, AllowSimultaneous: true})
		simulated.AddTemplate(sandbox.Template{
			Name: workflow, Workflow: true, AsksVariables: true, AllowSimultaneous: true,
			Nodes: []sandbox.Node{{Identifier: "machine-node", Template: node}},
		})
	}
}

func TestAccX13_workflowTemplates(t *testing.T) {
	t.Parallel()
	t.Run("followed", func(t *testing.T) {
		t.Parallel()
		site := StartSimulated(t)
		site.workflows()
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
		site := StartSimulated(t)
		site.workflows()
		site.faults().Behave(makes, sandbox.Behavior{Duration: time.Hour, CancelDelay: quick})
		w, name := site.instance(nil)
		w.leaveRunning(name, "running")
		w.destroy()
		if jobs := site.wantLaunches(name, "create", "delete"); jobs[0].status != "canceled" {
			t.Errorf("the workflow job is %s", jobs[0].status)
		}
		if !slices.ContainsFunc(site.faults().Requests(), func(r sandbox.Request) bool {
			return r.Method == http.MethodPost && strings.Contains(r.Path, "/workflow_jobs/") && strings.HasSuffix(r.Path, "/cancel/")
		}) {
			t.Error("the workflow job was not cancelled as one")
		}
		w.wantGone()
	})
	t.Run("fails", func(t *testing.T) {
		t.Parallel()
		site := StartSimulated(t)
		site.workflows()
		site.faults().Behave(makes, failing())
		w, name := site.instance(nil)
		failed := w.tryApply().want(1)
		site.wantLaunches(name, "create")
		for _, each := range site.faults().AllJobs() {
			if each.Template == makes {
				failed.says("machine-node", "job "+text(each.ID), "the quota is exceeded", "Make the machine", "worker-1")
			}
		}
		w.inState().wantTainted(true).wantLastJob("provision Failed")
	})
}

func TestAccX14_variablesNotPrompted(t *testing.T) {
	t.Parallel()
	t.Run("seen at plan", func(t *testing.T) {
		t.Parallel()
		site := StartSimulated(t)
		site.faults().SetTemplate(createTemplate, func(t *sandbox.Template) { t.AsksVariables = false })
		w, name := site.instance(nil)
		w.run("plan", "-no-color").want(1).says("prompt on launch", createTemplate)
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
