package provider

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/osac-project/terraform-provider-osac/internal/jobs"
	"github.com/osac-project/terraform-provider-osac/internal/jobs/jobstest"
	"github.com/osac-project/terraform-provider-osac/internal/osac"
	"github.com/osac-project/terraform-provider-osac/internal/provider/computeinstance"
	"github.com/osac-project/terraform-provider-osac/internal/provisioning"
)

// decidedByJobs are the computed attributes that the next job may change, whatever it is for; decidedByCreation those
// that are decided along with them when a machine is made.
var (
	decidedByJobs     = []string{"phase", "reconciled_config_version", "last_job", "open_runs", "artifacts"}
	decidedByCreation = []string{"uid", "hub_identity", "controller_uuid", "last_restarted_at", "ip_address"}
)

// smallest is a configuration with what must be there.
func smallest(more map[string]tftypes.Value) map[string]tftypes.Value {
	config := map[string]tftypes.Value{"name": text("web-1")}
	maps.Copy(config, more)
	return config
}

// everything is the configuration of fullRecord, in other words than the record's normal forms.
func everything(t *testing.T, s *server, more map[string]tftypes.Value) map[string]tftypes.Value {
	t.Helper()
	of := func(name string, value any) tftypes.Value { return nested(t, s.instance.AttributeTypes[name], value) }
	config := map[string]tftypes.Value{
		"name": text("web-1"), "namespace": text("osac-system"), "tenant": text("tenant-a"),
		"template_id":          text("osac.templates.ocp_virt_vm"),
		"template_parameters":  text(`{ "exposed_ports": "22/tcp" }`),
		"image":                of("image", map[string]any{"source_type": "registry", "source_ref": "quay.io/containerdisks/fedora:latest"}),
		"guest_os_family":      text("windows"),
		"cores":                number(4),
		"memory_gib":           number(16),
		"boot_disk":            of("boot_disk", map[string]any{"size_gib": 40, "storage_tier": "local"}),
		"additional_disks":     of("additional_disks", []any{map[string]any{"size_gib": 100}, map[string]any{"size_gib": 200, "storage_tier": "fast"}}),
		"gpu":                  of("gpu", map[string]any{"pci_device_selector": "10DE:20B0", "resource_name": "nvidia.com/A100", "count": 1}),
		"run_strategy":         text("Always"),
		"user_data_secret_ref": text("user-data"),
		"ssh_public_key":       text("ssh-ed25519 AAAA me"),
		"network_attachments": of("network_attachments", []any{
			map[string]any{"subnet_ref": "subnet-a", "security_group_refs": []any{"web", "ssh"}}, map[string]any{"subnet_ref": "subnet-b"},
		}),
		"restart_requested_at":  text("2026-08-22T13:00:00.25+02:00"),
		"storage_classes":       of("storage_classes", []any{map[string]any{"name": "lvms", "tier": "local"}}),
		"labels":                texts(map[string]string{"app": "web"}),
		"annotations":           texts(map[string]string{"note": "x"}),
		"triggers":              texts(map[string]string{"playbook": "2"}),
		"extra_vars":            text(`{"a": 1}`),
		"extra_vars_wo_version": number(3),
	}
	maps.Copy(config, more)
	return config
}

func reconciledState(t *testing.T, s *server, change func(*jobs.Record)) *tftypes.Value {
	t.Helper()
	record := jobstest.FullRecord(t)
	if change != nil {
		change(&record)
	}
	model, diags := computeinstance.NewModel(t.Context(), provisioning.DefaultHub, record)
	if diags.HasError() {
		t.Fatal(diags)
	}
	return s.state(t, model)
}

func wantText(t *testing.T, plan planned, name, want string) {
	t.Helper()
	value := plan.values[name]
	var got string
	if !value.IsKnown() || value.IsNull() || value.As(&got) != nil || got != want {
		t.Errorf("%s: want %q, got %s", name, want, value)
	}
}

