package provisioning

import (
	"context"
	"crypto/rand"
	"errors"

	"github.com/osac-project/terraform-provider-osac/internal/controller"
	"github.com/osac-project/terraform-provider-osac/internal/jobs"
	"github.com/osac-project/terraform-provider-osac/internal/osac"
)

// startOrAdopt starts or adopts this operation's job, as decided, and puts it on record.
func (o *operationState) startOrAdopt(ctx context.Context, decided decision, instance osac.Instance, lastRestartedAt *osac.Timestamp) (jobs.Run, error) {
	if decided.step == stepAdopt {
		o.log.InfoContext(ctx, "adopting the active job", "job", decided.run.String())
		o.own(*decided.run)
		return *decided.run, nil
	}
	started, err := o.start(ctx, instance, lastRestartedAt)
	if unseen, ok := errors.AsType[*unseenError](err); ok {
		o.ownRecord(unseen.entry)
		return started, unseen.cause
	}
	if started.ID != 0 {
		o.own(started)
	}
	return started, err
}

// start lets the backend start a run.
func (o *operationState) start(ctx context.Context, instance osac.Instance, lastRestartedAt *osac.Timestamp) (jobs.Run, error) {
	if ctx.Err() != nil {
		return jobs.Run{}, o.stoppedLooking(ctx, context.Cause(ctx))
	}
	if err := o.hub.checkInputs(instance); err != nil {
		return jobs.Run{}, err
	}
	settings := o.hub.settings
	payload, err := o.hub.payload(o.id, instance, lastRestartedAt, osac.RunLabels{
		UID: o.record.UID, RunID: rand.Text(), Owner: o.owner, Place: settings.Place, InputsVersion: o.record.InputsVersion,
	})
	if err != nil {
		return jobs.Run{}, err
	}
	operation := jobs.Operation{
		Verb: o.verb, Key: o.key, Template: settings.templateOf(o.verb), Payload: payload,
		RunID: payload.Resource.Metadata.Annotations[osac.AnnotationRunID], Seen: o.began,
	}
	o.launches++
	result, err := o.hub.backend.Start(ctx, operation)
	job := result.Job
	o.lateUntil = result.LateUntil
	if job.ID == 0 {
		return jobs.Run{}, o.notStarted(ctx, operation, err)
	}
	started := o.readStarted(ctx, job, operation)
	if err != nil {
		return started, o.notStarted(ctx, operation, err)
	}
	o.log.InfoContext(ctx, "job started", "job", job.String(), "template", operation.Template, "url", job.URL)
	return started, nil
}

// readStarted reads the job of a run. An answer with other extra vars may be another job's, so the run's own job is
// searched for. If there is none, the job is recorded whatever its extra vars: it was launched for this run.
func (o *operationState) readStarted(ctx context.Context, job controller.Job, operation jobs.Operation) jobs.Run {
	started, ok := jobs.ReadRun(o.hub.settings.Kind, job, o.verb)
	if ok && started.Key() == o.key && started.RunID() == operation.RunID {
		return started
	}
	o.log.WarnContext(ctx, "the answer to a launch shows other variables than were sent: looking for its job", "job", job.String())
	if found, err := o.hub.finder.FindStarted(ctx, operation); err == nil && found != nil {
		started, _ = jobs.ReadRun(o.hub.settings.Kind, *found, o.verb)
		return started
	}
	vars, err := operation.Payload.LaunchVars(o.hub.settings.PayloadFormat)
	if err != nil {
		return jobs.Run{Job: job, Verb: o.verb, Backend: jobs.BackendAAP}
	}
	sent := job
	sent.ExtraVars = string(vars)
	started, _ = jobs.ReadRun(o.hub.settings.Kind, sent, o.verb)
	started.ExtraVars = job.ExtraVars
	return started
}

func (s HubSettings) templateOf(verb osac.Verb) string {
	if verb == osac.Deprovision {
		return s.DeleteTemplate
	}
	return s.CreateTemplate
}
