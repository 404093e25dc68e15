package provisioning

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/jobs"
	"github.com/osac-project/terraform-provider-osac/internal/jobs/jobstest"
	"github.com/osac-project/terraform-provider-osac/internal/osac"
	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
	"github.com/osac-project/terraform-provider-osac/internal/transport"
)

// hostileCases are what a controller, or something before it, may do in an instance's life.
var hostileCases = map[string]struct {
	// outcome says what has to come of it, launches which templates were run for the instance.
	outcome  string
	launches []string
	run      func(s *testSite, b *between)
}{
	"a launch is answered with another instance's job": {
		"that job is not followed and not cancelled: the own one is looked for",
		[]string{createTemplate},
		func(s *testSite, b *between) {
			b.rows(func(r *http.Request, row map[string]any) {
				if r.Method == http.MethodPost {
					row["extra_vars"] = anothers(row["extra_vars"])
				}
			})
			result, err := s.create(s.Context())
			if err != nil || result.Record.LastJob.ID != "1" || result.Record.LastJob.State != jobs.JobSucceeded {
				s.Errorf("%+v, %v", result.Record, err)
			}
		},
	},
	"a launch is answered with an id as a string": {
		"the job is looked for, found and followed",
		[]string{createTemplate},
		func(s *testSite, b *between) {
			b.rows(func(r *http.Request, row map[string]any) {
				if r.Method == http.MethodPost {
					row["id"] = "1"
				}
			})
			s.created()
		},
	},
	"a launch is answered with a page": {
		"the job is looked for, found and followed",
		[]string{createTemplate},
		func(s *testSite, b *between) {
			b.answers(func(r *http.Request, body []byte) []byte {
				if r.Method == http.MethodPost {
					return []byte("<!DOCTYPE html><title>Log in</title>")
				}
				return body
			})
			s.created()
		},
	},
	"the number of the job that is followed becomes another instance's": {
		"the run is gone as if purged: it is run once more, and nobody's job is cancelled",
		[]string{createTemplate},
		func(s *testSite, _ *between) {
			s.sandbox.BehaveNext(createTemplate, sandbox.Behavior{Duration: 24 * time.Hour})
			time.AfterFunc(20*time.Minute, func() { s.sandbox.SetExtraVars(1, anothers(s.sandbox.Jobs()[0].ExtraVars)) })
			result, err := s.create(s.Context())
			if err != nil || result.Record.LastJob.ID != "2" || len(result.Warnings) != 1 {
				s.Errorf("%+v, %+v, %v", result.Record, result.Warnings, err)
			}
		},
	},
	"the number of the delete job becomes another instance's": {
		"the delete counts as purged: the instance is gone, with a warning",
		[]string{createTemplate},
		func(s *testSite, _ *between) {
			record := s.created()
			s.sandbox.BehaveNext(deleteTemplate, sandbox.Behavior{Duration: 24 * time.Hour})
			time.AfterFunc(20*time.Minute, func() { s.sandbox.SetExtraVars(2, anothers(s.sandbox.Jobs()[1].ExtraVars)) })
			result, err := s.destroy(s.Context(), record)
			if err != nil || result.Record != nil || len(result.Warnings) != 1 {
				s.Errorf("%+v, %v", result, err)
			}
		},
	},
	"lists show the running job as another instance's, its own page does not": {
		"error that keeps the job on record; nothing is launched beside it",
		[]string{createTemplate},
		func(s *testSite, b *between) {
			b.rows(func(r *http.Request, row map[string]any) {
				if isList(r) {
					row["extra_vars"] = anothers(row["extra_vars"])
				}
			})
			result, err := s.create(s.Context())
			s.wantError(err, ReasonOutcomeUnknown, "shows another run as job 1")
			if result.Record == nil || result.Record.LastJob.ID != "1" {
				s.Errorf("%+v", result.Record)
			}
		},
	},
	"a database with lower numbers is restored, and the instance deleted by hand": {
		"a refresh sees that it is gone",
		[]string{createTemplate, deleteTemplate},
		func(s *testSite, _ *between) {
			record, vars := s.restored()
			s.byHand(deleteTemplate, vars)
			if result := s.refresh(record); result.Record != nil {
				s.Errorf("%+v", result.Record)
			}
		},
	},
	"a database with lower numbers is restored, and the instance updated": {
		"one run, after which nothing is left to do",
		[]string{createTemplate, createTemplate},
		func(s *testSite, _ *between) {
			record, _ := s.restored()
			desired := *jobstest.Halted()
			result, err := s.update(s.Context(), record, desired)
			if err != nil {
				s.Fatal(err)
			}
			refreshed := s.refresh(*result.Record).Record
			if refreshed.NeedsRun(desired, nil) || refreshed.Phase != jobs.PhaseStopped {
				s.Errorf("%+v", refreshed)
			}
			s.nothingNew(refreshed)
		},
	},
	"a database with lower numbers is restored, and the instance destroyed": {
		"one delete job",
		[]string{createTemplate, deleteTemplate},
		func(s *testSite, _ *between) {
			record, _ := s.restored()
			if result, err := s.destroy(s.Context(), record); err != nil || result.Record != nil {
				s.Errorf("%+v, %v", result.Record, err)
			}
		},
	},
	"a restored database gives the number of the job on record to another instance's, which runs": {
		"it is neither followed nor cancelled nor adopted",
		[]string{createTemplate, deleteTemplate},
		func(s *testSite, _ *between) {
			record := s.created()
			vars := s.sandbox.Jobs()[0].ExtraVars
			s.sandbox.PurgeAll()
			s.sandbox.SetNextJobID(1)
			s.sandbox.BehaveNext(createTemplate, sandbox.Behavior{Duration: 24 * time.Hour})
			if id := s.sandbox.LaunchByHand(createTemplate, anothers(vars), "admin"); id != 1 {
				s.Fatalf("job %d was launched", id)
			}
			record.LastJob.State = jobs.JobRunning // as after an interrupted apply
			refreshed := s.refresh(record)
			if refreshed.Record == nil || refreshed.Record.LastJob.State != jobs.JobPurged || refreshed.Record.ReconciledConfigVersion != "" {
				s.Errorf("%+v", refreshed.Record)
			}
			if _, err := s.destroy(s.Context(), *refreshed.Record); err != nil {
				s.Error(err)
			}
		},
	},
	"a job goes back from successful to running": {
		"the instance is as unfinished as that; an apply follows the job to its end and launches nothing",
		[]string{createTemplate},
		func(s *testSite, b *between) {
			record := s.created()
			b.rows(func(_ *http.Request, row map[string]any) { row["status"], row["finished"] = "running", nil })
			running := s.refresh(record)
			if running.Record.Phase != jobs.PhaseStarting || running.Record.ReconciledConfigVersion != "" {
				s.Errorf("%+v", running.Record)
			}
			time.AfterFunc(10*time.Minute, func() { b.answers(nil) })
			result, err := s.update(s.Context(), *running.Record, jobstest.Instance())
			if err != nil || result.Record.NeedsRun(jobstest.Instance(), nil) {
				s.Errorf("%+v, %v", result.Record, err)
			}
		},
	},
	"every row is there twice": {
		"as if it were there once",
		[]string{createTemplate, createTemplate, deleteTemplate},
		func(s *testSite, b *between) {
			b.lists(func(body []byte) []byte {
				var page map[string]any
				if json.Unmarshal(body, &page) != nil {
					return body
				}
				rows, _ := page["results"].([]any)
				page["results"] = append(rows, rows...)
				doubled, _ := json.Marshal(page) //nolint:errchkjson // it was JSON before
				return doubled
			})
			s.wholeLife()
		},
	},
	"an unknown status that steers terminals": {
		"the job is followed until the time is up; state says Unknown, and nothing of the escapes",
		[]string{createTemplate},
		func(s *testSite, b *between) {
			b.rows(func(r *http.Request, row map[string]any) {
				if r.Method == http.MethodGet {
					row["status"], row["job_explanation"] = "hibernating\x1b[2J", "\x1b]8;;https://evil.example\x07asleep\u202e"
				}
			})
			result, err := s.create(s.Context())
			s.wantError(err, ReasonTimeout, "hibernating", "/jobs/1/")
			if job := result.Record.LastJob; job.State != jobs.JobUnknown || job.Message != "hibernating: asleep" {
				s.Errorf("%+v", job)
			}
		},
	},
	"a list without results": {
		"error; nothing is launched", nil,
		func(s *testSite, b *between) {
			b.lists(func([]byte) []byte { return []byte(`{"count":1,"results":null}`) })
			_, err := s.create(s.Context())
			s.wantError(err, ReasonHub, "a list without results", "https://aap.example.com/")
		},
	},
	"a page in place of a list": {
		"error; nothing is launched", nil,
		func(s *testSite, b *between) {
			b.lists(func([]byte) []byte { return []byte("<html>") })
			_, err := s.create(s.Context())
			s.wantError(err, ReasonHub, "an HTML page where JSON was expected", "https://aap.example.com/", "Check the hub's url")
		},
	},
	"lists begin anew where they should go on": {
		"error; nothing is launched",
		[]string{createTemplate},
		func(s *testSite, b *between) {
			record := s.created()
			s.others(2 * jobs.PageOfJobs)
			b.ask = func(r *http.Request) {
				q := r.URL.Query()
				q.Del("id__lt")
				r.URL.RawQuery = q.Encode()
			}
			s.hub = s.newHub()
			_, err := s.hub.Refresh(s.Context(), record)
			s.wantError(err, ReasonHub, "gives others again", "https://aap.example.com/")
			_, err = s.update(s.Context(), record, *jobstest.Halted())
			s.wantError(err, ReasonHub, "gives others again", "Nothing was started")
		},
	},
	"a clock that is years ahead": {
		"as if it were right",
		[]string{createTemplate, createTemplate, deleteTemplate},
		func(s *testSite, b *between) { s.skewed(b, 30*365*24*time.Hour) },
	},
	"a clock that is years behind": {
		"as if it were right",
		[]string{createTemplate, createTemplate, deleteTemplate},
		func(s *testSite, b *between) { s.skewed(b, -30*365*24*time.Hour) },
	},
	"an event on record from a clock that is ahead": {
		"nobody waits for its job until that time",
		[]string{createTemplate, createTemplate},
		func(s *testSite, _ *between) {
			record := s.created()
			record.ReconciledConfigVersion = ""
			record.Note(jobs.JobRecord{Type: osac.Provision, RunID: "X", State: jobs.JobUnknown, CreatedAt: time.Now().Add(3 * time.Hour)})
			began := time.Now()
			if _, err := s.update(s.Context(), record, *jobstest.Halted()); err != nil || time.Since(began) > 10*time.Minute {
				s.Errorf("after %s: %v", time.Since(began), err)
			}
		},
	},
	"artifacts of a megabyte": {
		"they are left out of state, with a warning",
		[]string{createTemplate},
		func(s *testSite, b *between) {
			s.artifacts(b, 1<<20)
			result, err := s.create(s.Context())
			if err != nil || result.Record.Artifacts != nil || len(result.Warnings) != 1 {
				s.Errorf("%+v, %+v, %v", result.Record, result.Warnings, err)
			}
		},
	},
	"artifacts beyond all bounds": {
		"error that says what to do, and keeps the job on record; nothing is launched again",
		[]string{createTemplate},
		func(s *testSite, b *between) {
			s.artifacts(b, transport.MaxBody)
			result, err := s.create(s.Context())
			s.wantError(err, ReasonOutcomeUnknown, "the answer is too large", "/jobs/1/", "purge such a job")
			if result.Record == nil || result.Record.LastJob.ID != "1" || len(result.Record.Artifacts) > 0 {
				s.Errorf("%+v", result.Record)
			}
		},
	},
}

