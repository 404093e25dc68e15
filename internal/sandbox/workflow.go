package sandbox

import "time"

const (
	// spawnDelay is how long a workflow takes from its start, or the end of a node, to the next node's job.
	spawnDelay = 100 * time.Millisecond
	// workflowEndDelay is the time from a workflow's last job to its own end (0.25 s between recordings 504 and 502).
	workflowEndDelay = 200 * time.Millisecond
	// nobodyHandles explains every failed workflow (recordings 447, 507).
	nobodyHandles = "No error handling paths found, marking workflow as failed"
)

// newNodes makes a workflow job's nodes, which exist before any of their jobs (recording 503).
func (s *Sandbox) newNodes(workflow *job) {
	if workflow.kind != KindWorkflowJob || workflow.template == nil {
		return
	}
	for _, planned := range workflow.template.Nodes {
		s.nodeIDs++
		identifier := planned.Identifier
		if identifier == "" {
			identifier = planned.Template
		}
		workflow.nodes = append(workflow.nodes, &node{
			id: s.nodeIDs, identifier: identifier, template: s.findTemplate(KindJob, planned.Template, workflow.organization),
			created: workflow.created, modified: workflow.created,
		})
	}
}

// startWorkflow plans a workflow job: its nodes one after the other, or only the time if it has none.
func (s *Sandbox) startWorkflow(workflow *job, running time.Duration) {
	if len(workflow.nodes) == 0 {
		workflow.life.explanation = workflow.behavior.Explanation
		if workflow.life.outcome == statusFailed && workflow.life.explanation == "" {
			workflow.life.explanation = nobodyHandles
		}
		s.end(workflow, workflow.life.started.Add(running), workflow.life.outcome)
		return
	}
	s.schedule(workflow.life.started.Add(spawnDelay), func(now time.Time) { s.stepWorkflow(workflow, now) })
}

// stepWorkflow visits the nodes in order, and starts the next job or ends the workflow.
func (s *Sandbox) stepWorkflow(workflow *job, now time.Time) {
	if !workflow.life.ended.IsZero() {
		return
	}
	for _, n := range workflow.nodes {
		switch {
		case n.job == nil && !workflow.life.canceledOn.IsZero():
			n.doNotRun = true
		case n.job == nil && n.template == nil:
			s.endWorkflow(workflow, now, statusFailed)
			return
		case n.job == nil:
			s.spawn(workflow, n, now)
			return
		case !n.job.life.over(now):
			return
		case n.job.life.outcome != statusSuccessful && workflow.life.canceledOn.IsZero():
			s.endWorkflow(workflow, now, statusFailed)
			return
		}
	}
	if !workflow.life.canceledOn.IsZero() {
		s.endWorkflow(workflow, now, statusCanceled)
		return
	}
	s.endWorkflow(workflow, now, statusSuccessful)
}

func (s *Sandbox) endWorkflow(workflow *job, now time.Time, outcome string) {
	if outcome == statusFailed {
		workflow.life.explanation = nobodyHandles
	}
	for _, n := range workflow.nodes {
		n.doNotRun = n.job == nil
	}
	s.end(workflow, now.Add(workflowEndDelay), outcome)
}

// spawn starts a node's job. The job gets the workflow's extra vars even if its template does not ask for variables.
func (s *Sandbox) spawn(workflow *job, n *node, now time.Time) {
	behavior, explicit := n.template.takeBehavior()
	if !explicit && (workflow.explicit || workflow.template.explicit) {
		behavior, explicit = workflow.behavior, workflow.explicit // what is set for the workflow is meant for its jobs
	}
	n.modified = now
	n.job = s.newJob(order{
		template: n.template, user: workflow.createdBy, extraVars: workflow.extraVars, launchType: "workflow",
		behavior: behavior, explicit: explicit, parent: workflow, node: n,
	}, now)
}
