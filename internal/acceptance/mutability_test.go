package acceptance

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/config"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
)

// mutation is a change of an instance, and what is to be planned for it.
type mutation struct {
	change vars
	want   plancheck.ResourceActionType
}

const (
	replace = plancheck.ResourceActionReplace
	inPlace = plancheck.ResourceActionUpdate
	nothing = plancheck.ResourceActionNoop
)

func attachments(list ...vars) vars { return vars{"network_attachments": list} }

func attachment(subnet string, groups ...string) vars {
	if len(groups) == 0 {
		return vars{"subnet_ref": subnet}
	}
	return vars{"subnet_ref": subnet, "security_group_refs": groups}
}

// base has every attribute set, so that each can be changed.
func base() vars {
	return vars{
		"tenant":               "tenant-a",
		"template_parameters":  `{"a":1,"b":2}`,
		"image":                vars{"source_type": "registry", "source_ref": "fedora:1"},
		"cores":                2,
		"memory_gib":           4,
		"boot_disk":            vars{"size_gib": 20, "storage_tier": "local"},
		"additional_disks":     []any{vars{"size_gib": 10}},
		"gpu":                  vars{"pci_device_selector": "10DE:20B0", "resource_name": "nvidia.com/A100", "count": 1},
		"guest_os_family":      "linux",
		"ssh_public_key":       "ssh-ed25519 AAAA me",
		"user_data_secret_ref": "user-data",
		"network_attachments":  []any{attachment("one", "web", "ssh"), attachment("two")},
		"labels":               vars{"team": "a"},
		"extra_vars":           `{"a":1,"b":2}`,
	}
}

// mutations are the changes by a name that begins with the attribute's.
func mutations() map[string]mutation {
	all := map[string]mutation{
		"name":                    {vars{"name": "vm-" + strings.ToLower(rand.Text()[:10])}, replace},
		"namespace":               {vars{"namespace": "elsewhere"}, replace},
		"hub":                     {vars{"hub": "east"}, replace},
		"tenant":                  {vars{"tenant": "tenant-b"}, replace},
		"template_id":             {vars{"template_id": "osac.templates.other"}, replace},
		"image":                   {vars{"image": vars{"source_type": "registry", "source_ref": "fedora:2"}}, replace},
		"image removed":           {vars{"image": nil}, replace},
		"cores":                   {vars{"cores": 4}, inPlace},
		"memory_gib":              {vars{"memory_gib": 8}, inPlace},
		"boot_disk size":          {vars{"boot_disk": vars{"size_gib": 21, "storage_tier": "local"}}, replace},
		"boot_disk tier":          {vars{"boot_disk": vars{"size_gib": 20}}, replace},
		"additional_disks":        {vars{"additional_disks": []any{vars{"size_gib": 10}, vars{"size_gib": 10}}}, replace},
		"gpu":                     {vars{"gpu": vars{"pci_device_selector": "10DE:20B0", "resource_name": "nvidia.com/A100", "count": 2}}, replace},
		"gpu removed":             {vars{"gpu": nil}, replace},
		"guest_os_family":         {vars{"guest_os_family": "windows"}, replace},
		"ssh_public_key":          {vars{"ssh_public_key": "ssh-ed25519 BBBB me"}, replace},
		"user_data_secret_ref":    {vars{"user_data_secret_ref": "other"}, replace},
		"subnets":                 {attachments(attachment("three", "web", "ssh"), attachment("two")), replace},
		"subnets in other order":  {attachments(attachment("two"), attachment("one", "web", "ssh")), replace},
		"subnets fewer":           {attachments(attachment("one", "web", "ssh")), replace},
		"security groups":         {attachments(attachment("one", "web"), attachment("two", "db")), inPlace},
		"security groups reorder": {attachments(attachment("one", "ssh", "web"), attachment("two")), nothing},
		"run_strategy":            {vars{"run_strategy": "Halted"}, inPlace},
		"restart_requested_at":    {vars{"restart_requested_at": time.Now().Add(50 * time.Second).Format(time.RFC3339)}, inPlace},
		"template_parameters":     {vars{"template_parameters": `{"a":1,"b":3}`}, inPlace},
		"template_parameters eq":  {vars{"template_parameters": ` { "b": 2, "a": 1 } `}, nothing},
		"labels":                  {vars{"labels": vars{"team": "b"}}, inPlace},
		"annotations":             {vars{"annotations": vars{"example.com/note": "x"}}, inPlace},
		"triggers":                {vars{"triggers": vars{"again": "1"}}, inPlace},
		"storage_classes":         {vars{"storage_classes": []any{vars{"name": "fast", "tier": "local"}}}, inPlace},
		"extra_vars":              {vars{"extra_vars": `{"a":1}`}, inPlace},
		"extra_vars eq":           {vars{"extra_vars": ` { "b": 2, "a": 1 } `}, nothing},
		"extra_vars_wo_version":   {vars{"extra_vars_wo_version": 1}, inPlace},
		"timeouts":                {vars{"timeouts": vars{"create": "9m"}}, inPlace},
		"skip_destroy":            {vars{"skip_destroy": false}, inPlace},
		"take_over":               {vars{"take_over": true}, inPlace},
	}
	return all
}

// actions checks what is planned for each of several instances, all at once.
type actions map[string]mutation

// CheckPlan checks a plan.
func (a actions) CheckPlan(ctx context.Context, req plancheck.CheckPlanRequest, resp *plancheck.CheckPlanResponse) {
	var problems []error
	for i, name := range slices.Sorted(maps.Keys(a)) {
		var single plancheck.CheckPlanResponse
		check := plancheck.ExpectResourceAction(fmt.Sprintf("%s[%d]", address, i), a[name].want)
		check.CheckPlan(ctx, req, &single)
		if single.Error != nil {
			problems = append(problems, fmt.Errorf("%s: %w", name, single.Error))
		}
	}
	resp.Error = errors.Join(problems...)
}

// TestAccX15_mutability makes one instance for each change, and then plans all the changes at once.
func TestAccX15_mutability(t *testing.T) {
	t.Parallel()
	site, east := StartSimulated(t), StartSimulated(t)
	all := mutations()
	before, after := make([]vars, len(all)), make([]vars, len(all))
	for i, name := range slices.Sorted(maps.Keys(all)) {
		before[i], after[i] = vars{}, all[name].change
	}
	common := vars{
		"prefix": site.newName(), "base": base(), "hubs": vars{"east": vars{"url": east.url, "token": east.token}},
	}
	site.steps(
		resource.TestStep{
			ConfigFile:      config.StaticFile("testdata/instances.tf"),
			ConfigVariables: site.variables(common, vars{"changes": before}),
		},
		resource.TestStep{
			ConfigFile:         config.StaticFile("testdata/instances.tf"),
			ConfigVariables:    site.variables(common, vars{"changes": after}),
			PlanOnly:           true,
			ExpectNonEmptyPlan: true,
			ConfigPlanChecks:   resource.ConfigPlanChecks{PostApplyPreRefresh: []plancheck.PlanCheck{actions(all)}},
		},
	)
	launched := map[string]int{}
	for _, each := range site.witness.jobs(t) {
		launched[each.verb()]++
	}
	if want := map[string]int{"create": len(all), "delete": len(all)}; !maps.Equal(launched, want) {
		t.Errorf("launched %v, want %v", launched, want)
	}
}