// wantOpen expects that the attributes decided by jobs are unknown in the plan, and those given, or that none is.
func wantOpen(t *testing.T, plan planned, open bool, more ...string) {
	t.Helper()
	for _, name := range slices.Concat(decidedByJobs, decidedByCreation) {
		want := open && (slices.Contains(decidedByJobs, name) || slices.Contains(more, name))
		if plan.values[name].IsFullyKnown() == want {
			t.Errorf("%s: want unknown = %t, got %s", name, want, plan.values[name])
		}
	}
}

func TestPlanOfACreationFillsInDefaults(t *testing.T) {
	s := newServer(t).configured(t, map[string]tftypes.Value{
		"url": text("https://127.0.0.1:1"), "token": tftypes.NewValue(tftypes.String, tftypes.UnknownValue),
	})
	plan := s.plan(t, smallest(map[string]tftypes.Value{"namespace": text("osac-system"), "tenant": text("tenant-a")}), nil)
	noErrors(t, plan.diagnostics)
	for name, want := range map[string]string{
		"hub": "default", "template_id": "osac.templates.ocp_virt_vm", "run_strategy": "Always", "id": "osac-system/web-1",
	} {
		wantText(t, plan, name, want)
	}
	spec := osac.ComputeInstanceSpec{TemplateID: osac.DefaultTemplateID, RunStrategy: osac.RunAlways}
	wantText(t, plan, "desired_config_version", spec.ConfigVersion())
	wantText(t, plan, "inputs_version", osac.Instance{Spec: spec, Tenant: "tenant-a"}.InputsVersion())
	wantOpen(t, plan, true, decidedByCreation...)
}

func TestPlanWithUnknownSettingsLeavesOpenWhatTheyDecide(t *testing.T) {
	s := newServer(t).configured(t, nil)
	plan := s.plan(t, smallest(nil), nil)
	noErrors(t, plan.diagnostics)
	for _, name := range []string{"namespace", "id"} {
		if plan.values[name].IsKnown() {
			t.Errorf("%s is known: %s", name, plan.values[name])
		}
	}
}

func TestPlanWithUnknownHubs(t *testing.T) {
	s := newServer(t)
	s.configured(t, map[string]tftypes.Value{"hubs": tftypes.NewValue(s.provider.AttributeTypes["hubs"], tftypes.UnknownValue)})
	plan := s.plan(t, smallest(map[string]tftypes.Value{"hub": text("east")}), nil)
	noErrors(t, plan.diagnostics)
}

func TestPlanOfAnUnknownHubPointsAtIt(t *testing.T) {
	s := newServer(t)
	s.configured(t, map[string]tftypes.Value{"hubs": tftypes.NewValue(s.provider.AttributeTypes["hubs"], map[string]tftypes.Value{
		"east": objectOf(hubType(t, s), map[string]tftypes.Value{"url": text("https://east"), "token": text("t")}),
	})})
	plan := s.plan(t, smallest(map[string]tftypes.Value{"hub": text("west")}), nil)
	wantError(t, plan.diagnostics, "hub", `no hub "west". Its hubs are "east"`)
	plan = s.plan(t, smallest(nil), nil)
	wantError(t, plan.diagnostics, "hub", `no hub "default"`)
}

func TestPlanOfAnUnchangedInstanceIsEmpty(t *testing.T) {
	s := newServer(t).configured(t, nil)
	state := reconciledState(t, s, nil)
	for name, config := range map[string]map[string]tftypes.Value{
		"as written": everything(t, s, nil),
		// What an import leaves behind has the normal forms; the configuration need not.
		"other forms": everything(t, s, map[string]tftypes.Value{
			"template_parameters": text("{\n\"exposed_ports\": \"22/tcp\"\n}"), "restart_requested_at": text("2026-08-22T11:00:00Z"),
			"extra_vars": text("{ \"a\" : 1 }"),
		}),
		"defaults left out": everything(t, s, map[string]tftypes.Value{
			"namespace": tftypes.NewValue(tftypes.String, nil), "template_id": tftypes.NewValue(tftypes.String, nil), "run_strategy": tftypes.NewValue(tftypes.String, nil),
		}),
	} {
		t.Run(name, func(t *testing.T) {
			plan := s.plan(t, config, state)
			noErrors(t, plan.diagnostics)
			if diff, err := plan.raw.Diff(*state); err != nil || len(diff) > 0 {
				t.Errorf("want no difference, got %v, %v", diff, err)
			}
			if len(plan.replace) > 0 {
				t.Errorf("replaced for %v", plan.replace)
			}
		})
	}
}

