package provisioning

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/controller"
)

const (
	// pageOfJobs is the largest page that the API gives (recording 1027).
	pageOfJobs = 200
	// historyPages bounds how many pages are read on the way back to a watermark: a plan whose refresh is not saved must
	// not read more each time.
	historyPages = 10
	// longHistoryPages is the same where nothing else can tell of older jobs.
	longHistoryPages = 50
	// overlap is how far a list goes back beyond what is known: a number and a moment are given to a job when its launch
	// begins, and it can be seen when that is committed, perhaps after jobs with higher numbers.
	overlap = 2 * time.Minute
	// pageTimeout bounds the wait for one page. The whole has no bound but the number of pages: a loaded controller takes
	// 12 to 20 s for each.
	pageTimeout = 60 * time.Second
)

// recentJobs holds the newest jobs of a hub's templates without a gap, as far back as somebody has needed them: one list
// answers for all objects. It is not safe for concurrent use.
type recentJobs struct {
	list func(ctx context.Context, search controller.Search) (listing, error)
	// reading is told how a history of several pages is read; nil if nobody wants to know.
	reading func(ctx context.Context, rows int, oldest time.Time)

	// Every job that was created after from is here; whole reports whether every job is. filled reports whether anything
	// was listed yet.
	from          time.Time
	whole, filled bool
	jobs          map[int64]run
	byKey         map[Key][]int64
	// lowest is the lowest number that was listed without a gap, whatever its job is of.
	lowest int64
	// gap is what is left to be read of a list that was broken off; nil if there is none.
	gap *gap
	// newest is the watermark of the newest job that is there; zero if there is none.
	newest Watermark
	// sent is when the newest list was asked for; it showed the jobs that were created after listed as they were.
	sent   time.Time
	listed time.Time
}

// gap is a range of jobs that are to be listed.
type gap struct {
	// after bounds it by the moment of creation, below by the number; zero means no bound.
	after time.Time
	below int64
	// kept are the jobs of the range that have been listed.
	kept map[int64]bool
	// top reports whether the range reaches up to the newest job, withVars whether the jobs' extra vars are kept.
	top, withVars bool
	rows          int
}

// listing is what one page shows: the runs of compute instances among so many jobs, with the last one's number and moment.
type listing struct {
	runs   []run
	count  int
	lowest int64
	oldest time.Time
}

func newRecentJobs(list func(context.Context, controller.Search) (listing, error)) *recentJobs {
	return &recentJobs{list: list, jobs: map[int64]run{}, byKey: map[Key][]int64{}}
}

// holds reports whether the job of a watermark is there, and all that may be newer.
func (r *recentJobs) holds(mark Watermark) bool {
	job, ok := r.jobs[mark.JobID]
	return ok && watermarkOf(job).Created.Equal(mark.Created) && (r.whole || !mark.Created.Add(-overlap).Before(r.from))
}

// suffices reports whether all the jobs are there that a question is about, but for those that it knows by number.
func (r *recentJobs) suffices(asked question) bool {
	return r.gap == nil && (r.whole || slices.ContainsFunc(asked.since, r.holds))
}

// renew lists what is new since the last time or, the first time, what was created since a moment; the newest page, if
// that is zero.
func (r *recentJobs) renew(ctx context.Context, search controller.Search, since time.Time) error {
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
		if r.newest == (Watermark{}) && r.whole {
			after = time.Time{}
		}
	}
	r.gap = &gap{after: after, kept: map[int64]bool{}, top: true, withVars: r.filled}
	if !r.filled {
		r.from, r.filled = after, true
	}
	if err := r.fill(ctx, search, longHistoryPages); err != nil {
		return err
	}
	r.sent, r.listed = sent, after
	r.mark()
	return nil
}

// firstPage lists the newest jobs, where nobody knows from when on they are wanted.
func (r *recentJobs) firstPage(ctx context.Context, search controller.Search, sent time.Time) error {
	search.Limit = pageOfJobs
	page, err := r.page(ctx, search)
	if err != nil {
		return err
	}
	for _, each := range page.runs {
		r.add(withoutVars(each))
	}
	r.filled, r.sent, r.lowest = true, sent, page.lowest
	r.whole = page.count < search.Limit
	if !r.whole {
		r.from = page.oldest
	}
	r.listed = r.from
	r.mark()
	return nil
}

