package provisioning

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/osac-project/terraform-provider-osac/internal/controller"
	"github.com/osac-project/terraform-provider-osac/internal/jobs"
)

// reportLines is how many lines of a job's output its report has.
const reportLines = 50

// JobReport is all that a hub shows of one job, of any template.
type JobReport struct {
	controller.Job
	// State is the job's state in OSAC's words. If it is Purged, nothing else is known.
	State jobs.JobState
	// Message is the controller's own status, with the reason of a failure.
	Message string
	// Failure is the reason why the job did not end successfully; nil if it did.
	Failure *controller.Failure
	// Output is the end of the job's output; workflow jobs have none.
	Output string
}

// Job reports on a job by its number. If the controller does not have the job, the job is Purged, which is no error: a
// job is history, and a reference to it must not break when it is cleaned up. A part of the job's details that can't be
// read is a warning.
func (h *Hub) Job(ctx context.Context, id int64) (JobReport, []jobs.Warning, error) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	var job controller.Job
	err := h.outage.ask(func() error {
		var err error
		job, err = h.client.AnyJob(ctx, id)
		return err
	})
	switch {
	case errors.Is(err, controller.ErrNotFound):
		return JobReport{State: jobs.JobPurged, Message: fmt.Sprintf(
			"hub %s at %s has no job %d: it was purged, or there was never one", strconv.Quote(h.settings.Key), h.client.URL(), id)}, nil, nil
	case err != nil:
		next := remedy(err)
		if errors.Is(err, controller.ErrForbidden) { // the job may be of any template, and is only read
			next = "The credentials are valid but lack a permission: the user needs the role Read on the job's template."
		}
		return JobReport{}, nil, &Error{
			Reason: ReasonHub, Err: err, Next: next,
			What: fmt.Sprintf("Job %d of hub %s at %s could not be read.", id, strconv.Quote(h.settings.Key), h.client.URL()),
		}
	}
	report := JobReport{Job: job, State: jobs.StateOf(job.Status), Message: jobs.NewJobRecord(job, "", "", "").Message}
	var warnings []jobs.Warning
	report.Artifacts, warnings = h.artifactsOf(ctx, job, job.String())
	if job.Terminal() && job.Status != controller.StatusSuccessful {
		failure := h.client.FailureOf(ctx, job, h.secretsOf(job)...)
		report.Failure = &failure
		if reason := oneLine(failure); reason != "" {
			report.Message = string(job.Status) + ": " + reason
		}
	}
	// Before its start, a job has no output, only a notice instead.
	if !job.Started.IsZero() {
		report.Output, err = h.client.Output(ctx, job.Ref, reportLines, h.secretsOf(job)...)
		if err != nil {
			warnings = append(warnings, jobs.Warning{Summary: "Output could not be read", Detail: fmt.Sprintf("The output of %s could not be read: %s", job, err)})
		}
	}
	return report, warnings, nil
}