func TestPlanOfWhatTerraformAloneIsConcernedWithRunsNothing(t *testing.T) {
	s := newServer(t).configured(t, nil)
	state := reconciledState(t, s, nil)
	for name, change := range map[string]map[string]tftypes.Value{
		"timeouts":     {"timeouts": nested(t, s.instance.AttributeTypes["timeouts"], map[string]any{"create": "5m"})},
		"skip_destroy": {"skip_destroy": tftypes.NewValue(tftypes.Bool, true)},
		"take_over":    {"take_over": tftypes.NewValue(tftypes.Bool, true)},
	} {
		t.Run(name, func(t *testing.T) {
			plan := s.plan(t, everything(t, s, change), state)
			noErrors(t, plan.diagnostics)
			wantOpen(t, plan, false)
			diff, err := plan.raw.Diff(*state)
			if err != nil || !slices.ContainsFunc(diff, func(d tftypes.ValueDiff) bool {
				return d.Path.String() == tftypes.NewAttributePath().WithAttributeName(name).String()
			}) {
				t.Errorf("the change itself is missing: %v, %v", diff, err)
			}
			for _, d := range diff {
				if first, ok := d.Path.Steps()[0].(tftypes.AttributeName); !ok || string(first) != name {
					t.Errorf("%s changes as well", d.Path)
				}
			}
		})
	}
}

func TestPlanOfARemovedRestartRunsNothing(t *testing.T) {
	s := newServer(t).configured(t, nil)
	state := reconciledState(t, s, nil)
	config := everything(t, s, nil)
	delete(config, "restart_requested_at")
	plan := s.plan(t, config, state)
	noErrors(t, plan.diagnostics)
	wantOpen(t, plan, false)
	var desired, reconciled string
	_, _ = plan.values["desired_config_version"].As(&desired), plan.values["reconciled_config_version"].As(&reconciled)
	if desired == "" || desired != reconciled || desired == jobstest.FullRecord(t).DesiredConfigVersion {
		t.Errorf("desired %q, reconciled %q", desired, reconciled)
	}
}

func TestPlanOfUnfinishedWorkIsAnUpdateInPlace(t *testing.T) {
	s := newServer(t).configured(t, nil)
	for name, unfinished := range map[string]func(*jobs.Record){
		"failed or interrupted":    func(r *jobs.Record) { r.ReconciledConfigVersion = "" },
		"something else applied":   func(r *jobs.Record) { r.ReconciledConfigVersion = "0123456789abcdef" },
		"other inputs applied":     func(r *jobs.Record) { r.InputsVersion = "0123456789abcdef" },
		"no version on the record": func(r *jobs.Record) { r.InputsVersion = "" },
	} {
		t.Run(name, func(t *testing.T) {
			plan := s.plan(t, everything(t, s, nil), reconciledState(t, s, unfinished))
			noErrors(t, plan.diagnostics)
			wantOpen(t, plan, true)
			wantText(t, plan, "desired_config_version", jobstest.FullRecord(t).DesiredConfigVersion)
			wantText(t, plan, "inputs_version", jobstest.FullRecord(t).InputsVersion)
			wantText(t, plan, "controller_uuid", jobstest.FullRecord(t).ControllerUUID)
			if len(plan.replace) > 0 {
				t.Errorf("replaced for %v", plan.replace)
			}
		})
	}
}

