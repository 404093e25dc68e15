package provisioning

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/controller"
	"github.com/osac-project/terraform-provider-osac/internal/jobs"
)

// errGiveWay is the cause with which the following of a job ends that gives way to another's.
var errGiveWay = errors.New("another job of the instance goes first")

// glanceTimeout bounds the last request for a job whose time is up.
const glanceTimeout = 30 * time.Second

// cancelTimeout bounds the cancelling of our own job after an interrupt: it must not keep running beside another.
const cancelTimeout = 30 * time.Second

// toEnd waits for the end of this operation's job. If the job gave way to another, toEnd returns that one, too.
func (o *operationState) toEnd(ctx context.Context, decided decision, own jobs.Run) (jobs.Run, *jobs.Run, error) {
	if decided.step == stepStart {
		ended, other, err := o.followStarted(ctx, own)
		ended, err = o.lastGlance(ctx, ended, err)
		return ended, other, err
	}
	ended, err := o.follow(ctx, own)
	ended, err = o.lastGlance(ctx, ended, err)
	return ended, nil, err
}

// lastGlance requests a job once more before the operation reports that its time is up. The job may have ended since
// the last poll, long ago if this process was stopped in between.
func (o *operationState) lastGlance(ctx context.Context, followed jobs.Run, err error) (jobs.Run, error) {
	if err == nil || !errors.Is(context.Cause(ctx), jobs.ErrOutOfTime) {
		return followed, err
	}
	asking, cancel := context.WithTimeout(context.WithoutCancel(ctx), glanceTimeout)
	defer cancel()
	job, asked := o.hub.client.Job(asking, followed.Ref)
	if asked != nil || !followed.IsStill(job) {
		return followed, err
	}
	followed.Job = job
	o.observe(ctx, followed, job)
	if !job.Terminal() {
		return followed, err
	}
	return followed, nil
}

// follow waits for a job's end. It records every change if the job is this operation's own.
func (o *operationState) follow(ctx context.Context, followed jobs.Run) (jobs.Run, error) {
	stopTelling := o.tellTasks(ctx, followed)
	defer stopTelling()
	following, stop := context.WithCancel(ctx)
	defer stop()
	var watched sync.Mutex
	over := false
	job, err := o.hub.client.Follow(following, followed.Ref, controller.Follow{Observe: func(job controller.Job) {
		watched.Lock()
		defer watched.Unlock()
		switch {
		case over:
		case followed.IsStill(job):
			o.observe(ctx, followed, job)
		default:
			over = true
			stop()
		}
	}})
	watched.Lock()
	defer watched.Unlock()
	if over || !followed.IsStill(job) {
		return followed, o.renumbered(ctx, followed)
	}
	over = true
	if job.Status != "" { // else nothing was seen of it during this wait, and what was known stands
		followed.Job = job
		o.observe(ctx, followed, job)
	}
	return followed, err
}

// renumbered is the error of a run whose number is another job's in a list. The run is gone only if the job's detail
// says the same. Otherwise, the run may be active, and another would be started beside it.
func (o *operationState) renumbered(ctx context.Context, followed jobs.Run) error {
	job, err := o.hub.client.Job(ctx, followed.Ref)
	switch {
	case errors.Is(err, controller.ErrNotFound), err == nil && !followed.IsStill(job):
		return followed.Renumbered()
	case err != nil:
		return err
	}
	return fmt.Errorf("the controller's list of jobs shows another run as %s than the job itself (%s)", followed.Ref, followed.URL)
}

// observe records a change of a job, if the job is on record already: others' jobs are added at the end.
func (o *operationState) observe(ctx context.Context, followed jobs.Run, job controller.Job) {
	followed.Job = job
	entry := followed.Record()
	o.running.Store(job.Status == controller.StatusRunning)
	entry.Message = o.hide(job, entry.Message)
	if entry != o.observed { // the end is seen twice
		o.log.InfoContext(ctx, "job changed", "job", job.String(), "state", string(entry.State), "message", entry.Message)
		o.tell(job, entry, "")
	}
	o.observed = entry
	if !o.record.Knows(entry) {
		return
	}
	o.record.Note(entry)
	if job.Status == controller.StatusPending && job.Explanation != "" && !o.waited {
		o.waited = true
		o.warn("A job had to wait", fmt.Sprintf(
			"%s of instance %s stayed pending for a while: %s. If template %s does not allow simultaneous jobs, its instances are worked on one after the other: enable \"Concurrent jobs\" in the template to change that.",
			capitalised(job.String()), o.id, o.hide(job, job.Explanation), strconv.Quote(job.Name)))
	}
}

// giveWay cancels this operation's job in favour of another's, and waits for its end. From then on, nothing of this
// operation's is at the hub, unless the job succeeded before it could be stopped: that is a success like any other.
func (o *operationState) giveWay(ctx context.Context, own, other jobs.Run) (jobs.Run, error) {
	o.log.InfoContext(ctx, "giving way to another job of the instance", "own", own.String(), "other", other.String())
	detached, cancel := context.WithTimeout(context.WithoutCancel(ctx), cancelTimeout)
	defer cancel()
	err := o.hub.client.Cancel(detached, own.Ref)
	if err != nil && !isOver(err) && !errors.Is(err, controller.ErrForbidden) {
		o.log.WarnContext(ctx, "could not cancel the own job", "job", own.String(), "error", err.Error())
		// Nobody knows whether it ends, so the next operation must look for it.
		o.record.KeepOpen(own.Record())
	}
	ended, err := o.follow(ctx, own)
	if err != nil && !errors.Is(err, controller.ErrNotFound) {
		return ended, o.stopped(ctx, ended, err)
	}
	o.record.CloseRun(own.Record())
	o.ours = ended.Succeeded() || o.creates && len(o.record.OpenRuns) > 0
	return ended, nil
}

// isOver reports whether a refused cancel means that the job has ended or is gone.
func isOver(err error) bool {
	return errors.Is(err, controller.ErrNotCancellable) || errors.Is(err, controller.ErrNotFound)
}

// confirmPurged checks that a missing job was purged by the controller that made it, and not by another that answers at
// the same address since. It marks the job's entry.
func (o *operationState) confirmPurged(ctx context.Context, lost jobs.Run) error {
	installation, err := o.hub.client.Ping(ctx)
	if err != nil {
		return o.stopped(ctx, lost, err)
	}
	if installation.UUID != o.record.ControllerUUID {
		return o.stopped(ctx, lost, fmt.Errorf("another controller (install uuid %s) answers at %s since, in place of the one that runs the instance (%s)",
			installation.UUID, o.hub.client.URL(), o.record.ControllerUUID))
	}
	o.record.Note(o.purgedRecord(lost))
	return nil
}

func (o *operationState) purgedRecord(lost jobs.Run) jobs.JobRecord {
	entry := lost.Record()
	entry.State = jobs.JobPurged
	entry.Message = "purged before its end was seen"
	return entry
}
