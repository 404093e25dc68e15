package controller

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Job reads a job's detail, which alone has the traceback and EventsProcessed. The error matches ErrNotFound for a
// purged job, and ErrForbidden for a job that the user may not see.
func (c *Client) Job(ctx context.Context, ref Ref) (Job, error) {
	found, err := c.single(ctx, ref, false)
	return found.Job, err
}

// ConfirmGone asks for a job that was active when it was last seen and that an answer has left out since. It returns
// the job or, if the job was not found for 30 s, an error that matches ErrNotFound. A lagging replica or a cache of
// permissions misses a job for a moment, and a running job must not count as purged.
func (c *Client) ConfirmGone(ctx context.Context, ref Ref) (Job, error) {
	began := time.Now()
	for {
		job, err := c.Job(ctx, ref)
		rest := goneStands - time.Since(began)
		if !errors.Is(err, ErrNotFound) || rest <= 0 {
			return job, err
		}
		if pause(ctx, min(goneStands/6, rest)) != nil {
			return job, c.left(ctx, "making sure that "+ref.String()+" is gone", err)
		}
	}
}

// AnyJob reads the detail of a job of which only the number is known. Jobs and workflow jobs share one sequence of ids,
// but neither is found at the other's path (450, 451), and no path serves both (449).
func (c *Client) AnyJob(ctx context.Context, id int64) (Job, error) {
	job, err := c.Job(ctx, Ref{Kind: KindJob, ID: id})
	if errors.Is(err, ErrNotFound) {
		return c.Job(ctx, Ref{Kind: KindWorkflowJob, ID: id})
	}
	return job, err
}

func (c *Client) single(ctx context.Context, ref Ref, once bool) (listed, error) {
	address, err := c.address(ctx, nil, "%s/%d/", ref.Kind.path(), ref.ID)
	if err != nil {
		return listed{}, err
	}
	var r row
	k := call{url: address, once: once}
	answer, err := c.getCall(ctx, k, &r)
	if err != nil {
		return listed{}, err
	}
	found, err := c.listed(r, ref.Kind)
	if err == nil && found.ID != ref.ID {
		err = fmt.Errorf("job %d was asked for, and job %d answered", ref.ID, found.ID)
	}
	if err != nil {
		return listed{}, c.unreadable(k, answer, err)
	}
	return found, nil
}

// Cancel asks the controller to cancel a job, which ends a while later. The request can be repeated, so it is retried
// until ctx ends. ErrNotCancellable means that the job is over. ErrForbidden may mean the same: an ordinary user gets
// it for a job that has ended (L6), so check the status. ErrNotFound means purged.
func (c *Client) Cancel(ctx context.Context, ref Ref) error {
	// The slash matters: without it the POST is redirected and does nothing (L1).
	address, err := c.address(ctx, nil, "%s/%d/cancel/", ref.Kind.path(), ref.ID)
	if err != nil {
		return err
	}
	_, err = c.send(ctx, call{method: http.MethodPost, url: address, body: []byte("{}"), again: true})
	return err
}

// JobURL returns a job's absolute address in the API. Until the API's root is known, it is a guess from the configured
// URL.
func (c *Client) JobURL(ref Ref) string {
	root := c.candidates()[0]
	if known := c.knownInstallation(); known != nil {
		root = known.APIRoot
	}
	return root + ref.Kind.path() + "/" + strconv.FormatInt(ref.ID, 10) + "/"
}

// UIURL returns the address of a job's web page, in AAP's interface since 2.5 or in AWX's own.
func (c *Client) UIURL(ref Ref) string {
	root := c.candidates()[0]
	if known := c.knownInstallation(); known != nil {
		root = known.APIRoot
	}
	page := "playbook"
	if ref.Kind == KindWorkflowJob {
		page = "workflow"
	}
	if host, ok := strings.CutSuffix(root, gatewayPath+"/"); ok {
		return fmt.Sprintf("%s/execution/jobs/%s/%d/output", host, page, ref.ID)
	}
	return fmt.Sprintf("%s/#/jobs/%s/%d/output", strings.TrimSuffix(root, awxPath+"/"), page, ref.ID)
}

// RefOf reads the reference from a job's address, absolute or relative: …/jobs/16/ or …/workflow_jobs/62/.
func RefOf(jobURL string) (Ref, bool) {
	u, err := url.Parse(jobURL)
	if err != nil {
		return Ref{}, false
	}
	parts := strings.Split(strings.Trim(u.Path, "/"), "/")
	if len(parts) < 2 {
		return Ref{}, false
	}
	id, err := strconv.ParseInt(parts[len(parts)-1], 10, 64)
	if err != nil || id <= 0 {
		return Ref{}, false
	}
	switch parts[len(parts)-2] {
	case "jobs":
		return Ref{Kind: KindJob, ID: id}, true
	case "workflow_jobs":
		return Ref{Kind: KindWorkflowJob, ID: id}, true
	default:
		return Ref{}, false
	}
}
