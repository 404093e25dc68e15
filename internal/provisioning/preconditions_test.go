package provisioning

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/osac-project/terraform-provider-osac/internal/jobs/jobstest"
	"github.com/osac-project/terraform-provider-osac/internal/osac"
	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
)

// stockReady is an instance that OSAC's create playbook has everything of.
func stockReady() osac.Instance {
	instance := jobstest.Instance()
	instance.Tenant, instance.Spec = "tenant-a", jobstest.OperatorSpec()
	instance.StorageClasses = []osac.StorageClass{{Name: "lvms", Tier: "local"}}
	return instance
}

func TestStockPlaybooksPreconditions(t *testing.T) {
	t.Parallel()
	onFast := func(i *osac.Instance) {
		jobstest.Change(i, func(s *osac.ComputeInstanceSpec) { s.BootDisk = &osac.Disk{SizeGiB: 1, StorageTier: "fast"} })
	}
	windows := func(i *osac.Instance) {
		jobstest.Change(i, func(s *osac.ComputeInstanceSpec) { s.GuestOSFamily = "Windows" })
	}
	for name, test := range map[string]struct {
		change       func(*osac.Instance)
		templateVars string
		want         []string
	}{
		"nothing": {func(*osac.Instance) {}, "", nil},
		"tenant":  {func(i *osac.Instance) { i.Tenant = "" }, "", []string{"tenant"}},
		"cores":   {func(i *osac.Instance) { jobstest.Change(i, func(s *osac.ComputeInstanceSpec) { s.Cores = 0 }) }, "", []string{"cores"}},
		"cores elsewhere": {func(i *osac.Instance) {
			jobstest.Change(i, func(s *osac.ComputeInstanceSpec) { s.Cores, s.Extra = 0, json.RawMessage(`{"vcpus":2}`) })
		}, "", nil},
		"memory": {func(i *osac.Instance) { jobstest.Change(i, func(s *osac.ComputeInstanceSpec) { s.MemoryGiB = 0 }) }, "", []string{"memory_gib"}},
		"subnet": {func(i *osac.Instance) {
			jobstest.Change(i, func(s *osac.ComputeInstanceSpec) { s.NetworkAttachments = nil })
		}, "", []string{"network_attachments"}},
		"storage class": {func(i *osac.Instance) { i.StorageClasses = []osac.StorageClass{} }, "", []string{"storage_classes"}},
		"tier": {func(i *osac.Instance) {
			jobstest.Change(i, func(s *osac.ComputeInstanceSpec) { s.AdditionalDisks = []osac.Disk{{SizeGiB: 1, StorageTier: "fast"}} })
		}, "", []string{"storage_classes"}},
		"tier of the boot disk": {func(i *osac.Instance) {
			jobstest.Change(i, func(s *osac.ComputeInstanceSpec) { s.BootDisk = &osac.Disk{SizeGiB: 1, StorageTier: "fast"} })
		}, "", []string{"storage_classes"}},
		"tier with a class": {func(i *osac.Instance) {
			onFast(i)
			i.StorageClasses = []osac.StorageClass{{Name: "a", Tier: "fast"}, {Name: "b", Tier: "local"}}
		}, "", nil},
		"tier of a definition": {func(i *osac.Instance) {
			onFast(i)
			i.ExtraVars = json.RawMessage(`{"osac_job_vars":{"storage_tier_definitions":[{"name":"fast"}]}}`)
		}, "", nil},
		"definitions of another tier": {func(i *osac.Instance) {
			onFast(i)
			i.ExtraVars = json.RawMessage(`{"osac_job_vars":{"storage_tier_definitions":[{"name":"slow"}]}}`)
		}, "", []string{"storage_classes"}},
		"definitions are no list": {func(i *osac.Instance) {
			i.ExtraVars = json.RawMessage(`{"osac_job_vars":{"storage_tier_definitions":{}}}`)
		}, "", []string{"extra_vars"}},
		"classes in variables": {func(i *osac.Instance) {
			i.StorageClasses, i.ExtraVars = []osac.StorageClass{}, json.RawMessage(`{"tenant_storage_classes":[]}`)
		}, "", nil},
		"class of the template": {func(i *osac.Instance) { i.StorageClasses = nil }, "tenant_storage_classes:\n- name: standard", nil},
		"tiers in variables": {func(i *osac.Instance) {
			i.StorageClasses, i.ExtraVars = nil, json.RawMessage(`{"osac_job_vars":{"storage_tier_definitions":[{"name":"local"}]}}`)
		}, "", nil},
		"windows": {windows, "", []string{"user_data_secret_ref"}},
		"windows, no image": {func(i *osac.Instance) {
			windows(i)
			jobstest.Change(i, func(s *osac.ComputeInstanceSpec) { s.Image = nil })
		}, "", []string{"image", "user_data_secret_ref"}},
		"windows, user data": {func(i *osac.Instance) {
			windows(i)
			jobstest.Change(i, func(s *osac.ComputeInstanceSpec) { s.UserDataSecretRef = &osac.SecretRef{Name: "a"} })
		}, "", nil},
		"windows, password": {func(i *osac.Instance) {
			windows(i)
			i.WriteOnlyExtraVars = json.RawMessage(`{"vm_sysprep_admin_password":"pass word"}`)
		}, "", nil},
		"windows, short password": {func(i *osac.Instance) {
			windows(i)
			i.WriteOnlyExtraVars = json.RawMessage(`{"vm_sysprep_admin_password":"1234567"}`)
		}, "", []string{"user_data_secret_ref"}},
		"windows, no sysprep": {func(i *osac.Instance) { windows(i); i.ExtraVars = json.RawMessage(`{"vm_enable_sysprep":false}`) }, "", nil},
		"nothing at all":      {func(i *osac.Instance) { *i = osac.Instance{Key: i.Key, Spec: osac.ComputeInstanceSpec{}} }, "", []string{"tenant", "cores", "memory_gib", "network_attachments", "storage_classes"}},
	} {
		instance := stockReady()
		test.change(&instance)
		payload, err := osac.NewPayload(osac.PayloadSettings{Kind: osac.ComputeInstance}, instance, nil, osac.RunLabels{})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, each := range osac.ComputeInstance.Stock.Unmet(payload, test.templateVars) {
			got = append(got, each.Attribute)
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: unmet are %v, want %v", name, got, test.want)
		}
	}
}

