package eda_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
	"github.com/osac-project/terraform-provider-osac/internal/sandbox/eda"
)

// stage is an EDA before a simulated controller, in a bubble of synctest.
type stage struct {
	t     *testing.T
	box   *sandbox.Sandbox
	eda   *eda.Server
	start time.Time
}

func newStage(t *testing.T, box sandbox.Options, options eda.Options) *stage {
	t.Helper()
	box.Token = "admin"
	s := &stage{t: t, box: sandbox.New(box), start: time.Now()}
	if options.Controller == nil {
		options.Controller = s.box.RoundTripper()
	}
	if options.Token == "" {
		options.Token = "admin"
	}
	if len(options.Rulebook.Rules) == 0 {
		options.Rulebook = eda.OSACRulebook("osac")
	}
	s.eda = eda.New(options)
	t.Cleanup(s.eda.Close)
	synctest.Wait()
	return s
}

func sequential() eda.Rulebook {
	book := eda.OSACRulebook("osac")
	book.Parallel = false
	return book
}

func body(name string) string {
	return fmt.Sprintf(`{"kind": "ComputeInstance", "metadata": {"name": %q, "namespace": "ns", "uid": "u-%s"}, "osac_verb": "create",
  "extra_vars": {"osac_job_vars": {"resource": {"metadata": {"name": %q, "namespace": "ns"}}}, "who": "me"}}`, name, name, name)
}

// post sends to the webhook; the status is 0 where there was no answer.
func (s *stage) post(ctx context.Context, path, body string, headers ...string) (int, string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://eda:5000"+path, strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := s.eda.WebhookTransport().RoundTrip(request)
	if err != nil {
		return 0, "", err
	}
	content, err := io.ReadAll(response.Body)
	_ = response.Body.Close()
	return response.StatusCode, string(content), err
}

func (s *stage) create(name string) {
	s.t.Helper()
	if status, text, err := s.post(s.t.Context(), "/create-compute-instance", body(name)); status != 200 || err != nil {
		s.t.Fatalf("post %s: %d %s %v", name, status, text, err)
	}
}

// burst posts at once, each with a client that gives up after the limit, and returns how many were answered.
func (s *stage) burst(count int, limit time.Duration) int {
	var group sync.WaitGroup
	answered := make(chan bool, count)
	for i := range count {
		group.Go(func() {
			ctx, cancel := context.WithTimeout(s.t.Context(), limit)
			defer cancel()
			status, _, _ := s.post(ctx, "/create-compute-instance", body(fmt.Sprintf("vm-%d", i)))
			answered <- status == 200
		})
	}
	group.Wait()
	close(answered)
	total := 0
	for ok := range answered {
		if ok {
			total++
		}
	}
	return total
}

// launches are the seconds at which jobs were launched.
func (s *stage) launches() []int {
	var result []int
	for _, r := range s.requests("POST", "/launch/") {
		result = append(result, int(r.Time.Sub(s.start).Seconds()))
	}
	return result
}

func (s *stage) requests(method, part string) []sandbox.Request {
	return slices.DeleteFunc(s.box.Requests(), func(r sandbox.Request) bool {
		return r.Method != method || !strings.Contains(r.Path, part)
	})
}

func (s *stage) extraVars(request sandbox.Request) map[string]any {
	s.t.Helper()
	var sent struct {
		ExtraVars map[string]any `json:"extra_vars"`
	}
	if err := json.NewDecoder(bytes.NewReader([]byte(request.Body))).Decode(&sent); err != nil {
		s.t.Fatal(err)
	}
	return sent.ExtraVars
}

func (s *stage) logged(part string) bool {
	return slices.ContainsFunc(s.eda.Log(), func(line string) bool { return strings.Contains(line, part) })
}

func wantEqual[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// TestSequential is F61: one launch in ten seconds for a job of three, and one poll for each.
func TestSequential(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, sandbox.Options{}, eda.Options{Rulebook: sequential()})
		for i := range 10 {
			s.create(fmt.Sprintf("vm-%d", i))
		}
		time.Sleep(2 * time.Minute)
		wantEqual(t, "launches", fmt.Sprint(s.launches()), "[0 10 20 30 40 50 60 70 80 90]")
		wantEqual(t, "lookups", len(s.requests("GET", "unified_job_templates")), 10)
		wantEqual(t, "polls", len(s.requests("GET", "/api/v2/jobs/")), 11) // the first at once
	})
}

// TestBackPressure is F63: thirteen posts are answered at once, one for each event that is taken afterwards, clients
// give up after 5 s, and all thirty events run all the same.
func TestBackPressure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, sandbox.Options{}, eda.Options{Rulebook: sequential(), RefreshDelay: time.Second})
		wantEqual(t, "answered at once", s.burst(30, time.Second), 13)
		time.Sleep(10 * time.Minute)
		wantEqual(t, "launches", len(s.launches()), 30)
	})
}

// TestParallel is F62: of forty events 25 go at once, the others when the poll has seen jobs end.
func TestParallel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, sandbox.Options{}, eda.Options{})
		go s.burst(40, time.Minute)
		synctest.Wait()
		wantEqual(t, "at once", len(s.launches()), 25)
		time.Sleep(30 * time.Second)
		wantEqual(t, "in all", len(s.launches()), 40)
		wantEqual(t, "the last one", s.launches()[39], 11)
	})
}

