package provisioning

import (
	"context"
	"fmt"
	"strings"

	"github.com/osac-project/terraform-provider-osac/internal/controller"
	"github.com/osac-project/terraform-provider-osac/internal/jobs"
	"github.com/osac-project/terraform-provider-osac/internal/osac"
)

// UnmetError tells what a template's playbook would miss.
type UnmetError struct {
	Instance, Template string
	Unmet              []osac.Unmet
}

// Error returns all that is missing, a sentence each.
func (e *UnmetError) Error() string {
	said := make([]string, len(e.Unmet))
	for i, each := range e.Unmet {
		said[i] = each.What
	}
	return fmt.Sprintf("The playbook of template %s is OSAC's own, and the job of instance %s would fail by it. %s", e.Template, e.Instance, strings.Join(said, " "))
}

// checkPlaybook finds out what a stock playbook would miss.
func (h *Hub) checkPlaybook(id string, create controller.Template, desired osac.Instance) ([]jobs.Warning, error) {
	if !osac.IsStockCreate(create.Playbook) {
		return nil, nil
	}
	payload, err := h.payload(id, desired, nil, osac.RunLabels{})
	if err != nil {
		return nil, err
	}
	if unmet := payload.Unmet(create.ExtraVars); len(unmet) > 0 {
		return nil, &UnmetError{Instance: id, Template: create.Name, Unmet: unmet}
	}
	if payload.LacksUsualTier(create.ExtraVars) {
		return []jobs.Warning{tierless(id)}, nil
	}
	return nil, nil
}

// tierless returns the warning for disks that name no tier, where there is no storage class for the usual ones.
func tierless(id string) jobs.Warning {
	return jobs.Warning{
		Summary: "Disks without a storage tier",
		Detail: fmt.Sprintf("Instance %s has disks without a storage_tier. Unless its site says otherwise, OSAC's own playbook takes %q for it, and before August 2026 %q, "+
			"and there is no storage class for either, so that its job would fail.\n\n"+
			"Set storage_tier for each disk of a new machine (a change replaces one that is there), or add such a class to storage_classes.", id, osac.UsualTiers[0], osac.UsualTiers[1]),
	}
}

// RunsStockPlaybook reports whether the create template is known to run OSAC's own playbook.
func (h *Hub) RunsStockPlaybook(ctx context.Context) bool {
	templates, err := h.client.Templates(ctx, h.settings.Organization, h.settings.CreateTemplate)
	return err == nil && osac.IsStockCreate(templates[h.settings.CreateTemplate].Playbook)
}