// X15: what replaces the machine, and what is changed in place.
func TestPlanReplacesOrUpdates(t *testing.T) {
	s := newServer(t).configured(t, nil)
	state := reconciledState(t, s, nil)
	of := func(name string, value any) tftypes.Value { return nested(t, s.instance.AttributeTypes[name], value) }
	unknown := tftypes.NewValue(tftypes.String, tftypes.UnknownValue)
	for name, test := range map[string]struct {
		attribute string
		value     tftypes.Value
		replaces  bool
	}{
		"name":                   {"name", text("web-2"), true},
		"namespace":              {"namespace", text("other"), true},
		"tenant":                 {"tenant", text("tenant-b"), true},
		"template":               {"template_id", text("osac.templates.other"), true},
		"image":                  {"image", of("image", map[string]any{"source_type": "registry", "source_ref": "other"}), true},
		"image removed":          {"image", of("image", nil), true},
		"cores":                  {"cores", number(8), false},
		"memory":                 {"memory_gib", number(32), false},
		"boot disk":              {"boot_disk", of("boot_disk", map[string]any{"size_gib": 50, "storage_tier": "local"}), true},
		"disks":                  {"additional_disks", of("additional_disks", []any{map[string]any{"size_gib": 100}}), true},
		"disks removed":          {"additional_disks", of("additional_disks", nil), true},
		"gpu":                    {"gpu", of("gpu", map[string]any{"pci_device_selector": "10DE:20B0", "resource_name": "nvidia.com/A100", "count": 2}), true},
		"guest family":           {"guest_os_family", text("linux"), true},
		"ssh key":                {"ssh_public_key", text("ssh-ed25519 BBBB you"), true},
		"user data":              {"user_data_secret_ref", text("other"), true},
		"subnet added":           {"network_attachments", of("network_attachments", []any{map[string]any{"subnet_ref": "subnet-a"}, map[string]any{"subnet_ref": "subnet-b"}, map[string]any{"subnet_ref": "subnet-c"}}), true},
		"subnets in other order": {"network_attachments", of("network_attachments", []any{map[string]any{"subnet_ref": "subnet-b"}, map[string]any{"subnet_ref": "subnet-a"}}), true},
		"subnets removed":        {"network_attachments", of("network_attachments", nil), true},
		"security groups":        {"network_attachments", of("network_attachments", []any{map[string]any{"subnet_ref": "subnet-a", "security_group_refs": []any{"web"}}, map[string]any{"subnet_ref": "subnet-b"}}), false},
		"run strategy":           {"run_strategy", text("Halted"), false},
		"parameters":             {"template_parameters", text(`{"exposed_ports":"443/tcp"}`), false},
		"labels":                 {"labels", texts(map[string]string{"app": "db"}), false},
		"annotations":            {"annotations", texts(nil), false},
		"triggers":               {"triggers", texts(map[string]string{"playbook": "3"}), false},
		"extra vars":             {"extra_vars", text(`{"a":2}`), false},
		"write-only version":     {"extra_vars_wo_version", number(4), false},
		"storage classes":        {"storage_classes", of("storage_classes", []any{map[string]any{"name": "ceph", "tier": "local"}}), false},
		"restart":                {"restart_requested_at", text("2026-08-22T12:00:00Z"), false},
		"label unknown":          {"labels", tftypes.NewValue(s.instance.AttributeTypes["labels"], map[string]tftypes.Value{"app": unknown}), false},
		"parameters unknown":     {"template_parameters", unknown, false},
	} {
		t.Run(name, func(t *testing.T) {
			change := map[string]tftypes.Value{test.attribute: test.value}
			if name == "run strategy" {
				change["restart_requested_at"] = tftypes.NewValue(tftypes.String, nil)
			}
			plan := s.plan(t, everything(t, s, change), state)
			noErrors(t, plan.diagnostics)
			if test.replaces && !slices.Contains(plan.replace, test.attribute) || !test.replaces && len(plan.replace) > 0 {
				t.Errorf("want replacement = %t, got %v", test.replaces, plan.replace)
			}
			if name == "restart" {
				wantOpen(t, plan, true, "last_restarted_at")
			} else if !test.replaces {
				wantOpen(t, plan, true)
			}
		})
	}
}

