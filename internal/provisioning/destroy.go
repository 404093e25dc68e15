package provisioning

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/controller"
	"github.com/osac-project/terraform-provider-osac/internal/jobs"
	"github.com/osac-project/terraform-provider-osac/internal/osac"
	"github.com/osac-project/terraform-provider-osac/internal/transport"
)

// DestroyRequest is a request to delete the recorded instance.
type DestroyRequest struct {
	Record jobs.Record
	// Timeout bounds the whole operation, including the end of a provision job that is cancelled first.
	Timeout time.Duration
}

// Destroy deletes an instance. It cancels a provision job that still runs. It starts the delete job with the whole last
// applied spec, unless one is active already, and follows it to its end. Then it checks once more whether the instance
// is gone. It deletes only machines of the record's life.
//
// If the error is nil, the instance is gone. Otherwise, the instance is to be kept, as the result's record if there is
// one. That holds for an interrupt, too: Terraform would drop the instance otherwise.
func (h *Hub) Destroy(ctx context.Context, request DestroyRequest) (Result, error) {
	ctx, cancel := h.underWay(ctx, request.Timeout)
	defer cancel()
	d := &destruction{
		operationState: newOperationState(h, osac.Deprovision, request.Record.Key),
		ended:          map[int64]bool{},
	}
	d.record = request.Record
	unlock, err := d.enter(ctx)
	if err != nil {
		return Result{}, err
	}
	defer unlock()
	if h.memory.madeHere(d.object()) {
		return Result{}, madeHere(d.id, "was made by this same run of Terraform, which is now to delete it under the same name: that would destroy what was just made")
	}
	if err := d.drive(ctx); err != nil {
		return Result{Record: d.finalRecord(), Warnings: d.warnings}, err
	}
	if d.succeeded != nil {
		d.tellIfNothingRan(ctx, *d.succeeded)
	}
	return Result{Warnings: d.warnings}, nil
}

// destruction is one Destroy in progress.
type destruction struct {
	*operationState
	// ended holds the provision jobs that are known to have ended, whatever a list may still show.
	ended map[int64]bool
	// succeeded is this operation's job once it has succeeded; nil before. again is set if a provision job was stopped
	// since.
	succeeded *jobs.Run
	again     bool
}

func (d *destruction) drive(ctx context.Context) error {
	history, err := d.lookUp(ctx)
	for {
		switch {
		case errors.Is(err, errUnconfirmed):
			return nil
		case err != nil:
			return err
		}
		decided := d.situation().decide(history)
		switch {
		case decided.step == stepRefuse && d.succeeded != nil:
			// Another life's machine does not concern this life, which is gone.
			return nil
		case decided.step == stepRefuse:
			return decided.err
		case decided.step == stepDone:
			d.gone(*decided.run)
			d.tellGone(*decided.run)
			return nil
		case decided.step == stepFollowFirst:
			if err := d.followFirst(ctx, *decided.run); err != nil {
				return err
			}
			history, err = d.lookUp(ctx)
		case decided.step == stepCancelFirst:
			if err := d.stopProvision(ctx, *decided.run); err != nil {
				return err
			}
			history, err = d.lookUp(ctx)
		case decided.step == stepStart && d.launches >= maxLaunches:
			return d.tooOften(history)
		default:
			history, err = d.runToEnd(ctx, decided)
		}
	}
}

func (d *destruction) situation() deletion {
	now := deletion{id: d.id, known: d.record, owner: d.hub.settings.Owner, ended: d.ended, again: d.again}
	if d.succeeded != nil {
		now.deletedBy = d.succeeded.ID
	}
	return now
}

// gone remembers the delete: a create in this same process must not take an older job for a live instance's.
func (d *destruction) gone(deleted jobs.Run) { d.hub.memory.deleted(d.object(), deleted.ID) }

// tellGone warns that the instance was gone before this operation did anything.
func (d *destruction) tellGone(deleted jobs.Run) {
	if d.ours {
		return
	}
	d.warn("The instance was gone already", fmt.Sprintf(
		"Instance %s was deleted by job %d (launched by %s, finished %s). Nothing was launched.\n\nJob: %s",
		d.id, deleted.ID, jobs.MakerOf(deleted.CreatedBy), deleted.Finished.UTC().Format(time.RFC3339), deleted.URL))
}

// tooOften is the error of an instance that somebody else keeps making anew.
func (d *destruction) tooOften(history jobs.History) error {
	newest := history.Effective()[0]
	return &Error{
		Reason: ReasonOvertaken, Instance: d.id, Job: jobs.RecordOf(&newest),
		What: fmt.Sprintf("The delete template was run %d times for instance %s, and each time it was overtaken, last by job %d (launched by %s). It is not run again.",
			d.launches, d.id, newest.ID, jobs.MakerOf(newest.CreatedBy)),
		Next: "Find out who or what runs the create template for this instance, such as a schedule or OSAC's operator, and stop that first.",
	}
}

