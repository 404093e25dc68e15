package controller

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/osac-project/terraform-provider-osac/internal/transport"
)

// Bounds of a search. A proxy may accept only 4 kB of request line (L13); the values, names and ids of one request stay
// below that together.
const (
	maxValues    = 2000
	maxNames     = 700
	maxListIDs   = 100
	defaultLimit = 1000
)

// Search selects jobs, by the names of their templates or by their ids. Other conditions restrict the selection unless
// they are empty, and all of them must hold.
type Search struct {
	// Kinds are the kinds of jobs to list, each at its own path; none means both.
	Kinds []Kind
	// TemplateNames are the names that the jobs' templates had at the launch.
	TemplateNames []string
	// ExtraVarsValues are strings. One of them must be a whole value or key anywhere in the extra vars. The activity
	// stream is searched for them: whoever can read a job finds its launch there, unless the stream is off. They can be
	// combined with names of templates only.
	ExtraVarsValues []string
	CreatedAfter    time.Time
	// AfterID leaves out this job and all jobs before it.
	AfterID int64
	// BeforeID leaves out this job and all jobs after it; zero means no bound.
	BeforeID int64
	IDs      []int64
	// Active leaves out the jobs that have ended. It can be combined with names of templates only.
	Active bool
	// Limit is the most jobs returned; zero means 1000.
	Limit int
	// PageSize is how many rows a request asks for; zero means 200, the most that the API gives.
	PageSize int
	// FirstPage stops after one request for each kind. The result is one page, and proves nothing about older jobs.
	FirstPage bool
	// Patience bounds the wait for each page; zero means that only ctx bounds it. A long list may take as long as it
	// makes progress.
	Patience time.Duration
	// Page, if set, is called with each page as it arrives. The caller keeps these pages even if a later request fails.
	// An error from Page ends the search, and Find returns it.
	Page func(Page) error
}

// Page is one page of a search's results.
type Page struct {
	Kind Kind
	// Jobs are the page's jobs, newest first.
	Jobs []Job
	// Above is an id: all matching jobs of this kind with a higher id have been passed to the caller. Only a search that
	// fits into one request line sets it. A search with many values or ids takes several lists, each of which begins
	// anew.
	Above int64
	// End is set if the list is known to have no more.
	End bool
}

// Find lists jobs, newest (highest id) first. Every list leaves out jobs that the user may not read (013). A job that
// was relaunched, or is a workflow's child, matches as its origin does (L10). If nothing matches, the slice is empty.
// If a list leaves out the jobs' extra vars, Find reads them job by job, for as many jobs as a page has. Alongside an
// error, Find returns the newest jobs that it has read, if none is missing among them.
func (c *Client) Find(ctx context.Context, s Search) ([]Job, error) {
	if err := c.check(s); err != nil {
		return nil, err
	}
	kinds := s.Kinds
	if len(kinds) == 0 {
		kinds = []Kind{KindJob, KindWorkflowJob}
	}
	limit := positive(s.Limit, defaultLimit)
	f := finding{client: c, search: s, limit: limit, found: map[Ref]listed{}, above: math.MaxInt64}
	sent := time.Now()
	var failed error
	for i, kind := range kinds {
		if failed = f.ofKind(ctx, kind, i == len(kinds)-1); failed != nil {
			break
		}
	}
	rows := make([]listed, 0, len(f.found))
	for _, j := range f.found {
		if failed == nil || j.ID > f.above {
			rows = append(rows, j)
		}
	}
	if failed != nil && len(rows) == 0 {
		return nil, failed
	}
	newestFirst(rows)
	c.watch.notice(rows, sent)
	all := make([]Job, min(len(rows), limit))
	for i := range all {
		all[i] = rows[i].Job
	}
	return all, failed
}

func newestFirst(rows []listed) {
	slices.SortFunc(rows, func(a, b listed) int { return cmp.Compare(b.ID, a.ID) })
}

func (c *Client) check(s Search) error {
	refused := &Error{URL: c.url, kind: errUnlisted}
	switch {
	case len(s.TemplateNames) == 0 && len(s.IDs) == 0:
		refused.Detail = "a search for jobs must name templates or ids: a list of all jobs was never recorded"
	case s.Active && (len(s.IDs) > 0 || len(s.ExtraVarsValues) > 0 || !s.CreatedAfter.IsZero()):
		refused.Detail = "a search for active jobs can't have other conditions than templates' names: such a list was never recorded"
	case len(s.IDs) > 0 && len(s.ExtraVarsValues) > 0:
		refused.Detail = "a search for jobs can't have both ids and values: such a list was never recorded"
	default:
		return nil
	}
	return refused
}

// finding is a search in progress.
type finding struct {
	client *Client
	search Search
	limit  int
	found  map[Ref]listed
	// above is an id: the jobs of every kind with a higher id were found.
	above int64
}

func (f *finding) ofKind(ctx context.Context, kind Kind, last bool) error {
	s := f.search
	if len(s.IDs) > 0 {
		return f.byIDs(ctx, kind, s.IDs)
	}
	queries := s.queries()
	for i, conditions := range queries {
		l := jobList{
			kind: kind, conditions: conditions, after: s.AfterID, below: s.BeforeID, filtered: len(s.ExtraVarsValues) > 0,
			bounded: s.Active || s.AfterID > 0 || !s.CreatedAfter.IsZero() || len(s.ExtraVarsValues) > 0,
			limit:   f.limit, size: min(positive(s.PageSize, pageSize), pageSize), first: s.FirstPage,
		}
		if err := f.client.pages(ctx, l, s.Patience, f.take(l, last && i == len(queries)-1)); err != nil {
			return err
		}
	}
	return nil
}

