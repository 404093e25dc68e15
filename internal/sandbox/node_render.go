package sandbox

// nodeRow renders a node of a workflow job (recording 444).
func (c *call) nodeRow(workflow *job) func(row any) document {
	return func(row any) document {
		n, _ := row.(*node)
		related := document{}
		for _, key := range []string{"labels", "credentials", "instance_groups", "success_nodes", "failure_nodes", "always_nodes"} {
			related = append(related, member{key, c.url("workflow_job_nodes", n.id, key)})
		}
		summaries := document{}
		var jobID, templateID any
		if n.template != nil {
			templateID = n.template.id
			related = append(related, member{"unified_job_template", c.templatePath(n.template)})
		}
		if n.job != nil && !n.job.deleted && !n.job.created.After(c.now) {
			jobID = n.job.id
			related = append(related, member{"job", c.jobPath(n.job)})
			summaries = append(summaries, member{"job", append(c.jobState(n.job, false), member{"elapsed", n.job.elapsed(c.now)},
				member{"type", string(n.job.kind)}, member{"canceled_on", until(n.job.life.canceledOn, c.now)})})
		}
		related = append(related, member{"workflow_job", c.jobPath(workflow)})
		summaries = append(summaries, member{"workflow_job", summary(workflow.id, workflow.name, "")})
		if n.template != nil {
			summaries = append(summaries, member{"unified_job_template", summary(n.template.id, n.template.Name,
				n.template.Description, member{"unified_job_type", string(n.template.kind)})})
		}
		return append(document{
			{"id", n.id},
			{"type", "workflow_job_node"},
			{"url", c.url("workflow_job_nodes", n.id)},
			{"related", related},
			summaryFields(summaries),
			{"created", n.created},
			{"modified", n.modified},
			{"extra_data", document{}},
		}, append(nulls("inventory", "scm_branch", "job_type", "job_tags", "skip_tags", "limit", "diff_mode", "verbosity",
			"execution_environment", "forks", "job_slice_count", "timeout"), document{
			{"job", jobID},
			{"workflow_job", workflow.id},
			{"unified_job_template", templateID},
			{"success_nodes", nextNodes(workflow, n)},
			{"failure_nodes", []any{}},
			{"always_nodes", []any{}},
			{"all_parents_must_converge", false},
			{"do_not_run", n.doNotRun},
			{"identifier", n.identifier},
		}...)...)
	}
}

// nextNodes is the node that follows on success, if there is one.
func nextNodes(workflow *job, n *node) []any {
	for i, other := range workflow.nodes {
		if other == n && i+1 < len(workflow.nodes) {
			return []any{workflow.nodes[i+1].id}
		}
	}
	return []any{}
}

func nulls(names ...string) document {
	var d document
	for _, name := range names {
		d = append(d, member{name, nil})
	}
	return d
}
