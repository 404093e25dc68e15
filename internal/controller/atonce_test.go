package controller

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
	"github.com/osac-project/terraform-provider-osac/internal/transport"
)

// rowCost makes a page of 200 rows take 50 s: longer than an attempt lasts, and longer than AAP's gateway waits.
const rowCost = 250 * time.Millisecond

// slowly runs a client against a controller with so many finished jobs, whose rows are slow.
func slowly(t *testing.T, gateway string, jobs int, look func(t *testing.T, s *sandbox.Sandbox, c *Client)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := sandbox.New(sandbox.Options{JobDuration: time.Second, Gateway: gateway})
		c, err := New(Settings{URL: "https://aap.example.com", Token: s.Token(), Transport: transport.Settings{RoundTripper: s.RoundTripper()}})
		if err != nil {
			t.Fatal(err)
		}
		for i := range jobs {
			s.LaunchByHand(createTemplate, fmt.Sprintf(`{"n": %d}`, i), "admin")
		}
		time.Sleep(time.Minute)
		if _, err := c.Installation(t.Context()); err != nil {
			t.Fatal(err)
		}
		s.SetConditions(sandbox.Conditions{RowCost: rowCost})
		look(t, s, c)
	})
}

// lists returns the requested page sizes of the lists of jobs.
func lists(s *sandbox.Sandbox) []string {
	var all []string
	for _, r := range s.Requests() {
		if _, size, found := strings.Cut(r.Query, "page_size="); found && strings.HasSuffix(r.Path, "/jobs/") {
			size, _, _ = strings.Cut(size, "&")
			all = append(all, size)
		}
	}
	return all
}

// TestALatePageIsAskedForInParts uses a controller that takes longer for a page than an attempt lasts: the same request
// would never be answered. Every job is found once, and the client keeps the page size that worked.
func TestALatePageIsAskedForInParts(t *testing.T) {
	t.Parallel()
	for _, gateway := range []string{"", "2.6"} {
		slowly(t, gateway, 560, func(t *testing.T, s *sandbox.Sandbox, c *Client) {
			for name, search := range map[string]Search{"a list": {}, "ids": {TemplateNames: nil, IDs: numbers(1, 560)}} {
				if search.IDs == nil {
					search.TemplateNames = []string{createTemplate}
				}
				search.Kinds, search.Patience = []Kind{KindJob}, time.Minute
				seen := map[int64]int{}
				search.Page = func(p Page) error {
					for _, j := range p.Jobs {
						seen[j.ID]++
					}
					return nil
				}
				before := len(lists(s))
				got, err := c.Find(t.Context(), search)
				if err != nil || len(got) != 560 || len(seen) != 560 {
					t.Errorf("gateway %q, %s: %d jobs, %d pages' jobs, %v", gateway, name, len(got), len(seen), err)
				}
				for id, times := range seen {
					if times != 1 {
						t.Errorf("job %d came %d times", id, times)
					}
				}
				if asked := lists(s)[before:]; len(asked) > 25 {
					t.Errorf("gateway %q, %s: %d requests, of %v rows", gateway, name, len(asked), asked)
				}
			}
		})
	}
}

// TestPagesGrowAgain makes the controller slow for a while only.
func TestPagesGrowAgain(t *testing.T) {
	t.Parallel()
	slowly(t, "", 900, func(t *testing.T, s *sandbox.Sandbox, c *Client) {
		time.AfterFunc(time.Minute, func() { s.SetConditions(sandbox.Conditions{RowCost: time.Millisecond}) })
		if got, err := c.Find(t.Context(), named(Search{})); err != nil || len(got) != 900 {
			t.Errorf("%d jobs, %v", len(got), err)
		}
		if asked := lists(s); asked[0] != "200" || asked[1] != "25" || !slices.Contains(asked[2:], "200") {
			t.Error(asked)
		}
	})
}

