package sandbox

import "strings"

// recentLimit is how many jobs a template's summary lists.
const recentLimit = 10

// templateRow renders a template in a list; templateDetail adds the named URL and the execution environment.
func (c *call) templateRow(row any) document {
	t, _ := row.(*template)
	return c.renderTemplate(t, false)
}

func (c *call) templateDetail(t *template) document { return c.renderTemplate(t, true) }

func (c *call) renderTemplate(t *template, detailed bool) document {
	jobs := c.recent(t)
	d := document{
		{"id", t.id},
		{"type", t.kind.templateType()},
		{"url", c.templatePath(t)},
		{"related", c.templateRelated(t, jobs, detailed)},
		summaryFields(c.templateSummary(t, jobs, detailed)),
		{"created", t.created},
		{"modified", t.modified},
		{"name", t.Name},
		{"description", t.Description},
	}
	if t.kind == KindWorkflowJob {
		return append(append(d, runState(jobs)...), c.workflowTemplateFields(t)...)
	}
	return append(d, c.jobTemplateFields(t, jobs)...)
}

func runState(jobs recent) document {
	return document{
		{"last_job_run", jobs.lastRun}, {"last_job_failed", jobs.failed}, {"next_job_run", nil}, {"status", jobs.status},
	}
}

func (c *call) templateRelated(t *template, jobs recent, detailed bool) document {
	base := t.kind.templateType() + "s"
	related := document{}
	link := func(key, path string) { related = append(related, member{key, path}) }
	own := func(keys ...string) {
		for _, key := range keys {
			link(key, c.url(base, t.id, key))
		}
	}
	if detailed {
		link("named_url", c.url(base, encodeName(t.Name)+"++"+encodeName(t.organization.name)))
	}
	link("created_by", c.url("users", t.createdBy.id))
	link("modified_by", c.url("users", t.createdBy.id))
	if t.kind == KindJob {
		own("labels")
		if !t.NoInventory {
			link("inventory", c.url("inventories", int64(inventoryID)))
		}
		link("project", c.url("projects", int64(projectID)))
		link("organization", c.url("organizations", t.organization.id))
		own("credentials")
	}
	if jobs.current != nil {
		link("current_job", c.jobPath(jobs.current))
	}
	if jobs.last != nil {
		link("last_job", c.jobPath(jobs.last))
	}
	if t.kind == KindJob {
		own("jobs", "schedules", "activity_stream", "launch", "webhook_key")
		link("webhook_receiver", "")
		own("notification_templates_started", "notification_templates_success", "notification_templates_error",
			"access_list", "survey_spec", "object_roles", "instance_groups", "slice_workflow_jobs", "copy")
		return related
	}
	own("workflow_jobs", "schedules", "launch", "webhook_key")
	link("webhook_receiver", "")
	own("workflow_nodes", "labels", "activity_stream", "notification_templates_started", "notification_templates_success",
		"notification_templates_error", "notification_templates_approvals", "access_list", "object_roles", "survey_spec", "copy")
	link("organization", c.url("organizations", t.organization.id))
	return related
}

// encodeName escapes the reserved characters of a named URL.
func encodeName(name string) string {
	return strings.NewReplacer(";", "%3B", "/", "%2F", "?", "%3F", ":", "%3A", "@", "%40", "=", "%3D", "&", "%26",
		"[", "%5B", "]", "%5D", "+", "[+]").Replace(name)
}

func (c *call) templateSummary(t *template, jobs recent, detailed bool) document {
	d := document{{"organization", t.organization.summary()}}
	if t.kind == KindJob {
		if !t.NoInventory {
			d = append(d, member{"inventory", c.inventorySummary(t.organization)})
		}
		d = append(d, member{"project", projectSummary()})
	}
	if jobs.last != nil {
		d = append(d, member{"last_job", c.jobState(jobs.last, true)}, member{"last_update", c.jobState(jobs.last, false)})
	}
	if jobs.current != nil {
		d = append(d, member{"current_update", c.jobState(jobs.current, false)}, member{"current_job", c.jobState(jobs.current, false)})
	}
	execute, admin := c.user.can(RoleExecute, t), c.user.can(RoleAdmin, t)
	d = append(d, member{"created_by", t.createdBy.summary()}, member{"modified_by", t.createdBy.summary()},
		member{"object_roles", c.objectRoles(t)}, member{"user_capabilities", document{
			{"edit", admin}, {"delete", admin}, {"start", execute}, {"schedule", execute}, {"copy", c.user.superuser},
		}}, member{"labels", labelSummary(nil)})
	if t.kind == KindJob && detailed {
		d = append(d, member{"resolved_environment", environmentSummary()})
	}
	d = append(d, member{"recent_jobs", c.recentJobs(t)})
	if t.kind == KindJob {
		d = append(d, member{"credentials", []any{}})
	}
	return d
}

func (c *call) objectRoles(t *template) document {
	words := t.kind.typeName() + " template"
	base := c.roleID(t)
	role := func(name, description string, offset int64) document {
		return document{{"description", description}, {"name", name}, {"id", base + offset}}
	}
	d := document{
		{"admin_role", role("Admin", "Can manage all aspects of the "+words, 0)},
		{"execute_role", role("Execute", "May run the "+words, 1)},
		{"read_role", role("Read", "May view settings for the "+words, 2)},
	}
	if t.kind == KindWorkflowJob {
		d = append(d, member{"approval_role", role("Approve", "Can approve or deny a workflow approval node", 3)})
	}
	return d
}