// stopProvision cancels a provision job and waits until it is over.
func (d *destruction) stopProvision(ctx context.Context, provisioning jobs.Run) error {
	over, err := d.cancel(ctx, provisioning)
	if err != nil {
		return d.stopped(ctx, provisioning, err)
	}
	if !over {
		ended, err := d.follow(ctx, provisioning)
		if err != nil && !errors.Is(err, controller.ErrNotFound) {
			return d.stopped(ctx, ended, err)
		}
	}
	d.ended[provisioning.ID] = true
	d.again = d.succeeded != nil
	return nil
}

// cancel asks the controller to cancel a provision job, and reports whether the job has ended already. AAP refuses to
// cancel an ended job with 405, but to an ordinary user with 403, which also answers a cancel of another user's job. So
// the job's own status decides (internal/sandbox/FACTS.md F12).
func (d *destruction) cancel(ctx context.Context, provisioning jobs.Run) (bool, error) {
	for {
		err := d.hub.client.Cancel(ctx, provisioning.Ref)
		switch {
		case err == nil:
			d.log.InfoContext(ctx, "provision job is being cancelled", "job", provisioning.String())
			return false, nil
		case isOver(err):
			return true, nil
		case errors.Is(err, controller.ErrForbidden):
			return d.refusedCancel(ctx, provisioning, err)
		case !jobs.Passing(err) && !errors.Is(err, transport.ErrOutcomeUnknown):
			return false, err
		}
		if !jobs.Pause(ctx, jobs.LookAgain) {
			return false, errors.Join(context.Cause(ctx), err)
		}
	}
}

func (d *destruction) refusedCancel(ctx context.Context, provisioning jobs.Run, refusal error) (bool, error) {
	job, err := d.hub.client.Job(ctx, provisioning.Ref)
	switch {
	case errors.Is(err, controller.ErrNotFound), err == nil && !provisioning.IsStill(job):
		return true, nil
	case err != nil:
		return false, errors.Join(refusal, err)
	case job.Terminal():
		d.observe(ctx, provisioning, job)
		return true, nil
	}
	d.warn("A provision job could not be cancelled", fmt.Sprintf(
		"%s of instance %s still runs, and this user may not cancel it (launched by %s): %s. It was followed to its end before the delete job was started. To cancel what others have launched, as EDA's user launches what events start, the user needs the role Admin on template %s.",
		capitalised(provisioning.String()), d.id, jobs.MakerOf(provisioning.CreatedBy), refusal, strconv.Quote(provisioning.Name)))
	return false, nil
}

// runToEnd starts a delete job or adopts an active one, and follows it. It returns the jobs that decide the next step:
// those of the closing lookup if the run has succeeded, and those of another lookup if it gave way.
func (d *destruction) runToEnd(ctx context.Context, decided decision) (jobs.History, error) {
	current, err := d.startOrAdopt(ctx, decided, d.record.Instance, d.record.LastRestartedAt)
	if err != nil {
		return nil, err
	}
	ended, other, err := d.toEnd(ctx, decided, current)
	switch {
	case errors.Is(err, controller.ErrNotFound):
		return nil, d.purged(ctx, current)
	case err != nil:
		return nil, d.stopped(ctx, ended, err)
	case other != nil && ended.Succeeded():
		// It could not be stopped in time: what it did is done.
		if err := d.followFirst(ctx, *other); err != nil {
			return nil, err
		}
	case other != nil:
		return d.lookUp(ctx)
	case !ended.Succeeded():
		return nil, d.failed(ctx, ended)
	}
	d.succeeded, d.again = &ended, false
	d.gone(ended)
	history, err := d.closing(ctx, ended)
	d.again = err == nil && d.ranBeside(ended, history)
	return history, err
}

// besideStart is the least time in which a delete job deletes anything: its container and its inventory come first. A
// provision job that was cancelled by then has made nothing that stays.
const besideStart = 10 * time.Second

// ranBeside reports whether a provision job of this life ran while its delete job did, and has ended: it may have made
// the deleted machine again.
func (d *destruction) ranBeside(deleted jobs.Run, history jobs.History) bool {
	began := deleted.Started
	if began.IsZero() {
		began = deleted.Created
	}
	harmless := began.Add(besideStart)
	if deleted.Finished.Before(harmless) {
		harmless = deleted.Finished
	}
	life := d.record.Claim(d.hub.settings.Owner).Whose(history).Life
	return life.Newest(func(r jobs.Run) bool {
		return r.Verb == osac.Provision && r.Terminal() && !r.Started.IsZero() && r.Finished.After(harmless)
	}) != nil
}

// purged handles a delete job that was purged while it was followed. It counts as done: somebody who cleans up jobs
// must not block a destroy.
func (d *destruction) purged(ctx context.Context, lost jobs.Run) error {
	if err := d.confirmPurged(ctx, lost); err != nil {
		return err
	}
	d.warn("A delete job was purged before its end", fmt.Sprintf(
		"Job %d, which deletes instance %s, was deleted at the controller while it was being followed. The instance counts as gone; have a look whether it is.\n\nJob: %s",
		lost.ID, d.id, lost.URL))
	d.gone(lost)
	return errUnconfirmed
}
