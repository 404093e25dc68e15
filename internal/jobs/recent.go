package jobs

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/controller"
	"github.com/osac-project/terraform-provider-osac/internal/osac"
)

const (
	// PageOfJobs is the largest page that the API gives (recording 1027).
	PageOfJobs = 200
	// historyPages bounds how many pages are read on the way back to a watermark. If a plan's refresh is not saved,
	// later plans must not read more and more.
	historyPages = 10
	// LongHistoryPages is the bound if nothing else knows of older jobs.
	LongHistoryPages = 50
	// overlap is how far a list goes back beyond the known jobs. A job gets its number and its time when its launch
	// begins, and becomes visible when that is committed, perhaps after jobs with higher numbers.
	overlap = 2 * time.Minute
	// PageTimeout bounds the wait for one page. The whole list is bounded by its number of pages only: a loaded
	// controller takes 12 to 20 s for each.
	PageTimeout = 60 * time.Second
)

// RecentJobs holds the newest jobs of a hub's templates without a gap, back to the oldest time that a lookup has
// needed: one list serves all objects. It is not safe for concurrent use.
type RecentJobs struct {
	list func(ctx context.Context, search controller.Search) (listing, error)
	// reading is called while a history of several pages is read; nil calls nothing.
	reading func(ctx context.Context, rows int, oldest time.Time)

	// Every job that was created after from is here; whole reports whether all jobs are. filled reports whether anything
	// was listed yet.
	from          time.Time
	Whole, filled bool
	jobs          map[int64]Run
	byKey         map[osac.Key][]int64
	// lowest is the lowest number that was listed without a gap, for a job of any object.
	lowest int64
	// gap is the unread rest of a list that was broken off; nil if there is none.
	gap *gap
	// newest is the watermark of the newest job; zero if there is none.
	newest Watermark
	// sent is when the newest list was requested. That list showed the jobs created after listed in their state at that
	// time.
	sent   time.Time
	listed time.Time
}

// gap is a range of jobs to be listed.
type gap struct {
	// after bounds it by the creation time, below by the number; zero means no bound.
	after time.Time
	below int64
	// kept are the jobs of the range that have been listed.
	kept map[int64]bool
	// top reports whether the range reaches up to the newest job, withVars whether the jobs' extra vars are kept.
	top, withVars bool
	rows          int
}

// listing is the content of one page: the runs of objects among so many jobs, and the last job's number and time.
type listing struct {
	runs   []Run
	count  int
	lowest int64
	oldest time.Time
}

func newRecentJobs(list func(context.Context, controller.Search) (listing, error)) *RecentJobs {
	return &RecentJobs{list: list, jobs: map[int64]Run{}, byKey: map[osac.Key][]int64{}}
}

// holds reports whether the job of a watermark is there, and all jobs that may be newer.
func (r *RecentJobs) holds(mark Watermark) bool {
	job, ok := r.jobs[mark.JobID]
	return ok && watermarkOf(job).Created.Equal(mark.Created) && (r.Whole || !mark.Created.Add(-overlap).Before(r.from))
}

// suffices reports whether all jobs that a lookup wants are there, except for those that it knows by number.
func (r *RecentJobs) suffices(asked Lookup) bool {
	return r.gap == nil && (r.Whole || slices.ContainsFunc(asked.Since, r.holds))
}

// renew lists the jobs since the last time. The first time, it lists the jobs created since a moment, or the newest
// page if the moment is zero.
func (r *RecentJobs) renew(ctx context.Context, search controller.Search, since time.Time) error {
	if r.gap != nil {
		if err := r.fill(ctx, search, historyPages); err != nil {
			return err
		}
		r.mark()
	}
	sent := time.Now()
	if !r.filled && since.IsZero() {
		return r.firstPage(ctx, search, sent)
	}
	after := since
	if r.filled {
		after = r.from
		if known := r.newest.Created.Add(-overlap); known.After(after) {
			after = known
		}
		if r.newest == (Watermark{}) && r.Whole {
			after = time.Time{}
		}
	}
	r.gap = &gap{after: after, kept: map[int64]bool{}, top: true, withVars: r.filled}
	if !r.filled {
		r.from, r.filled = after, true
	}
	if err := r.fill(ctx, search, LongHistoryPages); err != nil {
		return err
	}
	r.sent, r.listed = sent, after
	r.mark()
	return nil
}

