package provisioning

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/controller"
	"github.com/osac-project/terraform-provider-osac/internal/jobs"
	"github.com/osac-project/terraform-provider-osac/internal/osac"
)

// ApplyRequest is a request to bring an instance to the desired inputs.
type ApplyRequest struct {
	Desired osac.Instance
	// Prior is the record before; nil for a create.
	Prior *jobs.Record
	// TakeOver creates even if the hub's jobs show a live instance of this name that another configuration made.
	TakeOver bool
	// Timeout bounds the whole operation, including the wait in the controller's queue. The closing lookup has a time of
	// its own.
	Timeout time.Duration
	// Observe is called with the operation's progress; nil calls nothing.
	Observe func(Progress)
}

// Result is the result of an operation.
type Result struct {
	// Record is the record to keep; nil if there is none.
	Record *jobs.Record
	// History are the newest jobs of the object's life, newest first, up to the hub's bound. Only reads fill it.
	History  []jobs.JobRecord
	Warnings []jobs.Warning
	// Taken is set if a read has found that another life's job has run on the machine: it no longer belongs to this
	// record.
	Taken bool
	// OtherMachine is set if a read follows a new life of the same owner, whose machine was made with another spec,
	// which is the record's now.
	OtherMachine bool
}

// maxLaunches is the most runs that one operation starts: it must not fight others who keep running the object.
const maxLaunches = 2

// Apply creates or updates an instance: it looks for jobs, takes over or waits for what is there, starts a run where one
// is needed, follows it to its end, and looks once more whether anybody has undone it.
//
// Without an error the record is to be kept as it is, also after an interrupt, which is a warning. With an error and a
// record, the record is to be kept and the operation is unfinished; with an error alone nothing of this operation's is at
// the hub. Errors are of type [*Error].
func (h *Hub) Apply(ctx context.Context, request ApplyRequest) (Result, error) {
	if request.Prior != nil && !request.Prior.NeedsRun(request.Desired, h.settings.StorageClasses) {
		return Result{Record: withoutRun(*request.Prior, request.Desired)}, nil
	}
	if err := CheckRestart(request.Desired.Spec, time.Now()); err != nil {
		return Result{}, err
	}
	ctx, cancel := h.underWay(ctx, request.Timeout)
	defer cancel()
	a := &application{operationState: newOperationState(h, osac.Provision, request.Desired.Key), request: request}
	a.creates, a.progress = request.Prior == nil, request.Observe
	unlock, err := a.begin(ctx)
	if err != nil {
		return Result{}, err
	}
	defer unlock()
	return a.result(ctx, a.drive(ctx))
}

// withoutRun returns the record after an update that needed no run.
func withoutRun(prior jobs.Record, desired osac.Instance) *jobs.Record {
	prior.Instance = desired
	prior.WriteOnlyExtraVars = nil
	prior.DesiredConfigVersion = desired.Spec.ConfigVersion()
	prior.ReconciledConfigVersion = prior.DesiredConfigVersion
	prior.InputsVersion = desired.InputsVersion()
	return &prior
}

// application is one Apply in progress.
type application struct {
	*operationState
	request    ApplyRequest
	restartDue bool
	// gaveWayTo is the number of the job that this operation's job gave way to; zero if none.
	gaveWayTo int64
	// succeeded is this operation's job once it has succeeded; nil before.
	succeeded *jobs.Run
}

// begin connects to the hub, waits until no other operation of this process works on the object, and opens the record.
func (a *application) begin(ctx context.Context) (func(), error) {
	prior := a.request.Prior
	if prior != nil {
		a.record = *prior
	}
	unlock, err := a.enter(ctx)
	if err != nil {
		return nil, err
	}
	if prior == nil && !a.hub.memory.claim(a.object()) {
		unlock()
		return nil, madeHere(a.id, "is created twice in this run of Terraform: two resources name it, or create_before_destroy replaces it under an unchanged name")
	}
	if prior == nil {
		a.record.UID = osac.NewUID(time.Now())
	}
	a.restartDue = prior != nil && prior.RestartDue(a.request.Desired.Spec, a.hub.client.ClockOffset())
	a.record.Instance = a.request.Desired
	a.record.WriteOnlyExtraVars = nil
	a.writeOnly = a.request.Desired.WriteOnlyExtraVars
	a.record.DesiredConfigVersion = a.request.Desired.Spec.ConfigVersion()
	a.record.InputsVersion = a.request.Desired.InputsVersion()
	return unlock, nil
}

