package osac_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/osac-project/terraform-provider-osac/internal/jobs/jobstest"
	"github.com/osac-project/terraform-provider-osac/internal/osac"
)

func launchVars(t *testing.T, settings osac.PayloadSettings, instance osac.Instance, format osac.PayloadFormat) map[string]any {
	t.Helper()
	payload, err := osac.NewPayload(settings, instance, nil, osac.RunLabels{RunID: "RUN", Owner: "me", InputsVersion: "0123"})
	if err != nil {
		t.Fatal(err)
	}
	document, err := payload.LaunchVars(format)
	if err != nil {
		t.Fatal(err)
	}
	var vars map[string]any
	if err := json.Unmarshal(document, &vars); err != nil {
		t.Fatal(err)
	}
	return vars
}

func TestLaunchVarsAreTheDocumentedPayload(t *testing.T) {
	t.Parallel()
	instance := osac.Instance{Key: osac.Key{Namespace: "osac-system", Name: "web-1"}, Tenant: "tenant-a", Spec: jobstest.OperatorSpec()}
	settings := osac.PayloadSettings{Kind: osac.ComputeInstance, StorageClasses: []osac.StorageClass{{Name: "lvms-tenant-a", Tier: "local"}}}
	vars := launchVars(t, settings, instance, osac.FormatBoth)
	var want any
	if err := json.Unmarshal([]byte(`{
	  "apiVersion": "osac.openshift.io/v1alpha1", "kind": "ComputeInstance",
	  "metadata": {"name": "web-1", "namespace": "osac-system", "annotations": {
	    "osac.openshift.io/tenant": "tenant-a", "osac.openshift.io/subnet-target-namespace": "subnet-abc12",
	    "osac.openshift.io/instance": "osac-system/web-1", "osac.openshift.io/run-id": "RUN",
	    "osac.openshift.io/owner": "me", "osac.openshift.io/inputs-version": "0123"}},
	  "spec": {"templateID": "osac.templates.ocp_virt_vm",
	    "image": {"sourceType": "registry", "sourceRef": "quay.io/containerdisks/fedora:latest"},
	    "cores": 2, "vcpus": 2, "memoryGiB": 4, "bootDisk": {"sizeGiB": 20}, "runStrategy": "Always",
	    "networkAttachments": [{"subnetRef": "subnet-abc12"}]},
	  "status": {"desiredConfigVersion": "bc63dc8142aa3bde",
	    "tenantReference": {"name": "tenant-a", "namespace": "osac-system"}}}`), &want); err != nil {
		t.Fatal(err)
	}
	jobVars, _ := vars["osac_job_vars"].(map[string]any)
	if difference := cmp.Diff(want, jobVars["resource"]); difference != "" {
		t.Errorf("osac_job_vars.resource (-want +got):\n%s", difference)
	}
	eda, _ := vars["ansible_eda"].(map[string]any)
	event, _ := eda["event"].(map[string]any)
	if difference := cmp.Diff(jobVars["resource"], event["payload"]); difference != "" {
		t.Errorf("the two envelopes differ:\n%s", difference)
	}
	siblings := []any{map[string]any{"name": "lvms-tenant-a", "tier": "local"}}
	for name, envelope := range map[string]map[string]any{"osac_job_vars": jobVars, "event": event} {
		if difference := cmp.Diff(any(siblings), envelope["tenant_storage_classes"]); difference != "" {
			t.Errorf("tenant_storage_classes in %s (-want +got):\n%s", name, difference)
		}
	}
}

func TestPayloadFormatsLeaveOutTheOtherEnvelope(t *testing.T) {
	t.Parallel()
	instance := osac.Instance{Key: osac.Key{Namespace: "ns", Name: "vm"}, Spec: jobstest.OperatorSpec()}
	for format, absent := range map[osac.PayloadFormat]string{osac.FormatOSACJobVars: "ansible_eda", osac.FormatAnsibleEDA: "osac_job_vars"} {
		vars := launchVars(t, osac.PayloadSettings{Kind: osac.ComputeInstance}, instance, format)
		if _, present := vars[absent]; present || len(vars) != 2 {
			t.Errorf("format %s sends %d variables, with %s: %v", format, len(vars), absent, present)
		}
	}
}

func TestExtraVarsAreMergedDeeplyInOrder(t *testing.T) {
	t.Parallel()
	instance := osac.Instance{
		Key: osac.Key{Namespace: "ns", Name: "vm"}, Spec: jobstest.OperatorSpec(),
		ExtraVars:          json.RawMessage(`{"site": {"b": 2, "c": 2}, "osac_job_vars": {"storage_tier_definitions": []}, "big": 12345678901234567890}`),
		WriteOnlyExtraVars: json.RawMessage(`{"site": {"c": 3}}`),
	}
	jobstest.Change(&instance, func(s *osac.ComputeInstanceSpec) { s.TemplateParameters = `{"exposed_ports": "22/tcp"}` })
	vars := launchVars(t, osac.PayloadSettings{Kind: osac.ComputeInstance, ExtraVars: json.RawMessage(`{"site": {"a": 1, "b": 1}}`)}, instance, osac.FormatBoth)
	if difference := cmp.Diff(any(map[string]any{"a": 1.0, "b": 2.0, "c": 3.0}), vars["site"]); difference != "" {
		t.Errorf("site (-want +got):\n%s", difference)
	}
	if difference := cmp.Diff(any(map[string]any{"exposed_ports": "22/tcp"}), vars["template_parameters"]); difference != "" {
		t.Errorf("template_parameters (-want +got):\n%s", difference)
	}
	jobVars, _ := vars["osac_job_vars"].(map[string]any)
	if jobVars["resource"] == nil || jobVars["storage_tier_definitions"] == nil {
		t.Errorf("extra vars did not join the envelope: %v", jobVars)
	}
}

func TestExtraVarsDoNotReachIntoTheResource(t *testing.T) {
	t.Parallel()
	for _, refused := range []string{
		`{"osac_job_vars": {"resource": {}}}`,
		`{"ansible_eda": {"event": {"payload": null}}}`,
		`{"osac_job_vars": null}`, `{"osac_job_vars": "text"}`, `{"ansible_eda": []}`, `{"ansible_eda": {"event": null}}`,
		`[1]`, `null`, `"text"`,
	} {
		_, err := osac.NewPayload(osac.PayloadSettings{Kind: osac.ComputeInstance}, osac.Instance{ExtraVars: json.RawMessage(refused)}, nil, osac.RunLabels{})
		if err == nil {
			t.Errorf("extra vars %s were accepted", refused)
		}
	}
}

func TestASubnetTargetThatWasSetIsKept(t *testing.T) {
	t.Parallel()
	instance := osac.Instance{Key: osac.Key{Namespace: "ns", Name: "vm"}, Spec: jobstest.OperatorSpec(), Annotations: map[string]string{osac.AnnotationSubnetTarget: "elsewhere"}}
	resource := osac.NewResource(osac.PayloadSettings{Kind: osac.ComputeInstance}, instance, nil, osac.RunLabels{})
	if got := resource.Metadata.Annotations[osac.AnnotationSubnetTarget]; got != "elsewhere" {
		t.Errorf("subnet target namespace %q, want the one that was set", got)
	}
	if len(instance.Annotations) != 1 {
		t.Errorf("building a payload changed the instance's annotations: %v", instance.Annotations)
	}
	if resource.Status.TenantReference != nil {
		t.Error("there is a tenant reference without a tenant")
	}
}
