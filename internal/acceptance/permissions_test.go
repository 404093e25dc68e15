package acceptance

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
	simulated "github.com/osac-project/terraform-provider-osac/internal/sandbox/eda"
)

// The roles here are those of the guide "Permissions" (templates/guides/permissions.md). What an ordinary user may do was
// recorded (010 to 013, internal/sandbox/FACTS.md F12, L5, L6).

// reading are the roles of a user who may follow the jobs of both templates, and nothing else.
func reading() map[string]sandbox.Role {
	return map[string]sandbox.Role{createTemplate: sandbox.RoleRead, deleteTemplate: sandbox.RoleRead}
}

// asUser has the provider use a token of a user who has these roles and no others. The user's name is terraform.
func (s *Site) asUser(roles map[string]sandbox.Role) {
	s.t.Helper()
	s.token = s.plant("role_token", nowhere)
	s.faults().AddUser("terraform", "", s.token, false, roles)
}

// onlyReads has the provider use a token of that user's whose scope is Read.
func (s *Site) onlyReads() {
	s.t.Helper()
	s.token = s.plant("reading_token", nowhere)
	s.faults().AddToken("terraform", s.token, "read")
}

// everything does all that a configuration can ask for: create, change, restart, import, a job that fails, destroy.
func (s *Site) everything() {
	s.t.Helper()
	w, name := s.instance(nil)
	w.apply()
	w.wantNoWork()
	w.change(vars{"labels": vars{"team": "a"}})
	w.apply()
	w.change(vars{"restart_requested_at": time.Now().UTC().Format(time.RFC3339)})
	w.apply()
	s.wantLaunches(name, "create", "create", "create")
	other := w.imported()
	other.set(vars{"extra_vars": nil, "extra_vars_wo": nil, "hub_extra_vars": nil})
	other.run("import", "-no-color", address, namespace+"/"+name).want(0)
	s.faults().Behave(createTemplate, failing())
	w.change(vars{"labels": vars{"team": "b"}})
	w.tryApply().want(1).says("Make the machine", "the quota is exceeded")
	w.destroy()
	s.wantLaunches(name, "create", "create", "create", "create", "delete")
	w.wantGone()
}

// forbidden are the requests that the controller has refused for a lack of rights, whoever has sent them.
func (s *Site) forbidden() []sandbox.Request {
	s.t.Helper()
	return slices.DeleteFunc(s.faults().Requests(), func(request sandbox.Request) bool {
		return request.Status != http.StatusForbidden && request.Status != http.StatusUnauthorized
	})
}

func (s *Site) wantNothingForbidden() {
	s.t.Helper()
	if s.simulated == nil {
		return // a real controller keeps no such book
	}
	for _, request := range s.forbidden() {
		s.t.Errorf("%s %s?%s was answered %d", request.Method, request.Path, request.Query, request.Status)
	}
}

// destroyCancels destroys an instance whose create job runs: the user may cancel it.
func (s *Site) destroyCancels() {
	s.t.Helper()
	w, name := s.instance(creating(time.Hour))
	w.leaveRunning(name, "running")
	w.destroy().saysNot("could not be cancelled")
	if jobs := s.wantLaunches(name, "create", "delete"); jobs[0].status != "canceled" {
		s.t.Errorf("the create job is %s", jobs[0].status)
	}
	s.wantNothingForbidden()
}

