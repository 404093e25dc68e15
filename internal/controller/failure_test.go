package controller

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

const eventsLine = "GET /api/v2/jobs/%d/job_events/?event__in=runner_on_failed,runner_on_unreachable&failed=true&order_by=-counter&page_size=1"

// failingJob is a fake whose job's detail is a recording.
func failingJob(t *testing.T, id int64, detail string) (*fake, *Client, Job) {
	t.Helper()
	f := newFake(t)
	f.serve(fmt.Sprintf("GET /api/v2/jobs/%d/", id), record(t, detail))
	return f, f.client(), Job{Ref: jobRef(id), Status: StatusFailed}
}

func TestFailedTask(t *testing.T) {
	t.Parallel()
	for number, want := range map[string]Failure{
		"809":  {Task: "Fail if asked", Host: "localhost", Message: "provisioning of vm-fail failed: quota exceeded"},
		"252":  {Task: "Real failure", Host: "localhost", Message: "the real failure"},
		"826b": {Task: "reach it", Host: "far", Message: "Failed to connect to the host via ssh: ssh: connect to host 127.0.0.1 port 9: Connection refused"},
	} {
		f, c, j := failingJob(t, 36, "241")
		f.serve(fmt.Sprintf(eventsLine, 36), record(t, number))
		if got := c.FailureOf(within(t, time.Minute), j); got != want {
			t.Errorf("%s: %+v", number, got)
		}
	}
}

func TestResultMessages(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ü", 3000)
	for result, want := range map[string]string{
		`{"msg":"a"}`: "a", `{"msg":{"b":[1]}}`: `{"b":[1]}`, `{"msg":["x"]}`: `["x"]`, `{"stderr":"e","msg":""}`: "e", `{"stdout":"o"}`: "o",
		`{"msg":"non-zero return code","stderr":"cat: no"}`: "non-zero return code: cat: no", `{"censored":"the output has been hidden"}`: censored,
		`{"msg":"All items completed","results":[{"msg":"fine"},{"failed":true,"msg":"item 2 is bad"}]}`: "item 2 is bad",
		`{"msg":"One or more items failed","results":[{"failed":true,"censored":"x"}]}`:                  censored,
		`{"msg":"One or more items failed"}`:                                                             "One or more items failed", `"bare"`: "bare", `null`: "", `{}`: "", `{"msg":null}`: "",
		`{"msg":"\u001b[31mred\u001b[0m\u0007 \u202eevil\r\nline"}`: "red evil\nline", `{"msg":"` + long + `"}`: "",
	} {
		var f explanation
		e := event{}
		e.Data.Result = json.RawMessage(result)
		f.setTask(e)
		if len(f.Message) > maxMessage || want != "" && f.Message != want {
			t.Errorf("%.80s: %q", result, f.Message)
		}
		if (f.Note != "") != (want == censored) {
			t.Errorf("%.80s: note %q", result, f.Note)
		}
	}
}

func TestExplainedFailures(t *testing.T) {
	t.Parallel()
	_, c, j := failingJob(t, 101, "821")
	if got := c.FailureOf(within(t, time.Minute), j); got != (Failure{Explanation: "Job terminated due to timeout"}) {
		t.Errorf("timeout: %+v", got)
	}
	_, c, j = failingJob(t, 115, "851")
	if got := c.FailureOf(within(t, time.Minute), j); got != (Failure{Traceback: "ConnectionRefusedError: [Errno 111] Connection refused"}) {
		t.Errorf("error: %+v", got)
	}
}

func TestOutputOfASyntaxError(t *testing.T) {
	t.Parallel()
	f, c, j := failingJob(t, 102, "822")
	f.serve(fmt.Sprintf(eventsLine, 102), reply{status: 200, body: `{"count":0,"results":[]}`})
	var events struct{ Results []struct{ Stdout string } }
	if err := json.Unmarshal([]byte(record(t, "824").body), &events); err != nil {
		t.Fatal(err)
	}
	var output strings.Builder
	for _, e := range events.Results {
		output.WriteString(e.Stdout + "\r\n")
	}
	f.intercept = func(r *http.Request) *reply {
		if !strings.HasSuffix(r.URL.Path, "/stdout/") {
			return nil
		}
		if r.Header.Get("Accept") != "text/plain" {
			answer := record(t, "807")
			return &answer
		}
		if r.URL.Query().Get("format") == "txt" {
			return &reply{status: 200, body: "Standard Output too large to display (2000000 bytes), only download supported for sizes over 1048576 bytes."}
		}
		return &reply{status: 200, body: output.String(), header: http.Header{"Content-Type": {"text/plain"}}}
	}
	got := c.FailureOf(within(t, time.Minute), j)
	if !strings.HasPrefix(got.Output, "ERROR! We were unable to read") || !strings.HasSuffix(got.Output, "^ here") || strings.ContainsRune(got.Output, 0x1b) {
		t.Errorf("%q", got.Output)
	}
	if got.Note != "" || got.Message != "" {
		t.Errorf("%+v", got)
	}
}