// take passes a list's pages on. After the last list, all lists are read.
func (f *finding) take(l jobList, last bool) func(context.Context, jobPage) error {
	above := max(l.below-1, 0)
	return func(ctx context.Context, page jobPage) error {
		for _, j := range page.rows {
			if above == 0 || j.ID <= above {
				above = j.ID - 1
			}
		}
		if page.end {
			above = l.after
		}
		rows, err := f.client.whole(ctx, page.rows, true, false, false)
		if err != nil {
			return err
		}
		if last {
			f.above = above
		}
		return f.hand(Page{Kind: l.kind, Above: above, End: page.end}, rows)
	}
}

func (f *finding) hand(page Page, rows []listed) error {
	newestFirst(rows)
	for _, j := range rows {
		f.found[j.Ref] = j
		page.Jobs = append(page.Jobs, j.Job)
	}
	if f.search.Page == nil {
		return nil
	}
	return f.search.Page(page)
}

// byIDs finds jobs by ids, as many in a request as fit and as the controller answers in time. It checks the other
// conditions itself: no recording shows them together with ids.
func (f *finding) byIDs(ctx context.Context, kind Kind, ids []int64) error {
	size := maxListIDs
	some := func() (int, error) {
		bounded, cancel := patient(ctx, f.search.Patience)
		defer cancel()
		for {
			asked := min(len(ids), size, f.client.atOnce.most())
			rows, err := f.client.byIDs(bounded, kind, ids[:asked], false)
			switch {
			case errors.Is(err, transport.ErrTooLarge) && asked > 1:
				size = (asked + 7) / 8
				return 0, nil
			case isLate(err) && bounded.Err() == nil && f.client.atOnce.most() < asked:
				continue
			case err != nil:
				return 0, err
			}
			rows = slices.DeleteFunc(rows, func(j listed) bool { return !f.search.meets(j.Job) })
			if rows, err = f.client.whole(bounded, rows, true, false, false); err != nil {
				return 0, err
			}
			return asked, f.hand(Page{Kind: kind, End: true}, rows)
		}
	}
	for len(ids) > 0 {
		found, err := some()
		if err != nil {
			return err
		}
		ids = ids[found:]
	}
	return nil
}

func (s Search) meets(j Job) bool {
	return (len(s.TemplateNames) == 0 || slices.Contains(s.TemplateNames, j.Name)) && j.ID > s.AfterID &&
		(s.BeforeID == 0 || j.ID < s.BeforeID) && (s.CreatedAfter.IsZero() || j.Created.After(s.CreatedAfter))
}

// patient bounds a context if there is a bound.
func patient(ctx context.Context, most time.Duration) (context.Context, context.CancelFunc) {
	if most <= 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, most)
}

// queries are the conditions of the search's requests. There are several if not all values fit into one request line.
func (s Search) queries() []query {
	var common query
	if !s.CreatedAfter.IsZero() {
		common.add("created__gt", s.CreatedAfter.UTC().Format(time.RFC3339Nano))
	}
	all := multiply([]query{common}, nameConditions(s.TemplateNames))
	if s.Active {
		all = multiply(all, []query{{"status__in=new,pending,waiting,running"}})
	}
	return multiply(all, streamConditions(s.ExtraVarsValues))
}

// multiply combines each query with each alternative. No alternatives mean no restriction.
func multiply(all, alternatives []query) []query {
	if len(alternatives) == 0 {
		return all
	}
	var product []query
	for _, q := range all {
		for _, more := range alternatives {
			product = append(product, append(slices.Clone(q), more...))
		}
	}
	return product
}

func nameConditions(names []string) []query {
	var all []query
	for _, group := range groupNames(names) {
		var q query
		if strings.Contains(group[0], ",") {
			q.add("name", group[0])
		} else {
			q.add("name__in", strings.Join(group, ","))
		}
		all = append(all, q)
	}
	return all
}

func joinIDs(ids []int64) string {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = strconv.FormatInt(id, 10)
	}
	return strings.Join(texts, ",")
}

// streamConditions search the activity stream's records of launches for values (862, 863, 867).
func streamConditions(values []string) []query {
	if len(values) == 0 {
		return nil
	}
	key := "activitystream__changes__contains"
	if len(values) > 1 {
		key = "or__" + key
	}
	var all []query
	var q query
	length := 0
	flush := func() {
		if len(q) > 0 {
			q.add("activitystream__operation", "create")
			all = append(all, q)
		}
		q, length = nil, 0
	}
	for _, value := range values {
		var one query
		one.add(key, inStream(value))
		if length+len(one[0]) > maxValues {
			flush()
		}
		q = append(q, one...)
		length += len(one[0]) + 1
	}
	flush()
	return all
}

// inStream writes a value as the activity stream stores it: extra vars are JSON in ASCII, and a string in the JSON of
// the entry's changes. So quotes become \" and ü becomes \\u00fc. The quotes around the value keep longer values that
// contain it from matching (861, 864, L10).
func inStream(value string) string {
	once := pythonJSON(value)
	return strings.ReplaceAll(strings.ReplaceAll(once, `\`, `\\`), `"`, `\"`)
}

// pythonJSON writes a JSON string as Python's json.dumps does, which escapes all characters outside of ASCII.
func pythonJSON(value string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range value {
		switch {
		case r == '"', r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\b':
			b.WriteString(`\b`)
		case r == '\f':
			b.WriteString(`\f`)
		case r >= ' ' && r < utf8.RuneSelf-1:
			b.WriteRune(r)
		case r > 0xffff:
			r -= 0x10000
			fmt.Fprintf(&b, `\u%04x\u%04x`, 0xd800+(r>>10), 0xdc00+(r&0x3ff))
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
