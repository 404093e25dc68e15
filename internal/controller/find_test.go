package controller

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// servedIDs serves a list of ids at both kinds' paths, honouring id__lt, id__gt and page_size only.
func servedIDs(f *fake, ids map[Kind][]int64) *[]url.Values {
	var queries []url.Values
	f.intercept = func(r *http.Request) *reply {
		kind := KindJob
		switch r.URL.Path {
		case "/api/v2/jobs/":
		case "/api/v2/workflow_jobs/":
			kind = KindWorkflowJob
		default:
			return nil
		}
		if len(r.URL.RequestURI()) > 4000 {
			f.t.Errorf("a request line of %d bytes", len(r.URL.RequestURI()))
		}
		q := r.URL.Query()
		queries = append(queries, q)
		below, _ := strconv.ParseInt(q.Get("id__lt"), 10, 64)
		above, _ := strconv.ParseInt(q.Get("id__gt"), 10, 64)
		size, _ := strconv.Atoi(q.Get("page_size"))
		var rows []string
		for _, id := range slices.Backward(ids[kind]) {
			if (below == 0 || id < below) && id > above && len(rows) < size {
				rows = append(rows, fmt.Sprintf(`{"id":%d,"type":%q,"status":"running","extra_vars":"{}"}`, id, kind))
			}
		}
		if q.Has("count_disabled") {
			return &reply{status: 200, body: `{"results":[` + strings.Join(rows, ",") + `]}`}
		}
		next := "null"
		if len(rows) == size && size > 0 {
			next = `"/api/v2/inner/?page=2"`
		}
		return &reply{status: 200, body: `{"count":1,"next":` + next + `,"results":[` + strings.Join(rows, ",") + `]}`}
	}
	return &queries
}

func numbers(from, to int64) []int64 {
	var all []int64
	for id := from; id <= to; id++ {
		all = append(all, id)
	}
	return all
}

func TestFindPages(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		search   Search
		want     int
		requests int
	}{
		{Search{TemplateNames: []string{createTemplate}, Kinds: []Kind{KindJob}}, 500, 3},
		{Search{TemplateNames: []string{createTemplate}, Kinds: []Kind{KindJob}, Limit: 200}, 200, 1},
		{Search{TemplateNames: []string{createTemplate}, Kinds: []Kind{KindJob}, Limit: 250}, 250, 2},
		{Search{TemplateNames: []string{createTemplate}, Kinds: []Kind{KindJob}, AfterID: 450}, 50, 1},
		{Search{TemplateNames: []string{createTemplate}, Kinds: []Kind{KindWorkflowJob}}, 30, 2},
		{Search{TemplateNames: []string{createTemplate}}, 530, 4},
		{Search{TemplateNames: []string{createTemplate}, Limit: 1}, 1, 2},
		{Search{TemplateNames: []string{createTemplate}, AfterID: 530}, 0, 2},
	} {
		f := newFake(t)
		queries := servedIDs(f, map[Kind][]int64{KindJob: numbers(1, 500), KindWorkflowJob: numbers(501, 530)})
		got, err := f.client().Find(within(t, time.Minute), test.search)
		if err != nil || len(got) != test.want || got == nil || len(*queries) != test.requests {
			t.Errorf("%+v: %d jobs in %d requests, %v", test.search, len(got), len(*queries), err)
		}
		if !slices.IsSortedFunc(got, func(a, b Job) int { return int(b.ID - a.ID) }) {
			t.Errorf("%+v: not the newest first", test.search)
		}
		for _, q := range *queries {
			if q.Get("count_disabled") != "1" && test.search.AfterID == 0 || q.Get("order_by") != "-id" || q.Has("page") {
				t.Errorf("%v", q)
			}
		}
	}
}

func TestFindOnAListThatNeverEnds(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	n := 0
	f.intercept = func(r *http.Request) *reply {
		if r.URL.Path != "/api/v2/jobs/" {
			return nil
		}
		n++
		return &reply{status: 200, body: `{"results":[{"id":5},{"id":4}]}`}
	}
	_, err := f.client().Find(within(t, time.Minute), Search{TemplateNames: []string{createTemplate}, Kinds: []Kind{KindJob}, Limit: 2000})
	if err == nil || n > 2 {
		t.Errorf("%d requests, %v", n, err)
	}
}

func TestFindConditions(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	queries := servedIDs(f, nil)
	_, err := f.client().Find(within(t, time.Minute), Search{
		Kinds: []Kind{KindJob}, TemplateNames: []string{createTemplate, "osac delete&x"}, ExtraVarsValues: []string{"ns/vm-ü"},
		CreatedAfter: time.Date(2026, 11, 23, 10, 0, 0, 5000, time.FixedZone("", 3600)), AfterID: 12,
	})
	if err != nil {
		t.Fatal(err)
	}
	want := url.Values{
		"name__in": {createTemplate + ",osac delete&x"}, "activitystream__changes__contains": {`\"ns/vm-\\u00fc\"`},
		"activitystream__operation": {"create"}, "created__gt": {"2026-11-23T09:00:00.000005Z"},
		"order_by": {"-id"}, "page_size": {"200"},
	}
	if got := (*queries)[0]; got.Encode() != want.Encode() || len(*queries) != 1 {
		t.Errorf("%v", *queries)
	}
	if line := f.requests[len(f.requests)-1]; !strings.Contains(line, `%5C%22ns%2Fvm-%5C%5Cu00fc%5C%22`) {
		t.Error(line)
	}
}

