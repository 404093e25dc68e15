package provisioning

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/osac-project/terraform-provider-osac/internal/controller"
	"github.com/osac-project/terraform-provider-osac/internal/osac"
)

// TemplateReport is one of a hub's two templates with its survey.
type TemplateReport struct {
	controller.Template
	// Survey are the questions at a launch.
	Survey []controller.Question
}

// Templates reports on the hub's templates, by their verbs.
func (h *Hub) Templates(ctx context.Context) (map[osac.Verb]TemplateReport, error) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	var reports map[osac.Verb]TemplateReport
	err := h.outage.ask(func() error {
		var err error
		reports, err = h.readTemplates(ctx)
		return err
	})
	if err == nil {
		return reports, nil
	}
	cause := &Error{
		Reason: ReasonHub, Err: err, Next: remedy(err),
		What: fmt.Sprintf("The templates of hub %s at %s could not be read.", strconv.Quote(h.settings.Key), h.client.URL()),
	}
	if _, ok := errors.AsType[*controller.TemplateError](err); ok {
		cause.Reason = ReasonTemplate
	}
	return nil, cause
}

func (h *Hub) readTemplates(ctx context.Context) (map[osac.Verb]TemplateReport, error) {
	templates, err := h.client.Templates(ctx, h.settings.Organization, h.settings.CreateTemplate, h.settings.DeleteTemplate)
	if err != nil {
		return nil, err
	}
	reports := map[osac.Verb]TemplateReport{}
	for _, verb := range []osac.Verb{osac.Provision, osac.Deprovision} {
		report := TemplateReport{Template: templates[h.settings.templateOf(verb)]}
		if report.Survey, err = h.client.Survey(ctx, report.Template); err != nil {
			return nil, err
		}
		reports[verb] = report
	}
	return reports, nil
}