func TestAccPermissions_enough(t *testing.T) {
	t.Parallel()
	t.Run("AAP Direct: Execute on both templates", func(t *testing.T) {
		t.Parallel()
		site := StartSimulated(t)
		site.asUser(executing())
		site.everything()
		site.wantNothingForbidden()
	})
	t.Run("AAP Direct: its own job is cancelled", func(t *testing.T) {
		t.Parallel()
		site := StartAdministered(t)
		site.token = site.operator.user(executing(), "write")
		site.destroyCancels()
	})
	t.Run("EDA: Read on both templates", func(t *testing.T) {
		t.Parallel()
		site := StartEDA(t)
		site.asUser(reading())
		site.everything()
		site.wantNothingForbidden()
	})
	t.Run("EDA: Admin on the create template cancels EDA's job", func(t *testing.T) {
		t.Parallel()
		site := StartEDA(t)
		site.asUser(map[string]sandbox.Role{createTemplate: sandbox.RoleAdmin, deleteTemplate: sandbox.RoleRead})
		site.destroyCancels()
	})
	t.Run("plan, refresh and import: Read, and a token of scope Read", func(t *testing.T) {
		t.Parallel()
		site := StartAdministered(t)
		w, name := importable(site)
		site.token = site.operator.user(reading(), "read")
		w.set(site.connection())
		w.run("apply", "-refresh-only", "-auto-approve", "-no-color").want(0)
		w.wantNoWork()
		other := w.imported()
		other.run("import", "-no-color", address, "osac-system/"+name).want(0)
		other.wantNoWork()
		site.wantNothingForbidden()
	})
	t.Run("data sources: Read, and a token of scope Read", func(t *testing.T) {
		t.Parallel()
		site := StartSimulated(t)
		_, name := importable(site)
		site.asUser(reading())
		site.onlyReads()
		wantTexts(t, "the job", site.readJob(site.jobsOf(name)[0].id), map[string]string{"state": "Succeeded", "template": createTemplate})
		w := site.workspace("hub.tf", nil)
		w.write("read.tf", `
data "osac_templates" "this" {}
data "osac_compute_instances" "this" {}

data "osac_compute_instance" "this" {
  name      = "`+name+`"
  namespace = "osac-system"
}

output "read" {
  sensitive = true
  value     = [data.osac_templates.this.delete.name, data.osac_compute_instances.this.instances[0].name, data.osac_compute_instance.this.name]
}`)
		w.apply()
		if got := decode[[]string](t, w.run("output", "-json", "read").want(0).output); !slices.Equal(got, []string{deleteTemplate, name, name}) {
			t.Errorf("the data sources read %v", got)
		}
		site.wantNothingForbidden()
	})
	t.Run("action: Execute on the create template, Read on the other", func(t *testing.T) {
		t.Parallel()
		site := StartSimulated(t)
		site.asUser(map[string]sandbox.Role{createTemplate: sandbox.RoleExecute, deleteTemplate: sandbox.RoleRead})
		w, name := restartable(site, nil)
		w.apply(invokeRestart)
		site.wantLaunches(name, "create", "create")
		site.wantNothingForbidden()
	})
}

