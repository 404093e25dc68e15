package sandbox

import (
	"net/http"
	"slices"
	"strings"
)

func templateViews() []*view {
	get := func(handle handler) map[string]handler { return map[string]handler{"GET": handle} }
	// nil: in the Allow header, but not simulated.
	one := map[string]handler{"GET": (*call).templateGet, "PUT": nil, "PATCH": nil, "DELETE": nil}
	launch := map[string]handler{"GET": (*call).launchGet, "POST": (*call).launchPost}
	survey := map[string]handler{"GET": (*call).surveyGet, "POST": nil, "DELETE": nil}
	views := []*view{
		{pattern: path("unified_job_templates"), name: "templates", model: "UnifiedJobTemplate", methods: get((*call).unifiedTemplateList)},
		{pattern: path("job_templates/{id}/jobs"), name: "template jobs", model: "JobTemplate", methods: get((*call).templateJobs)},
		{pattern: path("workflow_job_templates/{id}/workflow_jobs"), name: "template jobs", model: "WorkflowJobTemplate", methods: get((*call).templateJobs)},
	}
	for base, model := range map[string]string{"job_templates": "JobTemplate", "workflow_job_templates": "WorkflowJobTemplate"} {
		list := map[string]handler{"GET": (*call).templateList, "POST": nil} // POST /sandbox/api/templates makes workflows
		if model == "JobTemplate" {
			list["POST"] = (*call).createTemplate
		}
		views = append(
			views,
			&view{pattern: path(base), name: "templates", posts: "create template", model: model, methods: list},
			&view{pattern: path(base + "/{id}"), name: "template", model: model, methods: one},
			&view{pattern: path(base + "/{id}/launch"), name: "launch form", posts: "launch", model: model, methods: launch},
			&view{pattern: path(base + "/{id}/survey_spec"), name: "survey", model: model, methods: survey},
		)
	}
	return views
}

func (c *call) templateList() *answer {
	s := c.schemas.jobTemplate
	if c.kind() == KindWorkflowJob {
		s = c.schemas.workflowTemplate
	}
	return c.listTemplates(s, c.kind())
}

func (c *call) unifiedTemplateList() *answer { return c.listTemplates(c.schemas.unifiedTemplate, "") }

func (c *call) listTemplates(s *schema, kind Kind) *answer {
	var rows []any
	for _, t := range c.templates {
		if (kind == "" || t.kind == kind) && c.user.can(RoleRead, t) {
			rows = append(rows, t)
		}
	}
	return c.list(s, rows, c.templateRow)
}

// templateOf finds the template of the path, for a user with the role.
func (c *call) templateOf(role Role) (*template, *failure) {
	t := c.templateByID(c.kind(), c.id)
	if t == nil {
		return nil, notFound(c.view.model)
	}
	if !c.user.can(role, t) {
		return nil, forbidden()
	}
	return t, nil
}

func (c *call) templateGet() *answer {
	t, refusal := c.templateOf(RoleRead)
	if refusal != nil {
		return c.refuse(refusal)
	}
	return c.reply(http.StatusOK, c.templateDetail(t))
}

func (c *call) templateJobs() *answer {
	t, refusal := c.templateOf(RoleRead)
	if refusal != nil {
		return c.refuse(refusal)
	}
	s := c.schemas.job
	if t.kind == KindWorkflowJob {
		s = c.schemas.workflowJob
	}
	return c.list(s, c.visibleJobs(t.jobs, t.kind), c.jobRow)
}

func (c *call) launchGet() *answer {
	t, refusal := c.templateOf(RoleRead)
	if refusal != nil {
		return c.refuse(refusal)
	}
	return c.reply(http.StatusOK, c.launchForm(t))
}

func (c *call) surveyGet() *answer {
	t, refusal := c.templateOf(RoleRead)
	if refusal != nil {
		return c.refuse(refusal)
	}
	if len(t.Survey) == 0 {
		return c.reply(http.StatusOK, document{})
	}
	spec := []any{}
	for _, question := range t.Survey {
		spec = append(spec, question.spec())
	}
	return c.reply(http.StatusOK, document{{"name", ""}, {"spec", spec}, {"description", ""}})
}

// launchRequest is a launch's body, divided into accepted and ignored fields.
type launchRequest struct {
	order
	ignored document
	errors  document
}

