package controller

import (
	"context"
	"time"
)

// statsBound is how long after a job's end the counts of its hosts may stay away: they come with the last events.
const statsBound = 5 * time.Second

// RanNothing reports whether the playbook of a successful job has met no host, so that no task was run: AWX calls that a
// success (recording 828). Only the job's detail tells. Of a workflow job, and where the counts don't come, nothing is
// known: then it reports false.
func (c *Client) RanNothing(ctx context.Context, j Job) (bool, error) {
	if j.Kind == KindWorkflowJob || j.Status != StatusSuccessful {
		return false, nil
	}
	for end := time.Now().Add(statsBound); ; {
		detail, err := c.Job(ctx, j.Ref)
		if err != nil || detail.NoHosts || detail.EventsProcessed || !time.Now().Before(end) {
			return detail.NoHosts, err
		}
		if err := pause(ctx, eventsPause); err != nil {
			return false, err
		}
	}
}
