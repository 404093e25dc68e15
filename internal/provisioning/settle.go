package provisioning

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/jobs"
	"github.com/osac-project/terraform-provider-osac/internal/osac"
)

// settleTime is how long after a start another's start may still become visible: the jobs of two runs that looked at
// the same moment both exist by then.
const settleTime = 5 * time.Second

// settlingLook is one of the lookups for others' jobs.
type settlingLook struct {
	// wait is the time since the previous lookup, and patience is how long it may wait for other operations' lookups.
	wait, patience time.Duration
}

// settlingLooks are the lookups after a start. The first comes at once, and waits for others only if many operations
// are in progress: a job that has not begun yet can be cancelled before it does anything, and jobs may be short. The
// last come when a slow launch may have got through, although its number is the lower one.
func (h *Hub) settlingLooks() []settlingLook {
	return []settlingLook{
		{0, h.startPatience()},
		{settleSoon, settleSoon},
		{settleTime - settleSoon, settlePatience},
		{10 * time.Second, 2 * settlePatience},
		{15 * time.Second, 2 * settlePatience},
		{30 * time.Second, 2 * settlePatience},
	}
}

// settleSoon is the time until the next lookup of others' jobs: a job gets its number before it can be seen.
const settleSoon = time.Second

// followStarted waits for the end of a job that this operation has just started. In the meantime, it looks up others'
// jobs, right after the start and again a little later, since two runs that looked at the same moment both found
// nothing. If it must give way, it also returns the job that it gave way to. Its own job may have succeeded all the
// same, if it could not be stopped in time.
func (o *operationState) followStarted(ctx context.Context, own jobs.Run) (jobs.Run, *jobs.Run, error) {
	following, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	settled := make(chan settling, 1)
	known := basis{since: o.began.Since(), jobs: o.seen, claim: o.record.Claim(o.hub.settings.Owner)}
	go func() {
		found := o.lookForTwins(following, own, known)
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
	ended, err = o.giveWay(ctx, ended, *found.twin)
	return ended, found.twin, err
}

// basis is the lookup that a start was decided on.
type basis struct {
	since []jobs.Watermark
	jobs  jobs.History
	claim jobs.Claim
}

// settling is the result of the lookups of others' jobs.
type settling struct {
	seen []jobs.Answer
	// twin is the job to give way to; nil if there is none.
	twin   *jobs.Run
	copies []copied
}

// copied is a second job of the operation's own run.
type copied struct {
	job jobs.Run
	// err is the reason why it could not be cancelled; nil if it was cancelled, or had ended.
	err error
}

// take records the jobs that were seen while the operation's own job was followed.
func (o *operationState) take(found settling) {
	for _, seen := range found.seen {
		o.record.Seen = seen.Seen
		o.sees(seen.Jobs)
	}
	o.takeCopies(found.copies)
}

// takeCopies warns of second jobs of the own run, and keeps those on record that may still run.
func (o *operationState) takeCopies(copies []copied) {
	for _, each := range copies {
		how := "It had ended by itself"
		switch {
		case each.err != nil:
			how = "It could not be cancelled: " + each.err.Error()
			entry := each.job.Record()
			o.record.KeepOpen(entry)
		case each.job.Active():
			how = "It was cancelled"
		}
		o.warn("A run was started twice", fmt.Sprintf(
			"%s of instance %s was launched for a run that had a job already: an answer was lost on the way, or an event was delivered twice. %s.\n\nJob: %s",
			capitalised(each.job.String()), o.id, how, each.job.URL))
	}
}

// lookForTwins looks for other jobs of the instance, until it has settled or ctx ends. It does not change the
// operation, which continues in the meantime.
func (o *operationState) lookForTwins(ctx context.Context, own jobs.Run, known basis) settling {
	var found settling
	for _, next := range o.hub.settlingLooks() {
		if !jobs.Pause(ctx, next.wait) {
			return found
		}
		seen, err := o.hub.finder.LookUp(ctx, jobs.Lookup{Key: o.key, Since: known.since, Patience: next.patience}, 0)
		switch {
		case ctx.Err() != nil:
			return found
		case err != nil:
			// The following of the job will report the trouble.
			o.log.WarnContext(ctx, "could not look for other jobs of the instance", "error", err.Error())
			continue
		}
		history := seen.Jobs.With(own)
		found.copies = append(found.copies, o.cancelCopies(ctx, own, history)...)
		history = o.withoutCopies(history, own)
		seen.Jobs = history
		found.seen = append(found.seen, seen)
		if found.twin = twinOf(own, history); found.twin == nil {
			found.twin = o.doneMeanwhile(own, history, known)
		}
		if found.twin != nil {
			return found
		}
		if own.Verb == osac.Deprovision {
			o.stopBeside(ctx, known.claim.Whose(history).Life)
		}
	}
	return found
}

// stopBeside cancels provision jobs that have begun while a delete job of the same life runs: the delete wins.
func (o *operationState) stopBeside(ctx context.Context, life jobs.History) {
	for _, other := range life {
		if !jobs.IsActive(osac.Provision)(other) || !o.stops.add(other.ID) {
			continue
		}
		o.log.InfoContext(ctx, "cancelling a provision job that runs beside the delete job", "job", other.String())
		if err := o.hub.client.Cancel(ctx, other.Ref); err != nil && !isOver(err) {
			// The closing lookup will find the job, and what it does then is reported.
			o.log.WarnContext(ctx, "could not cancel it", "job", other.String(), "error", err.Error())
		}
	}
}

// isCopy reports whether a job is a second job of the own run: a launch can be carried out although its answer is lost,
// and an event can be delivered twice.
func (o *operationState) isCopy(other, own jobs.Run) bool {
	return other.IsCopyOf(own) && other.Created.Sub(own.Created).Abs() < max(o.hub.settings.StartTimeout, 2*jobs.LaunchDoubt+launchTime)
}

// launchTime is how long the second launch of a run may take.
const launchTime = time.Minute

// withoutCopies leaves out the second jobs of the own run, which never count.
func (o *operationState) withoutCopies(history jobs.History, own jobs.Run) jobs.History {
	return slices.DeleteFunc(slices.Clone(history), func(r jobs.Run) bool { return o.isCopy(r, own) })
}

// cancelCopies cancels the other jobs of this operation's own run, and returns those that were not known before.
func (o *operationState) cancelCopies(ctx context.Context, own jobs.Run, history jobs.History) []copied {
	var copies []copied
	for _, other := range history {
		if !o.isCopy(other, own) || !o.copies.add(other.ID) {
			continue
		}
		each := copied{job: other}
		if other.Active() {
			o.log.InfoContext(ctx, "cancelling a second job of the same run", "own", own.String(), "other", other.String())
			detached, cancel := context.WithTimeout(context.WithoutCancel(ctx), cancelTimeout)
			if err := o.hub.client.Cancel(detached, other.Ref); err != nil && !isOver(err) {
				each.err = err
			}
			cancel()
		}
		copies = append(copies, each)
	}
	return copies
}

// told are the numbers of jobs that were reported already.
type told struct {
	mutex sync.Mutex
	ids   map[int64]bool
}

// add reports whether the number is new.
func (t *told) add(id int64) bool {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if t.ids == nil {
		t.ids = map[int64]bool{}
	}
	known := t.ids[id]
	t.ids[id] = true
	return !known
}

// doneMeanwhile returns a job that has done the work after the lookup that found it undone, and before this operation's
// own job was launched. Jobs can be short, and a launch can be held up, for instance by a controller that restarts. The
// lower number wins here, too.
func (o *operationState) doneMeanwhile(own jobs.Run, history jobs.History, known basis) *jobs.Run {
	var looked int64
	if len(known.since) > 0 {
		looked = known.since[0].JobID
	}
	newest := history.Newest(func(r jobs.Run) bool {
		return r.Succeeded() && r.ID > looked && r.ID < own.ID && r.RunID() != own.RunID() && !known.jobs.Has(r.ID)
	})
	switch {
	case newest == nil, newest.Verb != own.Verb:
		return nil
	case o.creates, own.Verb == osac.Deprovision, newest.DoesAs(own):
		return newest
	default:
		return nil
	}
}
