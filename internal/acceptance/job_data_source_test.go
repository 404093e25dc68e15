package acceptance

import (
	"strconv"
	"testing"

	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
)

// readJob reads a job by its number, as somebody who manages nothing of it.
func (s *Site) readJob(id int64) map[string]any {
	s.t.Helper()
	w := s.workspace("hub.tf", nil)
	w.write("job.tf", `
data "osac_job" "this" {
  id = "`+strconv.FormatInt(id, 10)+`"
}

output "job" {
  sensitive = true
  value     = data.osac_job.this
}`)
	w.apply()
	return decode[map[string]any](s.t, w.run("output", "-json", "job").want(0).output)
}

// wantTexts checks texts of an object by their names.
func wantTexts(t *testing.T, what string, object any, want map[string]string) {
	t.Helper()
	values, _ := object.(map[string]any)
	for name, text := range want {
		if got, _ := values[name].(string); got != text {
			t.Errorf("%s: %s is %v, want %q", what, name, values[name], text)
		}
	}
}

func TestAccJobDataSource(t *testing.T) {
	t.Parallel()
	t.Run("jobs of an instance", func(t *testing.T) {
		t.Parallel()
		site := StartAdministered(t)
		w, name := site.instance(simulating(vars{"artifacts": vars{"ip_address": "10.0.0.5", "port": 22}}))
		w.apply()
		succeeded := site.jobsOf(name)[0].id
		got := site.readJob(succeeded)
		for range 20 { // A controller takes in a job's output after its end.
			if got["stdout_tail"] != nil {
				break
			}
			got = site.readJob(succeeded)
		}
		wantTexts(t, "succeeded", got, map[string]string{
			"hub": "default", "kind": "job", "state": "Succeeded", "status": "successful", "template": createTemplate, "artifacts": `{"ip_address":"10.0.0.5","port":22}`,
			"launch_type": "manual",
		})
		if got["failure"] != nil || got["finished_at"] == nil || got["stdout_tail"] == nil {
			t.Errorf("succeeded: %v", got)
		}
		w.change(with(doomed(), vars{"run_strategy": "Halted"}))
		w.tryApply().want(1).says("Last output:", "TASK [Fail if asked]")
		got = site.readJob(site.jobsOf(name)[1].id)
		wantTexts(t, "failed", got, map[string]string{"state": "Failed", "status": "failed", "message": "failed: Fail if asked (localhost): " + reason})
		wantTexts(t, "the failure", got["failure"], map[string]string{"task": "Fail if asked", "host": "localhost", "message": reason})
		site.operator.purge(site.jobsOf(name)[0])
		got = site.readJob(succeeded)
		if wantTexts(t, "purged", got, map[string]string{"state": "Purged"}); got["status"] != nil || got["url"] != nil || got["artifacts"] != nil {
			t.Errorf("purged: %v", got)
		}
	})
	t.Run("workflow job", func(t *testing.T) {
		t.Parallel()
		site := StartAdministered(t)
		site.own(template{workflow: true})
		w, name := site.instance(doomed())
		w.tryApply().want(1)
		got := site.readJob(site.jobsOf(name)[0].id)
		wantTexts(t, "workflow job", got, map[string]string{"kind": "workflow_job", "state": "Failed"})
		wantTexts(t, "its failure", got["failure"], map[string]string{"node": machineNode, "message": reason})
		if failure, _ := got["failure"].(map[string]any); failure["node_job_id"] == nil || got["stdout_tail"] != nil {
			t.Errorf("workflow job: %v", got)
		}
	})
	t.Run("refused", func(t *testing.T) {
		t.Parallel()
		site := StartSandbox(t)
		site.token = site.operator.token("write")
		w := site.workspace("hub.tf", nil)
		w.write("job.tf", "data \"osac_job\" \"this\" {\n  id  = \"12\"\n  hub = \"east\"\n}\n")
		w.run("plan", "-no-color").want(1).says("Unknown hub", `"east"`)
		w.write("job.tf", "data \"osac_job\" \"this\" {\n  id = \"job-12\"\n}\n")
		w.run("plan", "-no-color").want(1).says("must be the number of a job")
		w.write("job.tf", "data \"osac_job\" \"this\" {\n  id = \"12\"\n}\n")
		site.operator.revoke(site.token)
		w.run("plan", "-no-color").want(1).says("The hub refused the credentials", "Job 12 of hub", "401")
	})
}

func TestAccTemplatesDataSource(t *testing.T) {
	t.Parallel()
	site := StartSimulated(t)
	site.faults().SetTemplate(createTemplate, func(template *sandbox.Template) {
		template.AllowSimultaneous = false
		template.Survey = []sandbox.Question{
			{Variable: "size", Name: "Size", Type: "multiplechoice", Choices: []string{"small", "large"}, Default: "small", Required: true},
			{Variable: "password", Type: "password", Default: site.plant("survey_default", nowhere)},
		}
	})
	w := site.workspace("hub.tf", nil)
	w.write("templates.tf", "data \"osac_templates\" \"this\" {}\n\noutput \"templates\" {\n  value = data.osac_templates.this\n}\n")
	w.apply()
	got := decode[map[string]any](t, w.run("output", "-json", "templates").want(0).output)
	wantTexts(t, "create", got["create"], map[string]string{"name": createTemplate, "kind": "job", "organization": "osac"})
	wantTexts(t, "delete", got["delete"], map[string]string{"name": deleteTemplate, "kind": "job"})
	create, _ := got["create"].(map[string]any)
	survey, _ := create["survey"].([]any)
	if len(survey) != 2 || create["allow_simultaneous"] != false || create["ask_variables_on_launch"] != true {
		t.Fatalf("create: %v", create)
	}
	wantTexts(t, "size", survey[0], map[string]string{"variable": "size", "question": "Size", "type": "multiplechoice", "default": "small"})
	if password, _ := survey[1].(map[string]any); password["default"] != nil || password["type"] != "password" || password["required"] != false {
		t.Errorf("password: %v", password)
	}
	site.faults().RemoveTemplate(deleteTemplate)
	w.run("plan", "-no-color").want(1).says("The job template can't be used", deleteTemplate, site.url)
}