// extend lists older jobs, back to a moment or, if that is zero, all of them, in so many pages at most.
func (r *recentJobs) extend(ctx context.Context, search controller.Search, since time.Time, pages int) error {
	if r.gap == nil {
		if r.whole || !since.IsZero() && !since.Before(r.from) {
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

// fill reads the gap page by page. What was read is kept if the next page fails: it is read on from there. Where the gap
// is larger than so many pages, the rest is left, and the jobs are without a gap only back to there.
func (r *recentJobs) fill(ctx context.Context, search controller.Search, pages int) error {
	g := r.gap
	for page := 1; ; page++ {
		search.CreatedAfter, search.BeforeID, search.Limit = g.after, g.below, pageOfJobs
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
		if found.count < pageOfJobs {
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

// close ends the gap: all that was created after a moment was listed. What is known and was not listed is gone.
func (r *recentJobs) close(from time.Time, whole bool) {
	g := r.gap
	r.gap = nil
	for id, job := range r.jobs {
		if !g.kept[id] && job.Created.After(from) && (g.top || job.Created.Before(r.from)) {
			r.drop(id)
		}
	}
	r.whole = r.whole || whole
	if g.top && from.After(r.from) && from != g.after {
		// The list doesn't reach back to what was known: that is too old by now.
		for id, job := range r.jobs {
			if !job.Created.After(from) {
				r.drop(id)
			}
		}
		r.from, r.whole = from, false
		return
	}
	if from.Before(r.from) {
		r.from = from
	}
}

// page asks for one page, within its own time.
func (r *recentJobs) page(ctx context.Context, search controller.Search) (listing, error) {
	search.Patience = pageTimeout
	return r.list(ctx, search)
}

// mark finds the newest job.
func (r *recentJobs) mark() {
	r.newest = Watermark{}
	var newest int64
	for id := range r.jobs {
		newest = max(newest, id)
	}
	if newest > 0 {
		r.newest = watermarkOf(r.jobs[newest])
	}
}

// oldest returns the oldest job that is there.
func (r *recentJobs) oldest() (run, bool) {
	var lowest int64
	for id := range r.jobs {
		if lowest == 0 || id < lowest {
			lowest = id
		}
	}
	oldest, ok := r.jobs[lowest]
	return oldest, ok
}

// of returns an object's jobs.
func (r *recentJobs) of(key Key) []run {
	var all []run
	for _, id := range r.byKey[key] {
		all = append(all, r.jobs[id])
	}
	return all
}

// withoutVars drops what is large and was read already: of a long history, nobody needs the text.
func withoutVars(each run) run {
	each.ExtraVars = ""
	return each
}

// refetch asks for jobs by their numbers, wherever they are. Those that aren't found are dropped.
func (r *recentJobs) refetch(ctx context.Context, search controller.Search, ids []int64) ([]run, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	search.IDs, search.Limit = ids, len(ids)
	// A job on record may be of a template that the hub doesn't name any more.
	search.TemplateNames = nil
	found, err := r.page(ctx, search)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		r.drop(id)
	}
	for _, each := range found.runs {
		if r.whole || each.Created.After(r.from) {
			r.add(each)
		}
	}
	return found.runs, nil
}

func (r *recentJobs) add(added run) {
	r.drop(added.ID)
	r.jobs[added.ID] = added
	r.byKey[added.key()] = append(r.byKey[added.key()], added.ID)
}

func (r *recentJobs) drop(id int64) {
	known, ok := r.jobs[id]
	if !ok {
		return
	}
	delete(r.jobs, id)
	key := known.key()
	if r.byKey[key] = slices.DeleteFunc(r.byKey[key], func(other int64) bool { return other == id }); len(r.byKey[key]) == 0 {
		delete(r.byKey, key)
	}
}

// pulse changes whenever a job of a template starts or ends.
type pulse struct {
	newest int64
	ended  time.Time
}

// pulseOf looks at the jobs that the last list showed.
func (r *recentJobs) pulseOf(template string) pulse {
	var now pulse
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

// clone is a copy that can be changed while others read this one.
func (r *recentJobs) clone() *recentJobs {
	copied := *r
	copied.jobs = maps.Clone(r.jobs)
	copied.byKey = make(map[Key][]int64, len(r.byKey))
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

// stale lists the jobs that a question wants as they are now, and that the last list did not show.
func (r *recentJobs) stale(asked question) []int64 {
	wanted := slices.Clone(asked.known)
	for _, job := range r.of(asked.key) {
		if job.active() {
			wanted = append(wanted, job.ID)
		}
	}
	return slices.DeleteFunc(wanted, func(id int64) bool {
		job, known := r.jobs[id]
		return known && job.Created.After(r.listed)
	})
}

// sightOf is what is known here, and what was found beyond it, to a question.
func (r *recentJobs) sightOf(asked question, extra []run) sight {
	runs := r.of(asked.key)
	for _, found := range extra {
		if _, known := r.jobs[found.ID]; !known && found.key() == asked.key {
			runs = append(runs, found)
		}
	}
	return sight{jobs: newHistory(runs), from: r.from, whole: r.whole, seen: r.newest}
}
