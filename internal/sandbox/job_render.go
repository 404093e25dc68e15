package sandbox

import "time"

// summary is the short form of an object in summary_fields.
func summary(id int64, name, description string, more ...member) document {
	return append(document{{"id", id}, {"name", name}, {"description", description}}, more...)
}

// summaryFields are an object's short forms of others; AWX leaves null ones out (recordings 1070, 1075).
func summaryFields(summaries document) member {
	shown := make(document, 0, len(summaries))
	for _, m := range summaries {
		if short, ok := m.value.(document); ok {
			m.value = short.withoutNulls()
		}
		shown = append(shown, m)
	}
	return member{"summary_fields", shown}
}

func (d document) withoutNulls() document {
	shown := make(document, 0, len(d))
	for _, m := range d {
		if t, isTime := m.value.(time.Time); m.value != nil && (!isTime || !t.IsZero()) {
			shown = append(shown, m)
		}
	}
	return shown
}

func (u *user) summary() document {
	return document{{"id", u.id}, {"username", u.name}, {"first_name", ""}, {"last_name", ""}}
}

func (o *organization) summary() document { return summary(o.id, o.name, "") }

// jobDetail renders a job or workflow job as its own path shows it.
func (c *call) jobDetail(row any) document {
	j, _ := row.(*job)
	d := c.jobHead(j, true)
	if j.kind == KindWorkflowJob {
		return c.workflowTail(j, append(d, c.runFields(j, true)...))
	}
	d = append(d, c.playbookFields(j)...)
	d = append(d, c.runFields(j, true)...)
	d = append(d, c.jobTail(j)...)
	counts := c.counts(j)
	return append(d, member{"host_status_counts", counts.hosts}, member{"playbook_counts", counts.playbook},
		member{"custom_virtualenv", nil})
}

// jobRow renders a job as lists show it: in another order, with fewer fields (recordings 302, 310).
func (c *call) jobRow(row any) document {
	j, _ := row.(*job)
	d := append(c.jobHead(j, false), c.runFields(j, false)...)
	if j.kind == KindWorkflowJob {
		return c.thinned(c.workflowTail(j, d))
	}
	return c.thinned(append(append(d, c.playbookFields(j)...), c.jobTail(j)...))
}

// launched renders the job in the answer to a launch, which lacks the fields of the detail view (recording 201).
func (c *call) launched(j *job) document {
	d := c.jobDetail(j)
	if j.kind == KindJob {
		d = d[:len(d)-3]
	}
	return d
}

func (c *call) jobHead(j *job, detailed bool) document {
	if j.noticed.IsZero() && j.life.over(c.now) {
		c.logged.ended = append(c.logged.ended, j)
	}
	return document{
		{"id", j.id},
		{"type", string(j.kind)},
		{"url", c.jobPath(j)},
		{"related", c.jobRelated(j)},
		summaryFields(c.jobSummary(j, detailed)),
		{"created", j.created},
		{"modified", j.shownModified(c.now)},
		{"name", j.name},
		{"description", ""},
	}
}

func (c *call) jobRelated(j *job) document {
	base := string(j.kind) + "s"
	related := document{}
	link := func(key string, path string) { related = append(related, member{key, path}) }
	own := func(key string) { link(key, c.url(base, j.id, key)) }
	link("created_by", c.url("users", j.createdBy.id))
	if j.kind == KindWorkflowJob || !j.assigned(c.now) {
		link("modified_by", c.url("users", j.createdBy.id)) // until the scheduler saves the job (recording 212)
	}
	if j.kind == KindWorkflowJob {
		if t := j.liveTemplate(); t != nil {
			link("unified_job_template", c.templatePath(t))
			link("workflow_job_template", c.templatePath(t))
		}
		for _, key := range []string{"notifications", "workflow_nodes", "labels", "activity_stream", "relaunch", "cancel"} {
			own(key)
		}
		return related
	}
	own("labels")
	link("inventory", c.url("inventories", int64(inventoryID)))
	link("project", c.url("projects", int64(projectID)))
	link("organization", c.url("organizations", j.organization.id))
	own("credentials")
	if t := j.liveTemplate(); t != nil {
		link("unified_job_template", c.templatePath(t))
	}
	own("stdout")
	if j.parent != nil {
		link("source_workflow_job", c.jobPath(j.parent))
	}
	if j.ran(c.now) {
		link("execution_environment", c.url("execution_environments", int64(environmentID)))
	}
	for _, key := range []string{"job_events", "job_host_summaries", "activity_stream", "notifications", "create_schedule"} {
		own(key)
	}
	if t := j.liveTemplate(); t != nil {
		link("job_template", c.templatePath(t))
	}
	own("cancel")
	own("relaunch")
	return related
}

