package eda

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/sandbox/fidelity"
)

// script is a controller that answers as it was recorded, or, where the recorder has cut the answer, in a plain way.
type script struct {
	t       *testing.T
	refuse  bool          // nobody listens
	missing bool          // there is no template
	jobTime time.Duration // until a job is over
	failing bool          // jobs fail
	answers []*exchange   // in the order of the requests

	mu       sync.Mutex
	requests []*http.Request
	bodies   [][]byte
	labels   []string
	launched []time.Time
}

// RoundTrip answers.
func (s *script) RoundTrip(r *http.Request) (*http.Response, error) {
	if s.refuse {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	}
	var body []byte
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if strings.HasSuffix(r.URL.Path, "/config/") {
		return reply(200, object{}), nil
	}
	s.requests, s.bodies = append(s.requests, r), append(s.bodies, body)
	if n := len(s.requests); n <= len(s.answers) {
		answered := s.answers[n-1]
		value, err := parseJSON(answered.Response.Body)
		if err == nil && value != "..." {
			return reply(answered.Response.Status, value), nil
		}
	}
	return s.plain(r), nil
}

func reply(status int, body any) *http.Response {
	return &http.Response{
		StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(bytes.NewReader(compactJSON(body))),
	}
}

// plain is an answer that was not recorded.
func (s *script) plain(r *http.Request) *http.Response {
	query, _ := url.ParseQuery(r.URL.RawQuery)
	name := query.Get("name")
	var rows []any
	switch path := r.URL.Path; {
	case strings.HasSuffix(path, "/launch/"):
		s.launched = append(s.launched, time.Now())
		id := 100 + len(s.launched)
		return reply(201, object{
			{"id", id}, {"url", fmt.Sprintf("/api/v2/jobs/%d/", id)}, {"created", stamp(now())}, {"status", "pending"},
		})
	case strings.HasSuffix(path, "/unified_job_templates/"):
		if !s.missing && name != "does-not-exist" {
			rows = append(rows, object{
				{"type", "job_template"},
				{"name", name},
				{"related", object{{"launch", "/api/v2/job_templates/7/launch/"}}},
				{"summary_fields", object{{"organization", object{{"name", "osac"}}}}},
				{"ask_labels_on_launch", s.failing},
			})
		}
	case strings.HasSuffix(path, "/organizations/"):
		rows = append(rows, object{{"id", 1}})
	case strings.HasSuffix(path, "/labels/"):
		for i, label := range s.labels {
			if label == name {
				rows = append(rows, object{{"id", 50 + i}})
			}
		}
		if len(rows) == 0 {
			s.labels = append(s.labels, name)
		}
	case strings.HasSuffix(path, "/jobs/"):
		for id := range strings.SplitSeq(query.Get("id__in"), ",") {
			rows = append(rows, s.job(id))
		}
	}
	return reply(200, object{{"count", len(rows)}, {"next", nil}, {"results", rows}})
}

func (s *script) job(id string) object {
	var number int
	_, _ = fmt.Sscan(id, &number)
	polls := 0
	for _, r := range s.requests {
		if strings.Contains(r.URL.RawQuery, "id__in="+id) {
			polls++
		}
	}
	status := "pending"
	over := polls > 1
	if n := number - 101; n >= 0 && n < len(s.launched) {
		over = time.Since(s.launched[n]) >= s.jobTime
	}
	if over {
		status = "successful"
		if s.failing {
			status = "failed"
		}
	}
	return object{{"id", number}, {"status", status}, {"created", stamp(now())}, {"url", "/api/v2/jobs/" + id + "/"}}
}

