package provisioning

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/eda"
	"github.com/osac-project/terraform-provider-osac/internal/jobs"
	"github.com/osac-project/terraform-provider-osac/internal/jobs/jobstest"
	"github.com/osac-project/terraform-provider-osac/internal/osac"
	"github.com/osac-project/terraform-provider-osac/internal/redact"
	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
	simulated "github.com/osac-project/terraform-provider-osac/internal/sandbox/eda"
	"github.com/osac-project/terraform-provider-osac/internal/transport"
)

// eventSite is a testSite whose runs are started by events.
type eventSite struct {
	*testSite
	eda *simulated.Server
}

// atEventSite runs a test in virtual time with an EDA whose rulebook launches templates at the sandbox.
func atEventSite(t *testing.T, changes func(*simulated.Options), test func(site *eventSite)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		site := &eventSite{testSite: &testSite{T: t, sandbox: sandbox.New(sandbox.Options{JobDuration: time.Minute})}}
		site.sandbox.AddUser("eda", "", "eda-token", false, map[string]sandbox.Role{
			createTemplate: sandbox.RoleExecute, deleteTemplate: sandbox.RoleExecute,
		})
		options := simulated.Options{
			Controller: site.sandbox.RoundTripper(), ControllerURL: "https://aap.example.com/", Token: "eda-token",
			Rulebook: simulated.OSACRulebook("osac"),
		}
		if changes != nil {
			changes(&options)
		}
		site.eda = simulated.New(options)
		defer site.eda.Close()
		if err := site.eda.Err(); err != nil {
			t.Fatal(err)
		}
		site.settings = append(site.settings, site.byEvents)
		site.hub = site.newHub()
		test(site)
	})
}

// byEvents makes a hub start its runs by events.
func (s *eventSite) byEvents(settings *HubSettings) {
	source := func(path string) *eda.Source {
		made, err := eda.NewWebhook(eda.Settings{
			URL:       "http://eda.example.com:5000/" + path,
			Transport: transport.Settings{RoundTripper: s.eda.WebhookTransport(), RequestTimeout: 10 * time.Second},
		})
		if err != nil {
			s.Fatal(err)
		}
		return made
	}
	settings.NewBackend = NewEventDriven(EventSettings{
		Create: source("create-compute-instance"), Delete: source("delete-compute-instance"),
	})
}

func TestEventsCreateChangeAndDelete(t *testing.T) {
	atEventSite(t, nil, func(site *eventSite) {
		record := site.created()
		if entry := record.LastJob; entry.Backend != "eda" || entry.State != jobs.JobSucceeded {
			site.Errorf("the job on record is %+v", entry)
		}
		updated, err := site.update(site.Context(), record, *jobstest.Halted())
		if err != nil {
			site.Fatal(err)
		}
		if _, err := site.destroy(site.Context(), *updated.Record); err != nil {
			site.Fatal(err)
		}
		site.wantLaunches(createTemplate, createTemplate, deleteTemplate)
		site.neverTwoJobsAtOnce()
	})
}

func TestAnEventWithoutAJobIsAnErrorInTime(t *testing.T) {
	atEventSite(t, nil, func(site *eventSite) {
		site.eda.DropNext()
		begun := time.Now()
		result, err := site.create(site.Context())
		failure, ok := errors.AsType[*Error](err)
		if !ok || failure.Reason != ReasonStart || result.Record == nil {
			site.Fatalf("%v, %+v", err, result)
		}
		if waited := time.Since(begun); waited < DefaultStartTimeout || waited > DefaultStartTimeout+10*time.Second {
			site.Errorf("waited %s", waited)
		}
		for _, part := range []string{createTemplate, "create-compute-instance", "rulebook"} {
			if !strings.Contains(err.Error(), part) {
				site.Errorf("%q is missing in %q", part, err)
			}
		}
		if entry := result.Record.OpenRuns[0]; entry.ID != "" || entry.State != jobs.JobUnknown {
			site.Errorf("the entry is %+v", entry)
		}
		// The next run posts again, and what stood for the lost job is gone.
		site.hub = site.newHub()
		updated, err := site.update(site.Context(), *result.Record, jobstest.Instance())
		if err != nil || updated.Record.LastJob == nil || updated.Record.LastJob.State != jobs.JobSucceeded {
			site.Errorf("%v, %+v", err, updated.Record)
		}
	})
}