func (c *call) jobSummary(j *job, detailed bool) document {
	d := document{{"organization", j.organization.summary()}}
	if j.kind == KindJob {
		d = append(d, member{"inventory", c.inventorySummary(j.organization)})
		if j.ran(c.now) {
			d = append(d, member{"execution_environment", environmentSummary()})
		}
		d = append(d, member{"project", projectSummary()})
	}
	if t := j.liveTemplate(); t != nil {
		d = append(d, member{t.kind.templateType(), summary(t.id, t.Name, t.Description)})
		d = append(d, member{"unified_job_template", summary(t.id, t.Name, t.Description, member{"unified_job_type", string(t.kind)})})
	}
	if j.kind == KindJob && j.assigned(c.now) {
		d = append(d, member{"instance_group", document{
			{"id", instanceGroupID}, {"name", "default"}, {"is_container_group", false},
		}})
	}
	d = append(d, member{"created_by", j.createdBy.summary()})
	if j.kind == KindWorkflowJob || !j.assigned(c.now) {
		d = append(d, member{"modified_by", j.createdBy.summary()})
	}
	d = append(d, member{"user_capabilities", document{
		{"delete", c.user.superuser}, {"start", c.user.can(RoleExecute, j.template)},
	}}, member{"labels", labelSummary(j.labels)})
	if j.kind == KindWorkflowJob {
		return d
	}
	if j.parent != nil {
		d = append(d, member{"source_workflow_job", append(c.jobState(j.parent, false), member{"elapsed", j.parent.elapsed(c.now)})})
	}
	if j.parent != nil && detailed {
		d = append(d, member{"ancestor_job", document{
			{"id", j.parent.id}, {"name", j.parent.name}, {"type", string(j.parent.kind)}, {"url", c.jobPath(j.parent)},
		}})
	}
	return append(d, member{"credentials", []any{}})
}

// jobState is the short form of a job in other objects' summary_fields.
func (c *call) jobState(j *job, finished bool) document {
	d := summary(j.id, j.name, "")
	if finished {
		d = append(d, member{"finished", until(j.life.ended, c.now)})
	}
	d = append(d, member{"status", j.status(c.now)}, member{"failed", j.failed(c.now)})
	if finished {
		d = append(d, member{"canceled_on", until(j.life.canceledOn, c.now)})
	}
	return d
}

func (c *call) inventorySummary(o *organization) document {
	return summary(inventoryID, inventoryName, "", member{"has_active_failures", c.hostFailed()}, member{"total_hosts", 1},
		member{"hosts_with_active_failures", c.failedHosts()}, member{"total_groups", 0}, member{"has_inventory_sources", false},
		member{"total_inventory_sources", 0}, member{"inventory_sources_with_failures", 0},
		member{"organization_id", o.id}, member{"kind", ""})
}

// reported reports whether the job has ended with a recap for the inventory's host.
func (j *job) reported(now time.Time) bool {
	stopped := j.life.outcome == statusFailed && j.behavior.Message == "" && j.life.explanation != ""
	return j.kind == KindJob && j.life.over(now) && !stopped && j.behavior.Stdout == "" && lastHost(j) == "localhost" &&
		(j.life.outcome == statusSuccessful || j.life.outcome == statusFailed)
}

// hostFailed reports whether the newest finished job on the host failed; it searches the newest jobs for it.
func (c *call) hostFailed() bool {
	if c.hostState == nil {
		var last *job
		for _, j := range c.jobs[max(0, len(c.jobs)-50):] {
			if j.reported(c.now) && (last == nil || j.life.ended.After(last.life.ended)) {
				last = j
			}
		}
		failed := last != nil && last.life.outcome == statusFailed
		c.hostState = &failed
	}
	return *c.hostState
}

func (c *call) failedHosts() int {
	if c.hostFailed() {
		return 1
	}
	return 0
}

func projectSummary() document {
	return summary(projectID, projectName, "", member{"status", "ok"}, member{"scm_type", ""}, member{"allow_override", false})
}

