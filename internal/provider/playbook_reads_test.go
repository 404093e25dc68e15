package provider

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// playbookRead is a variable that one of OSAC's playbooks reads. Playbooks of several ages read some paths in different ways.
type playbookRead struct {
	Path     string `json:"path"`
	Required string `json:"required"`
}

// playbookReads are what OSAC's playbooks read, by the templates that run them.
func playbookReads(t *testing.T) map[string][]playbookRead {
	t.Helper()
	document, err := os.ReadFile("testdata/playbook-reads.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Playbooks map[string][]playbookRead `json:"playbooks"`
	}
	if err := json.Unmarshal(document, &file); err != nil {
		t.Fatal(err)
	}
	return file.Playbooks
}

// supplier is what of the provider puts a value at a path: attributes of the resource and settings of the hub, or what always
// does.
type supplier struct {
	instance, hub map[string]tftypes.Value
	always        string
}

func attribute(name string, value tftypes.Value) supplier {
	return supplier{instance: map[string]tftypes.Value{name: value}}
}

func (s supplier) String() string {
	named := slices.Sorted(maps.Keys(s.instance))
	for _, name := range slices.Sorted(maps.Keys(s.hub)) {
		named = append(named, name+" of the hub")
	}
	if s.always != "" {
		return s.always
	}
	return strings.Join(named, " and ")
}

// suppliers say for each path that the playbooks for compute instances read what of the provider supplies it.
func suppliers() map[string]supplier {
	disk := objectValue(map[string]tftypes.Value{"size_gib": number(20), "storage_tier": text("local")})
	attachment := objectValue(map[string]tftypes.Value{"subnet_ref": text("one"), "security_group_refs": tuple(text("web"))})
	classes := attribute("storage_classes", tuple(objectValue(map[string]tftypes.Value{"name": text("lvms"), "tier": text("local")})))
	inJobVars := func(name, value string) supplier {
		return attribute("extra_vars_wo", text(`{"osac_job_vars":{"`+name+`":`+value+`},"ansible_eda":{"event":{"`+name+`":`+value+`}}}`))
	}
	return map[string]supplier{
		"resource.metadata.name":                  {always: "name"},
		"resource.metadata.namespace":             {always: "namespace, or the default"},
		"resource.spec.templateID":                {always: "template_id, or the default"},
		"resource.spec.runStrategy":               {always: "run_strategy, or the default"},
		"resource.status.desiredConfigVersion":    {always: "the provider itself"},
		"resource.status.tenantReference.name":    attribute("tenant", text("a")),
		"resource.spec.cores":                     attribute("cores", number(2)),
		"resource.spec.vcpus":                     attribute("cores", number(2)),
		"resource.spec.memoryGiB":                 attribute("memory_gib", number(4)),
		"resource.spec.guestOSFamily":             attribute("guest_os_family", text("linux")),
		"resource.spec.sshKey":                    attribute("ssh_public_key", text("ssh-ed25519 AAAA")),
		"resource.spec.userDataSecretRef.name":    attribute("user_data_secret_ref", text("a")),
		"resource.spec.bootDisk.sizeGiB":          attribute("boot_disk", disk),
		"resource.spec.bootDisk.storageTier":      attribute("boot_disk", disk),
		"resource.spec.additionalDisks":           attribute("additional_disks", tuple(disk)),
		"resource.spec.restartRequestedAt":        attribute("restart_requested_at", text("2026-08-22T11:00:00Z")),
		"resource.status.lastRestartedAt":         attribute("last_restarted_at", text("2026-08-22T11:00:00Z")),
		"resource.spec.blockEncryptionPassphrase": attribute("spec_extra", text(`{"blockEncryptionPassphrase":"x"}`)),
		"resource.spec.image.sourceRef": attribute("image", objectValue(map[string]tftypes.Value{
			"source_type": text("registry"), "source_ref": text("fedora"),
		})),
		"resource.spec.gpu.{pciDeviceSelector,resourceName,count}": attribute("gpu", objectValue(map[string]tftypes.Value{
			"pci_device_selector": text("10DE:20B0"), "resource_name": text("nvidia.com/A100"), "count": number(1),
		})),
		"resource.spec.additionalDisks[].{sizeGiB,storageTier}":                      attribute("additional_disks", tuple(disk)),
		"resource.spec.networkAttachments[0].subnetRef":                              attribute("network_attachments", tuple(attachment)),
		"resource.spec.networkAttachments[].securityGroupRefs":                       attribute("network_attachments", tuple(attachment)),
		"resource.metadata.annotations['osac.openshift.io/subnet-target-namespace']": attribute("network_attachments", tuple(attachment)),
		"resource.status.tenantReference.namespace": {
			instance: map[string]tftypes.Value{"tenant": text("a")}, hub: map[string]tftypes.Value{"tenant_namespace": text("osac")},
		},
		"tenant_storage_classes":                                  classes,
		"tenant_storage_classes[].tier":                           classes,
		"storage_tier_definitions":                                inJobVars("storage_tier_definitions", `[{"name":"local"}]`),
		"storage_backend_connections":                             inJobVars("storage_backend_connections", `{"a":{}}`),
		"template_parameters.exposed_ports (top-level extra var)": attribute("template_parameters", text(`{"exposed_ports":"22/tcp"}`)),
		"vm_sysprep_admin_password (top-level extra var)":         attribute("extra_vars_wo", text(`{"vm_sysprep_admin_password":"x"}`)),
	}
}

