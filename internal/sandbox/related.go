package sandbox

import (
	"net/http"
	"slices"
)

// relatedViews are what an object's related links lead to besides. None of them was recorded; the lists are empty
// where the sandbox has nothing of the kind.
func relatedViews() []*view {
	get := func(handle handler) map[string]handler { return map[string]handler{"GET": handle} }
	views := []*view{
		{pattern: path("job_events/{id}/children"), name: "event children", model: "JobEvent", events: true, methods: get((*call).eventChildren)},
		{pattern: path("workflow_job_nodes"), name: "all nodes", model: "WorkflowJobNode", methods: get((*call).allNodes)},
		{pattern: path("workflow_job_nodes/{id}"), name: "node", model: "WorkflowJobNode", methods: get((*call).oneNode)},
		{pattern: path("workflow_job_templates/{id}/workflow_nodes"), name: "template nodes", model: "WorkflowJobTemplate", methods: get((*call).templateNodes)},
		{pattern: path("roles"), name: "roles", model: "Role", methods: get((*call).roleList)},
		{pattern: path("roles/{id}"), name: "role", model: "Role", methods: get((*call).oneRole)},
	}
	for base, model := range map[string]string{"job_templates": "JobTemplate", "workflow_job_templates": "WorkflowJobTemplate"} {
		views = append(views, &view{pattern: path(base + "/{id}/object_roles"), name: "template roles", model: model, methods: get((*call).templateRoles)})
		lists := []string{"notification_templates_started", "notification_templates_success", "notification_templates_error"}
		if model == "JobTemplate" {
			lists = append(lists, "credentials", "instance_groups", "slice_workflow_jobs")
		}
		for _, name := range lists {
			views = append(views, &view{pattern: path(base + "/{id}/" + name), name: "template " + name, model: model, methods: get((*call).templateNoRows)})
		}
	}
	return views
}

func asDocument(row any) document {
	d, _ := row.(document)
	return d
}

// eventChildren are the events directly under one.
func (c *call) eventChildren() *answer {
	j := c.byID[c.id/eventsPerJob]
	if j == nil {
		return c.refuse(notFound("JobEvent"))
	}
	if !c.user.sees(j) {
		return c.refuse(forbidden())
	}
	events := c.events(j)
	at := slices.IndexFunc(events, func(e *event) bool { return e.id() == c.id })
	if at < 0 {
		return c.refuse(notFound("JobEvent"))
	}
	parent := events[at].uuid
	events = slices.DeleteFunc(slices.Clone(events), func(e *event) bool { return e.parent != parent })
	return c.list(c.schemas.event, anys(events), c.eventRow)
}

// visibleNodes are the nodes of all workflow jobs that the user may read, each with its workflow job.
func (c *call) visibleNodes() ([]*node, map[*node]*job) {
	var nodes []*node
	workflows := map[*node]*job{}
	for _, j := range c.jobs {
		if !c.user.sees(j) {
			continue
		}
		for _, n := range j.nodes {
			nodes = append(nodes, n)
			workflows[n] = j
		}
	}
	return nodes, workflows
}

func (c *call) allNodes() *answer {
	nodes, workflows := c.visibleNodes()
	return c.list(c.schemas.node, anys(nodes), func(row any) document {
		n, _ := row.(*node)
		return c.nodeRow(workflows[n])(n)
	})
}

func (c *call) oneNode() *answer {
	nodes, workflows := c.visibleNodes()
	for _, n := range nodes {
		if n.id == c.id {
			return c.reply(http.StatusOK, c.nodeRow(workflows[n])(n))
		}
	}
	return c.refuse(notFound("WorkflowJobNode"))
}

// templateNodes are those that a workflow's jobs will have.
func (c *call) templateNodes() *answer {
	t, refusal := c.templateOf(RoleRead)
	if refusal != nil {
		return c.refuse(refusal)
	}
	rows := []any{}
	for i, planned := range t.Nodes {
		id := t.id*100 + int64(i) + 1
		next := []any{}
		if i+1 < len(t.Nodes) {
			next = append(next, id+1)
		}
		var templateID any
		if target := c.findTemplate(KindJob, planned.Template, t.organization); target != nil {
			templateID = target.id
		}
		rows = append(rows, document{
			{"id", id},
			{"type", "workflow_job_template_node"},
			{"url", c.url("workflow_job_template_nodes", id)},
			{"related", document{{"workflow_job_template", c.templatePath(t)}}},
			summaryFields(document{{"workflow_job_template", summary(t.id, t.Name, t.Description)}}),
			{"created", t.created},
			{"modified", t.modified},
			{"extra_data", document{}},
			{"workflow_job_template", t.id},
			{"unified_job_template", templateID},
			{"success_nodes", next},
			{"failure_nodes", []any{}},
			{"always_nodes", []any{}},
			{"all_parents_must_converge", false},
			{"identifier", planned.Identifier},
		})
	}
	return c.paginate(rows, asDocument)
}

// role renders a role of a template.
func (c *call) role(t *template, role Role) document {
	id := c.roleID(t) + int64(slices.Index(roleOrder(), role))
	return document{
		{"id", id},
		{"type", "role"},
		{"url", c.url("roles", id)},
		{"related", document{{t.kind.templateType(), c.templatePath(t)}}},
		summaryFields(document{{"resource_name", t.Name}, {"resource_type", t.kind.templateType()}, {"resource_id", t.id}}),
		{"name", titled(string(role))},
		{"description", ""},
	}
}

func (c *call) roleList() *answer {
	var rows []any
	for _, t := range c.templates {
		if !c.user.can(RoleRead, t) {
			continue
		}
		for _, role := range roleOrder() {
			rows = append(rows, c.role(t, role))
		}
	}
	return c.paginate(rows, asDocument)
}

func (c *call) oneRole() *answer {
	t, role := c.roleOf(c.id)
	switch {
	case t == nil:
		return c.refuse(notFound("Role"))
	case !c.user.can(RoleRead, t):
		return c.refuse(forbidden())
	default:
		return c.reply(http.StatusOK, c.role(t, role))
	}
}

func (c *call) templateRoles() *answer {
	t, refusal := c.templateOf(RoleRead)
	if refusal != nil {
		return c.refuse(refusal)
	}
	var rows []any
	for _, role := range roleOrder() {
		rows = append(rows, c.role(t, role))
	}
	return c.paginate(rows, asDocument)
}