// result returns Apply's result. If nothing was made, it releases the claim on a create.
func (a *application) result(ctx context.Context, err error) (Result, error) {
	if !a.ours {
		if a.request.Prior == nil {
			a.hub.memory.release(a.object())
		}
		return Result{Warnings: a.warnings}, err
	}
	record := a.finalRecord()
	var failure *Error
	if errors.As(err, &failure) && failure.Reason == ReasonInterrupted && ctx.Err() != nil {
		a.warn("Interrupted: the job goes on", failure.Error())
		return Result{Record: record, Warnings: a.warnings}, nil //nolint:nilerr // told in the warning
	}
	return Result{Record: record, Warnings: a.warnings}, err
}

// drive takes one step after the other until the instance is as desired or cannot be.
func (a *application) drive(ctx context.Context) error {
	history, err := a.lookUp(ctx)
	for {
		switch {
		case errors.Is(err, errUnconfirmed):
			return a.unconfirmed(ctx)
		case err != nil:
			return err
		}
		a.learnRestart(history)
		decided := a.situation().decide(history)
		switch {
		case decided.step == stepRefuse && a.succeeded != nil:
			return a.overtaken(decided.err)
		case decided.step == stepRefuse:
			return decided.err
		case decided.step == stepFollowFirst:
			if err := a.followFirst(ctx, *decided.run); err != nil {
				return err
			}
			history, err = a.lookUp(ctx)
		case decided.step == stepDone:
			a.adoptFinished(*decided.run)
			return a.conclude(ctx, *decided.run)
		case decided.step == stepStart && a.succeeded != nil:
			return a.afterSuccess(ctx, history)
		case decided.step == stepStart && a.launches >= maxLaunches:
			return a.tooOften(history)
		default:
			history, err = a.runToEnd(ctx, decided)
		}
	}
}

// followFirst waits for another's job to end.
func (o *operationState) followFirst(ctx context.Context, other jobs.Run) error {
	o.log.InfoContext(ctx, "waiting for another job of the instance to end", "job", other.String())
	if ended, err := o.follow(ctx, other); err != nil && !errors.Is(err, controller.ErrNotFound) {
		return o.stopped(ctx, ended, err)
	}
	return nil
}

// learnRestart accounts for a restart that may have been done since the record was last refreshed: by a job that was
// active then, such as an interrupted apply's, or by an action of this same apply. It must not be done again, and the
// next payload must contain it.
func (a *application) learnRestart(history jobs.History) {
	if !a.updates() {
		history = history.ThisLife()
	} else {
		history = a.record.Claim(a.hub.settings.Owner).Whose(history).Life
	}
	a.record.LastRestartedAt = jobs.LaterOf(a.record.LastRestartedAt, history.LastRestartedAt())
	a.restartDue = a.restartDue && a.record.RestartDue(a.request.Desired.Spec, a.hub.client.ClockOffset())
}

// updates reports whether the operation works on an existing life: the recorded one, or the one that it has begun.
func (a *application) updates() bool { return a.request.Prior != nil || a.succeeded != nil }

func (a *application) situation() provisionCase {
	return provisionCase{
		id:         a.id,
		hubClasses: a.hub.settings.StorageClasses,
		desired:    a.request.Desired,
		known:      a.record,
		update:     a.updates(),
		restartDue: a.restartDue,
		takeOver:   a.request.TakeOver,
		owner:      a.hub.settings.Owner,
		deletedBy:  a.hub.memory.deletedBy(a.object()),
		succeeded:  a.succeeded != nil,
		gaveWayTo:  a.gaveWayTo,
	}
}

// adoptFinished adopts a job that has already succeeded.
func (a *application) adoptFinished(finished jobs.Run) {
	if a.succeeded == nil || a.succeeded.ID != finished.ID {
		a.own(finished)
	}
}