func TestLastLines(t *testing.T) {
	t.Parallel()
	if got := lastLines(record(t, "244").body); !strings.HasPrefix(got, "fatal: [localhost]: FAILED!") || !strings.Contains(got, "PLAY RECAP") {
		t.Errorf("%q", got)
	}
	long := strings.Repeat("line\n", 100)
	if got := lastLines(long); strings.Count(got, "\n") != maxOutputLines-1 {
		t.Errorf("%q", got)
	}
	if got := lastLines("ERROR! first\n" + long); strings.Count(got, "\n") != maxOutputLines-1 || !strings.HasPrefix(got, "ERROR! first") {
		t.Errorf("%q", got)
	}
	if got := lastLines(strings.Repeat("ü", 5000)); len(got) > maxOutput+8 || !strings.HasPrefix(got, "…ü") {
		t.Errorf("%d bytes", len(got))
	}
	if got := lastLines("\x1b]0;title\x07 \x00\n"); got != "" {
		t.Errorf("%q", got)
	}
}

func TestEventsAreAwaited(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		processed time.Duration
		note      string
		most      time.Duration
	}{
		"soon": {2 * time.Second, "", 4 * time.Second}, "never": {time.Hour, "still processing", 11 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			f := newFake(t)
			began := time.Now()
			f.intercept = func(r *http.Request) *reply {
				done := time.Since(began) >= test.processed
				switch {
				case r.URL.Path == "/api/v2/jobs/7/":
					return &reply{status: 200, body: fmt.Sprintf(`{"id":7,"type":"job","status":"failed","event_processing_finished":%v}`, done)}
				case strings.HasSuffix(r.URL.Path, "/job_events/") && done:
					answer := record(t, "809")
					return &answer
				case strings.HasSuffix(r.URL.Path, "/job_events/"):
					return &reply{status: 200, body: `{"results":[]}`}
				case strings.HasSuffix(r.URL.Path, "/stdout/"):
					return &reply{status: 200, body: ""}
				}
				return nil
			}
			got := f.client().FailureOf(within(t, time.Hour), Job{Ref: jobRef(7), Status: StatusFailed})
			if (got.Task != "") != (test.note == "") || !strings.Contains(got.Note, test.note) {
				t.Errorf("%s: %+v", name, got)
			}
			if took := time.Since(began); took > test.most {
				t.Errorf("%s: took %s", name, took)
			}
		})
	}
}

func TestFailureOfCanceled(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.serve("GET /api/v2/jobs/7/", reply{status: 200, body: `{"id":7,"type":"job","status":"canceled","result_traceback":"a\nnot starting canceled task\n"}`})
	if got := f.client().FailureOf(within(t, time.Minute), Job{Ref: jobRef(7), Status: StatusCanceled}); got != (Failure{Traceback: "not starting canceled task"}) {
		t.Errorf("%+v", got)
	}
}

func TestFailureThatCantBeRead(t *testing.T) {
	t.Parallel()
	for name, r := range map[string]reply{"403": {status: 403, body: `{"detail":"no"}`}, "404": {status: 404, body: `{"detail":"gone"}`}, "page": htmlNotFound} {
		synctest.Test(t, func(t *testing.T) {
			f := newFake(t)
			f.intercept = func(req *http.Request) *reply {
				if strings.Contains(req.URL.Path, "/jobs/") {
					return &r
				}
				return nil
			}
			got := f.client().FailureOf(within(t, time.Minute), Job{Ref: jobRef(7), Status: StatusFailed, Explanation: "known"})
			if got.Note == "" || got.Explanation != "known" || len(got.Note) > 2000 {
				t.Errorf("%s: %+v", name, got)
			}
		})
	}
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		c := f.client()
		if _, err := c.Installation(t.Context()); err != nil {
			t.Fatal(err)
		}
		f.intercept = func(*http.Request) *reply { return &reply{status: 503} }
		began := time.Now()
		got := c.FailureOf(t.Context(), Job{Ref: jobRef(7), Status: StatusFailed})
		if got.Note == "" || time.Since(began) > failureBound {
			t.Errorf("after %s: %+v", time.Since(began), got)
		}
	})
}

// workflowFailure serves workflow 64 whose node's job is 65.
func workflowFailure(t *testing.T, nodes string) (*fake, *Client, Job) {
	t.Helper()
	f := newFake(t)
	f.serve("GET /api/v2/workflow_jobs/64/", record(t, "507"))
	f.serve("GET /api/v2/workflow_jobs/64/workflow_nodes/?page_size=200", reply{status: 200, body: `{"results":[` + nodes + `]}`})
	return f, f.client(), Job{Ref: Ref{KindWorkflowJob, 64}, Status: StatusFailed}
}

func nodeOf(identifier, kind string, id int64, status string, failed bool) string {
	return fmt.Sprintf(`{"identifier":%q,"do_not_run":false,"summary_fields":{"job":{"id":%d,"type":%q,"status":%q,"failed":%v}}}`, identifier, id, kind, status, failed)
}

const noHandling = "No error handling paths found, marking workflow as failed"

