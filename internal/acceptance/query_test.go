package acceptance

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// fleetOf makes instances by the dozen, of which each third is another tenant's.
func (s *Site) fleetOf(count int) *workspace {
	s.t.Helper()
	w := s.workspace("hub.tf", nil)
	w.write("fleet.tf", `
resource "osac_compute_instance" "this" {
  count = `+strconv.Itoa(count)+`

  name      = format("vm-%02d", count.index)
  namespace = count.index < 2 ? "other" : null
  tenant    = count.index % 3 == 0 ? "red" : null

  cores               = 2
  memory_gib          = 4
  image               = { source_type = "registry", source_ref = "quay.io/containerdisks/fedora:latest" }
  template_parameters = jsonencode({ exposed_ports = "22/tcp" })
  network_attachments = [{ subnet_ref = "subnet-a", security_group_refs = ["web", "ssh"] }]
  labels              = { index = tostring(count.index) }
}
`)
	w.apply(fmt.Sprintf("-parallelism=%d", count))
	return w
}

// queryBlock lists instances.
func queryBlock(config string) string {
	return `
list "osac_compute_instance" "these" {
  provider         = osac
  include_resource = true
  limit            = 1000

  config {
` + config + `
  }
}
`
}

func (s *Site) query(config string) *workspace {
	s.t.Helper()
	w := s.workspace("hub.tf", nil)
	w.needsTerraform(1, 14, "queries")
	w.write("these.tfquery.hcl", queryBlock(config))
	return w
}

// TestAccQuery_bulkImport takes over a whole fleet, without running anything.
func TestAccQuery_bulkImport(t *testing.T) {
	t.Parallel()
	const count = 12
	site := StartSimulated(t) // the names are fixed
	w := site.query("")
	site.fleetOf(count)
	before := len(site.faults().Requests())
	listed := w.run("query", "-no-color", "-generate-config-out=generated.tf").want(0)
	for i := range count {
		listed.says(fmt.Sprintf("vm-%02d", i))
	}
	if asked := len(site.faults().Requests()) - before; asked > 4 {
		t.Errorf("the query took %d requests", asked)
	}
	w.run("plan", "-no-color").want(0).says(fmt.Sprintf("%d to import, 0 to add, 0 to change, 0 to destroy", count))
	w.apply().says(fmt.Sprintf("%d imported, 0 added, 0 changed, 0 destroyed", count))
	w.wantNoWork()
	if launched := len(site.faults().Jobs()); launched != count {
		t.Errorf("%d jobs, want %d", launched, count)
	}
}

func TestAccQuery_filters(t *testing.T) {
	t.Parallel()
	site := StartSimulated(t)
	site.query("") // skips
	site.fleetOf(6)
	for _, c := range []struct {
		config          string
		listed, missing []string
	}{
		{`tenant = "red"`, []string{"other/vm-00", "vm-03"}, []string{"vm-01", "vm-02"}},
		{`namespace = "other"`, []string{"other/vm-00", "other/vm-01"}, []string{"vm-02", "vm-03"}},
		{"namespace = \"other\"\ntenant = \"red\"", []string{"other/vm-00"}, []string{"vm-01", "vm-03"}},
		{`template_id = "site.templates.other"`, nil, []string{"vm-0"}},
	} {
		result := site.query(c.config).run("query", "-no-color").want(0).says(c.listed...)
		for _, name := range c.missing {
			if strings.Contains(result.output, name) {
				t.Errorf("%s: the list has %s:\n%s", c.config, name, result.output)
			}
		}
	}
	limited := site.query("")
	limited.write("these.tfquery.hcl", strings.Replace(queryBlock(""), "1000", "2", 1))
	if result := limited.run("query", "-no-color").want(0); strings.Count(result.output, "name=vm-") != 2 {
		t.Errorf("the limit is 2:\n%s", result.output)
	}
}

func TestAccQuery_errors(t *testing.T) {
	t.Parallel()
	site := StartSimulated(t)
	site.query(`hub = "nowhere"`).run("query", "-no-color").want(1).says("Unknown hub", `no hub "nowhere"`)
	site.faults().RevokeToken(site.token)
	site.query("").run("query", "-no-color").want(1).says("could not be listed")
}

