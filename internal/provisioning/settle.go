package provisioning

import (
	"context"
	"time"
)

// settleTime is how long after a start another's start may still become visible: jobs of two runs that looked at the
// same moment are both there by then.
const settleTime = 5 * time.Second

// settle looks for others' jobs right after the start and again a little later, and gives way where it must: two runs
// that looked at the same moment both found nothing. It returns the job that this operation's gave way to, or nil.
func (o *operationState) settle(ctx context.Context, own run) (*run, error) {
	for _, wait := range []time.Duration{0, settleTime} {
		if wait > 0 {
			ended, err := o.followFor(ctx, own, wait)
			if ended || err != nil {
				return nil, err
			}
		}
		jobs, err := o.lookAfter(ctx, own)
		if err != nil {
			return nil, err
		}
		if twin := twinOf(own, jobs); twin != nil {
			return twin, o.giveWay(ctx, own, *twin)
		}
	}
	return nil, nil
}
