package acceptance

import (
	"maps"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
)

// The operator's own config versions of the documented spec (internal/sandbox/FACTS.md F82).
const (
	documentedVersion = "bc63dc8142aa3bde"
	haltedVersion     = "d957b3e577f2c9f5"
)

// documented is the instance of the documented payload.
func documented() vars {
	return vars{
		"namespace":           "osac-system",
		"tenant":              "tenant-a",
		"template_id":         "osac.templates.ocp_virt_vm",
		"image":               vars{"source_type": "registry", "source_ref": "quay.io/containerdisks/fedora:latest"},
		"cores":               2,
		"memory_gib":          4,
		"boot_disk":           vars{"size_gib": 20},
		"run_strategy":        "Always",
		"network_attachments": []any{vars{"subnet_ref": "subnet-abc12"}},
		"storage_classes":     []any{vars{"name": "lvms-tenant-a", "tier": "local"}},
	}
}

func with(base, changes vars) vars {
	changed := maps.Clone(base)
	maps.Copy(changed, changes)
	return changed
}

func TestAccX3_bothEnvelopes(t *testing.T) {
	t.Parallel()
	site := StartSandbox(t)
	name := site.newName()
	site.steps(
		resource.TestStep{
			ConfigFile:      instanceFile(),
			ConfigVariables: site.variables(vars{"name": name, "instance": documented()}),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(address, tfjsonpath.New("desired_config_version"), knownvalue.StringExact(documentedVersion)),
				statecheck.ExpectKnownValue(address, tfjsonpath.New("reconciled_config_version"), knownvalue.StringExact(documentedVersion)),
			},
			Check: checks(t, func() { site.wantDocumented(site.wantLaunches(name, "create")[0], name) }),
		},
		resource.TestStep{
			ConfigFile:      instanceFile(),
			ConfigVariables: site.variables(vars{"name": name, "instance": with(documented(), vars{"run_strategy": "Halted"})}),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(address, tfjsonpath.New("reconciled_config_version"), knownvalue.StringExact(haltedVersion)),
			},
		},
	)
	for _, each := range site.wantLaunches(name, "create", "create", "delete") {
		site.wantEqualEnvelopes(each)
	}
}

// wantDocumented checks that the job was given the documented payload, but for the annotations that are ours.
func (s *Site) wantDocumented(launched job, name string) {
	s.t.Helper()
	want := decode[map[string]any](s.t, `{
	  "apiVersion": "osac.openshift.io/v1alpha1", "kind": "ComputeInstance",
	  "metadata": {"name": "`+name+`", "namespace": "osac-system"},
	  "spec": {"templateID": "osac.templates.ocp_virt_vm",
	    "image": {"sourceType": "registry", "sourceRef": "quay.io/containerdisks/fedora:latest"},
	    "cores": 2, "vcpus": 2, "memoryGiB": 4, "bootDisk": {"sizeGiB": 20}, "runStrategy": "Always",
	    "networkAttachments": [{"subnetRef": "subnet-abc12"}]},
	  "status": {"desiredConfigVersion": "bc63dc8142aa3bde",
	    "tenantReference": {"name": "tenant-a", "namespace": "osac-system"}}}`)
	jobVars, _ := launched.vars(s.t)["osac_job_vars"].(map[string]any)
	given, _ := jobVars["resource"].(map[string]any)
	metadata, _ := given["metadata"].(map[string]any)
	annotations, _ := metadata["annotations"].(map[string]any)
	delete(metadata, "annotations")
	if difference := cmp.Diff(want, given); difference != "" {
		s.t.Errorf("the payload is not the documented one (-want +got):\n%s", difference)
	}
	for annotation, value := range map[string]string{
		"tenant": "tenant-a", "subnet-target-namespace": "subnet-abc12", "instance": "osac-system/" + name,
	} {
		if got := annotations["osac.openshift.io/"+annotation]; got != value {
			s.t.Errorf("annotation %s is %v, want %q", annotation, got, value)
		}
	}
	for _, annotation := range []string{"run-id", "inputs-version"} {
		if got, _ := annotations["osac.openshift.io/"+annotation].(string); got == "" {
			s.t.Errorf("annotation %s is missing", annotation)
		}
	}
}

// wantEqualEnvelopes checks that the job was given the same in both places.
func (s *Site) wantEqualEnvelopes(launched job) {
	s.t.Helper()
	given := decode[payload](s.t, launched.extraVars)
	if difference := cmp.Diff(given.OSACJobVars.Resource, given.AnsibleEDA.Event.Payload); difference != "" {
		s.t.Errorf("job %d: the envelopes differ:\n%s", launched.id, difference)
	}
	want := []map[string]any{{"name": "lvms-tenant-a", "tier": "local"}}
	for _, classes := range [][]map[string]any{given.OSACJobVars.StorageClasses, given.AnsibleEDA.Event.StorageClasses} {
		if difference := cmp.Diff(want, classes); difference != "" {
			s.t.Errorf("job %d: tenant_storage_classes (-want +got):\n%s", launched.id, difference)
		}
	}
}

func TestAccX2_deletePayloadComplete(t *testing.T) {
	t.Parallel()
	site := StartSandbox(t)
	name := site.newName()
	windows := with(documented(), vars{
		"guest_os_family":     "windows",
		"boot_disk":           vars{"size_gib": 40, "storage_tier": "local"},
		"additional_disks":    []any{vars{"size_gib": 100}, vars{"size_gib": 200, "storage_tier": "local"}},
		"gpu":                 vars{"pci_device_selector": "10DE:20B0", "resource_name": "nvidia.com/A100", "count": 1},
		"template_parameters": `{"exposed_ports": "22/tcp,443/tcp"}`,
		"labels":              vars{"team": "a"},
		"annotations":         vars{"example.com/note": "<kept>"},
	})
	site.steps(resource.TestStep{
		ConfigFile: instanceFile(),
		ConfigVariables: site.variables(vars{
			"name": name, "instance": windows, "extra_vars": `{"of_instance": {"a": 1}}`, "hub_extra_vars": `{"of_hub": true, "of_instance": {"b": 2}}`,
		}),
	})
	jobs := site.wantLaunches(name, "create", "delete")
	created, deleted := jobs[0].vars(t), jobs[1].vars(t)
	for _, given := range []map[string]any{created, deleted} {
		for _, envelope := range [][]string{{"osac_job_vars", "resource"}, {"ansible_eda", "event", "payload"}} {
			annotations := object(t, given, append(envelope, "metadata", "annotations")...)
			delete(annotations, "osac.openshift.io/run-id") // each run has its own
		}
		if site.eda != nil {
			delete(given, "ansible_eda") // the event's own time and number are in there
		}
	}
	if difference := cmp.Diff(created, deleted); difference != "" {
		t.Errorf("the delete job was not given what the create job was (-create +delete):\n%s", difference)
	}
	if disks, _ := object(t, deleted, "osac_job_vars", "resource", "spec")["additionalDisks"].([]any); len(disks) != 2 {
		t.Errorf("the delete job was given the disks %v", disks)
	}
	if difference := cmp.Diff(map[string]any{"a": 1.0, "b": 2.0}, object(t, deleted, "of_instance")); difference != "" {
		t.Errorf("the extra vars were not merged deeply (-want +got):\n%s", difference)
	}
}

// object walks down to an object in a document.
func object(t *testing.T, document map[string]any, path ...string) map[string]any {
	t.Helper()
	for _, key := range path {
		inner, ok := document[key].(map[string]any)
		if !ok {
			t.Fatalf("there is no object %s in %v", key, document)
		}
		document = inner
	}
	return document
}
