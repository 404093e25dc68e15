package controller

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/osac-project/terraform-provider-osac/internal/transport"
)

// Bounds of a search. The API gives at most 200 rows a page (901). A front may take 4 kB of request line and no more
// (L13): values, names and ids of one request stay below that together.
const (
	pageSize     = 200
	maxValues    = 2000
	maxNames     = 700
	maxListIDs   = 100
	defaultLimit = 1000
)

var errNoResults = errors.New("a list without results")

// Search says which jobs to find. Conditions that are empty don't restrict; all others must hold.
type Search struct {
	// Kinds are looked for at their own lists; none means both.
	Kinds []Kind
	// TemplateNames are names that the jobs' template had when they were launched.
	TemplateNames []string
	// ExtraVarsValues are strings of which one must stand, as a whole value or key, anywhere in the extra vars. They are
	// looked for in the activity stream, which knows launches by whoever can read the job, but not where it is off.
	ExtraVarsValues []string
	CreatedAfter    time.Time
	// AfterID leaves out this job and all before it.
	AfterID int64
	// BeforeID leaves out this job and all after it; zero means none.
	BeforeID int64
	IDs      []int64
	// Limit bounds the answer; zero means 1000.
	Limit int
}

// Find lists jobs, the newest (highest id) first. Every list leaves out what the user may not read (013), and a job
// that was relaunched or is a workflow's child matches like its origin (L10). No match is an empty slice.
func (c *Client) Find(ctx context.Context, s Search) ([]Job, error) {
	limit := positive(s.Limit, defaultLimit)
	kinds := s.Kinds
	if len(kinds) == 0 {
		kinds = []Kind{KindJob, KindWorkflowJob}
	}
	sent := time.Now()
	found := map[Ref]listed{}
	for _, conditions := range s.queries() {
		for _, kind := range kinds {
			jobs, err := c.list(ctx, kind, conditions, s.BeforeID, limit)
			if err != nil {
				return nil, err
			}
			for _, j := range jobs {
				found[j.Ref] = j
			}
		}
	}
	rows := make([]listed, 0, len(found))
	for _, j := range found {
		rows = append(rows, j)
	}
	slices.SortFunc(rows, func(a, b listed) int { return cmp.Compare(b.ID, a.ID) })
	c.watch.notice(rows, sent)
	all := make([]Job, min(len(rows), limit))
	for i := range all {
		all[i] = rows[i].Job
	}
	return all, nil
}

// list pages through the newest jobs that meet the conditions, below an id if that isn't zero. The next page is asked for
// by the last one's lowest id: with count_disabled the API knows of one page only, and counting is what makes lists dear.
func (c *Client) list(ctx context.Context, kind Kind, conditions query, below int64, limit int) ([]listed, error) {
	var all []listed
	most := pageSize
	for len(all) < limit {
		size := min(limit-len(all), most)
		q := slices.Clone(conditions)
		if below > 0 {
			q.add("id__lt", strconv.FormatInt(below, 10))
		}
		q.add("order_by", "-id")
		q.add("page_size", strconv.Itoa(size))
		q.add("count_disabled", "1")
		page, err := c.rows(ctx, kind, q, false)
		if errors.Is(err, transport.ErrTooLarge) && size > 1 {
			most = (size + 7) / 8 // rows hold what jobs were given and have set, whole
			continue
		}
		if err != nil {
			return nil, err
		}
		if below > 0 && slices.ContainsFunc(page, func(j listed) bool { return j.ID >= below }) {
			// It would have no end, or hide jobs: then one that exists would be launched again.
			return nil, c.stuck(ctx, kind, q, below)
		}
		all = append(all, page...)
		if len(page) < size {
			break
		}
		below = slices.MinFunc(page, func(a, b listed) int { return cmp.Compare(a.ID, b.ID) }).ID
	}
	return all, nil
}

// stuck is the error of a list that does not go on where it was asked to.
func (c *Client) stuck(ctx context.Context, kind Kind, q query, below int64) error {
	address, err := c.address(ctx, q, "%s/", kind.path())
	if err != nil {
		return err
	}
	return &Error{
		Method: http.MethodGet, URL: address, Status: http.StatusOK, kind: errUnreadable,
		Detail: fmt.Sprintf("the list was asked for jobs below %d and gives others again: something before the controller drops the query, or caches answers", below),
	}
}

// rows asks for one page of jobs of a kind.
func (c *Client) rows(ctx context.Context, kind Kind, q query, once bool) ([]listed, error) {
	address, err := c.address(ctx, q, "%s/", kind.path())
	if err != nil {
		return nil, err
	}
	var page struct {
		Results *[]row `json:"results"`
	}
	k := call{url: address, once: once}
	answer, err := c.getCall(ctx, k, &page)
	if err != nil {
		return nil, err
	}
	if page.Results == nil {
		// Without this, other JSON would read as "none", and none is taken for purged.
		return nil, c.unreadable(k, answer, errNoResults)
	}
	all := make([]listed, 0, len(*page.Results))
	for _, r := range *page.Results {
		one, err := c.listed(r, kind)
		if err != nil {
			return nil, c.unreadable(k, answer, err)
		}
		all = append(all, one)
	}
	return all, nil
}

// queries are the requests' conditions: several, where not all values fit into one request line.
func (s Search) queries() []query {
	var common query
	if !s.CreatedAfter.IsZero() {
		common.add("created__gt", s.CreatedAfter.UTC().Format(time.RFC3339Nano))
	}
	if s.AfterID > 0 {
		common.add("id__gt", strconv.FormatInt(s.AfterID, 10))
	}
	all := []query{common}
	all = multiply(all, nameConditions(s.TemplateNames))
	all = multiply(all, idConditions(s.IDs))
	return multiply(all, streamConditions(s.ExtraVarsValues))
}

// multiply combines each query with each of the alternatives; no alternatives are no restriction.
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
		if len(group) == 1 {
			q.add("name", group[0])
		} else {
			q.add("name__in", strings.Join(group, ","))
		}
		all = append(all, q)
	}
	return all
}

func idConditions(ids []int64) []query {
	var all []query
	for chunk := range slices.Chunk(ids, maxListIDs) {
		var q query
		q.add("id__in", joinIDs(chunk))
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

// streamConditions look values up in the activity stream's records of launches (862, 863, 867).
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

// inStream writes a value as it stands in the activity stream: extra vars are JSON in ASCII, kept as a string in the
// JSON of the entry's changes. So quotes become \" and ü becomes \\u00fc. The quotes around the value keep longer
// values that contain it from matching (861, 864, L10).
func inStream(value string) string {
	once := pythonJSON(value)
	return strings.ReplaceAll(strings.ReplaceAll(once, `\`, `\\`), `"`, `\"`)
}

// pythonJSON writes a JSON string as Python's json.dumps does, which escapes everything outside of ASCII.
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
