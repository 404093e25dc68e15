package controller

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func jobRef(id int64) Ref { return Ref{KindJob, id} }

func TestFollowToTheEnd(t *testing.T) {
	t.Parallel()
	for _, outcome := range []Status{StatusSuccessful, StatusFailed, StatusError, StatusCanceled} {
		for _, kind := range []Kind{KindJob, KindWorkflowJob} {
			synctest.Test(t, func(t *testing.T) {
				f := newFake(t)
				c := f.client()
				ref := f.add(fakeJob{ref: Ref{kind, 7}, template: 9, starts: 3 * time.Second, runs: 20 * time.Second, outcome: outcome, explanation: "waiting"})
				var seen []string
				j, err := c.Follow(within(t, time.Hour), ref, Follow{Observe: func(j Job) { seen = append(seen, string(j.Status)+j.Explanation) }})
				if err != nil || j.Status != outcome || j.Ref != ref || string(j.Artifacts) != `{"ip":"10.0.0.5"}` {
					t.Fatalf("%+v, %v", j, err)
				}
				if want := []string{"pendingwaiting", "running", string(outcome)}; !slices.Equal(seen, want) {
					t.Errorf("observed %v", seen)
				}
				if n := f.count("id__in="); n > 19 {
					t.Errorf("%d polls", n)
				}
				if n := f.count("/" + kind.path() + "/"); n != f.count("id__in") {
					t.Errorf("other lists or details were asked for: %v", f.requests)
				}
				synctest.Wait()
			})
		}
	}
}

// lag is the time from the job's end to the return of Follow.
func lag(f *fake, ref Ref) time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	j := f.jobs[ref]
	return time.Since(j.created.Add(j.starts + j.runs))
}

func TestSingleJobCost(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		runs, usual, lag time.Duration
		polls            int
	}{
		{runs: 20 * time.Second, polls: 15, lag: 2 * time.Second},
		{runs: 20 * time.Second, usual: 20 * time.Second, polls: 14, lag: time.Second},
		{runs: 23 * time.Second, usual: 20 * time.Second, polls: 18, lag: time.Second},
		{runs: 3 * time.Second, usual: 3 * time.Second, polls: 6, lag: 1100 * time.Millisecond},
		{runs: 3 * time.Second, polls: 6, lag: 1200 * time.Millisecond},
		{runs: time.Minute, usual: time.Minute, polls: 24, lag: 2 * time.Second},
		{runs: time.Hour, usual: time.Hour, polls: 380, lag: 10 * time.Second},
	} {
		t.Run(fmt.Sprint(test.runs, test.usual), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newFake(t)
				f.delay = 80 * time.Millisecond
				c := f.client()
				ref := f.add(fakeJob{ref: jobRef(7), template: 9, starts: 300 * time.Millisecond, runs: test.runs})
				if _, err := c.Follow(within(t, 2*time.Hour), ref, Follow{Usual: test.usual}); err != nil {
					t.Fatal(err)
				}
				if n := f.count("id__in="); n > test.polls {
					t.Errorf("%d polls", n)
				}
				if late := lag(f, ref); late > test.lag {
					t.Errorf("noticed %s after the end", late)
				}
			})
		})
	}
}

func TestManyJobsShareRequests(t *testing.T) {
	t.Parallel()
	for _, usual := range []time.Duration{0, 20 * time.Second} {
		for seed := range uint64(5) {
			synctest.Test(t, func(t *testing.T) {
				random := rand.New(rand.NewPCG(seed, 1))
				f := newFake(t)
				f.delay = 100 * time.Millisecond
				c := f.client()
				if _, err := c.Installation(t.Context()); err != nil {
					t.Fatal(err)
				}
				var mu sync.Mutex
				var lags []time.Duration
				var group sync.WaitGroup
				for id := range int64(50) {
					time.Sleep(20 * time.Millisecond)
					runs := 17*time.Second + time.Duration(random.Int64N(int64(6*time.Second)))
					ref := f.add(fakeJob{ref: jobRef(id + 1), template: 9, starts: 300 * time.Millisecond, runs: runs})
					group.Go(func() {
						if _, err := c.Follow(within(t, time.Hour), ref, Follow{Usual: usual}); err != nil {
							t.Error(err)
						}
						mu.Lock()
						defer mu.Unlock()
						lags = append(lags, lag(f, ref))
					})
				}
				group.Wait()
				slices.Sort(lags)
				median, worst := lags[len(lags)/2], lags[len(lags)-1]
				polls := f.count("id__in=")
				t.Logf("usual %s: %d polls, median %s, worst %s", usual, polls, median, worst)
				if polls > 22 || median > time.Second || worst > 2100*time.Millisecond {
					t.Errorf("usual %s, seed %d: %d polls, median %s, worst %s", usual, seed, polls, median, worst)
				}
			})
		}
	}
}

