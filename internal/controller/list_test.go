package controller

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// capped serves jobs as servedIDs does, but at most so many rows a page, whatever is asked.
func capped(f *fake, most int, ids map[Kind][]int64) {
	servedIDs(f, ids)
	inner := f.intercept
	f.intercept = func(r *http.Request) *reply {
		q := r.URL.Query()
		if size, _ := strconv.Atoi(q.Get("page_size")); size > most && !q.Has("id__in") {
			q.Set("page_size", strconv.Itoa(most))
			r = r.Clone(r.Context())
			r.URL.RawQuery = q.Encode()
		}
		return inner(r)
	}
}

func named(s Search) Search {
	s.Kinds, s.TemplateNames = []Kind{KindJob}, []string{createTemplate}
	return s
}

// TestAShortPageIsNoEnd uses controllers whose pages are shorter than requested. Every job is found, and an extra
// request is made only while no page has shown that pages can be longer.
func TestAShortPageIsNoEnd(t *testing.T) {
	t.Parallel()
	for most, requests := range map[int]struct{ all, newer, none, again int }{
		200: {all: 3, newer: 1, none: 1, again: 1},     // 200 + 200 + 50, which is less than 200
		100: {all: 5, newer: 1, none: 1, again: 1},     // 4 x 100 + 50
		30:  {all: 16, newer: 2, none: 1, again: 2},    // 15 x 30, and an empty page; 40 are 30 + 10
		1:   {all: 451, newer: 41, none: 1, again: 41}, // counted, but this fake's count says of a full page that there is more
	} {
		f := newFake(t)
		capped(f, most, map[Kind][]int64{KindJob: numbers(1, 450)})
		c := f.client()
		for _, step := range []struct {
			name   string
			search Search
			want   int
			cost   int
		}{
			{"all", Search{}, 450, requests.all},
			{"newer", Search{AfterID: 410}, 40, requests.newer},
			{"none", Search{AfterID: 450}, 0, requests.none},
			{"newer, again", Search{AfterID: 410, BeforeID: 451}, 40, requests.again},
			{"a bounded number", Search{Limit: 1}, 1, 1},
		} {
			before := f.count("/jobs/")
			got, err := c.Find(within(t, time.Minute), named(step.search))
			if err != nil || len(got) != step.want || f.count("/jobs/")-before != step.cost {
				t.Errorf("pages of %d, %s: %d jobs in %d requests, %v", most, step.name, len(got), f.count("/jobs/")-before, err)
			}
		}
	}
}

// TestFirstPage asks for one page only. It costs one request, and says how far it reaches.
func TestFirstPage(t *testing.T) {
	t.Parallel()
	for most, above := range map[int]int64{200: 250, 30: 420} {
		f := newFake(t)
		capped(f, most, map[Kind][]int64{KindJob: numbers(1, 450)})
		var pages []Page
		search := named(Search{FirstPage: true, Page: func(p Page) error { pages = append(pages, p); return nil }})
		got, err := f.client().Find(within(t, time.Minute), search)
		if err != nil || len(got) != most || f.count("/jobs/") != 1 || len(pages) != 1 || pages[0].Above != above || pages[0].End || len(pages[0].Jobs) != most {
			t.Errorf("%d jobs in %d requests, %+v, %v", len(got), f.count("/jobs/"), pages, err)
		}
	}
}

func TestPageSize(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	queries := servedIDs(f, map[Kind][]int64{KindJob: numbers(1, 30)})
	if got, err := f.client().Find(within(t, time.Minute), named(Search{PageSize: 20})); err != nil || len(got) != 30 || len(*queries) != 2 || (*queries)[0].Get("page_size") != "20" {
		t.Errorf("%d jobs, %v, %v", len(got), *queries, err)
	}
	c := f.client()
	if _, err := c.Find(within(t, time.Minute), named(Search{PageSize: 1000})); err != nil || (*queries)[2].Get("page_size") != "200" {
		t.Errorf("%v, %v", *queries, err)
	}
	// A full page is no end, however long others were.
	if got, err := c.Find(within(t, time.Minute), named(Search{PageSize: 20})); err != nil || len(got) != 30 {
		t.Errorf("%d jobs, %v", len(got), err)
	}
}

