package provisioning

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/jobs"
	"github.com/osac-project/terraform-provider-osac/internal/osac"
)

// RestartRequest is a request to restart an instance of which only the name is known.
type RestartRequest struct {
	Key osac.Key
	// Timeout bounds the whole operation, including the wait in the controller's queue.
	Timeout time.Duration
	// Observe is called with the operation's progress; nil calls nothing.
	Observe func(Progress)
}

// Restart runs the create template once more with all that the instance's newest successful provision job was given, and
// with a restart requested for now. Jobs of the instance that run already are followed to their end first; one that
// restarts the machine from the same inputs is followed in place of another, since a restart that was interrupted must not
// become two.
//
// The new job says the same of its inputs as the one that it repeats, so a record of the instance needs no run afterwards.
// That is true because all of them are sent again, extra vars included: the controller is given back what it has shown.
func (h *Hub) Restart(ctx context.Context, request RestartRequest) (Result, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, request.Timeout, jobs.ErrOutOfTime)
	defer cancel()
	a := &application{operationState: newOperationState(h, osac.Provision, request.Key), restartDue: true}
	a.record.Key = request.Key
	a.progress = request.Observe
	unlock, err := a.enter(ctx)
	if err != nil {
		return Result{}, err
	}
	defer unlock()
	err = a.restart(ctx)
	return Result{Record: a.finalRecord(), Warnings: a.warnings}, err
}

func (a *application) restart(ctx context.Context) error {
	for {
		history, err := a.lookUp(ctx)
		if err != nil {
			return err
		}
		decided, err := a.decideRestart(ctx, history)
		if err != nil {
			return err
		}
		if decided.step == stepFollowFirst {
			if err := a.followFirst(ctx, *decided.run); err != nil {
				return err
			}
			continue
		}
		_, err = a.runToEnd(ctx, decided)
		if a.succeeded != nil {
			return a.restarted(ctx, err)
		}
		if err != nil {
			return err
		}
	}
}

// restarted ends a restart whose job has succeeded. It does not report what others have done to the instance since.
func (a *application) restarted(ctx context.Context, err error) error {
	if err != nil && !errors.Is(err, errUnconfirmed) {
		return err
	}
	return a.conclude(ctx, *a.succeeded)
}

// decideRestart returns the next step. To start a restart, it uses the inputs of the newest successful job.
func (a *application) decideRestart(ctx context.Context, history jobs.History) (decision, error) {
	life := history.ThisLife()
	if deleting := history.Newest(jobs.IsActive(osac.Deprovision)); deleting != nil {
		return decision{step: stepFollowFirst, run: deleting}, nil
	}
	live := life.Newest(jobs.HasSucceeded(osac.Provision))
	if active := oldestActive(history, osac.Provision); active != nil {
		if live != nil && active.Repeats(*live) && active.UID() == live.UID() {
			return decision{step: stepAdopt, run: active}, nil
		}
		return decision{step: stepFollowFirst, run: active}, nil
	}
	if live == nil {
		return decision{}, a.hub.noInstance(a.id)
	}
	desired, err := a.repeatable(ctx, *live)
	if err != nil {
		return decision{}, err
	}
	restartable, ok := desired.Spec.(osac.Restartable)
	if !ok {
		return decision{}, &Error{
			Reason: ReasonRestart, Instance: a.id,
			What: fmt.Sprintf("%s can't be restarted: its kind, %s, knows no restart.", a.id, a.hub.settings.Kind.Name),
		}
	}
	moment := restartMoment(life.LastRestartedAt())
	desired.Spec = restartable.Restarted(moment)
	if err := CheckRestart(desired.Spec, time.Now()); err != nil {
		return decision{}, err
	}
	a.request.Desired = desired
	a.record.Instance = desired
	a.record.UID, a.owner = live.UID(), live.Annotation(osac.AnnotationOwner)
	a.record.LastRestartedAt = life.LastRestartedAt()
	a.record.DesiredConfigVersion = desired.Spec.ConfigVersion()
	a.record.InputsVersion = live.InputsVersion()
	// Not nil, which would mean a create: the instance exists.
	a.request.Prior = &a.record
	return decision{step: stepStart}, nil
}

func (h *Hub) noInstance(id string) error {
	return &Error{
		Reason: ReasonNoInstance, Instance: id,
		What: fmt.Sprintf("No successful job of template %s on hub %s at %s provisions instance %s, or it was deleted since.",
			strconv.Quote(h.settings.CreateTemplate), strconv.Quote(h.settings.Key), h.client.URL(), id),
		Next: "Check the namespace, the name and the hub. What to run is read from the instance's newest successful job, which AAP keeps for 120 days by default.",
	}
}

// restartMoment returns the present moment, but always one later than the last restart. That restart may have been in
// this very second, or requested by a machine whose clock is ahead. The playbook compares whole seconds.
func restartMoment(last *osac.Timestamp) osac.Timestamp {
	moment := osac.NewTimestamp(time.Now())
	if last != nil && !moment.After(last.Time) {
		moment = osac.NewTimestamp(last.Add(time.Second))
	}
	return moment
}

// repeatable reads all inputs of a job, so that another job can get them. A lookup does not keep all of a job's extra
// vars.
func (a *application) repeatable(ctx context.Context, live jobs.Run) (osac.Instance, error) {
	whole, err := a.hub.client.Job(ctx, live.Ref)
	if err != nil {
		return osac.Instance{}, a.stoppedLooking(ctx, err)
	}
	if !live.IsStill(whole) {
		return osac.Instance{}, a.stoppedLooking(ctx, live.Renumbered())
	}
	instance, err := live.Instance(a.hub.settings.StorageClasses)
	if err == nil {
		var hidden []string
		instance.ExtraVars, hidden, err = osac.BesideResource([]byte(whole.ExtraVars))
		if len(hidden) > 0 {
			err = fmt.Errorf("the controller does not show the value of %s (a password of a survey), so it can't be sent again", strings.Join(hidden, ", "))
		}
	}
	if err != nil {
		return osac.Instance{}, &Error{
			Reason: ReasonNoInstance, Instance: a.id, Job: jobs.RecordOf(&live), Err: err,
			What: fmt.Sprintf("Instance %s can't be restarted from what job %d was given, so nothing was started:", a.id, live.ID),
			Next: "Restart the instance by its resource's restart_requested_at instead: that knows all that is configured.",
		}
	}
	return instance, nil
}
