package provisioning

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
)

// startOrAdopt gets this operation its job, as was decided, and puts it on record.
func (o *operationState) startOrAdopt(ctx context.Context, decided decision, instance Instance, lastRestartedAt *Timestamp) (run, error) {
	if decided.step == stepAdopt {
		o.log.InfoContext(ctx, "adopting the active job", "job", decided.run.String())
		o.own(*decided.run)
		return *decided.run, nil
	}
	started, err := o.start(ctx, instance, lastRestartedAt)
	if unseen, ok := errors.AsType[*unseenError](err); ok {
		o.ownRecord(unseen.entry)
		return started, unseen.story
	}
	if started.ID != 0 {
		o.own(started)
	}
	return started, err
}

// start has the backend start a run.
func (o *operationState) start(ctx context.Context, instance Instance, lastRestartedAt *Timestamp) (run, error) {
	if ctx.Err() != nil {
		return run{}, o.stoppedLooking(ctx, context.Cause(ctx))
	}
	if err := o.hub.checkInputs(instance); err != nil {
		return run{}, err
	}
	settings := o.hub.settings
	payload, err := settings.newPayload(instance, lastRestartedAt, runLabels{
		runID: rand.Text(), owner: settings.Owner, inputsVersion: o.record.InputsVersion,
	})
	if err != nil {
		return run{}, &Error{
			Reason: ReasonExtraVars, Instance: o.id, Err: err,
			What: fmt.Sprintf("The payload of instance %s could not be built.", o.id),
		}
	}
	operation := Operation{
		Verb: o.verb, Key: o.key, Template: settings.templateOf(o.verb), Payload: payload,
		RunID: payload.Resource.Metadata.Annotations[AnnotationRunID], Seen: o.record.Seen,
	}
	job, err := o.hub.backend.Start(ctx, operation)
	started, ok := readRun(job, o.verb)
	if err != nil {
		return started, o.notStarted(ctx, operation, err)
	}
	if !ok || started.key() != o.key || started.annotation(AnnotationRunID) != operation.RunID {
		return run{}, o.notStarted(ctx, operation, fmt.Errorf("%s carries other variables than it was launched with", job.URL))
	}
	o.log.InfoContext(ctx, "job started", "job", job.String(), "template", operation.Template, "url", job.URL)
	return started, nil
}

func (s HubSettings) templateOf(verb Verb) string {
	if verb == Deprovision {
		return s.DeleteTemplate
	}
	return s.CreateTemplate
}
