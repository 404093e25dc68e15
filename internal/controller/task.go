package controller

import "context"

// Task returns a job as it is now, and the name of the task that it began last. The name is empty while there is none,
// and for workflow jobs, whose nodes have the tasks.
func (c *Client) Task(ctx context.Context, ref Ref) (Job, string, error) {
	job, err := c.Job(ctx, ref)
	if err != nil || ref.Kind != KindJob || job.Status != StatusRunning {
		return job, "", err
	}
	q := query{"event=playbook_on_task_start", "order_by=-counter", "page_size=1"}
	address, err := c.address(ctx, q, "jobs/%d/job_events/", ref.ID)
	if err != nil {
		return job, "", err
	}
	var page struct {
		Results []event `json:"results"`
	}
	if err := c.get(ctx, address, &page); err != nil || len(page.Results) == 0 {
		return job, "", nil //nolint:nilerr // the job's state is known, and the task is only an ornament
	}
	begun := page.Results[0]
	return job, nameText(begun.Task, begun.Data.Task), nil
}
