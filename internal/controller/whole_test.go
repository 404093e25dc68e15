package controller

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// sparse serves jobs whose rows in lists lack fields, and whose details have them.
type sparse struct {
	*fake
	lacks []string
	// atOnce is the largest number of details in flight.
	now, atOnce atomic.Int32
}

func newSparse(t *testing.T, jobs int, lacks ...string) *sparse {
	t.Helper()
	s := &sparse{fake: newFake(t), lacks: lacks}
	for id := range int64(jobs) {
		s.add(fakeJob{ref: jobRef(id + 1), runs: 20 * time.Second})
	}
	s.intercept = s.answerSparsely
	return s
}

func (s *sparse) answerSparsely(r *http.Request) *reply {
	path := strings.TrimPrefix(r.URL.Path, "/api/v2/")
	if path != "jobs/" {
		if strings.HasPrefix(path, "jobs/") {
			s.atOnce.Store(max(s.atOnce.Load(), s.now.Add(1)))
			time.Sleep(100 * time.Millisecond)
			s.now.Add(-1)
		}
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var rows []string
	for id := int64(len(s.jobs)); id > 0; id-- {
		if asked := "," + r.URL.Query().Get("id__in") + ","; asked == ",," || strings.Contains(asked, fmt.Sprintf(",%d,", id)) {
			var row map[string]any
			if err := json.Unmarshal(s.jobs[jobRef(id)].row(), &row); err != nil {
				s.t.Error(err)
			}
			for _, name := range s.lacks {
				delete(row, name)
			}
			rows = append(rows, mustJSON(row))
		}
	}
	if r.URL.Query().Has("id__lt") {
		rows = nil
	}
	return &reply{status: 200, body: `{"results":[` + strings.Join(rows, ",") + `]}`}
}

// TestAbsentIsNotEmpty finds jobs whose extra vars a list leaves out. They are read from the jobs' details, several at
// a time, and once each.
func TestAbsentIsNotEmpty(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSparse(t, 30, "extra_vars", "artifacts")
		c := s.client()
		for range 3 {
			found, err := c.Find(t.Context(), named(Search{}))
			if err != nil || len(found) != 30 {
				t.Fatalf("%d jobs, %v", len(found), err)
			}
			for _, j := range found {
				if j.ExtraVarsAbsent || j.ExtraVars != "{}" {
					t.Errorf("%+v", j)
				}
			}
		}
		if n := s.count("/jobs/") - s.count("/jobs/?"); n != 30 || s.atOnce.Load() != detailsAtOnce {
			t.Errorf("%d details, %d at once", n, s.atOnce.Load())
		}
	})
	// A detail that can't be read is reported, and does not count as empty. Other failures end the search.
	for status, want := range map[int]error{403: nil, 404: nil, 400: ErrInvalid} {
		synctest.Test(t, func(t *testing.T) {
			s := newSparse(t, 2, "extra_vars")
			s.serve("GET /api/v2/jobs/1/", reply{status: status, body: noRole})
			found, err := s.client().Find(t.Context(), named(Search{}))
			if !errors.Is(err, want) || want == nil && (len(found) != 2 || found[0].ExtraVarsAbsent || !found[1].ExtraVarsAbsent) {
				t.Errorf("%d: %+v, %v", status, found, err)
			}
		})
	}
}

// TestFollowReadsWhatListsLeaveOut follows a job on such a controller. Its end comes with the playbook's artifacts, for
// one or two more requests than elsewhere.
func TestFollowReadsWhatListsLeaveOut(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		lacks   []string
		details int
	}{{nil, 0}, {[]string{"artifacts"}, 1}, {[]string{"extra_vars"}, 1}, {[]string{"artifacts", "extra_vars"}, 2}} {
		synctest.Test(t, func(t *testing.T) {
			s := newSparse(t, 1, test.lacks...)
			changes := 0
			end, err := s.client().Follow(within(t, time.Hour), jobRef(1), Follow{Observe: func(j Job) {
				if changes++; j.ExtraVarsAbsent || j.ExtraVars != "{}" {
					t.Errorf("without %v: %+v", test.lacks, j)
				}
			}})
			if err != nil || end.ArtifactsAbsent || string(end.Artifacts) != `{"ip":"10.0.0.5"}` || changes != 2 {
				t.Errorf("without %v: %+v, %v after %d changes", test.lacks, end, err, changes)
			}
			if n := s.count("/jobs/1/"); n != test.details {
				t.Errorf("without %v: %d details", test.lacks, n)
			}
		})
	}
}

func TestArtifactsThatAListLeftOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSparse(t, 2, "artifacts", "extra_vars")
		time.Sleep(time.Minute)
		c := s.client()
		found, err := c.Find(t.Context(), Search{Kinds: []Kind{KindJob}, IDs: []int64{1}})
		if err != nil || len(found) != 1 {
			t.Fatal(found, err)
		}
		found[0].Artifacts, found[0].ArtifactsAbsent = nil, true
		if got, err := c.Artifacts(t.Context(), found[0]); err != nil || string(got) != `{"ip":"10.0.0.5"}` {
			t.Errorf("%s, %v", got, err)
		}
		if got, err := c.Artifacts(t.Context(), Job{Ref: Ref{KindWorkflowJob, 9}}); err != nil || string(got) != `{"ip":"10.0.0.5"}` {
			t.Errorf("of a workflow: %s, %v", got, err)
		}
		if got, err := c.Artifacts(t.Context(), Job{Ref: jobRef(99), ArtifactsAbsent: true}); !errors.Is(err, ErrNotFound) {
			t.Errorf("of a job that is gone: %s, %v", got, err)
		}
	})
}