func environmentSummary() document {
	return summary(environmentID, "AWX EE (latest)", "", member{"image", "quay.io/ansible/awx-ee:latest"})
}

func labelSummary(labels []*label) document {
	results := []any{}
	for _, l := range labels {
		results = append(results, document{{"id", l.id}, {"name", l.name}})
	}
	return document{{"count", len(results)}, {"results", results}}
}

func (c *call) playbookFields(j *job) document {
	d := document{{"job_type", "run"}, {"inventory", inventoryID}, {"project", projectID}}
	d = append(d, j.runFields()...)
	return append(d, document{{"organization", j.organization.id}}...)
}

// runFields say how a playbook is run; a job has them, and so has the entry about its creation.
func (j *job) runFields() document {
	return document{
		{"playbook", j.playbook()},
		{"scm_branch", ""},
		{"forks", 0},
		{"limit", j.limit},
		{"verbosity", 0},
		{"extra_vars", j.extraVars},
		{"job_tags", j.tags},
		{"force_handlers", false},
		{"skip_tags", ""},
		{"start_at_task", ""},
		{"timeout", j.timeout()},
		{"use_fact_cache", false},
	}
}

// runFields are the fields of every unified job.
func (c *call) runFields(j *job, detailed bool) document {
	var templateID any
	if t := j.liveTemplate(); t != nil {
		templateID = t.id
	}
	d := document{{"unified_job_template", templateID}, {"launch_type", j.launchType}, {"status", j.status(c.now)}}
	if j.kind == KindJob {
		var environment any
		if j.ran(c.now) {
			environment = environmentID
		}
		d = append(d, member{"execution_environment", environment})
	}
	d = append(d, member{"failed", j.failed(c.now)}, member{"started", j.shownStart(c.now)},
		member{"finished", until(j.life.ended, c.now)}, member{"canceled_on", until(j.life.canceledOn, c.now)},
		member{"elapsed", j.elapsed(c.now)})
	if detailed {
		d = append(d, member{"job_args", j.arguments(c.now)}, member{"job_cwd", j.folder(c.now)}, member{"job_env", document{}})
	}
	d = append(d, member{"job_explanation", c.explanation(j, c.now)})
	if j.kind == KindJob {
		d = append(d, member{"execution_node", j.shownNode(c.now)}, member{"controller_node", j.shownNode(c.now)})
	}
	if detailed {
		d = append(d, member{"result_traceback", j.shownTraceback(c.now)})
	}
	if detailed && j.kind == KindJob {
		d = append(d, member{"event_processing_finished", j.life.eventsIn(c.now)})
	}
	return append(d, member{"launched_by", document{
		{"id", j.createdBy.id}, {"name", j.createdBy.name}, {"type", "user"}, {"url", c.url("users", j.createdBy.id)},
	}}, member{"work_unit_id", j.workUnit(c.now)})
}

func (c *call) jobTail(j *job) document {
	var templateID, group any
	if t := j.liveTemplate(); t != nil {
		templateID = t.id
	}
	if j.assigned(c.now) {
		group = instanceGroupID
	}
	return document{
		{"job_template", templateID},
		{"passwords_needed_to_start", []any{}},
		{"allow_simultaneous", j.simultaneous()},
		{"artifacts", j.shownArtifacts(c.now)},
		{"scm_revision", ""},
		{"instance_group", group},
		{"diff_mode", false},
		{"job_slice_number", 0},
		{"job_slice_count", 1},
		{"webhook_service", ""},
		{"webhook_credential", nil},
		{"webhook_guid", ""},
	}
}

func (c *call) workflowTail(j *job, d document) document {
	var templateID any
	if t := j.liveTemplate(); t != nil {
		templateID = t.id
	}
	return append(d, j.workflowFields(templateID)...)
}

// workflowFields are a workflow job's fields in addition to every job's, with its template in the form of the place.
func (j *job) workflowFields(template any) document {
	return document{
		{"workflow_job_template", template},
		{"extra_vars", j.extraVars},
		{"allow_simultaneous", j.simultaneous()},
		{"job_template", nil},
		{"is_sliced_job", false},
		{"inventory", nil},
		{"limit", nil},
		{"scm_branch", nil},
		{"webhook_service", ""},
		{"webhook_credential", nil},
		{"webhook_guid", ""},
		{"skip_tags", nil},
		{"job_tags", nil},
	}
}
