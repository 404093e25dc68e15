package jobs

import (
	"context"
	"time"
)

// Newest reads the hub's jobs anew, as far back as the bound of pages allows. Callers within a few seconds share the
// answer, such as the lists of one configuration with different filters.
func (f *Finder) Newest(ctx context.Context) (*RecentJobs, error) {
	select {
	case f.newestTurn <- struct{}{}:
		defer func() { <-f.newestTurn }()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	if f.newest != nil && time.Since(f.newest.sent) < freshEnough {
		return f.newest, nil
	}
	search, err := f.search(ctx)
	if err != nil {
		return nil, err
	}
	all := newRecentJobs(f.find)
	if err := all.renew(ctx, search, time.Time{}); err != nil {
		return nil, err
	}
	if err := all.extend(ctx, search, time.Time{}, LongHistoryPages-1); err != nil {
		return nil, err
	}
	f.newest = all
	return all, nil
}