// TestAccPermissions_oneFewer takes one right away from what is enough: the diagnostic names it.
func TestAccPermissions_oneFewer(t *testing.T) {
	t.Parallel()
	for _, template := range []string{createTemplate, deleteTemplate} {
		t.Run("no role on "+template, func(t *testing.T) {
			t.Parallel()
			for _, start := range []func(*testing.T) *Site{startDirect, startEvents} {
				site := start(t)
				site.asUser(executing())
				site.faults().Grant("terraform", template, "")
				w, name := site.instance(nil)
				w.run("plan", "-no-color").want(1).says("execute role", "read is enough where events start the runs", template)
				site.wantLaunches(name)
			}
		})
		t.Run("Read in place of Execute on "+template, func(t *testing.T) {
			t.Parallel()
			site := StartSimulated(t)
			site.asUser(executing())
			site.faults().Grant("terraform", template, sandbox.RoleRead)
			w, name := site.instance(nil)
			refused := w.tryApply()
			if template == deleteTemplate {
				refused.want(0)
				refused = w.tryDestroy()
				w.inState().wantReconciled(true)
			}
			refused.want(1).says("403", `role Execute on template "`+template+`"`, "scope Write")
			site.faults().Grant("terraform", template, sandbox.RoleExecute)
			w.apply()
			w.destroy()
			site.wantLaunches(name, "create", "delete")
		})
	}
	t.Run("a token of scope Read", func(t *testing.T) {
		t.Parallel()
		site := StartAdministered(t)
		site.token = site.operator.user(executing(), "read")
		w, name := site.instance(nil)
		w.run("plan", "-no-color").want(0)
		w.tryApply().want(1).says("403", "scope Write")
		site.wantLaunches(name)
	})
	t.Run("another user's job", func(t *testing.T) {
		t.Parallel()
		site := StartEDA(t)
		site.asUser(reading())
		w, name := site.instance(creating(time.Hour))
		w.leaveRunning(name, "running")
		destroying := w.start("destroy", "-auto-approve", "-no-color")
		jobs := site.await(name, "its cancel is refused", func([]job) bool { return len(site.forbidden()) > 0 })
		site.faults().CancelByHand(jobs[0].id) // else it would go on for its hour
		destroying.wait().want(0).says("could not be cancelled", "launched by eda", `role Admin on template "`+createTemplate+`"`)
		site.wantLaunches(name, "create", "delete")
	})
	t.Run("the job of a workflow's node", func(t *testing.T) {
		t.Parallel()
		site := StartSimulated(t)
		site.own(template{workflow: true})
		site.asUser(executing())
		site.faults().Behave(makes, failing())
		w, _ := site.instance(nil)
		w.tryApply().want(1).says("machine-node", `role Read on template "`+makes+`"`)
		site.faults().Grant("terraform", makes, sandbox.RoleRead)
		w.tryApply().want(1).says("machine-node", "the quota is exceeded").saysNot("role Read")
	})
}

// TestAccPermissions_restart takes Execute away from who restarts.
func TestAccPermissions_restart(t *testing.T) {
	t.Parallel()
	site := StartSimulated(t)
	site.asUser(executing())
	w, name := restartable(site, nil)
	site.faults().Grant("terraform", createTemplate, sandbox.RoleRead)
	w.tryApply(invokeRestart).want(1).says("403", `role Execute on template "`+createTemplate+`"`, "scope Write")
	site.wantLaunches(name, "create")
}

// TestAccPermissions_job reads a job of a template that the user has no role on.
func TestAccPermissions_job(t *testing.T) {
	t.Parallel()
	site := StartSimulated(t)
	_, name := importable(site)
	site.asUser(map[string]sandbox.Role{deleteTemplate: sandbox.RoleRead})
	w := site.workspace("hub.tf", nil)
	w.write("job.tf", `data "osac_job" "this" { id = "`+text(site.jobsOf(name)[0].id)+`" }`)
	w.run("plan", "-no-color").want(1).says("403", "role Read on the job's template")
}

func startDirect(t *testing.T) *Site { return StartSimulated(t) }
func startEvents(t *testing.T) *Site { return StartEDA(t) }

// TestAccPermissions_rulebook takes the right to launch away from EDA's own user. Who may read the rule audit learns it
// from there.
func TestAccPermissions_rulebook(t *testing.T) {
	t.Parallel()
	for role, says := range map[string][]string{
		"organization auditor": {"no job was launched", "403", "role Execute", createTemplate},
		"organization member":  {"Organization Auditor", "role Execute", createTemplate},
	} {
		t.Run(role, func(t *testing.T) {
			t.Parallel()
			site := StartEDA(t, func(options *simulated.Options) {
				options.API.Users = []simulated.User{{Username: "terraform", Password: "audit-password", Role: role}}
			})
			site.hide("audit-password", nowhere)
			site.events["start_timeout"] = "3s"
			site.events["api"] = vars{"url": site.serve(site.eda.APIHandler()), "username": "terraform", "password": "audit-password"}
			site.asUser(reading())
			site.faults().Grant("eda", createTemplate, sandbox.RoleRead)
			w, name := site.instance(nil)
			w.tryApply().want(1).says(says...)
			site.wantLaunches(name)
		})
	}
}
