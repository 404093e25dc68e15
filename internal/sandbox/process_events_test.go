//go:build unix

package sandbox

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// output is a job's stdout as text, once all of it has come in.
func output(t *testing.T, s *Sandbox, id int64) string {
	t.Helper()
	allIn(t, s, id)
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, s.APIPath()+"jobs/"+text(id)+"/stdout/?format=txt", nil)
	request.Header.Set("Authorization", "Bearer "+s.Token())
	recorder := httptest.NewRecorder()
	s.ServeHTTP(recorder, request)
	return recorder.Body.String()
}

// allIn lets the second pass by that events are late by (L7).
func allIn(t *testing.T, s *Sandbox, id int64) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	j := s.byID[id]
	j.life.eventsDelay = 0
	if !j.life.eventsIn(s.now().Add(time.Millisecond)) {
		t.Fatalf("job %d is not over", id)
	}
}

// failingRun is what ansible-playbook writes with the callback plugin, in short: a warning, an ignored failure, one on
// an unreachable host, a loop, a failure that counts, and the recap of two hosts.
const failingRun = `
echo '[WARNING]: careful'
tell '{"event":"playbook_on_start","parent_uuid":"","stdout":"","event_data":{"playbook":"site.yml","uuid":"book"}}'
tell '{"event":"playbook_on_play_start","parent_uuid":"book","stdout":"\nPLAY [all] ***\n","event_data":{"playbook":"site.yml","play":"all","uuid":"play"}}'
tell '{"event":"runner_on_failed","parent_uuid":"task1","stdout":"\u001b[0;31mfatal: [a]: FAILED!\u001b[0m\n...ignoring\n","event_data":{"task":"One","host":"a","res":{"msg":"first"},"ignore_errors":true,"uuid":"e1"}}'
tell '{"event":"runner_on_unreachable","parent_uuid":"task1","stdout":"fatal: [b]\n","event_data":{"task":"One","host":"b","res":{"msg":"far","unreachable":true},"ignore_errors":true,"uuid":"e2"}}'
tell '{"event":"runner_item_on_ok","parent_uuid":"task2","stdout":"changed\n","event_data":{"task":"Two","role":"makers","host":"a","res":{"changed":true},"uuid":"e3"}}'
tell '{"event":"runner_on_failed","parent_uuid":"task3","stdout":"fatal: [a]\n","event_data":{"task":"Three","host":"a","res":{"msg":"the reason"},"ignore_errors":null,"uuid":"e4"}}'
tell '{"event":"playbook_on_stats","parent_uuid":"book","stdout":"\nPLAY RECAP ***\na\nb\n\n","event_data":{"changed":{"a":1},"dark":{"b":1},"failures":{"a":1},"ignored":{"a":1},"ok":{"a":2},"processed":{"a":1,"b":1},"rescued":{},"skipped":{"a":3},"artifact_data":{"rack":"7"},"uuid":"e5"}}'
exit 2
`

func TestProcessEventsAreTheJobs(t *testing.T) {
	s := processSandbox(t, failingRun, Template{})
	id := s.LaunchByHand("site", `{}`, "admin")
	waitForStatus(t, s, id, statusFailed)
	allIn(t, s, id)
	type row struct {
		kind, display   string
		failed, changed bool
		from, to        float64
	}
	want := []row{
		{"verbose", "Verbose", false, false, 0, 1},
		{"playbook_on_start", "Playbook Started", false, false, 1, 1},
		{"playbook_on_play_start", "Play Started (all)", false, false, 1, 3},
		{"runner_on_failed", "Host Failed", false, false, 3, 5},
		{"runner_on_unreachable", "Host Unreachable", true, false, 5, 6},
		{"runner_item_on_ok", "Item OK", false, true, 6, 7},
		{"runner_on_failed", "Host Failed", true, false, 7, 8},
		{"playbook_on_stats", "Playbook Complete", true, true, 8, 13},
	}
	events, _ := answered(t, s, "jobs/1/job_events/?order_by=counter")["results"].([]any)
	if len(events) != len(want) {
		t.Fatalf("%d events, want %d: %v", len(events), len(want), events)
	}
	for i, wanted := range want {
		e, _ := events[i].(map[string]any)
		got := row{}
		got.kind, _ = e["event"].(string)
		got.display, _ = e["event_display"].(string)
		got.failed, _ = e["failed"].(bool)
		got.changed, _ = e["changed"].(bool)
		got.from, _ = e["start_line"].(float64)
		got.to, _ = e["end_line"].(float64)
		if got != wanted {
			t.Errorf("event %d is %+v, want %+v", i+1, got, wanted)
		}
	}
	if e, _ := events[3].(map[string]any); e["stdout"] != "\x1b[0;31mfatal: [a]: FAILED!\x1b[0m\r\n...ignoring" || e["host_name"] != "a" {
		t.Errorf("the ignored failure is %v", e)
	}
	if e, _ := events[5].(map[string]any); e["role"] != "makers" || e["task"] != "Two" {
		t.Errorf("the item is %v", e)
	}
}

func TestProcessResultIsTheJobs(t *testing.T) {
	s := processSandbox(t, failingRun, Template{})
	id := s.LaunchByHand("site", `{}`, "admin")
	waitForStatus(t, s, id, statusFailed)
	if out := output(t, s, id); out != "[WARNING]: careful\n\nPLAY [all] ***\nfatal: [a]: FAILED!\n...ignoring\nfatal: [b]\nchanged\n"+
		"fatal: [a]\n\nPLAY RECAP ***\na\nb\n" {
		t.Errorf("stdout is %q", out)
	}
	job := answered(t, s, "jobs/1/")
	if artifacts, _ := job["artifacts"].(map[string]any); artifacts["rack"] != "7" {
		t.Errorf("artifacts are %v", job["artifacts"])
	}
	if counts, _ := job["host_status_counts"].(map[string]any); counts["dark"] != 1.0 || counts["failures"] != 1.0 {
		t.Errorf("host_status_counts are %v", counts)
	}
	summaries, _ := answered(t, s, "jobs/1/job_host_summaries/")["results"].([]any)
	if len(summaries) != 2 {
		t.Fatalf("host summaries are %v", summaries)
	}
	for _, row := range summaries {
		summary, _ := row.(map[string]any)
		if a := summary["host_name"] == "a"; a && summary["skipped"] != 3.0 || !a && summary["dark"] != 1.0 || summary["failed"] != true {
			t.Errorf("summary is %v", summary)
		}
	}
}

func TestProcessOutputThatIsNoEventStays(t *testing.T) {
	s := processSandbox(t, `printf 'half a line'; tell '{"event": broken'; printf 'no end'; exit 1`, Template{})
	id := s.LaunchByHand("site", `{}`, "admin")
	waitForStatus(t, s, id, statusFailed)
	if out := output(t, s, id); out != "half a line\n{\"event\": broken\nno end\n" {
		t.Errorf("stdout is %q", out)
	}
}
