package provisioning

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/controller"
	"github.com/osac-project/terraform-provider-osac/internal/transport"
)

// direct is the backend AAP Direct: it launches the template at the controller's API.
type direct struct {
	hub *Hub
}

// NewDirect makes the backend that launches templates at the controller's API.
func NewDirect(hub *Hub) Backend { return &direct{hub: hub} }

// launchAttempts bounds how often a launch is sent whose answer was lost and whose job was looked for in vain.
const launchAttempts = 2

// Start launches the operation's template. An answer that was lost leaves open whether there is a job, so the job is
// looked for before the launch is sent again.
func (d *direct) Start(ctx context.Context, operation Operation) (controller.Job, error) {
	vars, err := operation.Payload.LaunchVars(d.hub.settings.PayloadFormat)
	if err != nil {
		return controller.Job{}, err
	}
	for attempt := 1; ; attempt++ {
		launch, err := d.launch(ctx, operation.Template, vars)
		if err == nil {
			return d.whole(ctx, operation, launch)
		}
		if !errors.Is(err, transport.ErrOutcomeUnknown) {
			return controller.Job{}, err
		}
		d.hub.log.WarnContext(ctx, "the answer to a launch was lost: looking for its job", "error", err.Error())
		if asked := comeBack(err); asked > 0 {
			attempt-- // it is busy, not lost
			pause(ctx, asked)
		}
		job, lookErr := d.hub.finder.findStarted(ctx, operation)
		switch {
		case lookErr != nil:
			return controller.Job{}, errors.Join(err, lookErr)
		case job != nil:
			return *job, nil
		case attempt == launchAttempts || ctx.Err() != nil:
			return controller.Job{}, fmt.Errorf("no job of this run was found afterwards: %w", err)
		}
	}
}

// comeBack is how long an answer to a launch asks to wait before the next; zero if it doesn't. The job is looked for in any
// case: what stands before a controller may have passed the launch on.
func comeBack(err error) time.Duration {
	refused, ok := errors.AsType[*controller.Error](err)
	switch {
	case !ok:
		return 0
	case errors.Is(err, controller.ErrThrottled):
		return max(refused.RetryAfter, lookAgain)
	}
	return refused.RetryAfter
}

// launch sends the launch, looking the template up afresh if it is gone: somebody may have made it anew.
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

// whole makes sure that the job got all that it was launched with. A template that doesn't prompt for variables drops
// them and runs its job all the same (recording 203): that job must not go on.
func (d *direct) whole(ctx context.Context, operation Operation, launch controller.Launch) (controller.Job, error) {
	if len(launch.IgnoredExtraVars) == 0 {
		return launch.Job, nil
	}
	detached, cancel := context.WithTimeout(context.WithoutCancel(ctx), cancelTimeout)
	defer cancel()
	id := d.hub.instanceID(operation.Key)
	dropped := d.hub.variablesDropped(id, operation.Template, launch.Job.URL, launch.IgnoredExtraVars)
	if err := d.hub.client.Cancel(detached, launch.Job.Ref); err != nil && !isOver(err) {
		return controller.Job{}, errors.Join(dropped, fmt.Errorf("the job could not be cancelled: %w", err))
	}
	return controller.Job{}, dropped
}
