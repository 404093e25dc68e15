package provisioning

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/controller"
)

const (
	// pageOfJobs is the largest page that the API gives (recording 901).
	pageOfJobs = 200
	// feedLimit bounds how many jobs are listed on the way back to a watermark: 50 pages.
	feedLimit = 50 * pageOfJobs
	// feedOverlap is how many ids are listed again with what is newer: an id is given out when a launch begins, and its
	// job can be seen when that is committed, perhaps after jobs with higher ids.
	feedOverlap = 30
)

// feed holds the newest jobs of a hub's templates without a gap, as far back as somebody has needed them: one list
// answers for all instances. It is not safe for concurrent use.
type feed struct {
	list func(ctx context.Context, search controller.Search) (listing, error)

	// after is the id above which every job is in the feed; filled tells whether anything was listed yet.
	after  int64
	filled bool
	jobs   map[int64]run
	byKey  map[Key][]int64
	// highest is the highest id that was ever seen, newest the watermark of the newest job that is there; zero if there is
	// none.
	highest int64
	newest  Watermark
	// sent is when the newest list was asked for; it showed the jobs above listed as they were.
	sent   time.Time
	listed int64
}

// listing is what one search has found: the runs of compute instances among so many jobs, the lowest id of all.
type listing struct {
	runs   []run
	count  int
	lowest int64
}

func newFeed(list func(context.Context, controller.Search) (listing, error)) *feed {
	return &feed{list: list, jobs: map[int64]run{}, byKey: map[Key][]int64{}}
}

// complete tells whether the feed holds every job that there is.
func (f *feed) complete() bool { return f.filled && f.after == 0 }

// holds tells whether the job of a watermark is in the feed: then all that is newer is, too.
func (f *feed) holds(mark Watermark) bool {
	job, ok := f.jobs[mark.JobID]
	return ok && watermarkOf(job).Created.Equal(mark.Created)
}

// mark finds the newest job, once the feed is as it is to be.
func (f *feed) mark() {
	f.newest = Watermark{}
	var newest int64
	for id := range f.jobs {
		newest = max(newest, id)
	}
	if newest > 0 {
		f.newest = watermarkOf(f.jobs[newest])
	}
}

// oldest returns the oldest job that is there.
func (f *feed) oldest() (run, bool) {
	var lowest int64
	for id := range f.jobs {
		if lowest == 0 || id < lowest {
			lowest = id
		}
	}
	oldest, ok := f.jobs[lowest]
	return oldest, ok
}

// of returns an instance's jobs.
func (f *feed) of(key Key) []run {
	var all []run
	for _, id := range f.byKey[key] {
		all = append(all, f.jobs[id])
	}
	return all
}

// renew lists what is new since the last time or, the first time, all from the job of the given id on, of the newest
// page if that is zero.
func (f *feed) renew(ctx context.Context, search controller.Search, from int64) error {
	search.Limit = feedLimit
	switch {
	case f.filled:
		search.AfterID = max(f.after, f.highest-feedOverlap)
	case from > 0:
		search.AfterID = max(0, from-1-feedOverlap)
	default:
		search.Limit = pageOfJobs
	}
	sent := time.Now()
	found, err := f.list(ctx, search)
	if err != nil {
		return err
	}
	after := found.after(search)
	if !f.filled {
		withoutVars(found.runs)
	}
	if !f.filled || after > f.highest {
		// The list doesn't reach back to what is known: that is too old by now.
		f.replace(0, 0, nil)
		f.after = after
	}
	f.filled, f.sent, f.listed = true, sent, after
	f.replace(after, 0, found.runs)
	return nil
}

// withoutVars drops what is large and was read already: of a long history, nobody needs the text.
func withoutVars(runs []run) []run {
	for i := range runs {
		runs[i].ExtraVars = ""
	}
	return runs
}

// after is the id above which the listing has every job.
func (l listing) after(search controller.Search) int64 {
	if l.count < search.Limit {
		return search.AfterID
	}
	return l.lowest - 1
}