// compareRequests compares the first requests that came with the recorded ones.
func (s *script) compareRequests(t *testing.T, recorded []*exchange) []*fidelity.Comparison {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	var results []*fidelity.Comparison
	for i, e := range recorded {
		c := &fidelity.Comparison{Recording: strings.Replace(e.id, "/", "/rulebook/", 1), Even: lasting}
		results = append(results, c)
		if i >= len(s.requests) {
			c.Differ("request", e.Request.Path, "nothing")
			continue
		}
		r := s.requests[i]
		c.Compare("method", e.Request.Method, r.Method)
		c.Compare("path", e.Request.Path, r.URL.RequestURI())
		for name, value := range e.Request.Headers {
			got := r.Header.Get(name)
			switch name {
			case "Host":
				got = r.URL.Host
			case "Content-Length":
				got = fmt.Sprint(r.ContentLength)
			}
			c.Compare("header/"+name, value, got)
		}
		if len(s.bodies[i]) > 0 || string(e.Request.Body) != "null" {
			var got any
			if len(s.bodies[i]) > 0 {
				got = parsed(t, s.bodies[i])
			}
			c.Compare("body", parsed(t, e.Request.Body), got)
		}
	}
	return results
}

// replayRulebooks posts what started the recorded actions, and compares what the rulebook asks of the controller.
func replayRulebooks(t *testing.T) []*fidelity.Comparison {
	t.Helper()
	var results []*fidelity.Comparison
	byName := Action{ExtraVars: object{{"correlation_id", "{{ event.payload.metadata.name }}"}}}
	retried := byName
	retried.Retries, retried.Delay, retried.Labels, retried.AddEventUUIDLabel = 2, time.Second, []string{"osac"}, true
	withoutEvents := byName
	withoutEvents.OmitEvents = true
	labelled := Action{Name: "osac-prompts", Labels: []string{"corr-{{ event.payload.metadata.uid }}"}, AddEventUUIDLabel: true}
	for _, scene := range []struct {
		number, file, key, post, requests string
		action                            Action
		refresh                           time.Duration
		failing                           bool
	}{
		{"01", "", "", "webhook", "controller_requests_in_order", Action{}, 0, false},
		{"10", "", "", "webhook", "controller_requests_in_order", Action{}, 0, false},
		{"05", "retries", "retries_labels_jobargs", "post", "controller_requests", retried, time.Second, true},
		{"05", "dup", "template_missing", "post", "controller_requests", Action{Name: "does-not-exist"}, 0, false},
		{"05", "dup", "organization_wrong", "post", "controller_requests", Action{Organization: "other-org"}, 0, false},
		{"05", "dup", "include_events_false_and_no_prompt_for_variables", "", "controller_requests", withoutEvents, time.Second, false},
		{"12", "", "template_without_prompt_for_variables", "webhook", "controller_requests_in_order", Action{Name: "osac-noask"}, 0, false},
		{"12", "", "survey_without_prompt", "webhook", "controller_requests_in_order", Action{Name: "osac-survey-noask"}, 0, false},
		{"12", "", "labels_from_payload (template prompts for labels)", "webhook", "controller_requests_in_order", labelled, 0, false},
		{"12", "", "workflow", "webhook", "controller_requests_in_order", Action{Workflow: true, Name: "osac-wf-create-compute-instance"}, 0, false},
		{"12", "", "token_without_rights", "webhook", "controller_requests_in_order", Action{}, 0, false},
		{"12", "", "token_viewer_only", "webhook", "controller_requests_in_order", Action{}, 0, false},
	} {
		at := func(last string) []string {
			if scene.key == "" {
				return []string{last}
			}
			return []string{scene.key, last}
		}
		recorded := recordings(t, scene.number, scene.file, at(scene.requests)...)
		controller := &script{t: t, answers: recorded, failing: scene.failing}
		s := New(Options{
			Controller: controller, ControllerURL: "http://AAP/", Token: "TOKEN", Rulebook: recordedRulebook(scene.action),
			RefreshDelay: scene.refresh,
		})
		if scene.post == "" {
			post := recordings(t, "05", "dup", "duplicate_event", "posts")[0]
			post.Request.Body = []byte(`{"metadata": {"name": "ne-1"}}`)
			post.send(t, s.WebhookTransport(), nil)
		} else {
			results = append(results, recordings(t, scene.number, scene.file, at(scene.post)...)[0].send(t, s.WebhookTransport(), nil))
		}
		time.Sleep(time.Minute)
		s.Close()
		results = append(results, controller.compareRequests(t, recorded)...)
	}
	return results
}
