package jobs

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/controller"
)

const (
	// LaunchDoubt is how long a launch may stay in the queue of a proxy, whatever its answer: AAP's gateway holds a
	// request for 30 s, and so does a route of OpenShift.
	LaunchDoubt = 30 * time.Second
	// startedPause is the pause between two lookups of such a launch's job.
	startedPause = 3 * time.Second
	// SearchAfterInterrupt is how long a started job is searched for after an interrupt. The next operation finds a job
	// that appears later.
	SearchAfterInterrupt = 3 * time.Second
)

// ErrOutOfTime is the cause of an operation's context whose time is up.
var ErrOutOfTime = errors.New("the operation's time is up")

// FindStarted finds the job of an operation whose launch was answered in doubt, for as long as the launch may still be
// carried out. It returns nil if there is none. After an interrupt, it looks once more and leaves the rest to the next
// operation.
func (f *Finder) FindStarted(caller context.Context, operation Operation) (*controller.Job, error) {
	// If answers take long, so may a proxy's queue.
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

// Interrupted reports whether the caller has cancelled a call's context: the end of the operation's time does not
// count.
func Interrupted(ctx context.Context) bool {
	return ctx.Err() != nil && !errors.Is(context.Cause(ctx), ErrOutOfTime)
}

// pauseUnlessInterrupted waits for the next lookup, which comes at once after an interrupt. It returns false if ctx has
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

// RunsOf finds the jobs that an operation's start has made, newest first.
func (f *Finder) RunsOf(ctx context.Context, operation Operation, patience time.Duration) (History, error) {
	seen, err := f.lookUpOnce(ctx, Lookup{Key: operation.Key, Since: operation.Seen.Since(), Patience: patience}, time.Now())
	return slices.DeleteFunc(seen.Jobs, func(r Run) bool { return r.Verb != operation.Verb || r.RunID() != operation.RunID }), err
}