// extend lists older jobs, back to the given id or so many.
func (f *feed) extend(ctx context.Context, search controller.Search, from int64, limit int) error {
	search.AfterID = max(0, from-1-feedOverlap)
	search.BeforeID = f.after + 1
	search.Limit = limit
	if search.AfterID >= f.after || limit <= 0 {
		return nil
	}
	found, err := f.list(ctx, search)
	if err != nil {
		return err
	}
	f.after = found.after(search)
	f.listed = min(f.listed, f.after)
	f.replace(f.after, search.BeforeID, withoutVars(found.runs))
	return nil
}

// refetch asks for jobs by their ids, wherever they are. Those that aren't found are dropped.
func (f *feed) refetch(ctx context.Context, search controller.Search, ids []int64) ([]run, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	search.IDs, search.Limit = ids, len(ids)
	// A job on record may be of a template that the hub doesn't name any more.
	search.TemplateNames = nil
	found, err := f.list(ctx, search)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		f.drop(id)
	}
	for _, each := range found.runs {
		if each.ID > f.after {
			f.add(each)
		}
	}
	return found.runs, nil
}

// replace puts the runs in place of all jobs between two ids, the latter if it isn't zero.
func (f *feed) replace(after, before int64, runs []run) {
	for id := range f.jobs {
		if id > after && (before == 0 || id < before) {
			f.drop(id)
		}
	}
	for _, each := range runs {
		f.add(each)
	}
}

func (f *feed) add(added run) {
	f.drop(added.ID)
	f.jobs[added.ID] = added
	f.byKey[added.key()] = append(f.byKey[added.key()], added.ID)
	f.highest = max(f.highest, added.ID)
}

func (f *feed) drop(id int64) {
	known, ok := f.jobs[id]
	if !ok {
		return
	}
	delete(f.jobs, id)
	key := known.key()
	if f.byKey[key] = slices.DeleteFunc(f.byKey[key], func(other int64) bool { return other == id }); len(f.byKey[key]) == 0 {
		delete(f.byKey, key)
	}
}

// pulse changes whenever a job of a template starts or ends.
type pulse struct {
	newest int64
	ended  time.Time
}

// pulseOf looks at the jobs that the last list showed.
func (f *feed) pulseOf(template string) pulse {
	var now pulse
	for id, job := range f.jobs {
		if id <= f.listed || job.Name != template {
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
func (f *feed) clone() *feed {
	copied := *f
	copied.jobs = maps.Clone(f.jobs)
	copied.byKey = make(map[Key][]int64, len(f.byKey))
	for key, ids := range f.byKey {
		copied.byKey[key] = slices.Clone(ids)
	}
	return &copied
}

// suffices tells whether the feed has all the jobs that a question is about, but for those that it knows by id.
func (f *feed) suffices(asked question) bool {
	return f.complete() || slices.ContainsFunc(asked.since, f.holds)
}

// stale lists the jobs that a question wants as they are now, and that the last list did not show.
func (f *feed) stale(asked question) []int64 {
	wanted := slices.Clone(asked.known)
	for _, job := range f.of(asked.key) {
		if job.active() {
			wanted = append(wanted, job.ID)
		}
	}
	return slices.DeleteFunc(wanted, func(id int64) bool { return id > f.listed })
}

// lacks tells whether questions want jobs that the feed could list: from an id on, a first page, or as they are now.
func (f *feed) lacks(from int64, questions []question) bool {
	if from > 0 && from-1-feedOverlap < f.after && len(f.jobs) < feedLimit {
		return true
	}
	return slices.ContainsFunc(questions, func(asked question) bool {
		return len(f.stale(asked)) > 0 || len(f.jobs) < pageOfJobs && !f.suffices(asked)
	})
}

// answer is what the feed alone says to a question that may be answered by it, if it can.
func (f *feed) answer(asked question) (sight, bool) {
	if !f.suffices(asked) || len(f.stale(asked)) > 0 {
		return sight{}, false
	}
	return f.sightOf(asked, nil), true
}

// sightOf is what the feed and what was found beyond it say to a question.
func (f *feed) sightOf(asked question, extra []run) sight {
	runs := f.of(asked.key)
	for _, found := range extra {
		if found.key() == asked.key && found.ID <= f.after {
			runs = append(runs, found)
		}
	}
	seen := sight{jobs: newHistory(runs), seen: f.newest}
	if f.suffices(asked) {
		seen.after = f.after
	}
	return seen
}
