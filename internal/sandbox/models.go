package sandbox

import (
	"strings"
	"time"
)

// Project and execution environment are constant: one of each, with the recordings' ids. So is the inventory of jobs.
type project struct{ organization *organization }

func newSchemas() *schemas {
	m := &schemas{
		job: newSchema("Job", "id"), workflowJob: newSchema("WorkflowJob", "id"), unifiedJob: newSchema("UnifiedJob", "id"),
		jobTemplate: newSchema("JobTemplate", "name"), workflowTemplate: newSchema("WorkflowJobTemplate", "name"),
		unifiedTemplate: newSchema("UnifiedJobTemplate", "name"), organization: newSchema("Organization", "name"),
		user: newSchema("User", "username"), label: newSchema("Label", "organization", "name"),
		activity: newSchema("ActivityStream", "id"), event: newSchema("JobEvent", "start_line"),
		node: newSchema("WorkflowJobNode", "id"), inventory: newSchema("Inventory", "name"),
		project: newSchema("Project", "id"), hostSummary: newSchema("JobHostSummary", "-id"),
		token: newSchema("OAuth2AccessToken", "id"),
	}
	for _, s := range []*schema{m.unifiedJob, m.job, m.workflowJob} {
		m.unifiedJobFields(s)
	}
	m.jobFields()
	m.workflowJobFields()
	for _, s := range []*schema{m.unifiedTemplate, m.jobTemplate, m.workflowTemplate} {
		m.templateFields(s)
	}
	m.launchableFields(m.jobTemplate)
	m.launchableFields(m.workflowTemplate)
	m.otherFields()
	m.activityFields()
	m.eventFields()
	return m
}

// unifiedJobFields are the fields of UnifiedJob, which jobs and workflow jobs inherit.
func (m *schemas) unifiedJobFields(s *schema) {
	s.search = []string{"name", "description"}
	column(s, "id", integerField, func(_ *call, j *job) any { return j.id })
	column(s, "name", textField, func(_ *call, j *job) any { return j.name })
	column(s, "created", timeField, func(_ *call, j *job) any { return j.created })
	column(s, "modified", timeField, func(_ *call, j *job) any { return j.modified })
	column(s, "polymorphic_ctype", typeField, func(_ *call, j *job) any { return strings.ReplaceAll(string(j.kind), "_", "") })
	column(s, "launch_type", textField, func(_ *call, j *job) any { return j.launchType })
	column(s, "status", textField, func(c *call, j *job) any { return j.status(c.now) })
	column(s, "failed", booleanField, func(c *call, j *job) any { return j.failed(c.now) })
	column(s, "started", timeField, func(c *call, j *job) any { return timeValue(j.shownStart(c.now)) })
	column(s, "finished", timeField, func(c *call, j *job) any { return timeValue(until(j.life.ended, c.now)) })
	column(s, "canceled_on", timeField, func(c *call, j *job) any { return timeValue(until(j.life.canceledOn, c.now)) })
	column(s, "cancel_flag", booleanField, func(_ *call, j *job) any { return !j.life.canceledOn.IsZero() })
	column(s, "elapsed", decimalField, func(c *call, j *job) any { return j.elapsed(c.now) })
	column(s, "job_explanation", textField, func(c *call, j *job) any { return c.explanation(j, c.now) })
	column(s, "result_traceback", textField, func(c *call, j *job) any { return j.shownTraceback(c.now) })
	column(s, "execution_node", textField, func(c *call, j *job) any { return j.shownNode(c.now) })
	column(s, "controller_node", textField, func(c *call, j *job) any { return j.shownNode(c.now) })
	column(s, "work_unit_id", textField, func(c *call, j *job) any { return j.workUnit(c.now) })
	s.constants(textField, "", "description", "job_cwd", "celery_task_id", "ansible_version")
	s.constants(textField, "{}", "installed_collections", "host_status_counts")
	s.constants(booleanField, true, "dependencies_processed")
	s.constants(integerField, nil, "old_pk", "schedule", "instance_group", "execution_environment", "emitted_events", "task_impact")
	s.prevented("job_args", "job_env", "start_args")
	relation(s, "unified_job_template", m.unifiedTemplate, func(_ *call, j *job) *template { return j.liveTemplate() })
	relation(s, "organization", m.organization, func(_ *call, j *job) *organization { return j.organization })
	relation(s, "created_by", m.user, func(_ *call, j *job) *user { return j.createdBy })
	relation(s, "modified_by", m.user, func(_ *call, j *job) *user { return j.createdBy })
	relations(s, "labels", m.label, func(_ *call, j *job) []any { return anys(j.labels) })
	relations(s, "credentials", nil, func(*call, *job) []any { return nil })
	relations(s, "^unified_job_node", m.node, func(_ *call, j *job) []any { return one(j.node) })
	relations(s, "^job", m.job, func(_ *call, j *job) []any { return j.asKind(KindJob) })
	relations(s, "^workflow_job", m.workflowJob, func(_ *call, j *job) []any { return j.asKind(KindWorkflowJob) })
}

