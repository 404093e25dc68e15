package acceptance

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// cliConfigWithAAP is cliConfigPath with a stand-in for ansible/aap beside the provider: Terraform wants the old provider
// to be installed when it moves a state.
var cliConfigWithAAP = sync.OnceValues(func() (string, error) {
	own, err := cliConfigPath()
	if err != nil {
		return "", err
	}
	directory := filepath.Join(scratch, "aap")
	build := exec.Command("go", "build", "-o", filepath.Join(directory, "terraform-provider-aap"), "./testdata/aap")
	if output, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building the stand-in for ansible/aap: %w\n%s", err, output)
	}
	content, err := os.ReadFile(own)
	if err != nil {
		return "", err
	}
	overrides := fmt.Sprintf("dev_overrides {\n    \"registry.terraform.io/ansible/aap\" = %[1]q\n    \"registry.opentofu.org/ansible/aap\" = %[1]q", directory)
	path := filepath.Join(scratch, "dev-aap.tfrc")
	return path, os.WriteFile(path, []byte(strings.Replace(string(content), "dev_overrides {", overrides, 1)), 0o600)
})

// asAAPSends are the extra vars that somebody has written for an aap_job.
const asAAPSends = `{"osac_job_vars":{"resource":{"apiVersion":"osac.openshift.io/v1alpha1","kind":"ComputeInstance",
  "metadata":{"namespace":"acceptance","name":"NAME","labels":{"team":"a"},"annotations":{"osac.openshift.io/tenant":"tenant-a"}},
  "spec":{"templateID":"osac.templates.ocp_virt_vm","cores":2,"memoryGiB":4,"runStrategy":"Always"}}},"site":"north"}`

// aapJob makes a workspace whose state has an aap_job of a template, which has run, and whose configuration moves it.
func (s *Site) aapJob(template, extraVars string) (*workspace, string) {
	s.t.Helper()
	name := s.newName()
	extraVars = strings.ReplaceAll(extraVars, "NAME", name)
	id := s.faults().LaunchByHand(template, extraVars, "admin")
	if id == 0 {
		s.t.Fatal("no job was launched")
	}
	s.awaitEnd(name)
	w := s.workspace("moved.tf", vars{"name": name, "extra_vars": `{"site":"north"}`})
	config, err := cliConfigWithAAP()
	if err != nil {
		s.t.Fatal(err)
	}
	w.env("TF_CLI_CONFIG_FILE=" + config)
	host := "registry.terraform.io"
	if other := os.Getenv("TF_ACC_PROVIDER_HOST"); other != "" {
		host = other
	}
	w.write("terraform.tfstate", stateOfAAPJob(s.t, host, vars{
		"job_template_id": 12, "inventory_id": 1, "job_type": "run", "status": "successful",
		"url": fmt.Sprintf("/api/v2/jobs/%d/", id), "extra_vars": extraVars,
		"ignored_fields": nil, "triggers": nil, "wait_for_completion": true, "wait_for_completion_timeout_seconds": 120,
	}))
	return w, name
}

// stateOfAAPJob writes a state as Terraform does.
func stateOfAAPJob(t *testing.T, host string, attributes vars) string {
	t.Helper()
	encoded, err := json.Marshal(vars{
		"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "5c1f1b3e-0000-4000-8000-000000000000", "outputs": vars{},
		"resources": []any{vars{
			"mode": "managed", "type": "aap_job", "name": "this", "provider": fmt.Sprintf(`provider[%q]`, host+"/ansible/aap"),
			"instances": []any{vars{"schema_version": 0, "attributes": attributes}},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(encoded)
}

func TestAccX52_movedFromAAPJob(t *testing.T) {
	t.Parallel()
	t.Run("same configuration", func(t *testing.T) {
		t.Parallel()
		site := StartSimulated(t)
		w, name := site.aapJob(createTemplate, asAAPSends)
		w.run("plan", "-no-color").want(0).says("aap_job.this has moved to osac_compute_instance.this", "0 to add, 0 to change, 0 to destroy")
		w.apply().says("0 added, 0 changed, 0 destroyed")
		w.inState().wantReconciled(true).wantLastJob("provision Succeeded").wantText("phase", "Running").wantText("id", namespace+"/"+name)
		w.wantNoWork()
		site.wantLaunches(name, "create")
		w.set(vars{"extra_vars": nil})
		w.apply().says("0 added, 1 changed, 0 destroyed")
		w.destroy()
		site.wantLaunches(name, "create", "create", "delete")
	})
	t.Run("other configuration", func(t *testing.T) {
		t.Parallel()
		site := StartSimulated(t)
		w, name := site.aapJob(createTemplate, asAAPSends)
		w.set(vars{"cores": 4})
		w.wantPlan("update")
		w.set(vars{"cores": 2, "extra_vars": `{"site":"south"}`})
		w.wantPlan("update")
		site.wantLaunches(name, "create")
	})
	t.Run("without refresh", func(t *testing.T) {
		t.Parallel()
		site := StartSimulated(t)
		w, name := site.aapJob(createTemplate, asAAPSends)
		w.apply("-refresh=false").says("0 added, 1 changed, 0 destroyed")
		w.inState().wantReconciled(true)
		w.wantNoWork()
		site.wantLaunches(name, "create", "create")
	})
	t.Run("purged", func(t *testing.T) {
		t.Parallel()
		site := StartSimulated(t)
		w, name := site.aapJob(createTemplate, asAAPSends)
		site.faults().PurgeAll()
		w.apply().says("outcome of a job is unknown", "0 added, 1 changed, 0 destroyed")
		w.inState().wantReconciled(true)
		w.wantNoWork()
		site.wantLaunches(name, "create", "create")
	})
	t.Run("delete template", func(t *testing.T) {
		t.Parallel()
		site := StartSimulated(t)
		w, _ := site.aapJob(deleteTemplate, asAAPSends)
		w.run("plan", "-no-color").want(1).says("can't be moved", deleteTemplate, createTemplate)
	})
	t.Run("no instance", func(t *testing.T) {
		t.Parallel()
		site := StartSimulated(t)
		w, _ := site.aapJob(createTemplate, `{"some":"thing"}`)
		w.run("plan", "-no-color").want(1).says("can't be moved", "osac_job_vars.resource", "import the instance")
	})
}