// TestPagesAreHandedOver lets the third page of a list fail: the caller keeps the pages before it, and each page has a
// time of its own.
func TestPagesAreHandedOver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		servedIDs(f, map[Kind][]int64{KindJob: numbers(1, 900)})
		inner, n := f.intercept, 0
		f.intercept = func(r *http.Request) *reply {
			answer := inner(r)
			if answer == nil {
				return nil
			}
			if n++; n > 3 {
				return &reply{status: 503, body: `{"detail":"too busy for this"}`}
			}
			return answer
		}
		c := f.client()
		if _, err := c.Installation(t.Context()); err != nil {
			t.Fatal(err)
		}
		f.delay = 20 * time.Second
		var jobs []Job
		above := int64(-1)
		began := time.Now()
		_, err := c.Find(t.Context(), named(Search{Patience: 30 * time.Second, Page: func(p Page) error {
			jobs, above = append(jobs, p.Jobs...), p.Above
			return nil
		}}))
		if len(jobs) != 600 || above != 300 || jobs[0].ID != 900 || jobs[599].ID != 301 {
			t.Errorf("%d jobs above %d", len(jobs), above)
		}
		if !errors.Is(err, ErrUnavailable) || !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "too busy for this") {
			t.Error(err)
		}
		if took := time.Since(began); took != 90*time.Second {
			t.Errorf("took %s", took)
		}
	})
	f := newFake(t)
	servedIDs(f, map[Kind][]int64{KindJob: numbers(1, 900)})
	enough := errors.New("enough")
	if _, err := f.client().Find(t.Context(), named(Search{Page: func(Page) error { return enough }})); !errors.Is(err, enough) || f.count("/jobs/") != 1 {
		t.Errorf("after %d requests: %v", f.count("/jobs/"), err)
	}
}

// TestTheStreamIsFilteredHere checks that the client itself bounds the activity stream's results: no recording has
// those filters together.
func TestTheStreamIsFilteredHere(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	queries := servedIDs(f, map[Kind][]int64{KindJob: numbers(1, 50)})
	got, err := f.client().Find(within(t, time.Minute), named(Search{ExtraVarsValues: []string{"ns/vm"}, AfterID: 40}))
	if err != nil || len(got) != 10 || len(*queries) != 1 || (*queries)[0].Has("id__gt") {
		t.Errorf("%d jobs, %v, %v", len(got), *queries, err)
	}
}

// TestIDsAreFilteredHere does the same for jobs by their ids, and asks again for the ids that a page had no room for.
func TestIDsAreFilteredHere(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	for id := range int64(40) {
		f.add(fakeJob{ref: jobRef(id + 1), template: id % 2, runs: time.Hour})
	}
	f.intercept = func(r *http.Request) *reply { // seven rows a page
		if ids := strings.Split(r.URL.Query().Get("id__in"), ","); len(ids) > 7 {
			q := r.URL.Query()
			q.Set("id__in", strings.Join(ids[:7], ","))
			r = r.Clone(r.Context())
			r.URL.RawQuery = q.Encode()
			answer := f.list(r, KindJob)
			return &answer
		}
		return nil
	}
	search := Search{Kinds: []Kind{KindJob}, IDs: numbers(1, 45), AfterID: 2, BeforeID: 40}
	got, err := f.client().Find(within(t, time.Minute), search)
	if err != nil || len(got) != 37 || got[0].ID != 39 || got[36].ID != 3 {
		t.Errorf("%d jobs, %v", len(got), err)
	}
	search.TemplateNames = []string{"template-1"}
	if got, err := f.client().Find(within(t, time.Minute), search); err != nil || len(got) != 18 || got[0].Name != "template-1" {
		t.Errorf("%d jobs, %v", len(got), err)
	}
	for _, line := range f.requests {
		if strings.Contains(line, "id__in") && (strings.Contains(line, "name") || strings.Contains(line, "order_by")) {
			t.Error(line)
		}
	}
}

// TestNextPages reads lists that count, up to their last page, wherever the answer says that it is.
func TestNextPages(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	first := "GET /api/v2/unified_job_templates/?name=a&type=job_template,workflow_job_template&page_size=200"
	row := `{"id":%d,"type":"job_template","name":"a","summary_fields":{"organization":{"name":"o%[1]d"}}}`
	f.serve(first, reply{status: 200, body: `{"next":"https://elsewhere.example/inner/api/v2/unified_job_templates/?name=a&page=2&page_size=200&type=job_template%2Cworkflow_job_template","results":[` + fmt.Sprintf(row, 1) + `]}`})
	f.serve(first+"&page=2", reply{status: 200, body: `{"next":null,"results":[` + fmt.Sprintf(row, 2) + `]}`})
	got, err := f.client().Templates(within(t, time.Minute), "o2", "a")
	if err != nil || got["a"].ID != 2 {
		t.Errorf("%+v, %v", got, err)
	}
	for name, next := range map[string]string{
		"the same page": "?name=a&type=job_template,workflow_job_template&page_size=200", "no query": "/api/v2/unified_job_templates/", "no number": "?page=last",
	} {
		f.serve(first, reply{status: 200, body: `{"next":"` + next + `","results":[` + fmt.Sprintf(row, 1) + `]}`})
		before := f.count("unified")
		if got, err := f.client().Templates(within(t, time.Minute), "", "a"); err == nil || f.count("unified") != before+1 || slices.ContainsFunc(f.requests, func(line string) bool { return strings.Contains(line, "superuser") }) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}