func TestMoreThanAHundredJobs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		c := f.client()
		var group sync.WaitGroup
		for id := range int64(250) {
			kind := []Kind{KindJob, KindWorkflowJob}[id%2]
			ref := f.add(fakeJob{ref: Ref{kind, id + 1}, template: 9, runs: time.Duration(5+id%50) * time.Second})
			group.Go(func() {
				if j, err := c.Follow(within(t, time.Hour), ref, Follow{}); err != nil || j.Ref != ref {
					t.Error(err)
				}
			})
		}
		group.Wait()
		f.mu.Lock()
		defer f.mu.Unlock()
		for _, r := range f.requests {
			if strings.Count(r, ",") >= maxListIDs || len(r) > 4000 {
				t.Errorf("too many ids: %s", r)
			}
		}
	})
}

func TestPollIntervalIsTheUpperBound(t *testing.T) {
	t.Parallel()
	for _, longest := range []time.Duration{MinPollInterval, 4 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			f := newFake(t)
			c := f.client(func(s *Settings) { s.PollInterval = longest })
			ref := f.add(fakeJob{ref: jobRef(7), runs: 5 * time.Minute})
			if _, err := c.Follow(within(t, time.Hour), ref, Follow{Usual: 5 * time.Minute}); err != nil {
				t.Fatal(err)
			}
			for i := 2; i < len(f.times); i++ {
				if gap := f.times[i].Sub(f.times[i-1]); gap > longest {
					t.Errorf("gap of %s", gap)
				}
			}
		})
	}
}

func TestPollIntervalHasALeast(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		c := f.client(func(s *Settings) { s.PollInterval = 1 })
		ref := f.add(fakeJob{ref: jobRef(7), runs: 20 * time.Second})
		if _, err := c.Follow(within(t, time.Hour), ref, Follow{}); err != nil {
			t.Fatal(err)
		}
		if n := f.count("id__in"); n < 100 || n > 201 {
			t.Errorf("%d polls in 20 s", n)
		}
	})
}

func TestSlowControllerIsSpared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		f.delay = time.Second
		c := f.client()
		ref := f.add(fakeJob{ref: jobRef(7), runs: time.Minute})
		if _, err := c.Follow(within(t, time.Hour), ref, Follow{}); err != nil {
			t.Fatal(err)
		}
		if n := f.count("id__in="); n > 16 {
			t.Errorf("%d polls", n)
		}
	})
}

func TestFollowPurged(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		c := f.client()
		gone := f.add(fakeJob{ref: jobRef(7), runs: time.Hour})
		stays := f.add(fakeJob{ref: jobRef(8), runs: time.Minute})
		time.AfterFunc(20*time.Second, func() { f.purge(gone) })
		var group sync.WaitGroup
		group.Go(func() {
			began := time.Now()
			j, err := c.Follow(within(t, time.Hour), gone, Follow{})
			if !errors.Is(err, ErrNotFound) || j.Status != StatusRunning || j.Ref != gone {
				t.Errorf("%+v, %v", j, err)
			}
			// The job was active when it was last seen: one answer without it is no proof.
			if took := time.Since(began); took < 50*time.Second || took > 53*time.Second {
				t.Errorf("noticed after %s", took)
			}
		})
		group.Go(func() {
			if _, err := c.Follow(within(t, time.Hour), stays, Follow{}); err != nil {
				t.Errorf("the other job: %v", err)
			}
		})
		group.Wait()
	})
}