func TestHostileController(t *testing.T) {
	t.Parallel()
	for name, test := range hostileCases {
		t.Run(name, func(t *testing.T) {
			atBusySite(t, func(s *testSite) {
				b := &between{next: s.sandbox.RoundTripper()}
				s.settings = append(s.settings, func(settings *HubSettings) { settings.Controller.Transport.RoundTripper = b })
				s.hub = s.newHub()
				test.run(s, b)
				var launched []string
				for _, job := range s.ownJobs() {
					launched = append(launched, job.Template)
				}
				if strings.Join(launched, " ") != strings.Join(test.launches, " ") {
					s.Errorf("launched %v; want: %s", launched, test.outcome)
				}
				if n := b.cancels(); n > 0 {
					s.Errorf("%d jobs were cancelled; want: %s", n, test.outcome)
				}
				s.neverTwoJobsAtOnce()
			})
		})
	}
}

// wantError wants an error for a reason that tells all the texts, shortly and fit to print.
func (s *testSite) wantError(err error, reason Reason, says ...string) {
	s.Helper()
	var failure *Error
	if !errors.As(err, &failure) || failure.Reason != reason {
		s.Fatalf("want an error for reason %d, got %v", reason, err)
	}
	text := failure.Error()
	if len(text) > 3000 {
		s.Errorf("an error of %d bytes", len(text))
	}
	for _, each := range says {
		if !strings.Contains(text, each) {
			s.Errorf("the error does not say %q: %s", each, text)
		}
	}
}

// skewed lives a whole life at a controller whose clock is off.
func (s *testSite) skewed(b *between, off time.Duration) {
	b.rows(func(_ *http.Request, row map[string]any) { shiftTimes(row, off) })
	s.wholeLife()
}

// artifacts gives every job that is over artifacts of that many bytes.
func (s *testSite) artifacts(b *between, size int) {
	b.rows(func(_ *http.Request, row map[string]any) {
		if row["finished"] != nil {
			row["artifacts"] = map[string]any{"blob": strings.Repeat("x", size)}
		}
	})
}