func TestExamples_query(t *testing.T) {
	t.Parallel()
	site := StartSimulated(t)
	w := site.example(filepath.Join(examples, "provider", "provider.tf"), exampleInstance)
	w.needsTerraform(1, 14, "queries")
	w.apply()
	other := site.example(filepath.Join(examples, "provider", "provider.tf"),
		filepath.Join(examples, "list-resources", "osac_compute_instance", "list-resource.tfquery.hcl"))
	other.run("query", "-no-color", "-generate-config-out=instances.tf").want(0).says("osac-system/web-1")
	other.run("plan", "-no-color").want(0).says("1 to import, 0 to add, 0 to change, 0 to destroy")
}

// TestAccComputeInstanceDataSource shows an instance to somebody who doesn't manage it.
func TestAccComputeInstanceDataSource(t *testing.T) {
	t.Parallel()
	site := StartSandbox(t)
	owner, name := site.instance(with(simulating(vars{"artifacts": vars{"ip_address": "10.0.0.7"}}), vars{"tenant": "red"}))
	owner.set(vars{"extra_vars": `{"password":"not for others"}`})
	owner.apply()
	w := site.workspace("hub.tf", nil)
	w.write("read.tf", `
data "osac_compute_instance" "this" {
  name      = "`+name+`"
  namespace = "`+namespace+`"
}

output "instance" {
  sensitive = true
  value     = data.osac_compute_instance.this
}
`)
	w.apply()
	got := decode[map[string]any](t, w.run("output", "-json", "instance").want(0).output)
	wantTexts(t, "the instance", got, map[string]string{
		"id": namespace + "/" + name, "hub": "default", "tenant": "red", "phase": "Running", "ip_address": "10.0.0.7", "artifacts": `{"ip_address":"10.0.0.7"}`,
	})
	state := owner.inState()
	for _, version := range []string{"desired_config_version", "reconciled_config_version", "inputs_version", "controller_uuid"} {
		wantTexts(t, "the instance", got, map[string]string{version: state.text(version)})
	}
	if _, has := got["extra_vars"]; has {
		t.Error("extra vars are shown")
	}
	if text := w.run("show", "-json").want(0).output; strings.Contains(text, "not for others") {
		t.Error("extra vars are in the reader's state")
	}
	owner.destroy()
	w.run("plan", "-no-color").want(1).says("can't be read from its jobs", name)
	site.wantLaunches(name, "create", "delete")
}

// TestAccComputeInstancesDataSource lists instances, and says of which it knows too little.
func TestAccComputeInstancesDataSource(t *testing.T) {
	t.Parallel()
	site := StartSimulated(t)
	site.fleetOf(6)
	w := site.workspace("hub.tf", nil)
	w.write("read.tf", `
data "osac_compute_instances" "all" {}

data "osac_compute_instances" "red" {
  tenant = "red"
}

output "all" {
  value = data.osac_compute_instances.all
}

output "red" {
  value = [for instance in data.osac_compute_instances.red.instances : "${instance.id} ${instance.phase} ${instance.last_job.state}"]
}
`)
	before := len(site.faults().Requests())
	w.apply()
	all := decode[struct {
		Instances  []struct{ ID string }
		Unreadable []struct{ ID, Reason string }
	}](t, w.run("output", "-json", "all").want(0).output)
	if len(all.Instances) != 6 || all.Instances[0].ID != "osac-computeinstance/vm-02" || len(all.Unreadable) != 0 {
		t.Errorf("%+v", all)
	}
	red := decode[[]string](t, w.run("output", "-json", "red").want(0).output)
	if len(red) != 2 || !strings.HasSuffix(red[0], "/vm-03 Running Succeeded") || red[1] != "other/vm-00 Running Succeeded" {
		t.Errorf("%q", red)
	}
	// Both lists are one: the controller is found, and its jobs are read once in each of the two phases of an apply.
	if asked := len(site.faults().Requests()) - before; asked > 8 {
		t.Errorf("two lists took %d requests", asked)
	}
}