func TestAbsentFromTheList(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		c := f.client()
		hidden := f.add(fakeJob{ref: jobRef(7), runs: time.Minute, hidden: true})
		if _, err := c.Follow(within(t, time.Hour), hidden, Follow{}); !errors.Is(err, ErrForbidden) || errors.Is(err, ErrNotFound) {
			t.Errorf("hidden: %v", err)
		}
		// A race: the list lacks it, the detail has it.
		absent := f.add(fakeJob{ref: jobRef(8), runs: 10 * time.Second, absent: true})
		if j, err := c.Follow(within(t, time.Hour), absent, Follow{}); err != nil || j.Status != StatusSuccessful {
			t.Errorf("absent: %+v, %v", j, err)
		}
		// A workflow's id in a request for a job (450) looks like a purged job: that's why the kind is kept with the id.
		f.add(fakeJob{ref: Ref{KindWorkflowJob, 9}, runs: time.Minute})
		if _, err := c.Follow(within(t, time.Hour), jobRef(9), Follow{}); !errors.Is(err, ErrNotFound) {
			t.Errorf("wrong kind: %v", err)
		}
	})
}

func TestUnknownStatusGoesOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		c := f.client()
		began := time.Now()
		f.intercept = func(req *http.Request) *reply {
			if !strings.Contains(req.URL.RawQuery, "id__in") {
				return nil
			}
			status := "hibernating"
			if time.Since(began) > 30*time.Second {
				status = "successful"
			}
			// A row that nobody asked for is ignored, and so are null and unknown fields.
			return &reply{status: 200, body: `{"results":[{"id":99,"status":"failed"},{"id":7,"type":"job","extra_vars":"{}","status":"` + status +
				`","started":null,"job_explanation":null,"artifacts":null,"news":{"a":1}}],"count":null}`}
		}
		j, err := c.Follow(within(t, time.Hour), jobRef(7), Follow{})
		if err != nil || j.Status != StatusSuccessful || j.Artifacts != nil {
			t.Errorf("%+v, %v", j, err)
		}
	})
}

func TestAnAnswerServesOnlyEarlierWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		f.delay = 5 * time.Second
		c := f.client()
		first := f.add(fakeJob{ref: jobRef(7), runs: time.Hour})
		done := make(chan struct{})
		go func() {
			defer close(done)
			_, _ = c.Follow(within(t, time.Minute), first, Follow{})
		}()
		// Discovery takes 5 s from the first second on, the list 5 s more.
		time.Sleep(7 * time.Second)
		joined := time.Now()
		var seen time.Time
		_, _ = c.Follow(within(t, 30*time.Second), first, Follow{Observe: func(Job) {
			if seen.IsZero() {
				seen = time.Now()
			}
		}})
		if seen.Sub(joined) < f.delay {
			t.Errorf("served %s after it joined, by a request that was sent before", seen.Sub(joined))
		}
		<-done
	})
}

func TestTwoFollowersOfOneJob(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		c := f.client()
		ref := f.add(fakeJob{ref: jobRef(7), runs: 10 * time.Second})
		short, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		var group sync.WaitGroup
		group.Go(func() {
			if _, err := c.Follow(short, ref, Follow{}); !errors.Is(err, context.DeadlineExceeded) {
				t.Error(err)
			}
		})
		group.Go(func() {
			if j, err := c.Follow(within(t, time.Hour), ref, Follow{}); err != nil || !j.Terminal() {
				t.Error(err)
			}
		})
		group.Wait()
		if strings.Contains(strings.Join(f.requests, "\n"), "7,7") {
			t.Error("an id was asked for twice")
		}
		// A later wait starts the goroutine again.
		if _, err := c.Follow(within(t, time.Hour), f.add(fakeJob{ref: jobRef(8), runs: time.Second}), Follow{}); err != nil {
			t.Error(err)
		}
	})
}

func TestTickIsStoppedWhenNobodyWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		c := f.client(func(s *Settings) { s.Transport.RequestTimeout = time.Hour })
		ref := f.add(fakeJob{ref: jobRef(7), runs: time.Hour})
		failing(f, 0, time.Hour, reply{hang: true})
		_, err := c.Follow(within(t, 5*time.Second), ref, Follow{})
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		// synctest.Test fails if the hanging request or the poller's goroutine outlives the wait.
	})
}