// TestAHangingListEndsInTime uses a list that is never answered, however few rows are requested. The wait for a page is
// no longer for that, and its error says what happened.
func TestAHangingListEndsInTime(t *testing.T) {
	t.Parallel()
	for name, request := range map[string]time.Duration{"usual": 0, "an attempt may take longer": 2 * time.Minute} {
		synctest.Test(t, func(t *testing.T) {
			f := newFake(t)
			servedIDs(f, map[Kind][]int64{KindJob: numbers(1, 300)})
			c := f.client(func(s *Settings) { s.Transport.RequestTimeout = request })
			if _, err := c.Installation(t.Context()); err != nil {
				t.Fatal(err)
			}
			f.delay = time.Hour
			began := time.Now()
			_, err := c.Find(t.Context(), named(Search{Patience: time.Minute}))
			if took := time.Since(began); took != time.Minute || err == nil || !Passing(err) {
				t.Errorf("%s: after %s: %v", name, took, err)
			}
			if request == 0 && !strings.Contains(err.Error(), "no answer within 30s") {
				t.Error(err)
			}
			if most := c.atOnce.most(); most >= pageSize {
				t.Errorf("%s: %d rows are asked for the next time", name, most)
			}
		})
	}
}

// TestManySlowJobsAreFollowed follows as many jobs as one request asks for, whose rows take longer than an attempt
// lasts.
func TestManySlowJobsAreFollowed(t *testing.T) {
	t.Parallel()
	slowly(t, "", 0, func(t *testing.T, s *sandbox.Sandbox, c *Client) {
		s.SetConditions(sandbox.Conditions{RowCost: 400 * time.Millisecond})
		s.Behave(createTemplate, sandbox.Behavior{Duration: 3 * time.Minute})
		var group sync.WaitGroup
		for i := range maxListIDs {
			ref := Ref{Kind: KindJob, ID: s.LaunchByHand(createTemplate, fmt.Sprintf(`{"n": %d}`, i), "admin")}
			group.Go(func() {
				if j, err := c.Follow(within(t, 20*time.Minute), ref, Follow{}); err != nil || j.Status != StatusSuccessful {
					t.Errorf("%s: %s, %v", ref, j.Status, err)
				}
			})
		}
		group.Wait()
	})
}

// TestWhatWasFoundComesAlongsideAnError breaks searches off. They return the jobs that were read, up to the first gap
// in any kind or name.
func TestWhatWasFoundComesAlongsideAnError(t *testing.T) {
	t.Parallel()
	both := []Kind{KindJob, KindWorkflowJob}
	for name, step := range map[string]struct {
		search Search
		// answered is how many requests are answered before one is refused.
		answered int
		found    int
	}{
		"at once":                 {Search{Kinds: both[:1], TemplateNames: []string{"a"}}, 0, 0},
		"one list":                {Search{Kinds: both[:1], TemplateNames: []string{"a"}}, 2, 400},
		"the first of two":        {Search{Kinds: both, TemplateNames: []string{"a"}}, 2, 0},
		"the second at once":      {Search{Kinds: both, TemplateNames: []string{"a"}}, 4, 0},
		"the second":              {Search{Kinds: both, TemplateNames: []string{"a"}}, 5, 400 + 200},
		"of two names, the first": {Search{Kinds: both[:1], TemplateNames: []string{"a,b", "c"}}, 2, 0},
		"ids":                     {Search{Kinds: both[:1], IDs: numbers(1, 300)}, 2, 0},
	} {
		f := newFake(t)
		servedIDs(f, map[Kind][]int64{KindJob: numbers(1, 700), KindWorkflowJob: numbers(201, 500)})
		inner := f.intercept
		n := 0
		f.intercept = func(r *http.Request) *reply {
			answer := inner(r)
			if answer == nil {
				return nil
			}
			if n++; n > step.answered {
				return &reply{status: 400, body: `{"detail":"not now"}`}
			}
			return answer
		}
		got, err := f.client().Find(within(t, time.Minute), step.search)
		if !errors.Is(err, ErrInvalid) || len(got) != step.found {
			t.Errorf("%s: %d jobs, %v", name, len(got), err)
		}
	}
}