func TestALateJobIsFoundByTheNextOperation(t *testing.T) {
	atEventSite(t, nil, func(site *eventSite) {
		site.eda.DelayNext(1, DefaultStartTimeout+30*time.Second)
		result, err := site.create(site.Context())
		if err == nil {
			site.Fatal("no error")
		}
		time.Sleep(time.Minute)
		site.hub = site.newHub()
		refreshed, err := site.hub.Refresh(site.Context(), *result.Record)
		if err != nil || refreshed.Record.LastJob == nil || refreshed.Record.LastJob.ID == "" {
			site.Fatalf("%v, %+v", err, refreshed.Record)
		}
		if _, err := site.update(site.Context(), *refreshed.Record, jobstest.Instance()); err != nil {
			site.Fatal(err)
		}
		site.wantLaunches(createTemplate)
	})
}

// An interrupt between an event and its job leaves an entry without a number. Whatever comes next waits for that job.
func TestAnInterruptBeforeTheJobIsSeen(t *testing.T) {
	for name, next := range map[string]func(*eventSite, jobs.Record) error{
		"apply": func(site *eventSite, record jobs.Record) error {
			_, err := site.update(site.Context(), record, jobstest.Instance())
			return err
		},
		"destroy": func(site *eventSite, record jobs.Record) error {
			_, err := site.destroy(site.Context(), record)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			atEventSite(t, nil, func(site *eventSite) {
				site.eda.DelayNext(1, 50*time.Second)
				interrupted := site.interruptedAfter(5 * time.Second)
				begun := time.Now()
				result, err := site.create(interrupted)
				if err != nil || len(result.Warnings) != 1 {
					site.Fatalf("%v, %+v", err, result)
				}
				if took := time.Since(begun); took > 10*time.Second {
					site.Errorf("the interrupt took %s", took-5*time.Second)
				}
				site.hub = site.newHub()
				refreshed, err := site.hub.Refresh(site.Context(), *result.Record)
				if err != nil {
					site.Fatal(err)
				}
				if err := next(site, *refreshed.Record); err != nil {
					site.Fatal(err)
				}
				if got := strings.Join(site.launches(), " "); strings.Count(got, createTemplate) != 1 {
					site.Errorf("launched %s", got)
				}
				site.neverTwoJobsAtOnce()
			})
		})
	}
}

func TestAnEventThatIsDeliveredTwice(t *testing.T) {
	atEventSite(t, nil, func(site *eventSite) {
		site.eda.DuplicateNext()
		result, err := site.create(site.Context())
		if err != nil || result.Record.LastJob.State != jobs.JobSucceeded {
			site.Fatalf("%v, %+v", err, result)
		}
		history := site.sandbox.Jobs()
		if len(history) != 2 || history[0].Status != "successful" || history[1].Status != "canceled" {
			site.Errorf("%+v", history)
		}
		site.neverTwoForLong()
	})
}

func TestAnAnswerThatIsLostIsNotPostedAgain(t *testing.T) {
	for name, fault := range map[string]simulated.PostFault{
		"reset": {Times: 1, Reset: true, AfterAccepting: true}, "hang": {Times: 1, Hang: true, AfterAccepting: true},
		"bad gateway": {Times: 1, Status: 502, AfterAccepting: true},
	} {
		t.Run(name, func(t *testing.T) {
			atEventSite(t, nil, func(site *eventSite) {
				site.eda.FaultPosts(fault)
				if _, err := site.create(site.Context()); err != nil {
					site.Fatal(err)
				}
				site.wantLaunches(createTemplate)
			})
		})
	}
}