func (c *call) recentJobs(t *template) []any {
	result := []any{}
	for i := len(t.jobs) - 1; i >= 0 && len(result) < recentLimit; i-- {
		j := t.jobs[i]
		if j.created.After(c.now) {
			continue
		}
		result = append(result, document{
			{"id", j.id},
			{"status", j.status(c.now)},
			{"finished", until(j.life.ended, c.now)},
			{"canceled_on", until(j.life.canceledOn, c.now)},
			{"type", string(j.kind)},
		})
	}
	return result
}

func (c *call) jobTemplateFields(t *template, jobs recent) document {
	var inventory any
	if !t.NoInventory {
		inventory = inventoryID
	}
	d := document{
		{"job_type", "run"},
		{"inventory", inventory},
		{"project", projectID},
		{"playbook", t.Playbook},
		{"scm_branch", ""},
		{"forks", 0},
		{"limit", ""},
		{"verbosity", 0},
		{"extra_vars", t.ExtraVars},
		{"job_tags", ""},
		{"force_handlers", false},
		{"skip_tags", ""},
		{"start_at_task", ""},
		{"timeout", t.Timeout},
		{"use_fact_cache", false},
		{"organization", t.organization.id},
	}
	d = append(d, runState(jobs)...)
	d = append(d, member{"execution_environment", nil}, member{"host_config_key", ""})
	d = append(d, t.prompts("scm_branch", "diff_mode", "variables", "limit", "tags", "skip_tags", "job_type", "verbosity",
		"inventory", "credential", "execution_environment", "labels", "forks", "job_slice_count", "timeout", "instance_groups")...)
	return append(d, document{
		{"survey_enabled", len(t.Survey) > 0},
		{"become_enabled", false},
		{"diff_mode", false},
		{"allow_simultaneous", t.AllowSimultaneous},
		{"custom_virtualenv", nil},
		{"job_slice_count", 1},
		{"webhook_service", ""},
		{"webhook_credential", nil},
		{"prevent_instance_group_fallback", false},
	}...)
}

// prompts are the ask_..._on_launch fields.
func (t *template) prompts(names ...string) document {
	asked := map[string]bool{
		"variables": t.AsksVariables, "limit": t.AsksLimit, "tags": t.AsksTags, "labels": t.AsksLabels,
	}
	var d document
	for _, name := range names {
		d = append(d, member{"ask_" + name + "_on_launch", asked[name]})
	}
	return d
}

func (c *call) workflowTemplateFields(t *template) document {
	d := document{
		{"extra_vars", t.ExtraVars},
		{"organization", t.organization.id},
		{"survey_enabled", len(t.Survey) > 0},
		{"allow_simultaneous", t.AllowSimultaneous},
	}
	d = append(d, t.prompts("variables")...)
	d = append(d, nulls("inventory", "limit", "scm_branch")...)
	d = append(d, t.prompts("inventory", "scm_branch", "limit")...)
	d = append(d, member{"webhook_service", ""}, member{"webhook_credential", nil})
	d = append(d, t.prompts("labels", "skip_tags", "tags")...)
	return append(d, nulls("skip_tags", "job_tags")...)
}

// launchForm renders what a launch asks for (recordings 108, 109, 116).
func (c *call) launchForm(t *template) document {
	needed := []any{}
	for _, question := range t.Survey {
		if question.Required && question.Default == "" {
			needed = append(needed, question.Variable)
		}
	}
	named := document{{"name", t.Name}, {"id", t.id}, {"description", t.Description}}
	if t.kind == KindWorkflowJob {
		return c.workflowLaunchForm(t, needed, named)
	}
	asks := t.prompts("scm_branch", "variables", "tags", "diff_mode", "skip_tags", "job_type", "limit", "verbosity",
		"inventory", "credential", "execution_environment", "labels", "forks", "job_slice_count", "timeout", "instance_groups")
	startable := len(needed) == 0 && !t.NoInventory
	for _, ask := range asks {
		if ask.value == true {
			startable = false
		}
	}
	inventory := document{{"name", inventoryName}, {"id", inventoryID}}
	if t.NoInventory {
		inventory = nulls("name", "id")
	}
	d := document{{"can_start_without_user_input", startable}, {"passwords_needed_to_start", []any{}}}
	d = append(d, asks...)
	return append(d, document{
		{"survey_enabled", len(t.Survey) > 0},
		{"variables_needed_to_start", needed},
		{"credential_needed_to_start", false},
		{"inventory_needed_to_start", t.NoInventory},
		{"job_template_data", named},
		{"defaults", document{
			{"inventory", inventory},
			{"limit", ""},
			{"scm_branch", ""},
			{"job_tags", ""},
			{"skip_tags", ""},
			{"extra_vars", t.ExtraVars},
			{"diff_mode", false},
			{"job_type", "run"},
			{"verbosity", 0},
			{"execution_environment", document{}},
			{"forks", 0},
			{"job_slice_count", 1},
			{"timeout", t.Timeout},
			{"instance_groups", []any{}},
		}},
	}...)
}

func (c *call) workflowLaunchForm(t *template, needed []any, named document) document {
	d := t.prompts("inventory", "limit", "scm_branch")
	d = append(d, document{
		{"can_start_without_user_input", len(needed) == 0},
		{"defaults", document{
			{"inventory", nulls("name", "id")},
			{"limit", nil},
			{"scm_branch", nil},
			{"job_tags", nil},
			{"skip_tags", nil},
			{"extra_vars", t.ExtraVars},
		}},
		{"survey_enabled", len(t.Survey) > 0},
		{"variables_needed_to_start", needed},
		{"node_templates_missing", []any{}},
		{"node_prompts_rejected", []any{}},
		{"workflow_job_template_data", named},
	}...)
	return append(d, t.prompts("variables", "labels", "skip_tags", "tags")...)
}