// firstPage lists the newest jobs, if no lookup has a moment from which on it wants them.
func (r *RecentJobs) firstPage(ctx context.Context, search controller.Search, sent time.Time) error {
	search.Limit = PageOfJobs
	page, err := r.page(ctx, search)
	if err != nil {
		return err
	}
	for _, each := range page.runs {
		r.add(withoutVars(each))
	}
	r.filled, r.sent, r.lowest = true, sent, page.lowest
	r.Whole = page.count < search.Limit
	if !r.Whole {
		r.from = page.oldest
	}
	r.listed = r.from
	r.mark()
	return nil
}

// extend lists older jobs, back to a moment or, if that is zero, all of them, in so many pages at most.
func (r *RecentJobs) extend(ctx context.Context, search controller.Search, since time.Time, pages int) error {
	if r.gap == nil {
		if r.Whole || !since.IsZero() && !since.Before(r.from) {
			return nil
		}
		r.gap = &gap{after: since, below: r.lowest, kept: map[int64]bool{}}
	}
	if err := r.fill(ctx, search, pages); err != nil {
		return err
	}
	if r.from.Before(r.listed) {
		r.listed = r.from
	}
	return nil
}

// fill reads the gap page by page. If a page fails, the earlier pages are kept, and the next call continues from there.
// If the gap is larger than so many pages, the rest is left, and the jobs are without a gap only back to there.
func (r *RecentJobs) fill(ctx context.Context, search controller.Search, pages int) error {
	g := r.gap
	for page := 1; ; page++ {
		search.CreatedAfter, search.BeforeID, search.Limit = g.after, g.below, PageOfJobs
		found, err := r.page(ctx, search) // in parts, of which some may have come when one fails
		for _, each := range found.runs {
			if !g.withVars {
				each = withoutVars(each)
			}
			r.add(each)
			g.kept[each.ID] = true
		}
		g.rows += found.count
		if found.lowest > 0 && (r.lowest == 0 || found.lowest < r.lowest) {
			r.lowest = found.lowest
		}
		if found.lowest > 0 {
			g.below = found.lowest
		}
		if err != nil {
			return err
		}
		if found.count < PageOfJobs {
			r.close(g.after, g.after.IsZero())
			return nil
		}
		if r.reading != nil {
			r.reading(ctx, g.rows, found.oldest)
		}
		if page == pages {
			r.close(found.oldest, false)
			return nil
		}
	}
}

// close ends the gap: all jobs created after a moment were listed. A known job that was not listed is gone.
func (r *RecentJobs) close(from time.Time, whole bool) {
	g := r.gap
	r.gap = nil
	for id, job := range r.jobs {
		if !g.kept[id] && job.Created.After(from) && (g.top || job.Created.Before(r.from)) {
			r.drop(id)
		}
	}
	r.Whole = r.Whole || whole
	if g.top && from.After(r.from) && from != g.after {
		// The list doesn't reach back to the known jobs, which are too old by now.
		for id, job := range r.jobs {
			if !job.Created.After(from) {
				r.drop(id)
			}
		}
		r.from, r.Whole = from, false
		return
	}
	if from.Before(r.from) {
		r.from = from
	}
}

// page requests one page, within the page's own time.
func (r *RecentJobs) page(ctx context.Context, search controller.Search) (listing, error) {
	search.Patience = PageTimeout
	return r.list(ctx, search)
}

// mark finds the newest job.
func (r *RecentJobs) mark() {
	r.newest = Watermark{}
	var newest int64
	for id := range r.jobs {
		newest = max(newest, id)
	}
	if newest > 0 {
		r.newest = watermarkOf(r.jobs[newest])
	}
}