// A sequential rulebook launches one job after the other: the clock of those in the queue starts anew with every move.
func TestAQueueOfEventsOutlastsTheStartTimeout(t *testing.T) {
	sequential := func(options *simulated.Options) { options.Rulebook.Parallel = false }
	atEventSite(t, sequential, func(site *eventSite) {
		var failed error
		site.together(6, func(i int) {
			desired := jobstest.Instance()
			desired.Name = string(rune('a' + i))
			if _, err := site.hub.Apply(site.Context(), ApplyRequest{Desired: desired, Timeout: time.Hour}); err != nil {
				failed = errors.Join(failed, err)
			}
		})
		if failed != nil {
			site.Error(failed)
		}
		if history := site.sandbox.Jobs(); len(history) != 6 {
			site.Errorf("%d jobs", len(history))
		}
	})
}

func TestARulebookThatDropsVariables(t *testing.T) {
	for name, mayCancel := range map[string]bool{"cancelled": true, "not cancelled": false} {
		t.Run(name, func(t *testing.T) {
			atEventSite(t, nil, func(site *eventSite) {
				site.eda.OmitVars("osac_job_vars")
				if !mayCancel {
					site.hub = site.newHub(site.ordinaryUser)
				}
				result, err := site.create(site.Context())
				if err == nil || !strings.Contains(err.Error(), "osac_job_vars") || !strings.Contains(err.Error(), "event.payload.extra_vars") {
					site.Fatal(err)
				}
				if (result.Record == nil) != mayCancel {
					site.Errorf("kept: %+v", result.Record)
				}
				time.Sleep(2 * time.Minute)
				if status := site.sandbox.Jobs()[0].Status; (status == "canceled") != mayCancel {
					site.Errorf("the job is %s", status)
				}
			})
		})
	}
}

// ordinaryUser has the hub ask as a user who may execute the templates, and cancel nothing of EDA's.
func (s *eventSite) ordinaryUser(settings *HubSettings) {
	s.sandbox.AddUser("terraform", "", "own-token", false, map[string]sandbox.Role{
		createTemplate: sandbox.RoleExecute, deleteTemplate: sandbox.RoleExecute,
	})
	settings.Controller.Token = "own-token"
}

// auditor is a rule audit that knows of one failure.
type auditor struct{ failure *eda.Failure }

func (a auditor) FailureOf(context.Context, time.Time, string, ...redact.Secret) (*eda.Failure, error) {
	return a.failure, nil
}

func TestRuleAuditTellsWhyThereIsNoJob(t *testing.T) {
	atEventSite(t, nil, func(site *eventSite) {
		site.eda.DropNext()
		site.hub = site.newHub(func(settings *HubSettings) {
			byWebhook := settings.NewBackend
			settings.NewBackend = func(hub *Hub) Backend {
				backend, _ := byWebhook(hub).(*eventDriven)
				backend.settings.Audit = auditor{&eda.Failure{Rule: "Create", Message: "Job template x in organization y does not exist"}}
				return backend
			}
		})
		begun := time.Now()
		result, err := site.create(site.Context())
		if err == nil || !strings.Contains(err.Error(), "does not exist") || result.Record != nil {
			site.Errorf("%v, %+v", err, result)
		}
		if waited := time.Since(begun); waited > 30*time.Second {
			site.Errorf("it took %s to ask", waited)
		}
	})
}

func TestMinimumIntervalBetweenEventsOfAnInstance(t *testing.T) {
	atEventSite(t, nil, func(site *eventSite) {
		site.hub = site.newHub(func(settings *HubSettings) {
			byWebhook := settings.NewBackend
			settings.NewBackend = func(hub *Hub) Backend {
				backend, _ := byWebhook(hub).(*eventDriven)
				backend.settings.MinimumInterval = 10 * time.Minute
				return backend
			}
		})
		result, err := site.create(site.Context())
		if err != nil {
			site.Fatal(err)
		}
		if _, err := site.update(site.Context(), *result.Record, *jobstest.Halted()); err != nil {
			site.Fatal(err)
		}
		history := site.sandbox.Jobs()
		if apart := history[1].Created.Sub(history[0].Created); apart < 10*time.Minute || apart > 11*time.Minute {
			site.Errorf("the events were %s apart", apart)
		}
	})
}