func (j *job) asKind(kind Kind) []any {
	if j.kind == kind {
		return []any{j}
	}
	return nil
}

func (j *job) liveTemplate() *template {
	if j.absentTemplate() {
		return nil
	}
	return j.template
}

func anys[T any](rows []*T) []any {
	result := make([]any, len(rows))
	for i, row := range rows {
		result[i] = row
	}
	return result
}

func (m *schemas) jobFields() {
	s := m.job
	delete(s.reverse, "job")
	delete(s.reverse, "workflowjob")
	relation(s, "job_template", m.jobTemplate, func(_ *call, j *job) *template { return j.liveTemplate() })
	relation(s, "inventory", m.inventory, func(_ *call, j *job) *inventory { return &inventory{organization: j.organization} })
	relation(s, "project", m.project, func(_ *call, j *job) *project { return &project{j.organization} })
	column(s, "playbook", textField, func(_ *call, j *job) any { return j.playbook() })
	column(s, "limit", textField, func(_ *call, j *job) any { return j.limit })
	column(s, "job_tags", textField, func(_ *call, j *job) any { return j.tags })
	column(s, "allow_simultaneous", booleanField, func(_ *call, j *job) any { return j.simultaneous() })
	column(s, "timeout", integerField, func(_ *call, j *job) any { return j.timeout() })
	column(s, "artifacts", textField, func(c *call, j *job) any { return pythonStyle().dump(j.shownArtifacts(c.now)) })
	s.constants(textField, "run", "job_type")
	s.constants(textField, "", "scm_branch", "skip_tags", "start_at_task", "scm_revision", "webhook_service", "webhook_guid")
	s.constants(integerField, int64(0), "forks", "verbosity", "job_slice_number")
	s.constants(integerField, int64(1), "job_slice_count")
	s.constants(integerField, nil, "project_update", "webhook_credential")
	s.constants(booleanField, false, "diff_mode", "force_handlers", "become_enabled", "use_fact_cache")
	s.prevented("extra_vars", "survey_passwords")
	relation(s, "unifiedjob_ptr", m.unifiedJob, func(_ *call, j *job) *job { return j })
	relations(s, "^activity_stream", m.activity, func(_ *call, j *job) []any { return one(j.entry) })
	relations(s, "^job_events", m.event, func(*call, *job) []any { return nil }) // partitioned away: finds nothing (350)
	relations(s, "^job_host_summaries", m.hostSummary, func(c *call, j *job) []any { return anys(c.hostSummaries(j)) })
}

func (m *schemas) workflowJobFields() {
	s := m.workflowJob
	delete(s.reverse, "job")
	delete(s.reverse, "workflowjob")
	relation(s, "workflow_job_template", m.workflowTemplate, func(_ *call, j *job) *template { return j.liveTemplate() })
	relation(s, "job_template", m.jobTemplate, func(*call, *job) *template { return nil })
	relation(s, "unifiedjob_ptr", m.unifiedJob, func(_ *call, j *job) *job { return j })
	column(s, "allow_simultaneous", booleanField, func(_ *call, j *job) any { return j.simultaneous() })
	s.constants(booleanField, false, "is_sliced_job", "is_bulk_job")
	s.constants(textField, nil, "limit", "scm_branch", "skip_tags", "job_tags")
	s.constants(textField, "", "webhook_service", "webhook_guid")
	s.constants(integerField, nil, "inventory", "webhook_credential")
	s.prevented("extra_vars", "survey_passwords", "char_prompts")
	relations(s, "^activity_stream", m.activity, func(_ *call, j *job) []any { return one(j.entry) })
	relations(s, "^workflow_job_nodes", m.node, func(_ *call, j *job) []any { return anys(j.nodes) })
}

