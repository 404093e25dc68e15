package provisioning

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/controller"
	"github.com/osac-project/terraform-provider-osac/internal/jobs"
	"github.com/osac-project/terraform-provider-osac/internal/redact"
)

const (
	// readingTimeout bounds the reading of a job after its end. A reason or artifacts that don't come in time are left
	// out.
	readingTimeout = 30 * time.Second
	// taskTimeout bounds a request after the operation's time is up.
	taskTimeout = 5 * time.Second
	// failureLines are how many lines of a failed job's output a diagnostic ends with.
	failureLines = 10
)

// stopped turns the error that ended the following of a job into the operation's error.
func (o *operationState) stopped(ctx context.Context, current jobs.Run, err error) error {
	if _, told := errors.AsType[*Error](err); told {
		return err
	}
	cause := &Error{Reason: ReasonOutcomeUnknown, Instance: o.id, Err: err, Job: jobs.RecordOf(&current)}
	doing := fmt.Sprintf("%s of instance %s (%s)", current.Ref, o.id, current.Name)
	switch {
	case ctx.Err() != nil && errors.Is(context.Cause(ctx), jobs.ErrOutOfTime):
		cause.Reason = ReasonTimeout
		cause.What = fmt.Sprintf("The time for this operation ran out while %s was %s%s. The job goes on at the controller.", doing, current.Status, o.atTask(ctx, current))
		cause.Next = "Give the operation more time in timeouts, or see at the controller what the job waits for."
	case ctx.Err() != nil:
		cause.Reason = ReasonInterrupted
		cause.What = fmt.Sprintf("Terraform was interrupted while %s was %s. The job goes on at the controller.", doing, current.Status)
		cause.Err = nil
	default:
		cause.Next = remedy(err)
		cause.What = fmt.Sprintf("Following %s had to be given up while it was %s. The job goes on at the controller.", doing, current.Status)
	}
	return cause
}

// atTask names the current task of a job that nobody waits for any longer, if it can be read at once.
func (o *operationState) atTask(ctx context.Context, current jobs.Run) string {
	if current.Status != controller.StatusRunning {
		return ""
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), taskTimeout)
	defer cancel()
	if task := o.hub.client.CurrentTask(ctx, current.Ref, o.secrets(current.Job)...); task != "" {
		return ", at task " + strconv.Quote(task)
	}
	return ""
}

// stoppedLooking is the error of an operation that ended before it had a job.
func (o *operationState) stoppedLooking(ctx context.Context, err error) error {
	cause := &Error{Reason: ReasonHub, Instance: o.id, Err: err}
	switch {
	case ctx.Err() != nil && errors.Is(context.Cause(ctx), jobs.ErrOutOfTime):
		cause.Reason = ReasonTimeout
		cause.What = fmt.Sprintf("The time for this operation ran out before a job of instance %s was started on hub %s.", o.id, strconv.Quote(o.hub.settings.Key))
	case ctx.Err() != nil:
		cause.Reason = ReasonInterrupted
		cause.What = fmt.Sprintf("Terraform was interrupted before a job of instance %s was started.", o.id)
		cause.Err = nil
	default:
		cause.Next = remedy(err)
		cause.What = fmt.Sprintf("The jobs of instance %s could not be looked up on hub %s at %s. Nothing was started.", o.id, strconv.Quote(o.hub.settings.Key), o.hub.client.URL())
	}
	return cause
}

// notStarted is the error of a run whose job could not be started.
func (o *operationState) notStarted(ctx context.Context, operation jobs.Operation, err error) error {
	if _, told := errors.AsType[*Error](err); told {
		return err
	}
	if ctx.Err() != nil {
		return o.stoppedLooking(ctx, err)
	}
	reason, next := ReasonStart, remedy(err)
	if _, ok := errors.AsType[*controller.TemplateError](err); ok {
		reason = ReasonTemplate
	}
	if refused, ok := errors.AsType[*controller.Error](err); ok && refused.Method == http.MethodPost && errors.Is(refused, controller.ErrForbidden) {
		next = fmt.Sprintf("The credentials are valid but may not launch: the user needs the role Execute on template %s, and a token the scope Write.", strconv.Quote(operation.Template))
	}
	return &Error{
		Reason: reason, Instance: o.id, Err: err, Next: next,
		What: fmt.Sprintf("The run to %s instance %s could not be started: template %s on hub %s at %s.",
			operation.Verb, o.id, strconv.Quote(operation.Template), strconv.Quote(o.hub.settings.Key), o.hub.client.URL()),
	}
}

// failed is the error of a job that did not succeed, with the controller's reason.
func (o *operationState) failed(ctx context.Context, ended jobs.Run) error {
	o.record.Phase = jobs.PhaseFailed
	if ended.Status == controller.StatusCanceled {
		return &Error{
			Reason: ReasonJobCanceled, Instance: o.id, Job: jobs.RecordOf(&ended),
			What: fmt.Sprintf("Somebody cancelled %s of instance %s (%s)%s%s.", ended.Ref, o.id, ended.Name,
				canceledOn(ended), withExplanation(ended.Explanation)),
			Next: "Find out why before running it again: the next apply or destroy launches a new job.",
		}
	}
	bounded, cancel := whileReading(ctx)
	defer cancel()
	failure := o.hub.failureOf(bounded, ended.Job, o.secrets(ended.Job)...)
	o.log.InfoContext(ctx, "job failed", "job", ended.String(), "state", string(jobs.StateOf(ended.Status)), "task", failure.Task, "host", failure.Host)
	entry := ended.Record()
	if reason := oneLine(failure); reason != "" {
		entry.Message = string(ended.Status) + ": " + reason
		o.record.Note(entry)
	}
	return &Error{
		Reason: ReasonJobFailed, Instance: o.id, Job: &entry,
		What: fmt.Sprintf("%s of instance %s (%s) ended with status %s.%s", capitalised(ended.String()), o.id, ended.Name,
			ended.Status, o.describe(failure)),
	}
}

