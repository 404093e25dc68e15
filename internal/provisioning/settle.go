package provisioning

import (
	"context"
	"fmt"
	"time"
)

// settleTime is how long after a start another's start may still become visible: jobs of two runs that looked at the
// same moment are both there by then.
const settleTime = 5 * time.Second

// followStarted waits for the end of a job that this operation has just started. Meanwhile it looks for others' jobs, right
// after the start and again a little later, since two runs that looked at the same moment both found nothing. Where it
// must, it gives way: then the job that this operation's gave way to is returned, too.
func (o *operationState) followStarted(ctx context.Context, own run) (run, *run, error) {
	following, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	settled := make(chan settling, 1)
	since := o.record.Seen.since()
	go func() {
		found := o.lookForTwins(following, own, since)
		settled <- found
		if found.twin != nil {
			stop(errGiveWay)
		}
	}()
	ended, err := o.follow(following, own)
	stop(nil)
	found := <-settled
	o.take(found)
	if found.twin == nil || ctx.Err() != nil || err == nil && ended.Terminal() {
		return ended, nil, err
	}
	return ended, found.twin, o.giveWay(ctx, ended, *found.twin)
}

// settling is what the looks for others' jobs have found.
type settling struct {
	seen []sight
	// twin is the job to give way to; nil if there is none.
	twin     *run
	warnings []Warning
}

// take puts on record what was seen while the operation's own job was followed.
func (o *operationState) take(found settling) {
	for _, seen := range found.seen {
		o.record.Seen = seen.seen
		o.sees(seen.jobs)
	}
	o.warnings = append(o.warnings, found.warnings...)
}

// lookForTwins looks for other jobs of the instance, until it has settled or ctx ends. It changes nothing of the
// operation: that goes on meanwhile.
func (o *operationState) lookForTwins(ctx context.Context, own run, since []Watermark) settling {
	var found settling
	for _, wait := range []time.Duration{0, settleTime} {
		if !pause(ctx, wait) {
			return found
		}
		seen, err := o.hub.finder.look(ctx, question{key: o.key, since: since, patience: settlePatience})
		switch {
		case ctx.Err() != nil:
			return found
		case err != nil:
			// Following the job will say what is wrong.
			o.log.WarnContext(ctx, "could not look for other jobs of the instance", "error", err.Error())
			continue
		}
		found.seen = append(found.seen, seen)
		jobs := seen.jobs.with(own)
		found.warnings = append(found.warnings, o.cancelCopies(ctx, own, jobs)...)
		if found.twin = twinOf(own, jobs); found.twin == nil && o.creates {
			found.twin = madeMeanwhile(own, jobs, since)
		}
		if found.twin != nil {
			return found
		}
	}
	return found
}

// cancelCopies cancels other jobs of this operation's own run: an event can be delivered twice. A job that somebody has
// relaunched has the run id, too, and is not ours to stop.
func (o *operationState) cancelCopies(ctx context.Context, own run, jobs history) []Warning {
	var warnings []Warning
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
			warnings = append(warnings, Warning{Summary: "A second job of the same run could not be cancelled", Detail: fmt.Sprintf(
				"%s of instance %s was launched for the same run as %s, and could not be cancelled: %s. Both run the same playbook with the same inputs.\n\nJob: %s",
				capitalised(other.String()), o.id, own.String(), err, other.URL)})
		}
	}
	return warnings
}

// madeMeanwhile returns the job that has made the instance since the look that found none, and before this operation's
// own job was launched: a launch can be held up, by a controller that restarts for one. The lower id wins here, too.
func madeMeanwhile(own run, jobs history, since []Watermark) *run {
	var looked int64
	if len(since) > 0 {
		looked = since[0].JobID
	}
	return jobs.newest(func(r run) bool {
		return r.verb == Provision && r.succeeded() && r.ID > looked && r.ID < own.ID &&
			r.annotation(AnnotationRunID) != own.annotation(AnnotationRunID)
	})
}