// An empty object and no extra vars at all are the same, whichever of them the version in state was made of.
func TestPlanTakesNoExtraVarsForNone(t *testing.T) {
	s := newServer(t).configured(t, nil)
	null := tftypes.NewValue(tftypes.String, nil)
	for name, test := range map[string]struct {
		inState json.RawMessage
		planned tftypes.Value
	}{
		"none before":        {nil, text(" { } ")},
		"empty before":       {json.RawMessage("{}"), null},
		"empty still":        {json.RawMessage("{}"), text("{}")},
		"empty, other words": {json.RawMessage("{}"), text("{\n}")},
	} {
		t.Run(name, func(t *testing.T) {
			state := reconciledState(t, s, func(r *jobs.Record) {
				r.ExtraVars = test.inState
				r.InputsVersion = r.Instance.InputsVersion()
			})
			plan := s.plan(t, everything(t, s, map[string]tftypes.Value{"extra_vars": test.planned}), state)
			noErrors(t, plan.diagnostics)
			wantOpen(t, plan, false)
			if before := attributesOf(t, *state)["inputs_version"]; !plan.values["inputs_version"].Equal(before) {
				t.Errorf("the version of the inputs changes from %s to %s", before, plan.values["inputs_version"])
			}
		})
	}
}

// A file's last line break comes and goes.
func TestPlanOfAKeyWithOtherSpaceAroundItIsNoChange(t *testing.T) {
	s := newServer(t).configured(t, nil)
	state := reconciledState(t, s, nil)
	for _, key := range []string{"ssh-ed25519 AAAA me\n", "ssh-ed25519 AAAA me\r\n", " ssh-ed25519 AAAA me"} {
		plan := s.plan(t, everything(t, s, map[string]tftypes.Value{"ssh_public_key": text(key)}), state)
		noErrors(t, plan.diagnostics)
		if diff, err := plan.raw.Diff(*state); err != nil || len(diff) > 0 || len(plan.replace) > 0 {
			t.Errorf("%q differs by %v, %v, and replaces for %v", key, diff, err, plan.replace)
		}
	}
}

func TestPlanTakesEmptyListsForNone(t *testing.T) {
	s := newServer(t).configured(t, nil)
	record := func(r *jobs.Record) {
		jobstest.Change(&r.Instance, func(s *osac.ComputeInstanceSpec) { s.AdditionalDisks, s.NetworkAttachments = nil, nil })
		r.DesiredConfigVersion = r.Spec.ConfigVersion()
		r.ReconciledConfigVersion = r.DesiredConfigVersion
		r.InputsVersion = r.Instance.InputsVersion()
	}
	plan := s.plan(t, everything(t, s, map[string]tftypes.Value{
		"additional_disks":    nested(t, s.instance.AttributeTypes["additional_disks"], []any{}),
		"network_attachments": nested(t, s.instance.AttributeTypes["network_attachments"], []any{}),
	}), reconciledState(t, s, record))
	noErrors(t, plan.diagnostics)
	wantOpen(t, plan, false)
	if len(plan.replace) > 0 {
		t.Errorf("replaced for %v", plan.replace)
	}
}

func TestPlanRefusesRestartsThatCannotBe(t *testing.T) {
	s := newServer(t).configured(t, nil)
	soon := time.Now().Add(10 * time.Minute).Format(time.RFC3339)
	plan := s.plan(t, smallest(map[string]tftypes.Value{"restart_requested_at": text(soon)}), nil)
	wantError(t, plan.diagnostics, "restart_requested_at", "in the future")
	plan = s.plan(t, smallest(map[string]tftypes.Value{"restart_requested_at": text("2026-08-22T11:00:00Z"), "run_strategy": text("Halted")}), nil)
	wantError(t, plan.diagnostics, "restart_requested_at", "Halted")
}

func TestPlanOfADestroyDoesNothing(t *testing.T) {
	s := newServer(t).configured(t, nil)
	state := reconciledState(t, s, nil)
	resp, err := s.PlanResourceChange(t.Context(), destroyRequest(t, s, *state))
	if err != nil {
		t.Fatal(err)
	}
	noErrors(t, resp.Diagnostics)
	if value, err := resp.PlannedState.Unmarshal(s.instance); err != nil || !value.IsNull() {
		t.Errorf("got %s, %v", value, err)
	}
}
