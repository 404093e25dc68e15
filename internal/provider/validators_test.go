package provider

import (
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/osac-project/terraform-provider-osac/internal/osac"
)

func TestConfigurationIsValidated(t *testing.T) {
	s := newServer(t)
	of := func(name string, value any) tftypes.Value { return nested(t, s.instance.AttributeTypes[name], value) }
	disk := func(size any, tier any) any { return map[string]any{"size_gib": size, "storage_tier": tier} }
	for name, test := range map[string]struct {
		name                string
		value               tftypes.Value
		attribute, mentions string
	}{
		"name, upper case":      {"name", text("Web"), "name", "RFC 1123"},
		"name, too long":        {"name", text(strings.Repeat("a", 64)), "name", "63"},
		"name, hyphen last":     {"name", text("web-"), "name", "RFC 1123"},
		"namespace":             {"namespace", text("a.b"), "namespace", "RFC 1123"},
		"tenant, escape":        {"tenant", text("a\x1b[31mb"), "tenant", `"a\x1b[31mb"`},
		"family, right to left": {"guest_os_family", text("a\u202eb"), "guest_os_family", `"a\u202eb"`},
		"tenant, very long":     {"tenant", text(strings.Repeat("a", 1<<20)), "tenant", `aaa…"`},
		"hub":                   {"hub", text("a/b"), "hub", "letters"},
		"template":              {"template_id", text("1st"), "template_id", "Ansible role"},
		"parameters, no JSON":   {"template_parameters", text("{"), "template_parameters", "JSON"},
		"parameters, a list":    {"template_parameters", text("[]"), "template_parameters", "a list"},
		"parameters, null":      {"template_parameters", text("null"), "template_parameters", "null"},
		"source type":           {"image", of("image", map[string]any{"source_type": "http", "source_ref": "x"}), "image.source_type", "registry"},
		"source":                {"image", of("image", map[string]any{"source_type": "registry", "source_ref": ""}), "image.source_ref", "quay.io"},
		"no cores":              {"cores", number(0), "cores", "between 1 and 128"},
		"too many cores":        {"cores", number(129), "cores", "between 1 and 128"},
		"no memory":             {"memory_gib", number(0), "memory_gib", "between 1 and"},
		"no disk":               {"boot_disk", of("boot_disk", disk(0, nil)), "boot_disk.size_gib", "between 1 and"},
		"tier":                  {"boot_disk", of("boot_disk", disk(1, "Fast")), "boot_disk.storage_tier", "lower-case"},
		"tier, too long":        {"additional_disks", of("additional_disks", []any{disk(1, strings.Repeat("a", 64))}), "additional_disks.0.storage_tier", "63"},
		"gpus":                  {"gpu", of("gpu", map[string]any{"pci_device_selector": "10DE:20B0", "resource_name": "nvidia.com/A100", "count": 17}), "gpu.count", "between 1 and 16"},
		"guest family":          {"guest_os_family", text("two words"), "guest_os_family", "one word"},
		"run strategy":          {"run_strategy", text("Manual"), "run_strategy", "Halted"},
		"subnet twice":          {"network_attachments", of("network_attachments", []any{map[string]any{"subnet_ref": "a"}, map[string]any{"subnet_ref": "a"}}), "network_attachments.1.subnet_ref", "already"},
		"nine subnets":          {"network_attachments", of("network_attachments", subnets(9)), "network_attachments", "at most 8"},
		"restart":               {"restart_requested_at", text("yesterday"), "restart_requested_at", "RFC3339"},
		"storage class":         {"storage_classes", of("storage_classes", []any{map[string]any{"name": "Fast", "tier": "local"}}), "storage_classes.0.name", "lower-case"},
		"tenant annotation":     {"annotations", texts(map[string]string{"osac.openshift.io/tenant": "t"}), "annotations.osac.openshift.io/tenant", "attribute tenant"},
		"run label":             {"labels", texts(map[string]string{"osac.openshift.io/run-id": "t"}), "labels.osac.openshift.io/run-id", "set by the provider"},
		"extra vars, envelope":  {"extra_vars", text(`{"ansible_eda":{"event":{"payload":{}}}}`), "extra_vars", "ansible_eda.event.payload"},
		"extra vars, more":      {"extra_vars", text(`{} {}`), "extra_vars", "more after the end"},
		"write-only extra vars": {"extra_vars_wo", text(`"x"`), "extra_vars_wo", "a string"},
		"timeouts":              {"timeouts", of("timeouts", map[string]any{"create": "long"}), "timeouts.create", "2h45m"},
		"no time at all":        {"timeouts", of("timeouts", map[string]any{"update": "0s"}), "timeouts.update", "at least 1s"},
		"less than no time":     {"timeouts", of("timeouts", map[string]any{"delete": "-5m"}), "timeouts.delete", "at least 1s"},
		"hardly any time":       {"timeouts", of("timeouts", map[string]any{"create": "1ns"}), "timeouts.create", "at least 1s"},
		"private key":           {"ssh_public_key", text("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNz"), "ssh_public_key", ".pub"},
		"envelope, null":        {"extra_vars", text(`{"osac_job_vars":null}`), "extra_vars", "osac_job_vars an object"},
		"envelope, a list":      {"extra_vars", text(`{"ansible_eda":[]}`), "extra_vars", "ansible_eda an object"},
		"event, a string":       {"extra_vars_wo", text(`{"ansible_eda":{"event":"x"}}`), "extra_vars_wo", "ansible_eda.event an object"},
		"number too large":      {"template_parameters", text(`{"a":[{"b":1e400}]}`), "template_parameters", "too large"},
		"extra vars, too large": {"extra_vars", text(`{"a":-1e400}`), "extra_vars", "too large"},
		"null group": {
			"network_attachments", of("network_attachments", []any{map[string]any{"subnet_ref": "a", "security_group_refs": []any{"b", nil}}}),
			"network_attachments.0.security_group_refs", "null value",
		},
		"null disk":          {"additional_disks", of("additional_disks", []any{nil}), "additional_disks.0", "null value"},
		"null attachment":    {"network_attachments", of("network_attachments", []any{nil}), "network_attachments.0", "null value"},
		"null storage class": {"storage_classes", of("storage_classes", []any{nil}), "storage_classes.0", "null value"},
		"null label": {
			"labels", tftypes.NewValue(s.instance.AttributeTypes["labels"], map[string]tftypes.Value{"a": tftypes.NewValue(tftypes.String, nil)}), "labels.a", "null value",
		},
		"label with a blank":       {"labels", texts(map[string]string{"owner": "Jane Doe"}), "labels.owner", "63 letters"},
		"label, too long":          {"labels", texts(map[string]string{"a": strings.Repeat("a", 64)}), "labels.a", "63 letters"},
		"label's key with a blank": {"labels", texts(map[string]string{"cost center": "1"}), "labels.cost center", "63 letters"},
		"label's key, two slashes": {"labels", texts(map[string]string{"a/b/c": "1"}), "labels.a/b/c", "63 letters"},
		"label's key, upper case":  {"labels", texts(map[string]string{"Example.com/a": "1"}), "labels.Example.com/a", "domain"},
		"label's key, none":        {"labels", texts(map[string]string{"": "1"}), "labels.", "63 letters"},
		"label's key, no name":     {"labels", texts(map[string]string{"a.b/": "1"}), "labels.a.b/", "63 letters"},
		"annotation's key":         {"annotations", texts(map[string]string{"a b": "1"}), "annotations.a b", "63 letters"},
		"annotation, a namespace":  {"annotations", texts(map[string]string{osac.AnnotationSubnetTarget: "a.b"}), "annotations." + osac.AnnotationSubnetTarget, "RFC 1123"},
		"annotations, too much":    {"annotations", texts(map[string]string{"a": strings.Repeat("a", 256<<10)}), "annotations", "262144"},
		"tenant":                   {"tenant", text("tenant a"), "tenant", "lower-case"},
		"secret":                   {"user_data_secret_ref", text("My Secret"), "user_data_secret_ref", "lower-case"},
		"subnet":                   {"network_attachments", of("network_attachments", []any{map[string]any{"subnet_ref": "My Subnet"}}), "network_attachments.0.subnet_ref", "RFC 1123"},
		"image with a scheme":      {"image", of("image", map[string]any{"source_type": "registry", "source_ref": "docker://quay.io/a"}), "image.source_ref", "scheme"},
		"image with a blank":       {"image", of("image", map[string]any{"source_type": "registry", "source_ref": "quay.io/a b"}), "image.source_ref", "blanks"},
		"selector":                 {"gpu", of("gpu", map[string]any{"pci_device_selector": "10DE", "resource_name": "nvidia.com/A100", "count": 1}), "gpu.pci_device_selector", "hexadecimal"},
		"resource":                 {"gpu", of("gpu", map[string]any{"pci_device_selector": "10DE:20B0", "resource_name": "A100", "count": 1}), "gpu.resource_name", "domain"},
		"too much memory":          {"memory_gib", number(1 << 31), "memory_gib", "between 1 and"},
		"too large a disk":         {"boot_disk", of("boot_disk", disk(1<<31, nil)), "boot_disk.size_gib", "between 1 and"},
		"key of blanks":            {"ssh_public_key", text("  \n"), "ssh_public_key", "no key"},
		"key, a path":              {"ssh_public_key", text("~/.ssh/id_ed25519.pub"), "ssh_public_key", "file("},
		"key, something else":      {"ssh_public_key", text("secret words"), "ssh_public_key", "OpenSSH"},
		"key of another kind":      {"ssh_public_key", text("ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIGq0Yw"), "ssh_public_key", "another kind"},
		"key, byte order mark":     {"ssh_public_key", text("\ufeffssh-ed25519 AAAA me"), "ssh_public_key", "byte order mark"},
		"PuTTY's private key":      {"ssh_public_key", text("PuTTY-User-Key-File-3: ssh-ed25519"), "ssh_public_key", ".pub"},
		"encrypted private key":    {"ssh_public_key", text("-----BEGIN ENCRYPTED PRIVATE KEY-----"), "ssh_public_key", ".pub"},
		"JSON, byte order mark":    {"template_parameters", text("\ufeff{}"), "template_parameters", "byte order mark"},
		"JSON, a key twice":        {"template_parameters", text(`{"a":[{"b":{},"c":[1],"b":2}]}`), "template_parameters", "same key twice"},
		"JSON, half a character":   {"spec_extra", text(`{"a":"\\\\ud83d\ud83d"}`), "spec_extra", "surrogate"},
		"JSON, the other half":     {"extra_vars", text(`{"\udc00":1}`), "extra_vars", "surrogate"},
		"tenant, byte order mark":  {"tenant", text("\ufefftenant-a"), "tenant", "byte order mark"},
		"memory, a fraction":       {"memory_gib", tftypes.NewValue(tftypes.Number, 1.5), "memory_gib", "whole number of at most 19 digits, and is 1.5"},
		"cores, far too many":      {"cores", tftypes.NewValue(tftypes.Number, 1e30), "cores", "whole number"},
		"disk, a fraction":         {"additional_disks", of("additional_disks", []any{disk(1, nil), disk(0.5, nil)}), "additional_disks.1.size_gib", "additional_disks[1].size_gib"},
		"JSON, a key in two forms": {"extra_vars", text(`{"a":1,"\u0061":2}`), "extra_vars", "same key twice"},
	} {
		t.Run(name, func(t *testing.T) {
			wantError(t, s.validate(t, smallest(map[string]tftypes.Value{test.name: test.value})), test.attribute, test.mentions)
		})
	}
}

