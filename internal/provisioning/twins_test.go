package provisioning

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/jobs"
	"github.com/osac-project/terraform-provider-osac/internal/jobs/jobstest"
	"github.com/osac-project/terraform-provider-osac/internal/osac"
	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
)

// atOnce lets two processes do the same at the same moment, and counts the jobs that this leads to.
type atOnce struct {
	// template is what both run, and do what each does with the record of the machine; a create has none.
	template string
	creates  bool
	do       func(site *testSite, hub *Hub, record jobs.Record) (Result, error)
}

func sameAtOnce() map[string]atOnce {
	return map[string]atOnce{
		"create": {createTemplate, true, func(site *testSite, hub *Hub, _ jobs.Record) (Result, error) {
			return hub.Apply(site.Context(), ApplyRequest{Desired: jobstest.Instance(), Timeout: time.Hour})
		}},
		"update": {createTemplate, false, func(site *testSite, hub *Hub, record jobs.Record) (Result, error) {
			return hub.Apply(site.Context(), ApplyRequest{Desired: *jobstest.Halted(), Prior: &record, Timeout: time.Hour})
		}},
		"destroy": {deleteTemplate, false, func(site *testSite, hub *Hub, record jobs.Record) (Result, error) {
			return hub.Destroy(site.Context(), DestroyRequest{Record: record, Timeout: time.Hour})
		}},
	}
}

// run returns the jobs that both have led to and their results; the second begins a while after the first.
func (a atOnce) run(site *testSite, behaviors []sandbox.Behavior, after time.Duration) ([]sandbox.Job, []Result) {
	site.Helper()
	var record jobs.Record
	if !a.creates {
		record = site.created()
	}
	site.sandbox.BehaveNext(a.template, behaviors...)
	before := len(site.sandbox.AllJobs())
	results := make([]Result, 2)
	each := func(i int, wait time.Duration) func(hub *Hub) error {
		return func(hub *Hub) error {
			time.Sleep(wait)
			var err error
			results[i], err = a.do(site, hub, record)
			return err
		}
	}
	errs := errorsOf(raced(site, each(0, 0), each(1, after)))
	history := site.sandbox.AllJobs()[before:]
	var told *Error
	for i, err := range errs {
		switch {
		case err == nil:
		case a.creates && ran(history) == 2 && told == nil && errors.As(err, &told) && told.Reason == ReasonOvertaken:
			// Both have made the machine: the first to end does not hold it.
			results[i] = results[1-i]
		default:
			site.Errorf("process %d: %v", i, err)
		}
	}
	return history, results
}

func errorsOf(first, second error) []error { return []error{first, second} }

// settled checks that each process's record says what the next refresh finds.
func (a atOnce) settled(site *testSite, results []Result) {
	site.Helper()
	for i, result := range results {
		if a.template == deleteTemplate {
			if result.Record != nil {
				site.Errorf("process %d keeps %+v", i, result.Record)
			}
			continue
		}
		refreshed := site.refresh(*result.Record).Record
		if result.Record.ReconciledConfigVersion == "" || refreshed == nil || refreshed.NeedsRun(result.Record.Instance, nil) {
			site.Errorf("process %d keeps %+v, and a refresh makes it %+v", i, result.Record, refreshed)
		}
	}
}

func ran(history []sandbox.Job) int {
	return len(slices.DeleteFunc(slices.Clone(history), func(job sandbox.Job) bool { return job.Status != "successful" }))
}

func (s *testSite) tellJobs(history []sandbox.Job) {
	s.Helper()
	for _, job := range history {
		s.Logf("job %d of %s: %s, %s to %s", job.ID, job.Template, job.Status, job.Created.Format("05.000"), job.Finished.Format("05.000"))
	}
}

// Of two runs at once, one gives way, however short the jobs are.
func TestOfTwoAtOnceOneRunsToItsEnd(t *testing.T) {
	for name, both := range sameAtOnce() {
		for _, length := range []time.Duration{1500 * time.Millisecond, 2 * time.Second, 4 * time.Second, 15 * time.Second} {
			for _, after := range []time.Duration{0, 200 * time.Millisecond} {
				t.Run(fmt.Sprintf("%s, %s, %s apart", name, length, after), func(t *testing.T) {
					atBusySite(t, func(site *testSite) {
						site.sandbox.Fault(sandbox.Fault{Delay: 100 * time.Millisecond, AfterHandling: true})
						behavior := sandbox.Behavior{Duration: length}
						history, results := both.run(site, []sandbox.Behavior{behavior, behavior}, after)
						if ran(history) != 1 || len(history) > 2 {
							site.tellJobs(history)
							t.Errorf("%d launches, of which %d ran to their end", len(history), ran(history))
						}
						both.settled(site, results)
					})
				})
			}
		}
	}
}

// The loser's job takes a while to end, or does not heed the cancel at all, and the winner's ends before it: nothing is
// left to do.
func TestWhoGaveWayDoesNotDoTheWorkAgain(t *testing.T) {
	losers := map[string]sandbox.Behavior{
		"slow cancel":     {Duration: 40 * time.Second, CancelDelay: 9 * time.Second},
		"ignored cancel":  {Duration: 40 * time.Second, IgnoreCancel: true},
		"cancel too late": {Duration: 40 * time.Second, CancelTooLate: true},
	}
	for name, both := range sameAtOnce() {
		for how, loser := range losers {
			for _, length := range []time.Duration{500 * time.Millisecond, 5 * time.Second, 20 * time.Second, time.Minute} {
				t.Run(fmt.Sprintf("%s, %s, winner %s", name, how, length), func(t *testing.T) {
					atBusySite(t, func(site *testSite) {
						site.sandbox.Fault(sandbox.Fault{Path: "launch", Delay: 100 * time.Millisecond})
						history, results := both.run(site, []sandbox.Behavior{{Duration: length}, loser}, 0)
						if len(history) != 2 {
							site.tellJobs(history)
							t.Errorf("%d launches", len(history))
						}
						both.settled(site, results)
					})
				})
			}
		}
	}
}

