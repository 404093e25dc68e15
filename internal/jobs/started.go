package jobs

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/controller"
)

const (
	// LaunchDoubt is for how long a launch may stand in a queue of what is in front of a controller, whatever was answered:
	// AAP's gateway holds a request for 30 s, and so does a route of OpenShift.
	LaunchDoubt = 30 * time.Second
	// startedPause is the pause between two lookups for the job of such a launch.
	startedPause = 3 * time.Second
	// SearchAfterInterrupt is how long a started job is looked for after an interrupt. What isn't found by then is found
	// by the next operation.
	SearchAfterInterrupt = 3 * time.Second
)

// ErrOutOfTime is the cause with which an operation's context ends when its time is up.
var ErrOutOfTime = errors.New("the operation's time is up")

// FindStarted looks for the job of an operation whose launch was answered in doubt, for as long as it may still be carried
// out; nil means that there is none, or that an interrupt came: then it looks once more, and the rest is for the next
// operation.
func (f *Finder) FindStarted(caller context.Context, operation Operation) (*controller.Job, error) {
	// Where answers take long, so may what is in front of the controller.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(caller), LaunchDoubt+2*PageTimeout)
	defer cancel()
	hurried := context.AfterFunc(caller, func() {
		if Interrupted(caller) && Pause(ctx, SearchAfterInterrupt) {
			cancel()
		}
	})
	defer hurried()
	for asked, end := time.Now(), time.Now().Add(LaunchDoubt); ; {
		began := time.Now()
		found, err := f.RunsOf(ctx, operation, 0)
		switch {
		case err != nil && (ctx.Err() != nil || !Passing(err)):
			return nil, err
		case len(found) > 0:
			return &found[len(found)-1].Job, nil
		case err == nil && Interrupted(caller), err == nil && !began.Before(end):
			return nil, nil
		case err == nil:
			asked = began
		}
		if !asked.Before(end) {
			return nil, nil
		}
		if !pauseUnlessInterrupted(ctx, caller) {
			return nil, context.Cause(ctx)
		}
	}
}

// Interrupted reports whether a call's context was cancelled by its caller: not by the end of the operation's time.
func Interrupted(ctx context.Context) bool {
	return ctx.Err() != nil && !errors.Is(context.Cause(ctx), ErrOutOfTime)
}

// pauseUnlessInterrupted waits for the next lookup, which comes at once after an interrupt. It reports false if ctx has
// ended.
func pauseUnlessInterrupted(ctx, caller context.Context) bool {
	timer := time.NewTimer(startedPause)
	defer timer.Stop()
	interrupts := caller.Done()
	if !Interrupted(caller) && caller.Err() != nil {
		interrupts = nil // the operation's time is up: the launch is looked for all the same
	}
	select {
	case <-timer.C:
		return true
	case <-interrupts:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}

// RunsOf looks for the jobs that an operation's start has made, newest first.
func (f *Finder) RunsOf(ctx context.Context, operation Operation, patience time.Duration) (History, error) {
	seen, err := f.lookUpOnce(ctx, Lookup{Key: operation.Key, Since: operation.Seen.Since(), Patience: patience}, time.Now())
	return slices.DeleteFunc(seen.Jobs, func(r Run) bool { return r.Verb != operation.Verb || r.RunID() != operation.RunID }), err
}