func TestFindManyValues(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	queries := servedIDs(f, map[Kind][]int64{KindJob: {1, 2, 3}})
	var values []string
	for i := range 100 {
		values = append(values, fmt.Sprintf("tenant-namespace/instance-%d", i))
	}
	got, err := f.client().Find(within(t, time.Minute), Search{
		Kinds: []Kind{KindJob}, ExtraVarsValues: values, TemplateNames: []string{"a,b", "c"},
	})
	if err != nil || len(got) != 3 {
		t.Errorf("%v, %v", got, err)
	}
	asked := map[string]bool{}
	for _, q := range *queries {
		for _, value := range q["or__activitystream__changes__contains"] {
			asked[value] = true
		}
		if q.Get("activitystream__operation") != "create" {
			t.Errorf("%v", q)
		}
	}
	if len(asked) != len(values) {
		t.Errorf("%d of %d values were asked for", len(asked), len(values))
	}
}

func TestInStream(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"uid-vm-a": `\"uid-vm-a\"`, "ün": `\"\\u00fcn\"`, "a\"b": `\"a\\\"b\"`, `a\b`: `\"a\\\\b\"`, "😀": `\"\\ud83d\\ude00\"`,
		"a\n\t\r\b\f\x01\x7f": `\"a\\n\\t\\r\\b\\f\\u0001\\u007f\"`, "": `\"\"`, "<&>%_": `\"<&>%_\"`,
	} {
		if got := inStream(value); got != want {
			t.Errorf("%q: %s", value, got)
		}
	}
}

func TestFindErrors(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answer reply
		want   error
	}{
		"306": {record(t, "306"), ErrInvalid}, "006": {record(t, "006"), ErrUnauthorized}, "other": {reply{status: 200, body: `{}`}, nil},
		"page": {htmlNotFound, ErrNotController}, "rows": {reply{status: 200, body: `{"results":[{"id":0}]}`}, nil},
	} {
		synctest.Test(t, func(t *testing.T) {
			f := newFake(t)
			f.intercept = func(r *http.Request) *reply {
				if r.URL.Path == "/api/v2/jobs/" {
					return &test.answer
				}
				return nil
			}
			got, err := f.client().Find(within(t, 2*time.Minute), Search{IDs: []int64{1}})
			if err == nil || test.want != nil && !errors.Is(err, test.want) || got != nil {
				t.Errorf("%s: %v, %v", name, got, err)
			}
		})
	}
}

// TestEveryCallEnds lets the controller hang, refuse or throttle, and checks that every call ends with its context.
func TestEveryCallEnds(t *testing.T) {
	t.Parallel()
	calls := map[string]func(context.Context, *Client) error{
		"Ping":            func(ctx context.Context, c *Client) error { _, err := c.Ping(ctx); return err },
		"Installation":    func(ctx context.Context, c *Client) error { _, err := c.Installation(ctx); return err },
		"Templates":       func(ctx context.Context, c *Client) error { _, err := c.Templates(ctx, "", "a"); return err },
		"VariablesNeeded": func(ctx context.Context, c *Client) error { _, err := c.VariablesNeeded(ctx, jobTemplate); return err },
		"Launch":          func(ctx context.Context, c *Client) error { _, err := c.Launch(ctx, jobTemplate, nil); return err },
		"Job":             func(ctx context.Context, c *Client) error { _, err := c.Job(ctx, jobRef(7)); return err },
		"Cancel":          func(ctx context.Context, c *Client) error { return c.Cancel(ctx, jobRef(7)) },
		"Find": func(ctx context.Context, c *Client) error {
			_, err := c.Find(ctx, Search{TemplateNames: []string{createTemplate}})
			return err
		},
		"Follow": func(ctx context.Context, c *Client) error { _, err := c.Follow(ctx, jobRef(7), Follow{}); return err },
		"Artifacts": func(ctx context.Context, c *Client) error {
			_, err := c.Artifacts(ctx, Job{Ref: Ref{KindWorkflowJob, 7}})
			return err
		},
		"FailureOf": func(ctx context.Context, c *Client) error {
			if c.FailureOf(ctx, Job{Ref: jobRef(7), Status: StatusFailed}).Note == "" {
				return nil
			}
			return ctx.Err()
		},
	}
	troubles := map[string]reply{
		"hang": {hang: true}, "503": {status: 503, header: http.Header{"Retry-After": {"3600"}}}, "429": {status: 429}, "refused": {err: errors.New("connection refused")},
	}
	for name, call := range calls {
		for trouble, r := range troubles {
			for _, known := range []bool{false, true} {
				if known && name == "Installation" {
					continue // It is not asked again.
				}
				for _, cancelled := range []bool{false, true} {
					t.Run(fmt.Sprint(name, " ", trouble, " ", known, cancelled), func(t *testing.T) {
						t.Parallel()
						synctest.Test(t, func(t *testing.T) {
							f := newFake(t)
							c := f.client()
							if known {
								if _, err := c.Installation(t.Context()); err != nil {
									t.Fatal(err)
								}
							}
							f.intercept = func(*http.Request) *reply { return &r }
							ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
							defer cancel()
							want := context.DeadlineExceeded
							if cancelled {
								time.AfterFunc(20*time.Second-time.Millisecond, cancel)
								want = context.Canceled
							}
							began := time.Now()
							err := call(ctx, c)
							most := 20 * time.Second
							if name == "Launch" && known {
								most = DefaultLaunchTimeout // What has been sent is waited for.
							}
							if took := time.Since(began); took > most {
								t.Errorf("took %s: %v", took, err)
							}
							// A launch that may have been carried out is not repeated, so it ends by itself.
							if !errors.Is(err, want) && (name != "Launch" || trouble == "hang" || !known) {
								t.Errorf("error %v", err)
							}
						})
					})
				}
			}
		}
	}
}
