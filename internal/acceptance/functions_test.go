package acceptance

import (
	"reflect"
	"slices"
	"testing"
)

func TestAccX51_functions(t *testing.T) {
	t.Parallel()
	site := StartSandbox(t)
	w, name := site.instance(documented())
	w.needsTerraform(1, 8, "functions")
	w.set(vars{"extra_vars": `{"own":1}`, "extra_vars_wo": nil, "hub_extra_vars": `{"site":"north"}`})
	w.write("functions.tf", `
output "same" {
  sensitive = true # as whatever is computed of a resource with sensitive attributes
  value     = provider::osac::config_version(osac_compute_instance.this) == osac_compute_instance.this.desired_config_version
}

output "name" {
  value = provider::osac::parse_compute_instance_id(osac_compute_instance.this.id).name
}

output "payload" {
  sensitive = true
  value     = provider::osac::compute_instance_payload(osac_compute_instance.this, "provision", { extra_vars = var.hub_extra_vars, owner = "acceptance" })
}`)
	w.apply()
	w.run("output", "-json", "same").want(0).says("true")
	w.run("output", "-raw", "name").want(0).says(name)
	printed := w.run("output", "-raw", "payload").want(0).output
	if sent := site.jobsOf(name)[0]; site.events == nil {
		wantSameVars(t, decode[map[string]any](t, printed), sent.vars(t), "")
	}
	w.write("wrong.tf", `
output "wrong" {
  value = provider::osac::parse_compute_instance_id("web")
}`)
	w.run("plan", "-no-color").want(1).says(`Invalid value for "id" parameter`, "namespace/name")
}

// wantSameVars compares variables; what is made up anew may differ.
func wantSameVars(t *testing.T, got, want any, at string) {
	t.Helper()
	inner, isObject := want.(map[string]any)
	outer, alsoObject := got.(map[string]any)
	if !isObject || !alsoObject {
		if !reflect.DeepEqual(got, want) && !slices.Contains(madeUpAt, at) {
			t.Errorf("%s is %v, and the job was given %v", at, got, want)
		}
		return
	}
	for name := range outer {
		if _, sent := inner[name]; !sent {
			t.Errorf("%s.%s was not given to the job", at, name)
		}
	}
	for name := range inner {
		wantSameVars(t, outer[name], inner[name], at+"."+name)
	}
}

var madeUpAt = []string{
	".osac_job_vars.resource.metadata.annotations.osac.openshift.io/run-id",
	".ansible_eda.event.payload.metadata.annotations.osac.openshift.io/run-id",
	".osac_job_vars.resource.metadata.annotations.osac.openshift.io/uid",
	".ansible_eda.event.payload.metadata.annotations.osac.openshift.io/uid",
}