// notOffered says of which kinds of objects the provider has no resource.
func notOffered(playbook string) bool {
	for _, kind := range []string{"virtual-network", "subnet", "security-group", "external-ip-pool", "external-ip", "nat-gateway"} {
		if _, is, _ := strings.Cut(playbook, "-"); is == kind {
			return true
		}
	}
	return false
}

// TestEverythingThatPlaybooksReadIsSupplied looks in the payload for each path that OSAC's playbooks read: it is there with
// what is said to supply it, and not without.
func TestEverythingThatPlaybooksReadIsSupplied(t *testing.T) {
	t.Parallel()
	s, known, count := newServer(t), suppliers(), 0
	used := map[string]bool{}
	table := "| template | path | required | supplied by |\n|---|---|---|---|\n"
	playbooks := playbookReads(t)
	for _, playbook := range slices.Sorted(maps.Keys(playbooks)) {
		for _, each := range playbooks[playbook] {
			count++
			by := "no resource yet"
			if !notOffered(playbook) {
				from, exists := known[each.Path]
				if !exists {
					t.Errorf("%s reads %s: which attribute, setting or constant supplies it?", playbook, each.Path)
					continue
				}
				s.wantSupplied(t, from, each.Path)
				used[each.Path], by = true, from.String()
			}
			table += fmt.Sprintf("| %s | %s | %s | %s |\n", playbook, each.Path, each.Required, by)
		}
	}
	for path := range known {
		if !used[path] {
			t.Errorf("no playbook reads %s", path)
		}
	}
	t.Logf("%d reads:\n%s", count, table)
}

// wantSupplied compares a payload with one that lacks what is said to supply a path, in both envelopes.
func (s *server) wantSupplied(t *testing.T, from supplier, path string) {
	t.Helper()
	with, without := s.payload(t, from), s.payload(t, supplier{})
	bare, top := strings.CutSuffix(path, " (top-level extra var)")
	if top {
		with, without = map[string]any{"job": with}, map[string]any{"job": without}
	} else {
		with, without = envelopes(with), envelopes(without)
	}
	for name := range with {
		if !holds(with[name], pathSteps(bare)) {
			t.Errorf("%s is not in %s, although it is said to come from %s", path, name, from)
		}
		if from.always == "" && holds(without[name], pathSteps(bare)) {
			t.Errorf("%s is in %s without %s", path, name, from)
		}
	}
}

func (s *server) payload(t *testing.T, from supplier) map[string]any {
	t.Helper()
	instance := map[string]tftypes.Value{"name": text("web")}
	maps.Copy(instance, from.instance)
	got, failure := s.call(t, "compute_instance_payload", tftypes.String, objectValue(instance), text("provision"), objectValue(from.hub))
	if failure != nil {
		t.Fatal(failure.Text)
	}
	var vars map[string]any
	if err := json.Unmarshal([]byte(asText(t, got)), &vars); err != nil {
		t.Fatal(err)
	}
	return vars
}

// envelopes returns what a job is given below osac_job_vars and below ansible_eda, in the former's words.
func envelopes(vars map[string]any) map[string]any {
	eda, _ := vars["ansible_eda"].(map[string]any)
	event, _ := eda["event"].(map[string]any)
	renamed := maps.Clone(event)
	renamed["resource"] = event["payload"]
	return map[string]any{"osac_job_vars": vars["osac_job_vars"], "ansible_eda": renamed}
}

// pathSteps splits a path at its dots but those within brackets; what stands in brackets is a step, and so is {a,b}.
func pathSteps(path string) []string {
	var steps []string
	for path != "" {
		end := strings.IndexAny(path, ".[")
		switch {
		case end < 0:
			return append(steps, path)
		case path[end] == '.' || end > 0:
			if end > 0 {
				steps = append(steps, path[:end])
			}
			path = strings.TrimPrefix(path[end:], ".")
		default:
			key, rest, _ := strings.Cut(path[1:], "]")
			steps, path = append(steps, "["+strings.Trim(key, "'")+"]"), strings.TrimPrefix(rest, ".")
		}
	}
	return steps
}

// holds reports whether a value has something at a path, below each element of a list.
func holds(value any, steps []string) bool {
	if len(steps) == 0 {
		return value != nil && value != ""
	}
	switch value := value.(type) {
	case map[string]any:
		for key := range strings.SplitSeq(strings.Trim(steps[0], "[]{}"), ",") {
			if !holds(value[key], steps[1:]) {
				return false
			}
		}
		return true
	case []any:
		lacks := func(element any) bool { return !holds(element, steps[1:]) }
		return len(value) > 0 && strings.HasPrefix(steps[0], "[") && !slices.ContainsFunc(value, lacks)
	}
	return false
}
