package controller

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/transport"
)

// pageSize is the most rows that the API gives a page (1027).
const pageSize = 200

var errNoResults = errors.New("a list without results")

// jobPage is one page of a list of jobs.
type jobPage struct {
	rows []listed
	// end is set if the list has no more.
	end bool
}

// jobList is a list of jobs to be read page by page, newest first.
type jobList struct {
	kind       Kind
	conditions query
	// after and below bound the ids; zero means no bound. If filtered is set, requests leave after out, and the client
	// drops rows up to it.
	after, below int64
	filtered     bool
	limit, size  int
	// bounded is set unless the list has all jobs of some templates.
	bounded bool
	// first stops after one page.
	first bool
}

// pages reads a list and passes on its rows, each page within the time of patience. It asks for the next page by the
// lowest id of the last one: with count_disabled, the API knows of no next page (1081), and the count is what makes
// lists expensive.
func (c *Client) pages(ctx context.Context, l jobList, patience time.Duration, hand func(context.Context, jobPage) error) error {
	size, below, read := l.size, l.below, 0
	onePage := func() (bool, error) {
		ctx, cancel := patient(ctx, patience)
		defer cancel()
		page, q, asked, err := c.inTime(ctx, l, below, min(l.limit-read, size))
		if errors.Is(err, transport.ErrTooLarge) && asked > 1 {
			size = (asked + 7) / 8 // rows hold what jobs were given and have set, whole
			return true, nil
		}
		if err != nil {
			return false, err
		}
		if below > 0 && slices.ContainsFunc(page.rows, func(j listed) bool { return j.ID >= below }) {
			// Such a list would never end, or would hide jobs: then the caller would launch an existing job again.
			return false, c.stuck(ctx, l.kind, q, below)
		}
		read += len(page.rows)
		if len(page.rows) > 0 {
			below = slices.MinFunc(page.rows, func(a, b listed) int { return cmp.Compare(a.ID, b.ID) }).ID
		}
		if l.filtered {
			page.end = page.end || below <= l.after
			page.rows = slices.DeleteFunc(page.rows, func(j listed) bool { return j.ID <= l.after })
		}
		return !page.end && !l.first && read < l.limit, hand(ctx, page)
	}
	for {
		if more, err := onePage(); err != nil || !more {
			return err
		}
	}
}

// inTime asks for one page of a list. If the controller takes too long, it asks for fewer rows. It returns the last
// query.
func (c *Client) inTime(ctx context.Context, l jobList, below int64, size int) (jobPage, query, int, error) {
	var late error
	for {
		asked := min(size, c.atOnce.most())
		q := l.query(below, asked, c.mustCount(l))
		page, err := c.rows(ctx, l.kind, q, asked, false)
		if err == nil || !isLate(err) {
			return page, q, asked, err
		}
		if ctx.Err() != nil && late != nil {
			return page, q, asked, c.left(ctx, "asking for fewer rows", late)
		}
		if ctx.Err() != nil || c.atOnce.most() >= asked {
			return page, q, asked, err
		}
		late = err
	}
}

func (l jobList) query(below int64, size int, counted bool) query {
	q := slices.Clone(l.conditions)
	after := l.after
	if l.filtered {
		after = 0
	}
	if after > 0 || below > 0 {
		q.add("id__gt", strconv.FormatInt(after, 10)) // the two bounds were recorded together (1020)
	}
	if below > 0 {
		q.add("id__lt", strconv.FormatInt(below, 10))
	}
	q.add("order_by", "-id")
	q.add("page_size", strconv.Itoa(size))
	if !counted {
		q.add("count_disabled", "1")
	}
	return q
}

// fewRows is the number of rows of a page that says little about the largest page.
const fewRows = 25

// mustCount reports whether to ask for a list with its count, although counting is what makes lists expensive. While no
// page has shown how long a page may be, the count saves the request after a short page. It costs little for a list
// that is bounded from below or by its conditions.
func (c *Client) mustCount(l jobList) bool {
	return l.bounded && !l.first && c.largest.Load() < fewRows
}

// stuck is the error of a list whose next page does not continue it.
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

// rows asks for one page of jobs of a kind, with so many rows.
func (c *Client) rows(ctx context.Context, kind Kind, q query, asked int, once bool) (jobPage, error) {
	address, err := c.address(ctx, q, "%s/", kind.path())
	if err != nil {
		return jobPage{}, err
	}
	var body struct {
		Results *[]row          `json:"results"`
		Next    json.RawMessage `json:"next"`
	}
	k := call{url: address, once: once, divisible: asked > leastAtOnce}
	answer, err := c.getCall(ctx, k, &body)
	if err != nil {
		if k.divisible && isLate(err) {
			c.atOnce.late(asked)
		}
		return jobPage{}, err
	}
	if body.Results == nil {
		// Otherwise, other JSON would mean "none", and none means purged.
		return jobPage{}, c.unreadable(k, answer, errNoResults)
	}
	page := jobPage{rows: make([]listed, 0, len(*body.Results))}
	for _, r := range *body.Results {
		one, err := c.listed(r, kind)
		if err != nil {
			return jobPage{}, c.unreadable(k, answer, err)
		}
		page.rows = append(page.rows, one)
	}
	c.atOnce.came(len(page.rows), answer.Elapsed)
	page.end = c.isLast(len(page.rows), asked, body.Next)
	return page, nil
}

// isLast reports whether a page is the last of its list. A page of fewer rows than were asked for need not be: an
// administrator may have set MAX_PAGE_SIZE lower than that, and what stands before a controller may drop page_size, so
// that the default holds. It is the last
//
//   - if it has no rows;
//   - if the answer says that there is no next page (1079), which answers without a count don't (1081);
//   - if this controller has given this client a page of more rows before: then nothing has cut this one short.
//
// Otherwise one request more, below the page's lowest id, shows what is there. That is the price of the list of all jobs
// of some templates, where it is shorter than a page and the first that a process reads (FirstPage spares it those who
// don't ask for the end). Lists that are bounded from below have fewer rows than what was read before, or are counted
// (mustCount): they cost one request.
func (c *Client) isLast(rows, asked int, next json.RawMessage) bool {
	largest := c.larger(rows)
	switch {
	case rows == 0:
		return true
	case len(next) > 0:
		return string(next) == "null"
	case rows >= asked:
		return false
	}
	return int64(rows) < largest
}

// larger returns the size of the largest page so far, and records another page.
func (c *Client) larger(rows int) int64 {
	for {
		largest := c.largest.Load()
		if int64(rows) <= largest || c.largest.CompareAndSwap(largest, int64(rows)) {
			return largest
		}
	}
}

// byIDs asks for jobs by their ids, as many as one request takes. If a page is cut short, it asks again for the missing
// ids, until a page is empty. An empty page does not prove yet that these jobs don't exist.
func (c *Client) byIDs(ctx context.Context, kind Kind, ids []int64, once bool) ([]listed, error) {
	var all []listed
	missing := slices.Clone(ids)
	for len(missing) > 0 {
		var q query
		q.add("id__in", joinIDs(missing))
		q.add("page_size", strconv.Itoa(pageSize))
		q.add("count_disabled", "1")
		page, err := c.rows(ctx, kind, q, len(missing), once)
		if err != nil {
			return nil, err
		}
		before := len(missing)
		for _, found := range page.rows {
			if at := slices.Index(missing, found.ID); at >= 0 && found.Kind == kind {
				missing = slices.Delete(missing, at, at+1)
				all = append(all, found)
			}
		}
		if page.end || len(missing) == before {
			break
		}
	}
	return all, nil
}