// TestLaunch is what a job gets (eda 01), and what rule audit's job is.
func TestLaunch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, sandbox.Options{}, eda.Options{})
		status, text, err := s.post(t.Context(), "/create-compute-instance", body("vm"), "X-Correlation-Id", "c", "Authorization", "Bearer x")
		if status != 200 || text != "create-compute-instance" || err != nil {
			t.Fatalf("post: %d %q %v", status, text, err)
		}
		e, err := s.eda.WaitForEvent(t.Context(), func(e eda.Event) bool { return e.State == eda.Ended })
		if err != nil {
			t.Fatal(err)
		}
		wantEqual(t, "status", e.Status, "successful")
		wantEqual(t, "jobs", fmt.Sprint(e.Jobs), "[1]")
		vars := s.extraVars(s.requests("POST", "/launch/")[0])
		wantEqual(t, "who", vars["who"], "me")
		sent, _ := json.Marshal(vars["ansible_eda"])
		for _, part := range []string{
			`"rule":"Create compute instance"`, `"endpoint":"create-compute-instance"`, `"X-Correlation-ID":"c"`, `"uid":"u-vm"`,
			`"source":{"name":"ansible.eda.webhook","type":"ansible.eda.webhook"}`, `"uuid":"` + e.UUID + `"`,
		} {
			if !strings.Contains(string(sent), part) {
				t.Errorf("ansible_eda lacks %s: %s", part, sent)
			}
		}
		if strings.Contains(string(sent), "Authorization") {
			t.Errorf("Authorization goes to the job: %s", sent)
		}
	})
}

// TestControllerDown is eda 05 and 06: up to a minute is bridged, later the event is gone.
func TestControllerDown(t *testing.T) {
	for _, c := range []struct {
		down  time.Duration
		want  string
		state string
	}{{45 * time.Second, "[60]", "successful"}, {2 * time.Minute, "[]", "failed"}} {
		synctest.Test(t, func(t *testing.T) {
			s := newStage(t, sandbox.Options{}, eda.Options{})
			s.box.Down(c.down)
			s.create("vm")
			time.Sleep(5 * time.Minute)
			wantEqual(t, "launches", fmt.Sprint(s.launches()), c.want)
			wantEqual(t, "status", s.eda.Events()[0].Status, c.state)
			wantEqual(t, "logged", s.logged("retries exhausted"), c.state == "failed")
		})
	}
}

// TestStop is eda 05 and F64: the queue is lost with the process, unless it persists.
func TestStop(t *testing.T) {
	for _, persistence := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			s := newStage(t, sandbox.Options{}, eda.Options{Rulebook: sequential(), Persistence: persistence})
			for i := range 5 {
				s.create(fmt.Sprintf("vm-%d", i))
			}
			time.Sleep(time.Second)
			s.eda.Stop(false)
			if _, _, err := s.post(t.Context(), "/create-compute-instance", body("late")); err == nil {
				t.Error("a stopped rulebook has answered")
			}
			s.eda.Start()
			time.Sleep(5 * time.Minute)
			want := 1
			if persistence {
				want = 5
			}
			wantEqual(t, "launches", len(s.launches()), want)
		})
	}
}

// TestFaults are the disturbances of events that tests ask for.
func TestFaults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, sandbox.Options{}, eda.Options{})
		s.eda.DropNext()
		s.create("dropped")
		s.eda.DuplicateNext()
		s.create("twice")
		s.eda.DelayNext(1, 7*time.Second)
		s.create("late")
		s.eda.OmitVars("osac_job_vars")
		s.create("unmapped")
		synctest.Wait()
		s.eda.ClearFaults()
		s.eda.DisableRule("Create compute instance", true)
		s.create("disabled")
		time.Sleep(time.Minute)
		wantEqual(t, "launches", fmt.Sprint(s.launches()), "[0 0 0 7]")
		without := 0
		for _, r := range s.requests("POST", "/launch/") {
			if s.extraVars(r)["osac_job_vars"] == nil {
				without++
			}
		}
		wantEqual(t, "without osac_job_vars", without, 1)
		var states []string
		for _, e := range s.eda.Events() {
			states = append(states, e.State)
		}
		wantEqual(t, "states", fmt.Sprint(states), "[dropped ended ended ended ended unmatched]")
	})
}

// TestPostFaults are the disturbances of answers: refused, lost after accepting, hanging.
func TestPostFaults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, sandbox.Options{}, eda.Options{})
		s.eda.FaultPosts(eda.PostFault{Times: 1, Status: 503, Body: "away"})
		s.eda.FaultPosts(eda.PostFault{Times: 1, Reset: true, AfterAccepting: true})
		s.eda.FaultPosts(eda.PostFault{Times: 1, Hang: true})
		status, text, _ := s.post(t.Context(), "/create-compute-instance", body("a"))
		wantEqual(t, "status", status, 503)
		wantEqual(t, "text", text, "away")
		if _, _, err := s.post(t.Context(), "/create-compute-instance", body("b")); err == nil {
			t.Error("the answer is there")
		}
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		if _, _, err := s.post(ctx, "/create-compute-instance", body("c")); err == nil {
			t.Error("the answer is there")
		}
		time.Sleep(time.Minute)
		wantEqual(t, "launches", fmt.Sprint(s.launches()), "[0]")
		wantEqual(t, "posts", len(s.eda.Requests()), 3)
	})
}

// TestEnds is eda 12: without a controller at start, or with a token that it does not know, the process ends.
func TestEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, sandbox.Options{}, eda.Options{Token: "bad"})
		if s.eda.Err() == nil || !s.logged("Terminating: 401, message='Unauthorized', url='http://controller/api/v2/config/'") {
			t.Errorf("it runs: %q", s.eda.Log())
		}
	})
}
