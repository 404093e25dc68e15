package controller

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
)

// Artifacts returns the values that a finished job has set with set_stats, as a JSON object, or nil if there are none.
// A job has them as soon as it has its final status (L7). If a list left them out, Artifacts requests the job's detail.
// A workflow job has none of its own (502): Artifacts lists the workflow's jobs once (505), and merges theirs by key;
// the later job wins. Secrets in artifacts are in clear: no_log does not hide them (827).
func (c *Client) Artifacts(ctx context.Context, j Job) (json.RawMessage, error) {
	if j.Kind != KindWorkflowJob {
		if j.ArtifactsAbsent {
			detail, err := c.Job(ctx, j.Ref)
			return object(detail.Artifacts), err
		}
		return object(j.Artifacts), nil
	}
	var q query
	q.add("unified_job_node__workflow_job", strconv.FormatInt(j.ID, 10))
	var children []listed
	l := jobList{kind: KindJob, conditions: q, bounded: true, limit: pageSize, size: pageSize}
	err := c.pages(ctx, l, 0, func(ctx context.Context, page jobPage) error {
		rows, err := c.whole(ctx, page.rows, false, true, false)
		children = append(children, rows...)
		return err
	})
	if err != nil {
		return nil, err
	}
	slices.Reverse(children) // A list has the newest first.
	merged := map[string]json.RawMessage{}
	for _, child := range children {
		var values map[string]json.RawMessage
		if child.Artifacts == nil {
			continue
		}
		if err := json.Unmarshal(child.Artifacts, &values); err != nil {
			return nil, err
		}
		maps.Copy(merged, values)
	}
	if len(merged) == 0 {
		return nil, nil
	}
	return json.Marshal(merged)
}