func TestWriteOnlyVariablesAreNotSentByEvents(t *testing.T) {
	atEventSite(t, nil, func(site *eventSite) {
		desired := jobstest.Instance()
		desired.WriteOnlyExtraVars = []byte(`{"secret":"planted"}`)
		_, planned := site.hub.Check(site.Context(), desired)
		_, applied := site.hub.Apply(site.Context(), ApplyRequest{Desired: desired, Timeout: time.Hour})
		for _, err := range []error{planned, applied} {
			if failure, ok := errors.AsType[*Error](err); !ok || failure.Reason != ReasonExtraVars || strings.Contains(err.Error(), "planted") {
				site.Error(err)
			}
		}
		site.wantLaunches()
	})
}

func TestAnEventThatIsRefusedLeavesNothing(t *testing.T) {
	atEventSite(t, nil, func(site *eventSite) {
		site.eda.FaultPosts(simulated.PostFault{Times: 1, Status: 401, Body: "Invalid authorization token"})
		result, err := site.create(site.Context())
		if err == nil || result.Record != nil || !strings.Contains(err.Error(), "eda.example.com:5000/create-compute-instance") {
			site.Errorf("%v, %+v", err, result)
		}
		site.wantLaunches()
	})
}

func TestBackendsCanBeSwitched(t *testing.T) {
	atEventSite(t, nil, func(site *eventSite) {
		record := site.created()
		site.hub = site.newHub(func(settings *HubSettings) { settings.NewBackend = NewDirect })
		updated, err := site.update(site.Context(), record, *jobstest.Halted())
		if err != nil {
			site.Fatal(err)
		}
		if before, after := record.LastJob, updated.Record.LastJob; before.Backend != "eda" || after.Backend != "aap" {
			site.Errorf("the jobs are %+v and %+v", before, after)
		}
		if _, err := site.newHub().Destroy(site.Context(), DestroyRequest{Record: *updated.Record, Timeout: time.Hour}); err != nil {
			site.Fatal(err)
		}
	})
}

func TestMissingVars(t *testing.T) {
	sent := map[string]any{"osac_job_vars": map[string]any{"resource": map[string]any{}}, "site": "x"}
	for has, want := range map[string]string{
		`{"osac_job_vars":{"resource":{}},"site":1,"more":true}`: "",
		`{"osac_job_vars":{},"site":1}`:                          "osac_job_vars.resource",
		`{"osac_job_vars":"text","site":1}`:                      "osac_job_vars.resource",
		`{"ansible_eda":{}}`:                                     "osac_job_vars, site",
		"no JSON":                                                "osac_job_vars, site",
	} {
		if got := strings.Join(osac.MissingVars(sent, has), ", "); got != want {
			t.Errorf("%s lacks %q, want %q", has, got, want)
		}
	}
}

func TestStartOfTheSameRunAgainGivesItsJob(t *testing.T) {
	atEventSite(t, nil, func(site *eventSite) {
		payload, err := osac.NewPayload(site.hub.settings.payload(), jobstest.Instance(), nil, osac.RunLabels{RunID: "run-1"})
		if err != nil {
			site.Fatal(err)
		}
		operation := jobs.Operation{Verb: osac.Provision, Key: jobstest.Instance().Key, RunID: "run-1", Template: createTemplate, Payload: payload}
		// An event that was refused is no event; one that was accepted is not posted again.
		site.eda.FaultPosts(simulated.PostFault{Times: 1, Status: 401})
		if _, err := site.hub.backend.Start(site.Context(), operation); err == nil {
			site.Error("a refused event is no error")
		}
		for range 2 {
			if job, err := site.hub.backend.Start(site.Context(), operation); err != nil || job.Job.ID != 1 {
				site.Errorf("%v, %v", job, err)
			}
		}
		site.wantLaunches(createTemplate)
	})
}
