package provisioning

import (
	"encoding/json"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/controller"
	"github.com/osac-project/terraform-provider-osac/internal/jobs"
	"github.com/osac-project/terraform-provider-osac/internal/jobs/jobstest"
	"github.com/osac-project/terraform-provider-osac/internal/osac"
	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
)

func (s *testSite) report(id int64) JobReport {
	s.Helper()
	report, warnings, err := s.hub.Job(s.Context(), id)
	if err != nil || len(warnings) > 0 {
		s.Fatalf("%v, %v", warnings, err)
	}
	return report
}

func TestJobReports(t *testing.T) {
	atSite(t, func(site *testSite) {
		site.sandbox.BehaveNext(createTemplate, sandbox.Behavior{Artifacts: map[string]any{"port": 22}})
		created := site.created()
		id := site.sandbox.Jobs()[0].ID
		if got := site.report(id); got.State != jobs.JobSucceeded || got.Message != "successful" || got.Failure != nil ||
			string(got.Artifacts) != `{"port":22}` || !strings.Contains(got.Output, "TASK [") || got.LaunchType != "manual" || got.Finished.IsZero() {
			t.Errorf("successful: %s, %q, %s, %q, %+v", got.State, got.Message, got.Artifacts, got.Output, got.Failure)
		}
		site.sandbox.BehaveNext(deleteTemplate, sandbox.Behavior{Outcome: "failed", Task: "Remove the VM", Message: "it is stuck"})
		if _, err := site.destroy(site.Context(), created); err == nil {
			t.Fatal("the delete job did not fail")
		}
		got := site.report(site.sandbox.Jobs()[1].ID)
		if got.State != jobs.JobFailed || got.Message != "failed: Remove the VM (localhost): it is stuck" || got.Failure == nil || got.Failure.Task != "Remove the VM" {
			t.Errorf("failed: %s, %q, %+v", got.State, got.Message, got.Failure)
		}
		site.sandbox.Purge(id)
		if got := site.report(id); got.State != jobs.JobPurged || got.ID != 0 || !strings.Contains(got.Message, "purged") {
			t.Errorf("purged: %s, %q", got.State, got.Message)
		}
		site.sandbox.Down(0)
		began := time.Now()
		for range 2 {
			if _, _, err := site.hub.Job(site.Context(), id); err == nil || !strings.Contains(err.Error(), "could not be read") {
				t.Errorf("down: %v", err)
			}
		}
		if took := time.Since(began); took > readTimeout {
			t.Errorf("two jobs of a hub that is down took %s", took)
		}
	})
}

func TestTemplateReports(t *testing.T) {
	atSite(t, func(site *testSite) {
		site.sandbox.SetTemplate(createTemplate, func(template *sandbox.Template) {
			template.Survey = []sandbox.Question{{Variable: "password", Type: "password", Default: "s3cret-s3cret", Required: true}, {Variable: "size", Default: "small"}}
		})
		got, err := site.hub.Templates(site.Context())
		if err != nil {
			t.Fatal(err)
		}
		create, remove := got[osac.Provision], got[osac.Deprovision]
		if create.Name != createTemplate || create.Kind != controller.KindJob || !create.AsksVariables || len(create.Survey) != 2 || create.Survey[1].Default != "small" {
			t.Errorf("create: %+v", create)
		}
		if create.Survey[0].Default != "" || remove.Name != deleteTemplate || len(remove.Survey) != 0 {
			t.Errorf("%+v, delete: %+v", create.Survey[0], remove)
		}
		site.sandbox.RemoveTemplate(deleteTemplate)
		_, err = site.newHub().Templates(site.Context())
		wantReason(t, err, ReasonTemplate, deleteTemplate)
	})
}