func TestDisksWithoutATierAreWarnedOfWhereNoClassIsForThem(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		boot    *osac.Disk
		tier    string
		warning bool
	}{
		"class of August":      {&osac.Disk{SizeGiB: 1}, "local", false},
		"class of July":        {&osac.Disk{SizeGiB: 1}, "default", false},
		"another class":        {&osac.Disk{SizeGiB: 1}, "fast", true},
		"no boot disk at all":  {nil, "fast", true},
		"a tier on every disk": {&osac.Disk{SizeGiB: 1, StorageTier: "fast"}, "fast", false},
	} {
		instance := stockReady()
		jobstest.Change(&instance, func(s *osac.ComputeInstanceSpec) { s.BootDisk = test.boot })
		instance.StorageClasses = []osac.StorageClass{{Name: "a", Tier: test.tier}}
		payload, err := osac.NewPayload(osac.PayloadSettings{Kind: osac.ComputeInstance}, instance, nil, osac.RunLabels{})
		if err != nil {
			t.Fatal(err)
		}
		if got := len(osac.ComputeInstance.Stock.Doubts(payload, "")) > 0; got != test.warning {
			t.Errorf("%s: a warning is given: %v", name, got)
		}
	}
}

// Only where the template runs OSAC's own playbook is anything known of what that reads.
func TestCheckAsksOnlyStockPlaybooksForTheirPreconditions(t *testing.T) {
	atSite(t, func(site *testSite) {
		if _, err := site.hub.Check(site.Context(), jobstest.Instance()); err != nil {
			site.Errorf("another playbook: %v", err)
		}
		site.sandbox.SetTemplate(createTemplate, func(t *sandbox.Template) { t.Playbook = "osac-aap/" + osac.ComputeInstance.Stock.File })
		_, err := site.newHub().Check(site.Context(), osac.Instance{Key: jobstest.Instance().Key, Spec: osac.ComputeInstanceSpec{}})
		unmet, ok := err.(*UnmetError) //nolint:errorlint // it is not wrapped
		if !ok || len(unmet.Unmet) != 5 || unmet.Template != createTemplate {
			site.Errorf("got %v", err)
		}
	})
}
