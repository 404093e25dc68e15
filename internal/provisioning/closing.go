package provisioning

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/jobs"
)

const (
	// closingTimeout is the closing lookup's own time, even after the operation's time is up.
	closingTimeout = 60 * time.Second
	// closingPatience lets operations that end at about the same time share a lookup.
	closingPatience = 500 * time.Millisecond
)

// errUnconfirmed is the error of a closing lookup that failed.
var errUnconfirmed = errors.New("the closing lookup could not be done")

// closing looks up the object's jobs once more, before the operation reports success. It finds jobs that others have
// made since the operation's first lookup, and a second job of its own run, which it cancels. If a launch was answered
// in doubt, it first waits until that launch's job must have appeared.
func (o *operationState) closing(ctx context.Context, ended jobs.Run) (jobs.History, error) {
	looking, cancel := o.whileClosing(ctx)
	defer cancel()
	if late := time.Until(o.lateUntil); late > 0 && !jobs.Pause(looking, late) {
		return nil, o.unconfirmed(ctx, ended, context.Cause(looking))
	}
	seen, err := o.hub.finder.LookUp(looking, jobs.Lookup{Key: o.key, Since: o.began.Since(), Patience: closingPatience}, 0)
	if err != nil {
		return nil, o.unconfirmed(ctx, ended, err)
	}
	o.record.Seen = seen.Seen
	history := seen.Jobs.With(ended)
	o.takeCopies(o.cancelCopies(looking, ended, history))
	return o.sees(o.withoutCopies(history, ended)), nil
}

// whileClosing returns the context of the closing lookup: an interrupt ends it, the end of the operation's time
// doesn't.
func (o *operationState) whileClosing(ctx context.Context) (context.Context, context.CancelFunc) {
	looking, cancel := context.WithTimeout(context.WithoutCancel(ctx), closingTimeout+max(0, time.Until(o.lateUntil)))
	stop := context.AfterFunc(ctx, func() {
		if jobs.Interrupted(ctx) {
			cancel()
		}
	})
	return looking, func() { stop(); cancel() }
}

// unconfirmed notes that nobody knows whether the run was undone since it succeeded.
func (o *operationState) unconfirmed(ctx context.Context, ended jobs.Run, err error) error {
	if jobs.Interrupted(ctx) {
		return &Error{
			Reason: ReasonInterrupted, Instance: o.id, Job: jobs.RecordOf(&ended),
			What: fmt.Sprintf("%s of instance %s succeeded, and Terraform was interrupted before it was known whether another job has undone it.",
				capitalised(ended.String()), o.id),
		}
	}
	o.warn("It is not known whether the run was undone", fmt.Sprintf(
		"%s of instance %s succeeded. Whether another job of the instance has begun since could not be looked up on hub %s at %s: %s\n\n"+
			"The next plan looks again.\n\nJob: %s",
		capitalised(ended.String()), o.id, strconv.Quote(o.hub.settings.Key), o.hub.client.URL(), err, ended.URL))
	return errUnconfirmed
}