// runToEnd starts a run or adopts an active one, and follows it. It returns the jobs that decide the next step: those
// of the closing lookup if the run has succeeded, and those of another lookup if it gave way or was purged.
func (a *application) runToEnd(ctx context.Context, decided decision) (jobs.History, error) {
	current, err := a.startOrAdopt(ctx, decided, a.request.Desired, a.lastRestartToSend())
	if err != nil {
		return nil, err
	}
	a.tellTakenOver(decided)
	ended, other, err := a.toEnd(ctx, decided, current)
	switch {
	case errors.Is(err, controller.ErrNotFound):
		if err := a.purged(ctx, current); err != nil {
			return nil, err
		}
		return a.lookUp(ctx)
	case err != nil:
		return nil, a.stopped(ctx, ended, err)
	case other != nil && ended.Succeeded():
		// It could not be stopped in time: what it did is done.
		if err := a.followFirst(ctx, *other); err != nil {
			return nil, err
		}
	case other != nil && other.Verb == osac.Deprovision:
		return nil, a.deletedMeanwhile(*other)
	case other != nil:
		a.gaveWayTo = other.ID
		return a.lookUp(ctx)
	case !ended.Succeeded():
		if deleting := a.deletedInstead(ctx, ended); deleting != nil {
			return nil, a.deletedMeanwhile(*deleting)
		}
		return nil, a.failed(ctx, ended)
	}
	a.succeeded = &ended
	a.keepSuccess(ended)
	return a.closing(ctx, ended)
}

// tellTakenOver warns that a machine existed before this life, and that the create template ran on it again.
func (a *application) tellTakenOver(decided decision) {
	if decided.replaces == nil {
		return
	}
	earlier := decided.replaces
	if a.request.TakeOver {
		a.warn("An existing instance is taken over", fmt.Sprintf(
			"Instance %s was there: job %d (launched by %s) had created or changed it. The create template was run on it with this configuration, as take_over says. "+
				"Remove take_over from the configuration now: it would take over again what somebody else makes under this name.\n\nJob: %s",
			a.id, earlier.ID, jobs.MakerOf(earlier.CreatedBy), earlier.URL))
		return
	}
	a.warn("An existing instance was adopted", fmt.Sprintf(
		"Instance %s was there: job %d, which %s launched for the same owner (%s) and which finished at %s, had created it. Terraform had no record of it, as after a crash. "+
			"The create template was run on it once more, and it is now managed by this resource alone.\n\nJob: %s",
		a.id, earlier.ID, jobs.MakerOf(earlier.CreatedBy), a.hub.settings.Owner, earlier.Finished.UTC().Format(time.RFC3339), earlier.URL))
}

// lastRestartToSend is the payload's last restart. The playbook reboots if the requested restart is later, so a request
// that isn't due counts as done.
func (a *application) lastRestartToSend() *osac.Timestamp {
	if a.restartDue {
		return a.record.LastRestartedAt
	}
	return jobs.LaterOf(a.record.LastRestartedAt, osac.RestartRequest(a.request.Desired.Spec))
}

// deletedInstead returns the delete job because of which this operation's job was cancelled; nil if there is none. A
// destroy cancels the job before it launches its own, so this looks again a little later.
func (a *application) deletedInstead(ctx context.Context, ended jobs.Run) *jobs.Run {
	if ended.Status != controller.StatusCanceled {
		return nil
	}
	for _, wait := range []time.Duration{0, settleSoon} {
		if !jobs.Pause(ctx, wait) {
			return nil
		}
		history, err := a.lookUp(ctx)
		if err != nil {
			return nil // that it was cancelled is to be told in any case
		}
		deleting := history.Newest(func(r jobs.Run) bool {
			return r.Verb == osac.Deprovision && (r.Active() || r.Succeeded() && r.Finished.After(ended.Created))
		})
		if deleting != nil {
			return deleting
		}
	}
	return nil
}

func (a *application) deletedMeanwhile(deleting jobs.Run) error {
	return &Error{
		Reason: ReasonDestroyed, Instance: a.id, Job: jobs.RecordOf(&deleting),
		What: fmt.Sprintf("While instance %s was to be provisioned, job %d (launched by %s) began to delete it. The delete goes first: this run's own job was cancelled.",
			a.id, deleting.ID, jobs.MakerOf(deleting.CreatedBy)),
		Next: "Find out who deletes the instance. When the delete job has ended, plan again.",
	}
}

