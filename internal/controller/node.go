package controller

import (
	"context"
	"fmt"
)

// node is a workflow job's node. It shows its job's id and status even to users who may not read the job (L6).
type node struct {
	Identifier string `json:"identifier"`
	Summary    struct {
		Job struct {
			ID     int64  `json:"id"`
			Name   string `json:"name"`
			Type   string `json:"type"`
			Status Status `json:"status"`
			Failed bool   `json:"failed"`
		} `json:"job"`
	} `json:"summary_fields"`
}

// explainNode explains a workflow job by the job of the node that failed last: the workflow itself only says that a
// node failed (507).
func (e *explanation) explainNode(ctx context.Context, workflow Job, depth int) {
	address, err := e.client.address(ctx, query{"page_size=200"}, "workflow_jobs/%d/workflow_nodes/", workflow.ID)
	if err != nil {
		e.note("the workflow's nodes", err)
		return
	}
	var nodes []node
	for pages := 0; address != "" && pages < maxCountedPages; pages++ {
		var page struct {
			Results []node  `json:"results"`
			Next    *string `json:"next"`
		}
		err := e.client.get(ctx, address, &page)
		if err == nil {
			nodes = append(nodes, page.Results...)
			address, err = nextPage(address, page.Next)
		}
		if err != nil {
			e.note("the workflow's nodes", err)
			return
		}
	}
	failed, ok := lastFailed(nodes)
	if !ok {
		e.addNote("no node of the workflow has failed")
		return
	}
	job := failed.Summary.Job
	child := Ref{Kind: Kind(job.Type), ID: job.ID}
	e.Node = e.shown.name(failed.Identifier, job.Name)
	e.NodeJob = &child
	if e.Task == "" {
		e.Message = fmt.Sprintf("node %q: %s %s", e.Node, e.shown.name(child.String()), e.shown.name(string(job.Status)))
	}
	switch {
	case child.Kind != KindJob && child.Kind != KindWorkflowJob:
		// Project and inventory updates, approvals: their details are elsewhere.
		e.Message = fmt.Sprintf("node %q: %s %d %s", e.Node, e.shown.name(job.Type), job.ID, e.shown.name(string(job.Status)))
		e.NodeJob = nil
	case depth <= 1:
		e.addNote("the workflows are nested too deeply to go on")
	default:
		e.explain(ctx, Job{Ref: child, Name: job.Name, Status: job.Status}, depth-1)
	}
}

// lastFailed returns the node whose job failed last; the workflow may have handled an earlier failure.
func lastFailed(nodes []node) (node, bool) {
	var last node
	for _, n := range nodes {
		if n.Summary.Job.Failed && n.Summary.Job.ID > last.Summary.Job.ID {
			last = n
		}
	}
	return last, last.Summary.Job.ID > 0
}
