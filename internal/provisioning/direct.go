package provisioning

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/controller"
	"github.com/osac-project/terraform-provider-osac/internal/jobs"
	"github.com/osac-project/terraform-provider-osac/internal/transport"
)

// direct is the backend AAP Direct: it launches the template at the controller's API.
type direct struct {
	hub *Hub
}

// directStartTimeout is how long after a launch its job may appear, if the launch was answered in doubt.
const directStartTimeout = jobs.LaunchDoubt + 5*time.Second

// NewDirect returns the backend that launches templates through the controller's API.
func NewDirect(hub *Hub) Backend {
	hub.settings.StartTimeout = directStartTimeout
	return &direct{hub: hub}
}

// launchAttempts bounds how often a launch is sent again whose answer was in doubt, and whose job was not found.
const launchAttempts = 2

// Start launches the operation's template. If the answer leaves open whether there is a job, Start searches for the job
// before it sends the launch again.
func (d *direct) Start(ctx context.Context, operation jobs.Operation) (Started, error) {
	vars, err := operation.Payload.LaunchVars(d.hub.settings.PayloadFormat)
	if err != nil {
		return Started{}, err
	}
	var doubt time.Time
	for attempt := 1; ; attempt++ {
		launch, err := d.launch(ctx, operation.Template, vars)
		if err == nil {
			job, err := d.whole(ctx, operation, launch)
			return Started{Job: job, LateUntil: doubt}, err
		}
		if !errors.Is(err, transport.ErrOutcomeUnknown) {
			return Started{}, err
		}
		doubt = time.Now().Add(jobs.LaunchDoubt)
		d.hub.log.WarnContext(ctx, "it is open whether a launch was carried out: looking for its job", "error", err.Error())
		if asked := comeBack(err); asked > 0 {
			attempt-- // it is busy, not lost
			jobs.Pause(ctx, asked)
		}
		job, lookErr := d.hub.finder.FindStarted(ctx, operation)
		switch {
		case lookErr != nil:
			return Started{}, d.hub.mayHaveStarted(ctx, operation, errors.Join(err, lookErr))
		case job != nil:
			return Started{Job: *job, LateUntil: doubt}, nil
		case jobs.Interrupted(ctx):
			return Started{}, d.hub.mayHaveStarted(ctx, operation, err)
		case attempt == launchAttempts || ctx.Err() != nil:
			return Started{}, fmt.Errorf("no job of this run was found for %s afterwards: %w", jobs.LaunchDoubt, err)
		}
	}
}

// mayHaveStarted is the error of a launch that may have been carried out, and whose job could not be searched for.
func (h *Hub) mayHaveStarted(ctx context.Context, operation jobs.Operation, err error) error {
	id, reason := h.instanceID(operation.Key), ReasonOutcomeUnknown
	if jobs.Interrupted(ctx) {
		reason = ReasonInterrupted
	}
	entry := jobs.JobRecord{
		Type: operation.Verb, Backend: jobs.BackendAAP, RunID: operation.RunID, State: jobs.JobUnknown,
		CreatedAt: time.Now().UTC().Truncate(time.Microsecond), ConfigVersion: operation.Payload.Resource.Status.DesiredConfigVersion,
		Message: "launched in doubt, its job has not been found yet",
	}
	return &unseenError{entry: entry, cause: &Error{
		Reason: reason, Instance: id, Job: &entry, Err: err,
		What: fmt.Sprintf("Whether the launch of template %s to %s instance %s was carried out is not known, and its job was not found so far.",
			strconv.Quote(operation.Template), operation.Verb, id),
		Next: "The next apply or destroy looks for the job of run " + operation.RunID + " before it starts another. " + remedy(err),
	}}
}

// comeBack returns how long a launch's answer asks to wait before the next; zero if it doesn't. The job is searched for
// in any case: a proxy may have passed the launch on.
func comeBack(err error) time.Duration {
	refused, ok := errors.AsType[*controller.Error](err)
	switch {
	case !ok:
		return 0
	case errors.Is(err, controller.ErrThrottled):
		return max(refused.RetryAfter, jobs.LookAgain)
	}
	return refused.RetryAfter
}

// launch sends the launch. If the template is gone, it looks the template up again, since somebody may have made it
// anew.
func (d *direct) launch(ctx context.Context, name string, vars []byte) (controller.Launch, error) {
	for fresh := false; ; fresh = true {
		templates, err := d.hub.client.Templates(ctx, d.hub.settings.Organization, name)
		if err != nil {
			return controller.Launch{}, err
		}
		launch, err := d.hub.client.Launch(ctx, templates[name], vars)
		if fresh || !errors.Is(err, controller.ErrNotFound) {
			return launch, err
		}
		d.hub.client.Forget(name)
	}
}

// whole checks that the job got all its variables. A template that doesn't prompt for variables drops them, and runs
// its job all the same (recording 203): that job must not go on.
func (d *direct) whole(ctx context.Context, operation jobs.Operation, launch controller.Launch) (controller.Job, error) {
	if len(launch.IgnoredExtraVars) == 0 {
		return launch.Job, nil
	}
	detached, cancel := context.WithTimeout(context.WithoutCancel(ctx), cancelTimeout)
	defer cancel()
	id := d.hub.instanceID(operation.Key)
	dropped := d.hub.variablesDropped(id, operation.Template, launch.Job.URL, launch.IgnoredExtraVars)
	if err := d.hub.client.Cancel(detached, launch.Job.Ref); err != nil && !isOver(err) {
		dropped.What += fmt.Sprintf(" %s did not know all of the instance, and goes on: it could not be cancelled: %s.", capitalised(launch.Job.String()), err)
		return launch.Job, dropped
	}
	dropped.What += " Its job did not know all of the instance, and was cancelled."
	return controller.Job{}, dropped
}
