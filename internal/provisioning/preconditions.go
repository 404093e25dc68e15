package provisioning

import (
	"context"
	"fmt"
	"strings"

	"github.com/osac-project/terraform-provider-osac/internal/controller"
	"github.com/osac-project/terraform-provider-osac/internal/jobs"
	"github.com/osac-project/terraform-provider-osac/internal/osac"
)

// UnmetError is about values that a template's playbook would lack.
type UnmetError struct {
	Instance, Template string
	Unmet              []osac.Unmet
}

// Error returns all missing values, a sentence each.
func (e *UnmetError) Error() string {
	said := make([]string, len(e.Unmet))
	for i, each := range e.Unmet {
		said[i] = each.What
	}
	return fmt.Sprintf("The playbook of template %s is OSAC's own, and the job of instance %s would fail by it. %s", e.Template, e.Instance, strings.Join(said, " "))
}

// checkPlaybook checks the input of a stock playbook.
func (h *Hub) checkPlaybook(id string, create controller.Template, desired osac.Instance) ([]jobs.Warning, error) {
	if !h.settings.Kind.Stock.Runs(create.Playbook) {
		return nil, nil
	}
	payload, err := h.payload(id, desired, nil, osac.RunLabels{})
	if err != nil {
		return nil, err
	}
	stock := h.settings.Kind.Stock
	if unmet := stock.Unmet(payload, create.ExtraVars); len(unmet) > 0 {
		return nil, &UnmetError{Instance: id, Template: create.Name, Unmet: unmet}
	}
	var warnings []jobs.Warning
	for _, doubt := range stock.Doubts(payload, create.ExtraVars) {
		warnings = append(warnings, jobs.Warning{Summary: doubt.Summary, Detail: fmt.Sprintf("Instance %s %s", id, doubt.What)})
	}
	return warnings, nil
}

// RunsStockPlaybook reports whether the create template is known to run OSAC's own playbook.
func (h *Hub) RunsStockPlaybook(ctx context.Context) bool {
	templates, err := h.client.Templates(ctx, h.settings.Organization, h.settings.CreateTemplate)
	return err == nil && h.settings.Kind.Stock.Runs(templates[h.settings.CreateTemplate].Playbook)
}
