package provisioning

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/controller"
)

// ApplyRequest asks to bring an instance to the desired inputs.
type ApplyRequest struct {
	Desired Instance
	// Prior is what was on record; nil for a create.
	Prior *Record
	// TakeOver creates even if the hub's jobs show a live instance of this name that isn't this configuration's.
	TakeOver bool
	// Timeout bounds the whole operation, queueing at the controller included.
	Timeout time.Duration
	// Observe is told how the operation gets on; nil if nobody wants to know.
	Observe func(Progress)
}

// Result is what an operation leaves behind.
type Result struct {
	// Record is what to keep; nil when there is nothing to keep.
	Record   *Record
	Warnings []Warning
}

// Apply creates or updates an instance: it looks for jobs, takes over or waits for what is there, starts a run where one
// is needed, and follows it to its end.
//
// Without an error the record is to be kept as it is, also after an interrupt, which is a warning. With an error and a
// record, the record is to be kept and the operation is unfinished; with an error alone nothing of this operation's is at
// the hub. Errors are of type [*Error].
func (h *Hub) Apply(ctx context.Context, request ApplyRequest) (Result, error) {
	if request.Prior != nil {
		request.Prior.jobsFromState()
	}
	if request.Prior != nil && !request.Prior.NeedsRun(request.Desired) {
		return Result{Record: withoutRun(*request.Prior, request.Desired)}, nil
	}
	if err := CheckRestart(request.Desired.Spec, time.Now()); err != nil {
		return Result{}, err
	}
	ctx, cancel := h.underWay(ctx, request.Timeout)
	defer cancel()
	a := &application{operationState: newOperationState(h, Provision, request.Desired.Key), request: request}
	a.creates, a.progress = request.Prior == nil, request.Observe
	if err := a.begin(ctx); err != nil {
		return Result{}, err
	}
	err := a.drive(ctx)
	return a.result(err)
}

// withoutRun is the record after an update that only changed what no run is needed for.
func withoutRun(prior Record, desired Instance) *Record {
	prior.Instance = desired
	prior.WriteOnlyExtraVars = nil
	prior.DesiredConfigVersion = desired.Spec.ConfigVersion()
	prior.ReconciledConfigVersion = prior.DesiredConfigVersion
	prior.InputsVersion = desired.InputsVersion()
	prior.jobsToState()
	return &prior
}

// application is one Apply in progress.
type application struct {
	*operationState
	request    ApplyRequest
	restartDue bool
	// repeated is set once a purged job's run has been started anew.
	repeated bool
}

// begin connects to the hub and opens the record.
func (a *application) begin(ctx context.Context) error {
	prior := a.request.Prior
	if prior != nil {
		a.record = *prior
		a.restartDue = prior.restartDue(a.request.Desired.Spec)
	}
	if err := a.connect(ctx, a.record.ControllerUUID); err != nil {
		return err
	}
	if prior == nil && !a.hub.memory.claim(a.record.ControllerUUID, a.key) {
		return madeHere(a.id, "is created twice in this run of Terraform: two resources name it, or create_before_destroy replaces it under an unchanged name")
	}
	a.record.Instance = a.request.Desired
	a.record.WriteOnlyExtraVars = nil
	a.writeOnly = a.request.Desired.WriteOnlyExtraVars
	a.record.DesiredConfigVersion = a.request.Desired.Spec.ConfigVersion()
	a.record.InputsVersion = a.request.Desired.InputsVersion()
	return nil
}

// result returns what Apply returns, and takes the claim on a create back if nothing came of it.
func (a *application) result(err error) (Result, error) {
	if !a.ours {
		if a.request.Prior == nil {
			a.hub.memory.release(a.record.ControllerUUID, a.key)
		}
		return Result{Warnings: a.warnings}, err
	}
	record := a.finalRecord()
	var failure *Error
	if errors.As(err, &failure) && failure.Reason == ReasonInterrupted {
		a.warn("Interrupted: the job goes on", failure.Error())
		return Result{Record: record, Warnings: a.warnings}, nil
	}
	return Result{Record: record, Warnings: a.warnings}, err
}

// drive takes one step after the other until the instance is as desired or cannot be.
func (a *application) drive(ctx context.Context) error {
	for {
		jobs, err := a.look(ctx)
		if err != nil {
			return err
		}
		a.learnRestart(jobs)
		decided := a.situation().decide(jobs)
		switch decided.step {
		case stepRefuse:
			return decided.err
		case stepFollowFirst:
			a.log.InfoContext(ctx, "waiting for another job of the instance to end", "job", decided.run.String())
			if other, err := a.follow(ctx, *decided.run); err != nil && !errors.Is(err, controller.ErrNotFound) {
				return a.stopped(ctx, other, err)
			}
		case stepDone:
			a.adoptFinished(*decided.run)
			return a.conclude(ctx, *decided.run)
		default:
			again, err := a.runToEnd(ctx, decided)
			if err != nil || !again {
				return err
			}
		}
	}
}