// Oldest returns the oldest job that is there.
func (r *RecentJobs) Oldest() (Run, bool) {
	var lowest int64
	for id := range r.jobs {
		if lowest == 0 || id < lowest {
			lowest = id
		}
	}
	oldest, ok := r.jobs[lowest]
	return oldest, ok
}

// Keys returns the names of the objects with jobs, in no order.
func (r *RecentJobs) Keys() []osac.Key { return slices.Collect(maps.Keys(r.byKey)) }

// Of returns an object's jobs.
func (r *RecentJobs) Of(key osac.Key) []Run {
	var all []Run
	for _, id := range r.byKey[key] {
		all = append(all, r.jobs[id])
	}
	return all
}

// withoutVars drops large texts that were read already: a long history does not need them.
func withoutVars(each Run) Run {
	each.ExtraVars = ""
	return each
}

// refetch requests jobs by their numbers, wherever they are. It drops those that aren't found.
func (r *RecentJobs) refetch(ctx context.Context, search controller.Search, ids []int64) ([]Run, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	search.IDs, search.Limit = ids, len(ids)
	// A job on record may belong to a template that the hub doesn't name any more.
	search.TemplateNames = nil
	found, err := r.page(ctx, search)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		r.drop(id)
	}
	for _, each := range found.runs {
		if r.Whole || each.Created.After(r.from) {
			r.add(each)
		}
	}
	return found.runs, nil
}

func (r *RecentJobs) add(added Run) {
	r.drop(added.ID)
	r.jobs[added.ID] = added
	r.byKey[added.Key()] = append(r.byKey[added.Key()], added.ID)
}

func (r *RecentJobs) drop(id int64) {
	known, ok := r.jobs[id]
	if !ok {
		return
	}
	delete(r.jobs, id)
	key := known.Key()
	if r.byKey[key] = slices.DeleteFunc(r.byKey[key], func(other int64) bool { return other == id }); len(r.byKey[key]) == 0 {
		delete(r.byKey, key)
	}
}

// Activity changes whenever a job of a template starts or ends.
type Activity struct {
	newest int64
	ended  time.Time
}

// pulseOf returns the activity in the last list.
func (r *RecentJobs) pulseOf(template string) Activity {
	var now Activity
	for id, job := range r.jobs {
		if !job.Created.After(r.listed) || job.Name != template {
			continue
		}
		now.newest = max(now.newest, id)
		if job.Finished.After(now.ended) {
			now.ended = job.Finished
		}
	}
	return now
}

// clone returns a copy that can be changed while others read this one.
func (r *RecentJobs) clone() *RecentJobs {
	copied := *r
	copied.jobs = maps.Clone(r.jobs)
	copied.byKey = make(map[osac.Key][]int64, len(r.byKey))
	for key, ids := range r.byKey {
		copied.byKey[key] = slices.Clone(ids)
	}
	if r.gap != nil {
		unfinished := *r.gap
		unfinished.kept = maps.Clone(r.gap.kept)
		copied.gap = &unfinished
	}
	return &copied
}

// stale returns the jobs whose present state a lookup wants, and that the last list did not show.
func (r *RecentJobs) stale(asked Lookup) []int64 {
	wanted := slices.Clone(asked.Known)
	for _, job := range r.Of(asked.Key) {
		if job.Active() {
			wanted = append(wanted, job.ID)
		}
	}
	return slices.DeleteFunc(wanted, func(id int64) bool {
		job, known := r.jobs[id]
		return known && job.Created.After(r.listed)
	})
}

// answerTo answers a lookup from the known jobs, and from those that were found beyond them.
func (r *RecentJobs) answerTo(asked Lookup, extra []Run) Answer {
	runs := r.Of(asked.Key)
	for _, found := range extra {
		if _, known := r.jobs[found.ID]; !known && found.Key() == asked.Key {
			runs = append(runs, found)
		}
	}
	return Answer{Jobs: NewHistory(runs), from: r.from, whole: r.Whole, Seen: r.newest}
}
