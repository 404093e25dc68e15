package sandbox

import (
	"net/http"
	"strings"
	"time"
)

func path(pattern string) []string { return strings.Split(pattern, "/") }

func jobViews() []*view {
	detail := map[string]handler{"GET": (*call).jobGet, "DELETE": (*call).jobDelete}
	cancel := map[string]handler{"GET": (*call).cancelForm, "POST": (*call).cancel}
	relaunch := map[string]handler{"GET": (*call).relaunchForm, "POST": (*call).relaunchPost}
	get := func(handle handler) map[string]handler { return map[string]handler{"GET": handle} }
	return []*view{
		{pattern: path("jobs"), name: "jobs list", model: "Job", methods: get((*call).jobList)},
		{pattern: path("workflow_jobs"), name: "workflow jobs list", model: "WorkflowJob", methods: get((*call).workflowJobList)},
		{pattern: path("unified_jobs"), name: "unified jobs list", model: "UnifiedJob", methods: get((*call).unifiedJobList)},
		{pattern: path("jobs/{id}"), name: "job", model: "Job", methods: detail},
		{pattern: path("workflow_jobs/{id}"), name: "workflow job", model: "WorkflowJob", methods: detail},
		{pattern: path("jobs/{id}/cancel"), name: "cancel form", posts: "cancel", model: "Job", methods: cancel},
		{pattern: path("workflow_jobs/{id}/cancel"), name: "cancel form", posts: "cancel", model: "WorkflowJob", methods: cancel},
		{pattern: path("jobs/{id}/relaunch"), name: "relaunch form", posts: "relaunch", model: "Job", methods: relaunch},
		{pattern: path("workflow_jobs/{id}/relaunch"), name: "relaunch form", posts: "relaunch", model: "WorkflowJob", methods: relaunch},
		{pattern: path("workflow_jobs/{id}/workflow_nodes"), name: "nodes", model: "WorkflowJob", methods: get((*call).nodeList)},
		{pattern: path("jobs/{id}/labels"), name: "job labels", model: "Job", methods: get((*call).unsimulated)},
		{pattern: path("jobs/{id}/create_schedule"), name: "create schedule", model: "Job", methods: map[string]handler{"GET": (*call).scheduleForm, "POST": nil}},
	}
}

// kind is the kind of the view's jobs.
func (c *call) kind() Kind {
	if strings.HasPrefix(c.view.model, "Workflow") {
		return KindWorkflowJob
	}
	return KindJob
}

// jobOf finds the job of the path; an id of the other kind is not found (recordings 450, 451).
func (c *call) jobOf(kind Kind) (*job, *failure) {
	j := c.byID[c.id]
	if j == nil || j.kind != kind || j.created.After(c.now) {
		return nil, notFound(c.view.model)
	}
	return j, nil
}

// visibleJob also checks that the user may read the job. The job's existence is not hidden (L5).
func (c *call) visibleJob(kind Kind) (*job, *failure) {
	j, refusal := c.jobOf(kind)
	if refusal == nil && !c.user.sees(j) {
		return nil, forbidden()
	}
	return j, refusal
}

func (c *call) jobList() *answer         { return c.listJobs(c.schemas.job, KindJob) }
func (c *call) workflowJobList() *answer { return c.listJobs(c.schemas.workflowJob, KindWorkflowJob) }
func (c *call) unifiedJobList() *answer  { return c.listJobs(c.schemas.unifiedJob, "") }

func (c *call) listJobs(s *schema, kind Kind) *answer {
	jobs := c.within(c.narrow())
	if rows, refusal, ok := c.firstRows(s, jobs, kind); refusal != nil {
		return c.refuse(refusal)
	} else if ok {
		return c.paginate(rows, c.jobRow)
	}
	return c.list(s, c.visibleJobs(jobs, kind), c.jobRow)
}

func (c *call) visibleJobs(jobs []*job, kind Kind) []any {
	rows := make([]any, 0, len(jobs))
	for _, j := range jobs {
		if (kind == "" || j.kind == kind) && c.sees(j) {
			rows = append(rows, j)
		}
	}
	return rows
}

func (c *call) jobGet() *answer {
	j, refusal := c.visibleJob(c.kind())
	if refusal != nil {
		return c.refuse(refusal)
	}
	return c.reply(http.StatusOK, c.jobDetail(j))
}

func (c *call) nodeList() *answer {
	j, refusal := c.visibleJob(KindWorkflowJob)
	if refusal != nil {
		return c.refuse(refusal)
	}
	return c.list(c.schemas.node, anys(j.nodes), c.nodeRow(j))
}

func (c *call) scheduleForm() *answer {
	j, refusal := c.visibleJob(KindJob)
	if refusal != nil {
		return c.refuse(refusal)
	}
	prompts := document{}
	if variables, _ := parseVariables(j.extraVars); len(variables) > 0 {
		prompts = document{{"extra_vars", variables}}
	}
	return c.reply(http.StatusOK, document{{"can_schedule", true}, {"prompts", prompts}})
}

// jobDelete deletes a finished job (recordings 601 to 614, L6, L8).
func (c *call) jobDelete() *answer {
	j, refusal := c.jobOf(c.kind())
	switch {
	case refusal != nil:
	case !c.user.superuser:
		refusal = forbidden()
	case j.parent != nil && !j.parent.deleted && !j.parent.life.over(c.now):
		refusal = detail(http.StatusForbidden, "Cannot delete job resource when associated workflow job is running.")
	case !j.life.over(c.now):
		refusal = detail(http.StatusForbidden, "Cannot delete running job resource.")
	case j.kind == KindJob && !j.life.eventsIn(c.now) && c.now.Before(j.life.ended.Add(time.Minute)):
		refusal = &failure{http.StatusBadRequest, document{{"error", "Job has not finished processing events."}}}
	}
	if refusal != nil {
		return c.refuse(refusal)
	}
	c.purge(c.now, j)
	return c.empty(http.StatusNoContent)
}

func (c *call) relaunchForm() *answer {
	j, refusal := c.visibleJob(c.kind())
	if refusal != nil {
		return c.refuse(refusal)
	}
	if j.kind == KindWorkflowJob {
		return c.reply(http.StatusOK, document{})
	}
	failed := 0
	for _, h := range c.hostSummaries(j) {
		if h.failed {
			failed++
		}
	}
	return c.reply(http.StatusOK, document{
		{"passwords_needed_to_start", []any{}}, {"retry_counts", document{{"all", 1}, {"failed", failed}}},
	})
}

func (c *call) relaunchPost() *answer {
	j, refusal := c.jobOf(c.kind())
	if refusal == nil && (j.absentTemplate() || !c.user.can(RoleExecute, j.template)) {
		refusal = forbidden()
	}
	if refusal != nil {
		return c.refuse(refusal)
	}
	again := c.relaunch(j, c.user, c.now)
	body := c.launched(again)
	if again.kind == KindJob {
		body = append(body, member{"job", again.id})
	}
	reply := c.reply(http.StatusCreated, body)
	reply.header.Set("Location", c.jobPath(again))
	return reply
}
