package provisioning

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/osac-project/terraform-provider-osac/internal/controller"
	"github.com/osac-project/terraform-provider-osac/internal/jobs"
	"github.com/osac-project/terraform-provider-osac/internal/osac"
)

// Check checks, before anything is started, whether the hub can run the instance: its templates exist, take variables
// at launch, and get every variable that their surveys require. A hub that can't be reached is a warning.
func (h *Hub) Check(ctx context.Context, desired osac.Instance) ([]jobs.Warning, error) {
	if err := h.checkInputs(desired); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	id := h.instanceID(desired.Key)
	if refusal := h.takenBy(desired.Key); refusal != nil {
		return nil, refusal
	}
	var warnings []jobs.Warning
	err := h.outage.ask(func() error {
		var err error
		warnings, err = h.checkTemplates(ctx, id, desired)
		return err
	})
	if err != nil && jobs.Passing(err) {
		return []jobs.Warning{h.unchecked(id, err)}, nil
	}
	return warnings, err
}

// takenBy returns the refusal of a machine on which a refresh in this process has found another life's job.
func (h *Hub) takenBy(key osac.Key) error {
	installation := h.client.Known()
	if installation == nil {
		return nil
	}
	if refusal := h.memory.takenBy(object{h.settings.Kind.Name, h.identity(installation.UUID), key}); refusal != nil {
		return refusal
	}
	return nil
}

func (h *Hub) unchecked(id string, err error) jobs.Warning {
	return jobs.Warning{
		Summary: fmt.Sprintf("Hub %s could not be checked", strconv.Quote(h.settings.Key)),
		Detail:  fmt.Sprintf("Whether hub %s at %s can run instance %s is not known: %s", strconv.Quote(h.settings.Key), h.client.URL(), id, err),
	}
}

// inputChecker is a backend that can't start runs with all inputs.
type inputChecker interface {
	CheckInputs(instance osac.Instance) error
}

func (h *Hub) checkInputs(instance osac.Instance) error {
	if checker, ok := h.backend.(inputChecker); ok {
		return checker.CheckInputs(instance)
	}
	return nil
}

func (h *Hub) checkTemplates(ctx context.Context, id string, desired osac.Instance) ([]jobs.Warning, error) {
	if _, err := h.controllerUUID(ctx, id, ""); err != nil {
		return nil, err
	}
	templates, err := h.client.Templates(ctx, h.settings.Organization, h.settings.CreateTemplate, h.settings.DeleteTemplate)
	if err != nil {
		if _, ok := errors.AsType[*controller.TemplateError](err); ok {
			return nil, &Error{
				Reason: ReasonTemplate, Instance: id, Err: err,
				What: fmt.Sprintf("Instance %s can't be run on hub %s.", id, strconv.Quote(h.settings.Key)),
			}
		}
		return nil, h.unusable(id, err)
	}
	warnings, err := h.checkPlaybook(id, templates[h.settings.CreateTemplate], desired)
	if err != nil {
		return nil, err
	}
	for _, verb := range []osac.Verb{osac.Provision, osac.Deprovision} {
		if verb == osac.Deprovision {
			// Terraform gives no configuration to a delete, and so no write-only variables.
			desired.WriteOnlyExtraVars = nil
		}
		if err := h.checkTemplate(ctx, id, templates[h.settings.templateOf(verb)], desired); err != nil {
			return nil, err
		}
	}
	return warnings, nil
}

func (h *Hub) checkTemplate(ctx context.Context, id string, template controller.Template, desired osac.Instance) error {
	if !template.AsksVariables && !template.SurveyEnabled {
		return h.variablesDropped(id, template.Name, template.URL, nil)
	}
	if !template.SurveyEnabled {
		return nil
	}
	needed, err := h.client.VariablesNeeded(ctx, template)
	if err != nil {
		return h.unusable(id, err)
	}
	payload, err := h.payload(id, desired, nil, osac.RunLabels{})
	if err != nil {
		return err
	}
	missing := slices.DeleteFunc(needed, payload.Has)
	if len(missing) == 0 {
		return nil
	}
	return &Error{
		Reason: ReasonTemplate, Instance: id,
		What: fmt.Sprintf("The survey of template %s (%s) requires variables that instance %s is not given: %s.",
			strconv.Quote(template.Name), template.URL, id, strings.Join(missing, ", ")),
		Next: "Set them in extra_vars of the instance or of the hub.",
	}
}

// variablesDropped is the error of a template that does not take variables: the job would run without the instance.
func (h *Hub) variablesDropped(id, template, url string, dropped []string) *Error {
	what := fmt.Sprintf("Template %s (%s) on hub %s does not take variables at launch, so its jobs would not know what instance they are for.",
		strconv.Quote(template), url, strconv.Quote(h.settings.Key))
	if len(dropped) > 0 {
		what = fmt.Sprintf("Template %s (%s) on hub %s dropped variables that it was launched with (%s).",
			strconv.Quote(template), url, strconv.Quote(h.settings.Key), strings.Join(dropped, ", "))
	}
	return &Error{
		Reason: ReasonTemplate, Instance: id, What: what,
		Next: "Enable \"prompt on launch\" for variables in the template.",
	}
}