// Two updates at once to different inputs come one after the other: the one that gives way runs again, and the other, if it
// sees that, says so and does not fight it.
func TestTwoUpdatesToDifferentInputsComeOneAfterTheOther(t *testing.T) {
	for _, length := range []time.Duration{500 * time.Millisecond, 4 * time.Second, time.Minute} {
		t.Run(length.String(), func(t *testing.T) {
			atBusySite(t, func(site *testSite) {
				record := site.created()
				site.sandbox.Behave(createTemplate, sandbox.Behavior{Duration: length})
				site.sandbox.Fault(sandbox.Fault{Path: "launch", Delay: 100 * time.Millisecond})
				labelled := jobstest.Instance()
				labelled.Labels = map[string]string{"team": "b"}
				to := func(desired osac.Instance) func(hub *Hub) error {
					return func(hub *Hub) error {
						_, err := hub.Apply(site.Context(), ApplyRequest{Desired: desired, Prior: &record, Timeout: time.Hour})
						return err
					}
				}
				first, second := raced(site, to(*jobstest.Halted()), to(labelled))
				history := site.sandbox.AllJobs()[1:]
				if len(history) != 3 || ran(history) != 2 || first != nil && second != nil {
					site.tellJobs(history)
					t.Errorf("%v, %v", first, second)
				}
				if failure := cmp.Or(first, second); failure != nil {
					wantReason(t, failure, ReasonOvertaken, "overtaken by job 4")
				}
			})
		})
	}
}

// A launch takes longer than others look at once: its job gets through when another's runs, with the higher number or the
// lower one. The two don't run side by side to their ends, and a delete leaves nothing behind.
func TestALaunchThatTakesItsTimeIsSeen(t *testing.T) {
	for _, slow := range []string{"update", "destroy"} {
		for _, quick := range []string{"update", "destroy"} {
			for _, early := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s takes long, %s does not, early %t", slow, quick, early), func(t *testing.T) {
					atBusySite(t, func(site *testSite) {
						record := site.created()
						const held = 9 * time.Second
						site.sandbox.Fault(sandbox.Fault{Path: "launch", Delay: held, Times: 1, AfterHandling: early})
						doing := func(name string, hub *Hub) func(*Hub) error {
							return func(other *Hub) error {
								_, err := sameAtOnce()[name].do(site, cmp.Or(hub, other), record)
								return err
							}
						}
						second := site.newHub()
						if early {
							second = site.hubThatSeesLate(2, held)
						}
						first, other := raced(site, doing(slow, nil), func(*Hub) error {
							if _, err := site.sandbox.WaitForRequest(site.Context(), func(r sandbox.Request) bool { return r.Route == "launch" }); err != nil {
								return err
							}
							return doing(quick, second)(nil)
						})
						for _, err := range errorsOf(first, other) {
							if err != nil && !hasReason(err, ReasonDestroyed, ReasonJobCanceled, ReasonOvertaken) {
								t.Error(err)
							}
						}
						site.oneRanToItsEnd(site.sandbox.AllJobs()[1:])
						if (slow == "destroy" || quick == "destroy") && site.exists() {
							site.tellJobs(site.sandbox.AllJobs())
							t.Error("the instance exists")
						}
					})
				})
			}
		}
	}
}

func hasReason(err error, reasons ...Reason) bool {
	failure, ok := errors.AsType[*Error](err)
	return ok && slices.Contains(reasons, failure.Reason)
}

// oneRanToItsEnd checks that no two jobs were active together and both succeeded.
func (s *testSite) oneRanToItsEnd(history []sandbox.Job) {
	s.Helper()
	history = slices.DeleteFunc(slices.Clone(history), func(job sandbox.Job) bool { return job.Status != "successful" })
	for i := 1; i < len(history); i++ {
		if history[i].Created.Before(history[i-1].Finished) {
			s.tellJobs(history)
			s.Errorf("jobs %d and %d ran side by side", history[i-1].ID, history[i].ID)
		}
	}
}

// hubThatSeesLate is another process, whose lists show a job only a while after it was created.
func (s *testSite) hubThatSeesLate(id int64, late time.Duration) *Hub {
	s.Helper()
	return s.newHub(func(settings *HubSettings) {
		settings.Controller.Transport.RoundTripper = &between{
			next: settings.Controller.Transport.RoundTripper,
			answer: func(r *http.Request, body []byte) []byte {
				var list map[string]any
				if !isList(r) || json.Unmarshal(body, &list) != nil {
					return body
				}
				rows, _ := list["results"].([]any)
				list["results"] = slices.DeleteFunc(rows, func(row any) bool {
					job, _ := row.(map[string]any)
					made, err := time.Parse(time.RFC3339Nano, fmt.Sprint(job["created"]))
					return err == nil && job["id"] == float64(id) && time.Since(made) < late
				})
				changed, err := json.Marshal(list)
				if err != nil {
					return body
				}
				return changed
			},
		}
	})
}