// TestFailuresEndWithTheOutput looks for what went before a failure, and for no secret in it.
func TestFailuresEndWithTheOutput(t *testing.T) {
	atSite(t, func(site *testSite) {
		desired := jobstest.Instance()
		desired.ExtraVars = json.RawMessage(`{"login":{"password":"own-s3cret"}}`)
		desired.WriteOnlyExtraVars = json.RawMessage(`{"key":"written-s3cret"}`)
		site.settings = append(site.settings, func(s *HubSettings) { s.ExtraVars = json.RawMessage(`{"site":"site-s3cret"}`) })
		site.hub = site.newHub()
		site.sandbox.BehaveNext(createTemplate, sandbox.Behavior{Outcome: "failed", Task: "Log in", Message: "own-s3cret, written-s3cret and site-s3cret were refused"})
		_, err := site.hub.Apply(site.Context(), ApplyRequest{Desired: desired, Timeout: time.Hour})
		wantReason(t, err, ReasonJobFailed, "Message: (hidden), (hidden) and (hidden) were refused", "Last output:\n", "TASK [Log in]", "PLAY RECAP")
		if strings.Contains(err.Error(), "s3cret") {
			t.Errorf("a secret shows: %s", err)
		}
		site.sandbox.BehaveNext(createTemplate, sandbox.Behavior{Outcome: "failed", Explanation: "Job terminated due to timeout"})
		_, err = site.newHub().Apply(site.Context(), ApplyRequest{Desired: desired, Timeout: time.Hour})
		wantReason(t, err, ReasonJobFailed, "Job terminated due to timeout", "Last output:\n")
	})
}

// TestTasksAreLogged follows long jobs: the log says which task they are at, at a price that does not grow with their
// number.
func TestTasksAreLogged(t *testing.T) {
	for name, count := range map[string]int{"one": 1, "many": 20} {
		t.Run(name, func(t *testing.T) {
			atBusySite(t, func(site *testSite) {
				var log logged
				site.hub = site.newHub(func(s *HubSettings) { s.Logger = log.logger() })
				site.sandbox.Behave(createTemplate, sandbox.Behavior{Duration: 10 * time.Minute})
				site.together(count, func(i int) {
					desired := jobstest.Instance()
					desired.Name += strings.Repeat("x", i)
					if _, err := site.hub.Apply(site.Context(), ApplyRequest{Desired: desired, Timeout: time.Hour}); err != nil {
						t.Error(err)
					}
				})
				asked := 0
				for _, request := range site.sandbox.Requests() {
					if strings.HasSuffix(request.Path, "/job_events/") {
						asked++
					}
				}
				if asked < 1 && count == 1 || asked > 40 { // in the 20 minutes that 20 jobs take, ten at a time
					t.Errorf("%d requests for tasks", asked)
				}
				if told := log.lines("job changed", "task="); count == 1 && (len(told) == 0 || !strings.Contains(told[0], "instance=")) {
					t.Errorf("the log says %v", told)
				}
				if states := log.lines("job changed", "state=Running"); len(states) < count {
					t.Errorf("%d jobs were said to run", len(states))
				}
			})
		})
	}
	atSite(t, func(site *testSite) {
		site.sandbox.Behave(createTemplate, sandbox.Behavior{Duration: 20 * time.Second})
		site.created()
		if slices.ContainsFunc(site.sandbox.Requests(), func(r sandbox.Request) bool { return strings.HasSuffix(r.Path, "/job_events/") }) {
			t.Error("a short job was asked for its task")
		}
	})
}

// TestTimeoutsNameTheTask lets an operation's time run out.
func TestTimeoutsNameTheTask(t *testing.T) {
	atSite(t, func(site *testSite) {
		_, err := site.hub.Apply(site.Context(), ApplyRequest{Desired: jobstest.Instance(), Timeout: 40 * time.Second})
		wantReason(t, err, ReasonTimeout, "running, at task \"")
	})
}

// logged keeps the lines of a log.
type logged struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logged) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

func (l *logged) logger() *slog.Logger { return slog.New(slog.NewTextHandler(l, nil)) }

// lines are those that hold all the texts.
func (l *logged) lines(texts ...string) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.DeleteFunc(strings.Split(l.text.String(), "\n"), func(line string) bool {
		return slices.ContainsFunc(texts, func(text string) bool { return !strings.Contains(line, text) })
	})
}

func TestARecordedJobHasItsPageForPeople(t *testing.T) {
	atSite(t, func(site *testSite) {
		made := site.created()
		want := "https://aap.example.com/#/jobs/playbook/1/output"
		if made.LastJob.UIURL != want {
			t.Errorf("ui_url is %q, want %q", made.LastJob.UIURL, want)
		}
		if again := site.refresh(made).Record; again.LastJob.UIURL != want {
			t.Errorf("ui_url is %q after a refresh", again.LastJob.UIURL)
		}
	})
}
