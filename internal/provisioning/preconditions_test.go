package provisioning

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
)

// stockReady is an instance that OSAC's create playbook has everything of.
func stockReady() Instance {
	instance := testInstance()
	instance.Tenant, instance.Spec = "tenant-a", operatorSpec()
	instance.StorageClasses = []StorageClass{{"lvms", "local"}}
	return instance
}

func TestStockPlaybooksPreconditions(t *testing.T) {
	t.Parallel()
	windows := func(i *Instance) { i.Spec.GuestOSFamily = "Windows" }
	for name, test := range map[string]struct {
		change       func(*Instance)
		templateVars string
		want         []string
	}{
		"nothing":               {func(*Instance) {}, "", nil},
		"tenant":                {func(i *Instance) { i.Tenant = "" }, "", []string{"tenant"}},
		"cores":                 {func(i *Instance) { i.Spec.Cores = 0 }, "", []string{"cores"}},
		"cores elsewhere":       {func(i *Instance) { i.Spec.Cores, i.Spec.Extra = 0, json.RawMessage(`{"vcpus":2}`) }, "", nil},
		"memory":                {func(i *Instance) { i.Spec.MemoryGiB = 0 }, "", []string{"memory_gib"}},
		"subnet":                {func(i *Instance) { i.Spec.NetworkAttachments = nil }, "", []string{"network_attachments"}},
		"storage class":         {func(i *Instance) { i.StorageClasses = []StorageClass{} }, "", []string{"storage_classes"}},
		"tier":                  {func(i *Instance) { i.Spec.AdditionalDisks = []Disk{{1, "fast"}} }, "", []string{"storage_classes"}},
		"tier of the boot disk": {func(i *Instance) { i.Spec.BootDisk = &Disk{1, "fast"} }, "", []string{"storage_classes"}},
		"tier with a class": {func(i *Instance) {
			i.Spec.BootDisk, i.StorageClasses = &Disk{1, "fast"}, []StorageClass{{"a", "fast"}, {"b", "local"}}
		}, "", nil},
		"tier of a definition": {func(i *Instance) {
			i.Spec.BootDisk, i.ExtraVars = &Disk{1, "fast"}, json.RawMessage(`{"osac_job_vars":{"storage_tier_definitions":[{"name":"fast"}]}}`)
		}, "", nil},
		"definitions of another tier": {func(i *Instance) {
			i.Spec.BootDisk, i.ExtraVars = &Disk{1, "fast"}, json.RawMessage(`{"osac_job_vars":{"storage_tier_definitions":[{"name":"slow"}]}}`)
		}, "", []string{"storage_classes"}},
		"definitions are no list": {func(i *Instance) {
			i.ExtraVars = json.RawMessage(`{"osac_job_vars":{"storage_tier_definitions":{}}}`)
		}, "", []string{"extra_vars"}},
		"classes in variables": {func(i *Instance) {
			i.StorageClasses, i.ExtraVars = []StorageClass{}, json.RawMessage(`{"tenant_storage_classes":[]}`)
		}, "", nil},
		"class of the template": {func(i *Instance) { i.StorageClasses = nil }, "tenant_storage_classes:\n- name: standard", nil},
		"tiers in variables": {func(i *Instance) {
			i.StorageClasses, i.ExtraVars = nil, json.RawMessage(`{"osac_job_vars":{"storage_tier_definitions":[{"name":"local"}]}}`)
		}, "", nil},
		"windows":            {windows, "", []string{"user_data_secret_ref"}},
		"windows, no image":  {func(i *Instance) { windows(i); i.Spec.Image = nil }, "", []string{"image", "user_data_secret_ref"}},
		"windows, user data": {func(i *Instance) { windows(i); i.Spec.UserDataSecretRef = &SecretRef{"a"} }, "", nil},
		"windows, password": {func(i *Instance) {
			windows(i)
			i.WriteOnlyExtraVars = json.RawMessage(`{"vm_sysprep_admin_password":"pass word"}`)
		}, "", nil},
		"windows, short password": {func(i *Instance) {
			windows(i)
			i.WriteOnlyExtraVars = json.RawMessage(`{"vm_sysprep_admin_password":"1234567"}`)
		}, "", []string{"user_data_secret_ref"}},
		"windows, no sysprep": {func(i *Instance) { windows(i); i.ExtraVars = json.RawMessage(`{"vm_enable_sysprep":false}`) }, "", nil},
		"nothing at all":      {func(i *Instance) { *i = Instance{Key: i.Key} }, "", []string{"tenant", "cores", "memory_gib", "network_attachments", "storage_classes"}},
	} {
		instance := stockReady()
		test.change(&instance)
		payload, err := newPayload(PayloadSettings{}, instance, nil, runLabels{})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, each := range payload.unmet(test.templateVars) {
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
		boot    *Disk
		tier    string
		warning bool
	}{
		"class of August":      {&Disk{SizeGiB: 1}, "local", false},
		"class of July":        {&Disk{SizeGiB: 1}, "default", false},
		"another class":        {&Disk{SizeGiB: 1}, "fast", true},
		"no boot disk at all":  {nil, "fast", true},
		"a tier on every disk": {&Disk{1, "fast"}, "fast", false},
	} {
		instance := stockReady()
		instance.Spec.BootDisk, instance.StorageClasses = test.boot, []StorageClass{{"a", test.tier}}
		payload, err := newPayload(PayloadSettings{}, instance, nil, runLabels{})
		if err != nil {
			t.Fatal(err)
		}
		if got := payload.lacksUsualTier(""); got != test.warning {
			t.Errorf("%s: a warning is given: %v", name, got)
		}
	}
}

// Only where the template runs OSAC's own playbook is anything known of what that reads.
func TestCheckAsksOnlyStockPlaybooksForTheirPreconditions(t *testing.T) {
	atSite(t, func(site *testSite) {
		if _, err := site.hub.Check(site.Context(), testInstance()); err != nil {
			site.Errorf("another playbook: %v", err)
		}
		site.sandbox.SetTemplate(createTemplate, func(t *sandbox.Template) { t.Playbook = "osac-aap/" + stockCreatePlaybook })
		_, err := site.newHub().Check(site.Context(), Instance{Key: testInstance().Key})
		unmet, ok := err.(*UnmetError) //nolint:errorlint // it is not wrapped
		if !ok || len(unmet.Unmet) != 5 || unmet.Template != createTemplate {
			site.Errorf("got %v", err)
		}
	})
}
