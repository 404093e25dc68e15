package controller

import (
	"context"

	"github.com/osac-project/terraform-provider-osac/internal/redact"
)

// Task returns a job as it is now, and the name of the task that it began last, without the secrets. The name is empty
// if there is no task yet, and for workflow jobs, whose nodes have the tasks.
func (c *Client) Task(ctx context.Context, ref Ref, secrets ...redact.Secret) (Job, string, error) {
	job, err := c.Job(ctx, ref)
	if err != nil || job.Status != StatusRunning {
		return job, "", err
	}
	return job, c.CurrentTask(ctx, ref, secrets...), nil
}

// CurrentTask returns the name of the task that a running job began last, in one request. The name is not essential: it
// is empty if it can't be read.
func (c *Client) CurrentTask(ctx context.Context, ref Ref, secrets ...redact.Secret) string {
	if ref.Kind != KindJob {
		return ""
	}
	q := query{"event=playbook_on_task_start", "order_by=-counter", "page_size=1"}
	address, err := c.address(ctx, q, "jobs/%d/job_events/", ref.ID)
	if err != nil {
		return ""
	}
	var page struct {
		Results []event `json:"results"`
	}
	if err := c.get(ctx, address, &page); err != nil || len(page.Results) == 0 {
		return ""
	}
	begun := page.Results[0]
	return c.shownWithout(secrets).name(begun.Task, begun.Data.Task)
}