// overtaken is the error of a run that has succeeded, and that another's job has undone or changed since.
func (a *application) overtaken(why *Error) error {
	a.record.ReconciledConfigVersion = ""
	return &Error{
		Reason: ReasonOvertaken, Instance: a.id, Job: why.Job,
		What: fmt.Sprintf("Job %d of instance %s succeeded, but was overtaken by job %s. %s", a.succeeded.ID, a.id, why.Job.ID, why.What),
		Next: why.Next,
	}
}

// afterSuccess ends an operation whose job has succeeded and was overtaken since: it must not fight whoever runs the
// object.
func (a *application) afterSuccess(ctx context.Context, history jobs.History) error {
	newest := history.Effective()[0]
	if newest.ID == a.succeeded.ID {
		return a.conclude(ctx, newest) // whatever its payload reads back as
	}
	return a.overtaken(&Error{
		Job: jobs.RecordOf(&newest),
		What: fmt.Sprintf("That was launched by %s at %s, for other inputs or without success. The create template was not run again.",
			jobs.MakerOf(newest.CreatedBy), newest.Created.UTC().Format(time.RFC3339)),
		Next: "Find out who or what runs the templates for this instance, such as a schedule, another workspace or OSAC's operator, and let one alone do it. " +
			"Then apply again.",
	})
}

// tooOften is the error of an object that somebody else keeps running.
func (a *application) tooOften(history jobs.History) error {
	a.record.ReconciledConfigVersion = ""
	newest := history.Effective()[0]
	return &Error{
		Reason: ReasonOvertaken, Instance: a.id, Job: jobs.RecordOf(&newest),
		What: fmt.Sprintf("The create template was run %d times for instance %s, and each time it was overtaken, last by job %d (launched by %s). It is not run again.",
			a.launches, a.id, newest.ID, jobs.MakerOf(newest.CreatedBy)),
		Next: "Find out who or what runs the templates for this instance, such as a schedule, another workspace or OSAC's operator, and let one alone do it.",
	}
}

// purged handles a provision job that was purged before its end was seen. Its effect is unknown. The playbook is
// idempotent, so it runs again, unless that could restart the machine a second time.
func (a *application) purged(ctx context.Context, lost jobs.Run) error {
	if err := a.confirmPurged(ctx, lost); err != nil {
		return err
	}
	if a.launches < maxLaunches && !a.restartDue {
		a.warn("A job was purged before its end", fmt.Sprintf(
			"Job %d of instance %s was deleted at the controller while it was being followed, so its outcome is unknown. The create template was run once more.",
			lost.ID, a.id))
		return nil
	}
	entry := a.purgedRecord(lost)
	why := "A second run's job was purged, too."
	if a.restartDue {
		why = "It was to restart the machine, which must not happen twice, so it was not run again."
	}
	return &Error{
		Reason: ReasonOutcomeUnknown, Instance: a.id, Job: &entry,
		What: fmt.Sprintf("Job %d of instance %s was deleted at the controller before its end was seen, so its outcome is unknown. %s", lost.ID, a.id, why),
		Next: "Find out who deletes jobs that have not ended, and look at the machine.",
	}
}

// keepSuccess records the result of this operation's successful run.
func (a *application) keepSuccess(ended jobs.Run) {
	a.record.LastRestartedAt = jobs.LaterOf(a.record.LastRestartedAt, ended.LastRestartedAt())
	a.record.ReconciledConfigVersion = a.record.DesiredConfigVersion
	a.record.Phase = jobs.PhaseAfterSuccess(a.record.Spec)
}

// unconfirmed ends the operation after a successful run if nobody could check whether the run was undone since. An
// error would taint a good machine, so the next plan shows the work instead.
func (a *application) unconfirmed(ctx context.Context) error {
	a.keepArtifacts(ctx, *a.succeeded)
	a.tellIfNothingRan(ctx, *a.succeeded)
	a.record.ReconciledConfigVersion = ""
	return nil
}

// conclude ends the operation with success.
func (a *application) conclude(ctx context.Context, ended jobs.Run) error {
	a.keepSuccess(ended)
	a.keepArtifacts(ctx, ended)
	a.tellIfNothingRan(ctx, ended)
	return nil
}
