package jobs

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/controller"
	"github.com/osac-project/terraform-provider-osac/internal/osac"
)

// streamState is the known state of a controller's activity stream.
type streamState int

const (
	// streamUnknown: there was no launch yet to test it with.
	streamUnknown streamState = iota
	streamOn
	// streamOff: it does not show a known launch, because it is switched off or hidden from this user.
	streamOff
)

// jobsPerInstance is how many of an object's jobs the activity stream is asked for: the newest decide, and twins are
// few.
const jobsPerInstance = 10

// beyond is the result of a search for jobs that are not among the recent ones.
type beyond struct {
	runs []Run
	// Every job that was created after from was checked; if whole is set, all jobs were.
	from     time.Time
	whole    bool
	warnings []Warning
}

// beyond finds jobs that the lookups want and the recent jobs lack: jobs known by their numbers, and whole histories.
func (f *Finder) beyond(ctx context.Context, next **RecentJobs, search controller.Search, lookups []Lookup) (beyond, error) {
	var ids []int64
	var keys []string
	for _, asked := range lookups {
		ids = append(ids, (*next).stale(asked)...)
		if !(*next).suffices(asked) {
			keys = append(keys, asked.Key.String())
		}
	}
	slices.Sort(ids)
	if ids = slices.Compact(ids); len(ids) > 0 {
		*next = (*next).clone()
	}
	extra, err := (*next).refetch(ctx, search, ids)
	found := beyond{runs: extra}
	if err != nil || len(keys) == 0 {
		return found, err
	}
	slices.Sort(keys)
	streamed, err := f.askStream(ctx, *next, search, slices.Compact(keys))
	if err != nil {
		return found, err
	}
	found.runs = append(found.runs, streamed...)
	if f.stream == streamOn {
		found.whole = true
		return found, nil
	}
	return f.withoutStream(ctx, next, search, found)
}

// askStream asks the activity stream for the jobs of objects, and for a known launch as well: a stream that doesn't
// show that launch proves nothing about the others.
func (f *Finder) askStream(ctx context.Context, known *RecentJobs, search controller.Search, keys []string) ([]Run, error) {
	if f.stream == streamOff {
		return nil, nil
	}
	witness := known.witness()
	search.ExtraVarsValues = keys
	if f.stream == streamUnknown && witness != nil && !slices.Contains(keys, witness.Key().String()) {
		search.ExtraVarsValues = append(slices.Clone(keys), witness.Key().String())
	}
	search.Limit = jobsPerInstance * len(search.ExtraVarsValues)
	found, err := known.page(ctx, search)
	if err != nil {
		return nil, err
	}
	switch {
	case len(found.runs) > 0:
		f.stream = streamOn
	case f.stream == streamUnknown && witness != nil:
		f.stream = streamOff
		f.settings.Logger.WarnContext(ctx, "the activity stream shows no launches: the newest jobs are read instead", "hub", f.settings.Hub)
	}
	return found.runs, nil
}

// witness returns a job that the activity stream must show if it shows any: one with our annotation.
func (r *RecentJobs) witness() *Run {
	for _, id := range slices.Backward(slices.Sorted(maps.Keys(r.jobs))) {
		if job := r.jobs[id]; job.Annotation(osac.AnnotationInstance) == job.Key().String() {
			return &job
		}
	}
	return nil
}

// withoutStream finds all jobs that may still run, however old, and ended ones among the newest jobs. Their number is
// bounded, and a warning says if the bound was reached.
func (f *Finder) withoutStream(ctx context.Context, next **RecentJobs, search controller.Search, found beyond) (beyond, error) {
	active := search
	active.Active, active.Limit = true, PageOfJobs
	running, err := (*next).page(ctx, active)
	if err != nil {
		return found, err
	}
	found.runs = append(found.runs, running.runs...)
	*next = (*next).clone()
	(*next).reading = f.tellReading
	if err := (*next).extend(ctx, search, time.Time{}, LongHistoryPages); err != nil {
		return found, err
	}
	found.from, found.whole = (*next).from, (*next).Whole
	if !found.whole {
		found.warnings = []Warning{{
			Summary: "Not all jobs were looked at",
			Detail: fmt.Sprintf("The activity stream of hub %s at %s shows no launches to this user, so that an instance's jobs are looked for among the newest ones. "+
				"Those before %s were not read, but for those that still run: an instance whose jobs are all older counts as absent.",
				strconv.Quote(f.settings.Hub), f.client.URL(), found.from.UTC().Format(time.RFC3339)),
		}}
	}
	return found, nil
}