// templateFields are the fields of UnifiedJobTemplate.
func (m *schemas) templateFields(s *schema) {
	column(s, "id", integerField, func(_ *call, t *template) any { return t.id })
	column(s, "name", textField, func(_ *call, t *template) any { return t.Name })
	column(s, "description", textField, func(_ *call, t *template) any { return t.Description })
	column(s, "created", timeField, func(_ *call, t *template) any { return t.created })
	column(s, "modified", timeField, func(_ *call, t *template) any { return t.modified })
	column(s, "polymorphic_ctype", typeField, func(_ *call, t *template) any {
		return strings.ReplaceAll(t.kind.templateType(), "_", "")
	})
	column(s, "status", textField, func(c *call, t *template) any { return c.recent(t).status })
	column(s, "last_job_failed", booleanField, func(c *call, t *template) any { return c.recent(t).failed })
	column(s, "last_job_run", timeField, func(c *call, t *template) any { return timeValue(c.recent(t).lastRun) })
	s.constants(timeField, nil, "next_job_run")
	relation(s, "organization", m.organization, func(_ *call, t *template) *organization { return t.organization })
	relation(s, "created_by", m.user, func(_ *call, t *template) *user { return t.createdBy })
	relation(s, "modified_by", m.user, func(_ *call, t *template) *user { return t.createdBy })
	relation(s, "last_job", m.unifiedJob, func(c *call, t *template) *job { return c.recent(t).last })
	relation(s, "current_job", m.unifiedJob, func(c *call, t *template) *job { return c.recent(t).current })
	relations(s, "labels", m.label, func(*call, *template) []any { return nil })
	relations(s, "credentials", nil, func(*call, *template) []any { return nil })
	relations(s, "^unifiedjob_unified_jobs", m.unifiedJob, func(_ *call, t *template) []any { return anys(t.jobs) })
}

// launchableFields are the fields that only job templates and workflow job templates have.
func (m *schemas) launchableFields(s *schema) {
	column(s, "ask_variables_on_launch", booleanField, func(_ *call, t *template) any { return t.AsksVariables })
	column(s, "ask_limit_on_launch", booleanField, func(_ *call, t *template) any { return t.AsksLimit })
	column(s, "ask_tags_on_launch", booleanField, func(_ *call, t *template) any { return t.AsksTags })
	column(s, "ask_labels_on_launch", booleanField, func(_ *call, t *template) any { return t.AsksLabels })
	column(s, "allow_simultaneous", booleanField, func(_ *call, t *template) any { return t.AllowSimultaneous })
	column(s, "survey_enabled", booleanField, func(_ *call, t *template) any { return len(t.Survey) > 0 })
	s.prevented("extra_vars", "survey_spec", "webhook_key", "char_prompts")
	s.constants(textField, "", "limit", "scm_branch", "job_tags", "skip_tags", "webhook_service")
	if s != m.jobTemplate {
		return
	}
	column(s, "playbook", textField, func(_ *call, t *template) any { return t.Playbook })
	s.constants(textField, "run", "job_type")
	relation(s, "inventory", m.inventory, func(_ *call, t *template) *inventory { return &inventory{organization: t.organization} })
	relation(s, "project", m.project, func(_ *call, t *template) *project { return &project{t.organization} })
	s.search = []string{"name", "description"}
}

func (m *schemas) otherFields() {
	column(m.inventory, "id", integerField, func(_ *call, i *inventory) any { return i.number() })
	column(m.inventory, "name", textField, func(_ *call, i *inventory) any { return i.title() })
	column(m.inventory, "description", textField, func(_ *call, i *inventory) any { return i.notes })
	m.project.constants(textField, projectName, "name")
	m.project.constants(textField, "", "description")
	m.project.constants(integerField, int64(projectID), "id")
	column(m.organization, "id", integerField, func(_ *call, o *organization) any { return o.id })
	column(m.organization, "name", textField, func(_ *call, o *organization) any { return o.name })
	column(m.organization, "created", timeField, func(_ *call, o *organization) any { return o.created })
	m.organization.constants(textField, "", "description")
	column(m.user, "id", integerField, func(_ *call, u *user) any { return u.id })
	column(m.user, "username", textField, func(_ *call, u *user) any { return u.name })
	column(m.user, "is_superuser", booleanField, func(_ *call, u *user) any { return u.superuser })
	column(m.user, "created", timeField, func(_ *call, u *user) any { return u.created })
	m.user.constants(textField, "", "first_name", "last_name", "email")
	m.user.prevented("password")
	m.user.search = []string{"username", "first_name", "last_name", "email"}
	column(m.label, "id", integerField, func(_ *call, l *label) any { return l.id })
	column(m.label, "name", textField, func(_ *call, l *label) any { return l.name })
	column(m.label, "created", timeField, func(_ *call, l *label) any { return l.created })
	relation(m.label, "organization", m.organization, func(_ *call, l *label) *organization { return l.organization })
	m.label.search = []string{"name"}
	column(m.node, "id", integerField, func(_ *call, n *node) any { return n.id })
	column(m.node, "identifier", textField, func(_ *call, n *node) any { return n.identifier })
	column(m.node, "do_not_run", booleanField, func(_ *call, n *node) any { return n.doNotRun })
	column(m.node, "created", timeField, func(_ *call, n *node) any { return n.created })
	relation(m.node, "job", m.unifiedJob, func(_ *call, n *node) *job { return n.job })
	relation(m.node, "workflow_job", m.workflowJob, func(_ *call, n *node) *job {
		if n.job == nil {
			return nil
		}
		return n.job.parent
	})
	relation(m.node, "unified_job_template", m.unifiedTemplate, func(_ *call, n *node) *template { return n.template })
	column(m.token, "id", integerField, func(_ *call, t *token) any { return t.id })
	column(m.token, "scope", textField, func(_ *call, t *token) any { return t.scope })
	column(m.token, "description", textField, func(_ *call, t *token) any { return t.note })
	column(m.token, "created", timeField, func(_ *call, t *token) any { return t.created })
	m.token.prevented("token")
	relation(m.token, "user", m.user, func(_ *call, t *token) *user { return t.user })
	m.token.search = []string{"description"}
	column(m.hostSummary, "id", integerField, func(_ *call, h *hostSummary) any { return h.job.id })
	column(m.hostSummary, "host_name", textField, func(_ *call, h *hostSummary) any { return h.host })
	column(m.hostSummary, "failed", booleanField, func(_ *call, h *hostSummary) any { return h.failed })
}