// learnRestart takes into account that a restart may have been done since the record was last refreshed: by a job that
// was active then, such as that of an apply which was interrupted, or by an action of this same apply. It must not be done
// a second time, and the next payload has to tell of it.
func (a *application) learnRestart(jobs history) {
	a.record.LastRestartedAt = laterOf(a.record.LastRestartedAt, jobs.lastRestartedAt())
	a.restartDue = a.restartDue && a.record.restartDue(a.request.Desired.Spec)
}

func (a *application) situation() provisionCase {
	return provisionCase{
		id:         a.id,
		desired:    a.request.Desired,
		known:      a.record,
		update:     a.request.Prior != nil,
		restartDue: a.restartDue,
		takeOver:   a.request.TakeOver,
		owner:      a.hub.settings.Owner,
		deletedBy:  a.hub.memory.deletedBy(a.record.ControllerUUID, a.key),
		now:        time.Now(),
	}
}

// adoptFinished takes a job that has already succeeded as this operation's own. On a create that is worth a warning:
// Terraform had no record of it.
func (a *application) adoptFinished(finished run) {
	a.own(finished)
	if a.request.Prior != nil {
		return
	}
	a.warn("An existing instance was adopted", fmt.Sprintf(
		"Instance %s was created by job %d, which %s launched and which finished at %s, from the same inputs as this configuration's. "+
			"Terraform had no record of it, as after a crash: it is now managed by this resource, and nothing was launched.\n\nJob: %s",
		a.id, finished.ID, by(finished.CreatedBy), finished.Finished.UTC().Format(time.RFC3339), finished.URL))
}

// runToEnd starts a run or adopts an active one, and follows it. It reports true if the next step has to be decided
// anew: the run gave way to another, or its job was purged.
func (a *application) runToEnd(ctx context.Context, decided decision) (bool, error) {
	current, err := a.startOrAdopt(ctx, decided, a.request.Desired, a.lastRestartToSend())
	if err != nil {
		return false, err
	}
	ended, other, err := a.toEnd(ctx, decided, current)
	switch {
	case errors.Is(err, controller.ErrNotFound):
		return true, a.purged(ctx, current)
	case err != nil:
		return false, a.stopped(ctx, ended, err)
	case other != nil && other.verb == Deprovision:
		return false, a.deletedMeanwhile(*other)
	case other != nil:
		return true, nil
	}
	return false, a.conclude(ctx, ended)
}

// lastRestartToSend is what the payload says of the last restart. The playbook reboots if the requested restart is
// later than that, so a request that isn't due counts as done.
func (a *application) lastRestartToSend() *Timestamp {
	if a.restartDue {
		return a.record.LastRestartedAt
	}
	return laterOf(a.record.LastRestartedAt, a.request.Desired.Spec.RestartRequestedAt)
}

func (a *application) deletedMeanwhile(deleting run) error {
	return &Error{
		Reason: ReasonDestroyed, Instance: a.id, Job: recordOf(&deleting),
		What: fmt.Sprintf("While instance %s was to be provisioned, job %d (launched by %s) began to delete it. The delete goes first: this run's own job was cancelled.",
			a.id, deleting.ID, by(deleting.CreatedBy)),
		Next: "Find out who deletes the instance. When the delete job has ended, plan again.",
	}
}

// purged deals with a provision job that the controller has dropped before its end was seen. What it did is unknown;
// the playbook is idempotent, so it is run once more, unless that could restart the machine a second time.
func (a *application) purged(ctx context.Context, lost run) error {
	if err := a.confirmPurged(ctx, lost); err != nil {
		return err
	}
	if !a.repeated && !a.restartDue {
		a.repeated = true
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

// conclude takes over what an ended run of this operation says.
func (a *application) conclude(ctx context.Context, ended run) error {
	if !ended.succeeded() {
		return a.failed(ctx, ended)
	}
	a.record.ReconciledConfigVersion = a.record.DesiredConfigVersion
	a.record.LastRestartedAt = laterOf(a.record.LastRestartedAt, ended.lastRestartedAt())
	a.record.Phase = phaseAfterSuccess(a.record.Spec)
	a.keepArtifacts(ctx, ended)
	return nil
}

func phaseAfterSuccess(spec Spec) Phase {
	if spec.RunStrategy == RunHalted {
		return PhaseStopped
	}
	return PhaseRunning
}
