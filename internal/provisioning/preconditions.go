package provisioning

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"
)

// stockCreatePlaybook is the file of OSAC's own create playbook. Where a template runs another, nothing is known of what that
// reads.
const stockCreatePlaybook = "playbook_osac_create_compute_instance.yml"

// Unmet is something that a playbook reads without a default, and that it would not be given.
type Unmet struct {
	// Attribute is the instance's attribute that gives it.
	Attribute string
	// What says in whole sentences what is missing, and what to set.
	What string
}

// UnmetError tells what a template's playbook would miss.
type UnmetError struct {
	Instance, Template string
	Unmet              []Unmet
}

// Error returns all that is missing, a sentence each.
func (e *UnmetError) Error() string {
	said := make([]string, len(e.Unmet))
	for i, each := range e.Unmet {
		said[i] = each.What
	}
	return fmt.Sprintf("The playbook of template %s is OSAC's own, and the job of instance %s would fail by it. %s", e.Template, e.Instance, strings.Join(said, " "))
}

// isStock reports whether a playbook is OSAC's own, whatever folder of a project it is in.
func isStock(playbook string) bool { return path.Base(playbook) == stockCreatePlaybook }

// unmet returns what OSAC's create playbook would miss in a payload. templateVars are the template's own variables.
func (p Payload) unmet(templateVars string) []Unmet {
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
		_, password := p.ExtraVars["vm_sysprep_admin_password"]
		enabled, set := p.ExtraVars["vm_enable_sysprep"].(bool)
		miss(spec["userDataSecretRef"] == nil && !password && (enabled || !set), "user_data_secret_ref",
			"It wants a password for Windows' administrator: set user_data_secret_ref to a Secret whose userdata has one, or vm_sysprep_admin_password in extra_vars_wo.")
	}
	return append(all, p.unmetStorage(templateVars)...)
}

// unmetStorage returns the storage classes that the playbook would miss. Variables that say more of storage than the payload
// does are not judged.
func (p Payload) unmetStorage(templateVars string) []Unmet {
	jobVars, _ := p.ExtraVars["osac_job_vars"].(map[string]any)
	for _, vars := range []map[string]any{p.ExtraVars, jobVars} {
		if vars["tenant_storage_classes"] != nil || vars["storage_tier_definitions"] != nil {
			return nil
		}
	}
	if strings.Contains(templateVars, "tenant_storage_classes") || strings.Contains(templateVars, "storage_tier_definitions") {
		return nil
	}
	if len(p.StorageClasses) == 0 {
		return []Unmet{{"storage_classes", "It wants at least one storage class: set storage_classes, of the instance or of the hub."}}
	}
	spec := p.Resource.Spec
	disks := slices.Clone(spec.AdditionalDisks)
	if spec.BootDisk != nil {
		disks = append(disks, *spec.BootDisk)
	}
	var missing []string
	for _, disk := range disks {
		served := slices.ContainsFunc(p.StorageClasses, func(class StorageClass) bool { return class.Tier == disk.StorageTier })
		if disk.StorageTier != "" && !served && !slices.Contains(missing, disk.StorageTier) {
			missing = append(missing, disk.StorageTier)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	slices.Sort(missing)
	return []Unmet{{"storage_classes", fmt.Sprintf("There is no storage class for the tier %s of its disks: add one to storage_classes, of the instance or of the hub.", strings.Join(missing, ", "))}}
}

// checkPlaybook finds out what a stock playbook would miss.
func (h *Hub) checkPlaybook(id, name, playbook, templateVars string, desired Instance) error {
	if !isStock(playbook) {
		return nil
	}
	payload, err := h.payload(id, desired, nil, runLabels{})
	if err != nil {
		return err
	}
	if unmet := payload.unmet(templateVars); len(unmet) > 0 {
		return &UnmetError{Instance: id, Template: cmp.Or(name, playbook), Unmet: unmet}
	}
	return nil
}
