package osac

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
)

// StockPlaybook is OSAC's own playbook that creates the objects of a kind. Where a template runs another, nothing is known of
// what that reads.
type StockPlaybook struct {
	// File is its name, whatever folder of a project it is in.
	File string
	// Unmet returns what the playbook would miss in a payload. templateVars are the template's own variables. nil means that
	// nothing is known.
	Unmet func(p Payload, templateVars string) []Unmet
	// Doubts returns what the playbook may miss, unless the site says otherwise.
	Doubts func(p Payload, templateVars string) []Doubt
}

// Runs reports whether a playbook is this one.
func (s StockPlaybook) Runs(playbook string) bool {
	return s.File != "" && path.Base(playbook) == s.File
}

// Doubt is something that a playbook may miss.
type Doubt struct {
	Summary string
	// What says in whole sentences what may be missing, and what to set. Its subject is the object.
	What string
}

// Unmet is a value that a playbook reads without a default, and that it would not get.
type Unmet struct {
	// Attribute is the instance's attribute for the value.
	Attribute string
	// What says in whole sentences what is missing, and what to set.
	What string
}

// unmet returns what OSAC's playbook for compute instances would miss.
func (p Payload) unmet(templateVars string) []Unmet {
	var all []Unmet
	miss := func(missing bool, attribute, what string) {
		if missing {
			all = append(all, Unmet{attribute, what})
		}
	}
	spec, err := p.Resource.Spec.Sent()
	if err != nil {
		return nil // told where the payload is built
	}
	miss(p.Resource.Status.TenantReference == nil, "tenant", "It looks up the tenant's namespace: set tenant, of the instance or of the hub.")
	miss(spec["cores"] == nil && spec[keyVCPUs] == nil, "cores", "It wants the number of CPUs: set cores.")
	miss(spec["memoryGiB"] == nil, "memory_gib", "It wants the size of the memory: set memory_gib.")
	attachments, _ := spec["networkAttachments"].([]any)
	miss(len(attachments) == 0, "network_attachments", "It makes the machine in the namespace of its first subnet: set network_attachments.")
	if strings.EqualFold(fmt.Sprint(spec["guestOSFamily"]), "windows") {
		image, _ := spec["image"].(map[string]any)
		miss(image["sourceRef"] == nil, "image", "It has no image of Windows: set image.")
		enabled, set := p.ExtraVars["vm_enable_sysprep"].(bool)
		miss(spec["userDataSecretRef"] == nil && !isPassword(p.ExtraVars["vm_sysprep_admin_password"]) && (enabled || !set), "user_data_secret_ref",
			"It wants a password of at least 8 characters for Windows' administrator: set user_data_secret_ref to a Secret whose userdata has one, or vm_sysprep_admin_password in extra_vars_wo.")
	}
	return append(all, p.unmetStorage(templateVars)...)
}

// isPassword reports whether a variable may be a password that Windows accepts; the value of an expression is not known
// yet.
func isPassword(variable any) bool {
	text, isText := variable.(string)
	return isText && (len(text) >= 8 || strings.Contains(text, "{{"))
}

// storage is a playbook's storage settings, in addition to the disks.
type storage struct {
	// tiers are the tiers that have a class, or for which the playbook makes one.
	tiers []string
	// untold is set if variables that the provider does not check may add more.
	untold bool
}

func (p Payload) storage(templateVars string) (storage, error) {
	given := storage{untold: strings.Contains(templateVars, "tenant_storage_classes") || strings.Contains(templateVars, "storage_tier_definitions")}
	jobVars, _ := p.ExtraVars["osac_job_vars"].(map[string]any)
	for _, vars := range []map[string]any{p.ExtraVars, jobVars} {
		given.untold = given.untold || vars["tenant_storage_classes"] != nil
	}
	for _, class := range p.StorageClasses {
		given.tiers = append(given.tiers, class.Tier)
	}
	definitions, isList := jobVars["storage_tier_definitions"].([]any)
	if jobVars["storage_tier_definitions"] != nil && !isList {
		return given, errors.New("storage_tier_definitions is no list")
	}
	for _, each := range definitions {
		definition, _ := each.(map[string]any)
		name, _ := definition["name"].(string)
		given.tiers = append(given.tiers, name)
	}
	return given, nil
}

// unmetStorage returns the storage classes that the playbook would miss.
func (p Payload) unmetStorage(templateVars string) []Unmet {
	given, err := p.storage(templateVars)
	switch {
	case err != nil:
		return []Unmet{{"extra_vars", "It wants a list in osac_job_vars.storage_tier_definitions: mend extra_vars, of the instance or of the hub."}}
	case given.untold:
		return nil
	case len(given.tiers) == 0:
		return []Unmet{{"storage_classes", "It wants at least one storage class: set storage_classes, of the instance or of the hub."}}
	}
	var missing []string
	for _, disk := range p.disks() {
		if disk.StorageTier != "" && !slices.Contains(append(given.tiers, missing...), disk.StorageTier) {
			missing = append(missing, disk.StorageTier)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	slices.Sort(missing)
	return []Unmet{{"storage_classes", fmt.Sprintf("There is no storage class for the tier %s of its disks: add one to storage_classes, of the instance or of the hub.", strings.Join(missing, ", "))}}
}

// disks returns all disks, the boot disk first. A boot disk is made even if it is not configured.
func (p Payload) disks() []Disk {
	spec, _ := p.Resource.Spec.Spec.(ComputeInstanceSpec)
	boot := Disk{}
	if spec.BootDisk != nil {
		boot = *spec.BootDisk
	}
	return append([]Disk{boot}, spec.AdditionalDisks...)
}

// usualTiers are the tiers of disks that name none, where a site says nothing else: since August 2026, and before.
var usualTiers = []string{"local", "default"}

// doubts finds disks that name no tier, where there is no storage class for the tiers that they usually have. A site may have
// set another tier for them, so that it is no error.
func (p Payload) doubts(templateVars string) []Doubt {
	given, err := p.storage(templateVars)
	isUsual := func(tier string) bool { return slices.Contains(usualTiers, tier) }
	if err != nil || given.untold || slices.ContainsFunc(given.tiers, isUsual) ||
		!slices.ContainsFunc(p.disks(), func(disk Disk) bool { return disk.StorageTier == "" }) {
		return nil
	}
	return []Doubt{{Summary: "Disks without a storage tier", What: fmt.Sprintf(
		"has disks without a storage_tier. Unless its site says otherwise, OSAC's own playbook takes %q for it, and before August 2026 %q, "+
			"and there is no storage class for either, so that its job would fail.\n\n"+
			"Set storage_tier for each disk of a new machine (a change replaces one that is there), or add such a class to storage_classes.", usualTiers[0], usualTiers[1])}}
}
