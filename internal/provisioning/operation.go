package provisioning

import (
	"context"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/controller"
	"github.com/osac-project/terraform-provider-osac/internal/jobs"
)

// Started is the result of a backend's start.
type Started struct {
	Job controller.Job
	// LateUntil is the time until which a second job of the same run may appear, because an answer was lost; zero means
	// that none can.
	LateUntil time.Time
}

// Backend makes a run's job happen, and nothing else: finding, following, cancelling and reading jobs are common.
//
// Start may be called again for the same operation, and then returns the job that was already started, since an answer
// can get lost. When ctx ends, what has been sent is still followed up to its answer, bounded by the request time-out,
// so that no job is launched without its number being known; what hasn't been sent is not sent any more.
//
// A job alongside an error was started all the same, and could not be stopped. An error that matches *unseenError says that
// a job may have been started, or may yet be.
type Backend interface {
	Start(ctx context.Context, operation jobs.Operation) (Started, error)
}
