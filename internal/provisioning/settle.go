package provisioning

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// settleTime is how long after a start another's start may still become visible: jobs of two runs that looked at the
// same moment are both there by then.
const settleTime = 5 * time.Second

// followStarted waits for the end of a job that this operation has just started. It looks for others' jobs right after
// the start and again a little later, since two runs that looked at the same moment both found nothing, and gives way
// where it must: then the job that this operation's gave way to is returned, too.
func (o *operationState) followStarted(ctx context.Context, own run) (run, *run, error) {
	if twin, err := o.giveWayToTwin(ctx, own); twin != nil || err != nil {
		return own, twin, err
	}
	settling, cancel := context.WithTimeoutCause(ctx, settleTime, errLookAgain)
	defer cancel()
	ended, err := o.follow(settling, own)
	if !errors.Is(err, errLookAgain) || ctx.Err() != nil {
		return ended, nil, err
	}
	if twin, err := o.giveWayToTwin(ctx, ended); twin != nil || err != nil {
		return ended, twin, err
	}
	ended, err = o.follow(ctx, ended)
	return ended, nil, err
}

// giveWayToTwin looks for a job that this operation's own has to give way to, and does so. It returns that job, or nil.
func (o *operationState) giveWayToTwin(ctx context.Context, own run) (*run, error) {
	jobs, err := o.lookAfter(ctx, own)
	if err != nil {
		return nil, err
	}
	o.cancelCopies(ctx, own, jobs)
	twin := twinOf(own, jobs)
	if twin == nil {
		return nil, nil
	}
	return twin, o.giveWay(ctx, own, *twin)
}

// cancelCopies cancels other jobs of this operation's own run: an event can be delivered twice. A job that somebody has
// relaunched has the run id, too, and is not ours to stop.
func (o *operationState) cancelCopies(ctx context.Context, own run, jobs history) {
	runID := own.annotation(AnnotationRunID)
	for _, other := range jobs {
		isCopy := runID != "" && other.annotation(AnnotationRunID) == runID && other.ID > own.ID && other.active() &&
			other.verb == own.verb && other.LaunchType != "relaunch" && other.Created.Sub(own.Created) < o.hub.settings.StartTimeout
		if !isCopy {
			continue
		}
		o.log.InfoContext(ctx, "cancelling a second job of the same run", "own", own.String(), "other", other.String())
		detached, cancel := context.WithTimeout(context.WithoutCancel(ctx), cancelTimeout)
		err := o.hub.client.Cancel(detached, other.Ref)
		cancel()
		if err != nil && !isOver(err) {
			o.warn("A second job of the same run could not be cancelled", fmt.Sprintf(
				"%s of instance %s was launched for the same run as %s, and could not be cancelled: %s. Both run the same playbook with the same inputs.\n\nJob: %s",
				capitalised(other.String()), o.id, own.String(), err, other.URL))
		}
	}
}
