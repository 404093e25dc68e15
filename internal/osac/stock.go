package osac

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
)

// StockCreatePlaybook is the file of OSAC's own create playbook. Where a template runs another, nothing is known of what that
// reads.
const StockCreatePlaybook = "playbook_osac_create_compute_instance.yml"

// Unmet is something that a playbook reads without a default, and that it would not be given.
type Unmet struct {
	// Attribute is the instance's attribute that gives it.
	Attribute string
	// What says in whole sentences what is missing, and what to set.
	What string
}

// IsStockCreate reports whether a playbook is OSAC's own, whatever folder of a project it is in.
func IsStockCreate(playbook string) bool { return path.Base(playbook) == StockCreatePlaybook }

// Unmet returns what OSAC's create playbook would miss in a payload. templateVars are the template's own variables.
func (p Payload) Unmet(templateVars string) []Unmet {
	var all []Unmet
	miss := func(missing bool, attribute, what string) {
		if missing {
			all = append(all, Unmet{attribute, what})
		}
	}
	spec, err := p.Resource.Spec.object()
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

// isPassword reports whether a variable may be a password that Windows takes: one of an expression is not known yet.
func isPassword(variable any) bool {
	text, isText := variable.(string)
	return isText && (len(text) >= 8 || strings.Contains(text, "{{"))
}

// storage is what a playbook is given of storage, beside the disks.
type storage struct {
	// tiers are those that there is a class for, or that the playbook makes.
	tiers []string
	// untold is set where variables that the provider does not judge say more.
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

// disks returns all disks, the boot disk first. Left out, it is made all the same.
func (p Payload) disks() []Disk {
	boot := Disk{}
	if p.Resource.Spec.BootDisk != nil {
		boot = *p.Resource.Spec.BootDisk
	}
	return append([]Disk{boot}, p.Resource.Spec.AdditionalDisks...)
}

// UsualTiers are the tiers of disks that name none, where a site says nothing else: since August 2026, and before.
var UsualTiers = []string{"local", "default"}

// LacksUsualTier reports whether there are disks that name no tier, and no storage class for the tiers that they usually have.
// A site may have set another tier for them, so that it is no error.
func (p Payload) LacksUsualTier(templateVars string) bool {
	given, err := p.storage(templateVars)
	isUsual := func(tier string) bool { return slices.Contains(UsualTiers, tier) }
	return err == nil && !given.untold && !slices.ContainsFunc(given.tiers, isUsual) &&
		slices.ContainsFunc(p.disks(), func(disk Disk) bool { return disk.StorageTier == "" })
}