// failureOf returns the reason of a job's failure, with the last lines of its output, which show what preceded it. If
// they can't be read, the reason must do.
func (h *Hub) failureOf(ctx context.Context, ended controller.Job, secrets ...redact.Secret) controller.Failure {
	failure := h.client.FailureOf(ctx, ended, secrets...)
	ref := ended.Ref
	if failure.NodeJob != nil {
		ref = *failure.NodeJob
	}
	// With a traceback there was no playbook (854).
	if failure.Output == "" && failure.Traceback == "" {
		failure.Output, _ = h.client.Output(ctx, ref, failureLines, secrets...)
	}
	return failure
}

// whileReading bounds the reading after a job's end. It continues if the operation's time is up. An interrupt ends it:
// people who wait press Ctrl-C a second time, and that loses the state.
func whileReading(ctx context.Context) (context.Context, context.CancelFunc) {
	if errors.Is(context.Cause(ctx), jobs.ErrOutOfTime) {
		ctx = context.WithoutCancel(ctx)
	}
	return context.WithTimeout(ctx, readingTimeout)
}

func canceledOn(ended jobs.Run) string {
	if ended.CanceledOn.IsZero() {
		return ""
	}
	return " at " + ended.CanceledOn.UTC().Format(time.RFC3339)
}

func withExplanation(explanation string) string {
	if explanation == "" {
		return ""
	}
	return " (" + explanation + ")"
}

func capitalised(text string) string { return strings.ToUpper(text[:1]) + text[1:] }

// oneLine returns the reason in one line, for the job's entry in the history.
func oneLine(failure controller.Failure) string {
	switch {
	case failure.Task != "" && failure.Message != "":
		return fmt.Sprintf("%s (%s): %s", failure.Task, failure.Host, firstLine(failure.Message))
	case failure.Explanation != "":
		return firstLine(failure.Explanation)
	default:
		return firstLine(failure.Traceback)
	}
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return line
}

// describe returns the reason in full.
func (o *operationState) describe(failure controller.Failure) string {
	var text strings.Builder
	for _, part := range []struct{ label, value string }{
		{"Workflow node", o.node(failure)},
		{"Task", failure.Task},
		{"Host", failure.Host},
		{"Message", failure.Message},
		{"Explanation", failure.Explanation},
		{"Traceback", failure.Traceback},
		{"Note", failure.Note},
	} {
		if part.value != "" {
			text.WriteString("\n" + part.label + ": " + part.value)
		}
	}
	if failure.Output != "" {
		text.WriteString("\nLast output:\n" + failure.Output)
	}
	if text.Len() == 0 {
		return ""
	}
	return "\n" + text.String()
}

// node names a workflow's failed node and its own job, whose output says more.
func (o *operationState) node(failure controller.Failure) string {
	if failure.NodeJob == nil {
		return failure.Node
	}
	return fmt.Sprintf("%s, %s (%s)", failure.Node, failure.NodeJob, o.hub.client.JobURL(*failure.NodeJob))
}

// keepArtifacts puts a successful job's outputs on record.
func (o *operationState) keepArtifacts(ctx context.Context, ended jobs.Run) {
	bounded, cancel := whileReading(ctx)
	defer cancel()
	artifacts, warnings := o.hub.artifactsOf(bounded, ended.Job, fmt.Sprintf("%s of instance %s", ended.Ref, o.id))
	o.warnings = append(o.warnings, warnings...)
	o.record.SetArtifacts(artifacts)
}

// artifactsOf reads a job's outputs. They are useful but not essential: if they can't be read or are too large, they
// are left out with a warning. called is the warning's name for the job.
func (h *Hub) artifactsOf(ctx context.Context, job controller.Job, called string) (json.RawMessage, []jobs.Warning) {
	artifacts, err := h.client.Artifacts(ctx, job)
	switch {
	case err != nil:
		return nil, []jobs.Warning{{
			Summary: "Artifacts could not be read", Detail: fmt.Sprintf("The artifacts of %s could not be read: %s", called, err),
		}}
	case len(artifacts) > jobs.MaxArtifacts:
		return nil, []jobs.Warning{{
			Summary: "Artifacts left out", Detail: fmt.Sprintf("The artifacts of %s have %d bytes; up to %d are kept.", called, len(artifacts), jobs.MaxArtifacts),
		}}
	}
	return artifacts, nil
}

func madeHere(id, what string) error {
	return &Error{
		Reason: ReasonMadeHere, Instance: id,
		What: fmt.Sprintf("Instance %s %s.", id, what),
		Next: "Two resources can't share an instance, and create_before_destroy needs a new name for the replacement: change the name, or remove create_before_destroy.",
	}
}
