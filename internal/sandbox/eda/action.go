package eda

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// outcome is the end of an action, as rule audit reports it.
type outcome struct {
	status, message string
	job             object // nil where none was launched
	at              time.Time
}

// runAction runs one action of a rule, and launches again as its retries say.
func (r *run) runAction(m *match, a Action) (outcome, error) {
	logger := "action." + a.kind()
	failed := func(err error) (outcome, error) {
		if r.ctx.Err() != nil {
			return outcome{}, r.ctx.Err()
		}
		r.server.logf(logger, "ERROR", "%s", err)
		return outcome{status: "failed", message: err.Error(), at: now()}, nil
	}
	name, organization, parameters, err := r.launchParameters(m, a)
	if err != nil {
		return failed(err)
	}
	var job object
	for i := range a.retries() + 1 {
		if i > 0 {
			if err := pause(r.ctx, a.Delay); err != nil {
				return outcome{}, err
			}
			r.server.logf(logger, "WARNING", "Previous %s failed. Retry %d of %d", a.kind(), i, a.retries())
		} else {
			r.server.logf(logger, "INFO", "running %s: %s, organization: %s", what(a), name, organization)
		}
		job, err = r.runTemplate(m, a, name, organization, parameters)
		if err != nil {
			return failed(err)
		}
		if job.text("status") != "failed" {
			break
		}
		r.server.logf("action.helper", "ERROR", "%s '%s' failed (job_id: %d)", title(a), name, job.number("id"))
	}
	created, err := time.Parse(time.RFC3339Nano, job.text("created"))
	if err != nil {
		created = now()
	}
	return outcome{status: job.text("status"), job: job, at: created}, nil
}

func what(a Action) string {
	if a.Workflow {
		return "workflow template"
	}
	return "job template"
}

func title(a Action) string {
	if a.Workflow {
		return "Workflow template"
	}
	return "Job template"
}

// launchParameters renders the action's arguments for the event.
func (r *run) launchParameters(m *match, a Action) (string, string, object, error) {
	name, err := renderText(a.Name, m.event.data)
	if err != nil {
		return "", "", nil, err
	}
	organization, err := renderText(a.Organization, m.event.data)
	if err != nil {
		return "", "", nil, err
	}
	variables, err := m.variables(a, r.server.book.Ruleset)
	if err != nil {
		return "", "", nil, err
	}
	limit := a.Limit
	if limit == "" {
		limit = "localhost"
	}
	if limit, err = renderText(limit, m.event.data); err != nil {
		return "", "", nil, err
	}
	return name, organization, object{{"limit", limit}, {"extra_vars", variables}}, nil
}

// variables are job_args.extra_vars, with ansible_eda on top of them, which the user can't set (eda 01, 05).
func (m *match) variables(a Action, ruleset string) (object, error) {
	variables := object{}
	if a.ExtraVars != nil {
		rendered, err := substitute(fromGo(a.ExtraVars), m.event.data)
		if err != nil {
			return nil, err
		}
		given, ok := rendered.(object)
		if !ok {
			return nil, fmt.Errorf("extra_vars is not a dictionary: %s", pythonText(rendered))
		}
		variables = given.without(m.event.fault.OmitVars...)
	}
	if !a.OmitEvents {
		variables = variables.with("ansible_eda", object{{"ruleset", ruleset}, {"rule", m.rule.Name}, {"event", m.event.data}})
	}
	return variables, nil
}

// fromGo converts a test's Go values to JSON values.
func fromGo(value any) any {
	parsed, err := parseJSON(compactJSON(value))
	if err != nil {
		return value
	}
	return parsed
}

// runTemplate finds the template, launches it, and waits until the poll has seen its job end.
func (r *run) runTemplate(m *match, a Action, name, organization string, parameters object) (object, error) {
	if m.jobURL == "" {
		template, err := r.findTemplate(a, name, organization)
		if err != nil {
			return nil, err
		}
		if a.Workflow && !asks(template, "ask_limit_on_launch") {
			r.server.logf("job_template_runner", "WARNING", "Workflow template %s does not accept limit, removing it", name)
			parameters = parameters.without("limit")
		}
		if a.Workflow && !asks(template, "ask_variables_on_launch") {
			r.server.logf("job_template_runner", "WARNING", "Workflow template %s does not accept extra vars, removing it", name)
			parameters = parameters.without("extra_vars")
		}
		labels, err := r.labels(m, a, template, organization)
		if err != nil {
			return nil, err
		}
		if len(labels) > 0 {
			parameters = parameters.with("labels", labels)
		}
		launched, err := r.controller.post(r.ctx, template.text("related", "launch"), parameters)
		if err != nil {
			return nil, err
		}
		m.launched(r.server, launched)
	}
	job, err := r.monitor.await(r.ctx, r.group.Go, m.jobURL)
	if err == nil {
		m.jobURL = ""
	}
	return job, err
}

func asks(template object, field string) bool {
	value, _ := template.get(field)
	return value == true
}

// findTemplate compares type, name and organization by itself, and reads all pages (eda 01, src).
func (r *run) findTemplate(a Action, name, organization string) (object, error) {
	kind := "job_template"
	if a.Workflow {
		kind = "workflow_job_template"
	}
	for page := 1; ; page++ {
		path := r.controller.prefix + "unified_job_templates/?name=" + escape(name)
		if page > 1 {
			path += fmt.Sprintf("&page=%d", page)
		}
		list, err := r.controller.get(r.ctx, path)
		if err != nil {
			return nil, err
		}
		for _, row := range list.rows() {
			owner, owned := lookup(row, []string{"summary_fields", "organization", "name"})
			if row.text("type") == kind && row.text("name") == name && (!owned || owner == organization) {
				return row, nil
			}
		}
		if list.text("next") == "" {
			return nil, fmt.Errorf("%s %s in organization %s does not exist", title(a), name, organization)
		}
	}
}

// labels finds the labels of the launch, or makes them, if the template prompts for labels (eda 05, 12).
func (r *run) labels(m *match, a Action, template object, organization string) ([]any, error) {
	if !asks(template, "ask_labels_on_launch") {
		if len(a.Labels) > 0 || a.AddEventUUIDLabel {
			r.server.logf("job_template_runner", "WARNING", "%s %s does not accept labels, removing it", title(a), template.text("name"))
		}
		return nil, nil
	}
	names := []string{"Activated by Event-Driven Ansible"}
	for _, label := range a.Labels {
		name, err := renderText(label, m.event.data)
		if err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	if a.AddEventUUIDLabel {
		names = append(names, "eda-event-uuid-"+m.event.uuid)
	}
	found, err := r.controller.get(r.ctx, r.controller.prefix+"organizations/?name="+escape(organization))
	if err != nil {
		return nil, err
	}
	if len(found.rows()) == 0 {
		return nil, errors.New("Organization " + organization + " does not exist")
	}
	owner, _ := found.rows()[0].get("id")
	var ids []any
	for _, name := range names {
		id, err := r.label(r.ctx, name, owner)
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, nil
}

func (r *run) label(ctx context.Context, name string, owner any) (any, error) {
	list, err := r.controller.get(ctx, r.controller.prefix+"labels/?name="+escape(name))
	if err != nil {
		return nil, err
	}
	rows := list.rows()
	if len(rows) == 0 {
		made, err := r.controller.post(ctx, r.controller.prefix+"labels/", object{{"name", name}, {"organization", owner}})
		if err != nil {
			return nil, err
		}
		rows = []object{made}
	}
	id, _ := rows[0].get("id")
	return id, nil
}