func TestFailureOfAWorkflow(t *testing.T) {
	t.Parallel()
	nodes := nodeOf("first", "job", 60, "failed", true) + "," + nodeOf("create", "job", 65, "failed", true) + "," +
		nodeOf("after", "job", 70, "successful", false) + `,{"identifier":"never","do_not_run":true,"summary_fields":{}}`
	f, c, j := workflowFailure(t, nodes)
	f.serve("GET /api/v2/jobs/65/", reply{status: 200, body: `{"id":65,"type":"job","status":"failed","event_processing_finished":true}`})
	f.serve(fmt.Sprintf(eventsLine, 65), record(t, "809"))
	got := c.FailureOf(within(t, time.Minute), j)
	if got.NodeJob == nil || *got.NodeJob != jobRef(65) || got.Node != "create" || got.Task != "Fail if asked" ||
		got.Explanation != noHandling || got.Message != "provisioning of vm-fail failed: quota exceeded" || got.Note != "" {
		t.Errorf("%+v", got)
	}

	f, c, j = workflowFailure(t, nodes)
	f.serve("GET /api/v2/jobs/65/", reply{status: 403, body: noRole})
	got = c.FailureOf(within(t, time.Minute), j)
	if got.Node != "create" || got.Message != `node "create": job 65 failed` || got.Note != "this user may not read the job's detail" {
		t.Errorf("forbidden child: %+v", got)
	}

	f, c, j = workflowFailure(t, nodeOf("create", "job", 65, "failed", true))
	f.serve("GET /api/v2/jobs/65/", reply{status: 200, body: `{"id":65,"type":"job","status":"failed","job_explanation":"Job terminated due to timeout"}`})
	if got = c.FailureOf(within(t, time.Minute), j); got.Explanation != noHandling || got.Message != "Job terminated due to timeout" {
		t.Errorf("explained child: %+v", got)
	}

	_, c, j = workflowFailure(t, nodeOf("sync", "project_update", 65, "error", true))
	if got = c.FailureOf(within(t, time.Minute), j); got.NodeJob != nil || got.Message != `node "sync": project_update 65 error` {
		t.Errorf("project update: %+v", got)
	}

	_, c, j = workflowFailure(t, nodeOf("fine", "job", 65, "successful", false))
	if got = c.FailureOf(within(t, time.Minute), j); got.Note != "no node of the workflow has failed" {
		t.Errorf("nothing failed: %+v", got)
	}

	// A workflow in itself: it must end.
	_, c, j = workflowFailure(t, nodeOf("self", "workflow_job", 64, "failed", true))
	if got = c.FailureOf(within(t, time.Minute), j); !strings.Contains(got.Note, "nested too deeply") {
		t.Errorf("nested: %+v", got)
	}

	// As recorded: cancelled with its child.
	f, c, j = workflowFailure(t, "")
	f.serve("GET /api/v2/workflow_jobs/64/workflow_nodes/?page_size=200", record(t, "444"))
	f.serve("GET /api/v2/jobs/52/", reply{status: 200, body: `{"id":52,"type":"job","status":"canceled"}`})
	if got = c.FailureOf(within(t, time.Minute), j); got.Message != `node "create": job 52 canceled` {
		t.Errorf("recorded nodes: %+v", got)
	}
}

func TestArtifacts(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	c := f.client()
	for text, want := range map[string]string{`{"a":1}`: `{"a":1}`, `{}`: "", "": "", "null": "", `"x"`: ""} {
		if got, err := c.Artifacts(within(t, time.Minute), Job{Ref: jobRef(7), Artifacts: json.RawMessage(text)}); err != nil || string(got) != want {
			t.Errorf("%s: %s, %v", text, got, err)
		}
	}
	const line = "GET /api/v2/jobs/?unified_job_node__workflow_job=62&order_by=-id&page_size=200"
	wf := Job{Ref: Ref{KindWorkflowJob, 62}}
	for body, want := range map[string]string{
		record(t, "505").body: `{"compute_instance":{"ip":"10.0.0.5","name":"vm-wf"}}`,
		`{"results":[]}`:      "",
		`{"results":[{"id":2,"artifacts":{"a":2,"b":{"x":"<"}}},{"id":1,"artifacts":{"a":1,"c":3}},{"id":3,"artifacts":{}}]}`: `{"a":2,"b":{"x":"<"},"c":3}`,
	} {
		f.serve(line, reply{status: 200, body: strings.Replace(body, `{`, `{"next":null,`, 1)})
		got, err := c.Artifacts(within(t, time.Minute), wf)
		if err != nil || canonical(t, got) != canonical(t, []byte(want)) {
			t.Errorf("%s, %v", got, err)
		}
	}
	f = newFake(t)
	f.serve(line, reply{status: 403, body: noRole})
	if _, err := f.client().Artifacts(within(t, time.Minute), wf); !errors.Is(err, ErrForbidden) {
		t.Error(err)
	}
}

func canonical(t *testing.T, text []byte) string {
	t.Helper()
	if len(text) == 0 {
		return ""
	}
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	return mustJSON(v)
}