func (m *schemas) activityFields() {
	s := m.activity
	s.search = []string{"changes"}
	column(s, "id", integerField, func(_ *call, a *activity) any { return a.id })
	column(s, "timestamp", timeField, func(_ *call, a *activity) any { return a.timestamp })
	column(s, "object1", textField, func(_ *call, a *activity) any { return string(a.job.kind) })
	changes := column(s, "changes", textField, func(_ *call, a *activity) any { return a.text() })
	changes.contains = func(_ *call, row any, needle string, fold bool) bool {
		a, ok := row.(*activity)
		return ok && a.contains(needle, fold)
	}
	s.constants(textField, "create", "operation")
	s.constants(textField, "", "object2", "object_relationship_type")
	s.constants(textField, nodeName, "action_node")
	relation(s, "actor", m.user, func(_ *call, a *activity) *user { return a.actor })
	follow := func(kind Kind) func(*call, *activity) []any {
		return func(_ *call, a *activity) []any {
			if a.job.deleted {
				return nil
			}
			return a.job.asKind(kind)
		}
	}
	relations(s, "job", m.job, follow(KindJob))
	relations(s, "workflow_job", m.workflowJob, follow(KindWorkflowJob))
}

func (m *schemas) eventFields() {
	s := m.event
	s.search = []string{"stdout"}
	column(s, "id", integerField, func(_ *call, e *event) any { return e.id() })
	column(s, "event", textField, func(_ *call, e *event) any { return e.kind })
	column(s, "counter", integerField, func(_ *call, e *event) any { return int64(e.counter) })
	column(s, "failed", booleanField, func(_ *call, e *event) any { return e.failed })
	column(s, "changed", booleanField, func(_ *call, e *event) any { return e.changed })
	column(s, "host_name", textField, func(_ *call, e *event) any { return e.host })
	column(s, "task", textField, func(_ *call, e *event) any { return e.task })
	column(s, "play", textField, func(_ *call, e *event) any { return e.play })
	column(s, "playbook", textField, func(_ *call, e *event) any { return e.playbook })
	column(s, "stdout", textField, func(_ *call, e *event) any { return e.stdout })
	column(s, "uuid", textField, func(_ *call, e *event) any { return e.uuid })
	column(s, "parent_uuid", textField, func(_ *call, e *event) any { return e.parent })
	column(s, "start_line", integerField, func(_ *call, e *event) any { return int64(e.startLine) })
	column(s, "end_line", integerField, func(_ *call, e *event) any { return int64(e.endLine) })
	column(s, "created", timeField, func(_ *call, e *event) any { return e.created })
	column(s, "modified", timeField, func(_ *call, e *event) any { return e.created.Add(time.Millisecond) })
	column(s, "event_data", textField, func(_ *call, e *event) any { return pythonStyle().dump(e.data) })
	column(s, "role", textField, func(_ *call, e *event) any { return e.role })
	s.constants(integerField, int64(0), "verbosity")
	relation(s, "job", m.job, func(_ *call, e *event) *job { return e.job })
}