// launchPost launches a template (recordings 201 to 237).
func (c *call) launchPost() *answer {
	t, refusal := c.templateOf(RoleExecute)
	if refusal != nil {
		return c.refuse(refusal)
	}
	l := &launchRequest{order: order{template: t, user: c.user, launchType: "manual"}, ignored: document{}}
	if refusal := c.readPrompts(l); refusal != nil {
		return c.refuse(refusal)
	}
	if len(l.errors) > 0 {
		return c.refuse(&failure{http.StatusBadRequest, l.errors})
	}
	l.behavior, l.explicit = t.takeBehavior()
	if l.behavior.DropsVariables {
		if given, _ := parseVariables(l.extraVars); len(given) > 0 {
			l.ignored = l.ignored.with("extra_vars", given)
		}
		l.extraVars = "{}"
	}
	j := c.newJob(l.order, c.now)
	key := string(j.kind)
	reply := c.reply(http.StatusCreated, append(document{{key, j.id}, {"ignored_fields", l.ignored}}, c.launched(j)...))
	reply.header.Set("Location", c.jobPath(j))
	return reply
}

// readPrompts divides the body. Fields that the template does not prompt for are ignored and named (226); unknown
// fields are only ignored.
func (c *call) readPrompts(l *launchRequest) *failure {
	given, refusal := c.launchVariables()
	if refusal != nil {
		return refusal
	}
	labels, refusal := c.launchLabels()
	if refusal != nil {
		return refusal
	}
	t := l.template
	accepted := l.takeVariables(given)
	l.extraVars = pythonStyle().dump(t.merge(t.withDefaults(accepted)))
	l.takeText(c.data, "limit", t.AsksLimit, &l.limit)
	l.takeText(c.data, "job_tags", t.AsksTags, &l.tags)
	if len(labels) > 0 && t.AsksLabels {
		l.labels = labels
	} else if len(labels) > 0 {
		ids, _ := c.data.get("labels")
		l.ignored = l.ignored.with("labels", ids)
	}
	for _, name := range []string{
		"inventory", "scm_branch", "job_type", "verbosity", "skip_tags", "diff_mode", "credentials", "execution_environment", "forks",
		"job_slice_count", "timeout", "instance_groups",
	} {
		l.ignorePrompt(c.data, name)
	}
	if t.kind == KindJob && t.NoInventory {
		l.errors = l.errors.with("resources_needed_to_start", []any{"Job Template inventory is missing or undefined."})
	}
	return nil
}

func (c *call) launchVariables() (document, *failure) {
	value, given := c.data.get("extra_vars")
	if !given || value == nil {
		return document{}, nil
	}
	var err error
	switch v := value.(type) {
	case document:
		return v, nil
	case string:
		var variables document
		if variables, err = parseVariables(v); err == nil {
			return variables, nil
		}
	default:
		err = cannotParse("the JSON object must be str, bytes or bytearray, not "+pythonType(value),
			"'"+pythonType(value)+"' object has no attribute 'read'")
	}
	return nil, &failure{http.StatusBadRequest, document{{"extra_vars", []any{err.Error()}}}}
}

func (c *call) launchLabels() ([]*label, *failure) {
	value, _ := c.data.get("labels")
	ids, _ := value.([]any)
	var labels []*label
	for _, id := range ids {
		wanted := strings.Trim(wireStyle().dump(id), `"`)
		at := slices.IndexFunc(c.labels, func(l *label) bool { return text(l.id) == wanted })
		if at < 0 {
			return nil, &failure{http.StatusBadRequest, document{{"labels", []any{
				`Invalid pk "` + wanted + `" - object does not exist.`,
			}}}}
		}
		labels = append(labels, c.labels[at])
	}
	return labels, nil
}

func (l *launchRequest) takeText(data document, name string, asked bool, into *string) {
	value, given := data.get(name)
	text, isText := value.(string)
	if !given || value == nil || isText && text == "" {
		return
	}
	if !asked {
		l.ignored = l.ignored.with(name, value)
		return
	}
	*into = text
}

// ignorePrompt names a prompt that the template does not ask for, unless its value is the template's own.
func (l *launchRequest) ignorePrompt(data document, name string) {
	value, given := data.get(name)
	usualValues := map[string]any{
		"inventory": number("2"), "scm_branch": "", "job_type": "run", "verbosity": number("0"), "skip_tags": "",
		"diff_mode": false, "forks": number("0"), "job_slice_count": number("1"), "timeout": number("0"),
	}
	if list, isList := value.([]any); isList && len(list) == 0 || !given || value == nil {
		return
	}
	if own, known := usualValues[name]; known && own == value {
		return
	}
	l.ignored = l.ignored.with(name, value)
}