func subnets(count int) []any {
	var list []any
	for i := range count {
		list = append(list, map[string]any{"subnet_ref": "s" + string(rune('a'+i))})
	}
	return list
}

func TestGoodConfigurationIsAccepted(t *testing.T) {
	s := newServer(t)
	noErrors(t, s.validate(t, smallest(nil)))
	noErrors(t, s.validate(t, smallest(map[string]tftypes.Value{
		"extra_vars": text(`{"big":123456789012345678901234567890,"small":1e-400,"ansible_eda":{"event":{"own":1}}}`),
		"timeouts":   nested(t, s.instance.AttributeTypes["timeouts"], map[string]any{"create": "1s"}),
		"labels":     texts(map[string]string{"example.com/team": "x", "empty": "", "A_b.c": "D-9"}),
	})))
	for _, key := range []string{
		"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGq0Yw a@example.com\r\n", "# two keys\nssh-rsa AAAA\n\necdsa-sha2-nistp256 AAAA b\n",
		`from="10.0.0.0/8",no-pty ssh-ed25519 AAAA me`, "sk-ssh-ed25519@openssh.com AAAA",
	} {
		noErrors(t, s.validate(t, smallest(map[string]tftypes.Value{"ssh_public_key": text(key)})))
	}
	for _, image := range []string{"fedora", "localhost:5000/a/b_c:1", "quay.io/a/b@sha256:" + strings.Repeat("0a", 32), "[::1]:5000/a"} {
		value := nested(t, s.instance.AttributeTypes["image"], map[string]any{"source_type": "registry", "source_ref": image})
		noErrors(t, s.validate(t, smallest(map[string]tftypes.Value{"image": value})))
	}
	// A key may be given in two objects, and in one object that is a list's element.
	noErrors(t, s.validate(t, smallest(map[string]tftypes.Value{"template_parameters": text(`{"c":"\ud83d\ude00 \\ud83d","a":{"a":["a","a"],"b":1},"b":[{"a":1},{"a":2}]}`)})))
	noErrors(t, s.validate(t, everything(t, s, map[string]tftypes.Value{
		"extra_vars_wo": text(`{"password":"x","osac_job_vars":{"other":1}}`),
		"annotations":   texts(map[string]string{osac.AnnotationSubnetTarget: "ns"}),
	})))
	unknown := map[string]tftypes.Value{}
	for name, typ := range s.instance.AttributeTypes {
		if attribute := s.schema.Attributes[name]; attribute.IsRequired() || attribute.IsOptional() {
			unknown[name] = tftypes.NewValue(typ, tftypes.UnknownValue)
		}
	}
	noErrors(t, s.validate(t, unknown))
}

func TestEachReservedKeyIsRefused(t *testing.T) {
	s := newServer(t)
	for _, key := range osac.ReservedAnnotations() {
		for _, attribute := range []string{"labels", "annotations"} {
			wantError(t, s.validate(t, smallest(map[string]tftypes.Value{attribute: texts(map[string]string{key: "x"})})), attribute+"."+key, key)
		}
	}
}

func TestErrorsNeverShowSecretVariables(t *testing.T) {
	s := newServer(t)
	for _, attribute := range []string{"extra_vars", "extra_vars_wo"} {
		for _, value := range []string{`{"password": "hunter2`, `["hunter2"]`, `"hunter2"`, `{} hunter2`, `hunter2`} {
			diagnostics := s.validate(t, smallest(map[string]tftypes.Value{attribute: text(value)}))
			if len(diagnostics) == 0 {
				t.Errorf("%s = %s is accepted", attribute, value)
			}
			for _, d := range diagnostics {
				if slices.ContainsFunc([]string{d.Summary, d.Detail}, func(text string) bool { return strings.Contains(text, "hunter2") }) {
					t.Errorf("%s = %s is shown: %s", attribute, value, d.Detail)
				}
			}
		}
	}
}
