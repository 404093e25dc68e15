package controller

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/transport"
)

// reply is an answer of the fake controller. hang never answers; err breaks the connection.
type reply struct {
	status int
	header http.Header
	body   string
	hang   bool
	err    error
}

// fakeJob is a job with a timetable.
type fakeJob struct {
	ref         Ref
	template    int64
	created     time.Time
	starts      time.Duration // after created
	runs        time.Duration // after the start
	outcome     Status
	explanation string // while pending
	hidden      bool   // no rights
	absent      bool   // left out of lists, but there
}

// fake is a controller in memory whose jobs run by the clock, and whose answers tests can replace.
type fake struct {
	t      *testing.T
	prefix string
	delay  time.Duration
	// intercept may answer instead of the fake.
	intercept func(*http.Request) *reply

	mu       sync.Mutex
	jobs     map[Ref]*fakeJob
	requests []string
	times    []time.Time
	answers  map[string]reply
}

func newFake(t *testing.T) *fake {
	t.Helper()
	return &fake{t: t, prefix: "/api/v2/", jobs: map[Ref]*fakeJob{}, answers: map[string]reply{}}
}

// client is a client of the fake.
func (f *fake) client(adapt ...func(*Settings)) *Client {
	f.t.Helper()
	s := Settings{URL: "https://aap.example.com/api/v2", Token: "t0ken-s3cret", Transport: transport.Settings{RoundTripper: f}}
	for _, change := range adapt {
		change(&s)
	}
	c, err := New(s)
	if err != nil {
		f.t.Fatal(err)
	}
	return c
}

func (f *fake) add(j fakeJob) Ref {
	f.mu.Lock()
	defer f.mu.Unlock()
	if j.created.IsZero() {
		j.created = time.Now()
	}
	if j.outcome == "" {
		j.outcome = StatusSuccessful
	}
	f.jobs[j.ref] = &j
	return j.ref
}

func (f *fake) purge(ref Ref) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.jobs, ref)
}

// count counts the requests that hold all the texts.
func (f *fake) count(texts ...string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for _, r := range f.requests {
		fits := true
		for _, text := range texts {
			fits = fits && strings.Contains(r, text)
		}
		if fits {
			n++
		}
	}
	return n
}

func (f *fake) RoundTrip(req *http.Request) (*http.Response, error) {
	f.mu.Lock()
	f.requests = append(f.requests, req.Method+" "+req.URL.RequestURI())
	f.times = append(f.times, time.Now())
	f.mu.Unlock()
	if f.delay > 0 {
		select {
		case <-time.After(f.delay):
		case <-req.Context().Done():
			return nil, req.Context().Err()
		}
	}
	answer := f.answer(req)
	if answer.hang {
		<-req.Context().Done()
		return nil, req.Context().Err()
	}
	if answer.err != nil {
		return nil, answer.err
	}
	header := answer.header
	if header == nil {
		header = http.Header{"Content-Type": {"application/json"}}
	}
	return &http.Response{StatusCode: answer.status, Header: header, Body: io.NopCloser(strings.NewReader(answer.body)), Request: req}, nil
}

func (f *fake) answer(req *http.Request) reply {
	if f.intercept != nil {
		if r := f.intercept(req); r != nil {
			return *r
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if r, ok := f.answers[req.Method+" "+req.URL.RequestURI()]; ok {
		return r
	}
	path, ok := strings.CutPrefix(req.URL.Path, f.prefix)
	if !ok {
		return htmlNotFound
	}
	parts := strings.Split(strings.TrimSuffix(path, "/"), "/")
	kind := KindJob
	if parts[0] == "workflow_jobs" {
		kind = KindWorkflowJob
	}
	switch {
	case path == "ping/":
		return reply{status: 200, body: `{"install_uuid":"uuid-1","version":"24.6.2"}`}
	case path == "jobs/", path == "workflow_jobs/":
		return f.list(req, kind)
	case (parts[0] == "jobs" || parts[0] == "workflow_jobs") && len(parts) == 2:
		id, _ := strconv.ParseInt(parts[1], 10, 64)
		j, ok := f.jobs[Ref{kind, id}]
		switch {
		case !ok:
			return reply{status: 404, body: `{"detail":"No Job matches the given query."}`}
		case j.hidden:
			return reply{status: 403, body: noRole}
		}
		return reply{status: 200, body: string(j.row())}
	}
	return htmlNotFound
}

// noRole is the body of a 403 to a user that lacks a role (010).
const noRole = `{"detail":"You do not have permission to perform this action."}`

var htmlNotFound = reply{status: 404, header: http.Header{"Content-Type": {"text/html"}}, body: "<!doctype html><title>Not Found</title>"}

func (f *fake) list(req *http.Request, kind Kind) reply {
	q := req.URL.Query()
	if !q.Has("id__in") {
		f.t.Errorf("unexpected list %s", req.URL)
	}
	var ids []int64
	for text := range strings.SplitSeq(q.Get("id__in"), ",") {
		id, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return reply{status: 400, body: `{"detail":"bad id"}`}
		}
		ids = append(ids, id)
	}
	slices.Sort(ids)
	rows := []json.RawMessage{}
	for _, id := range ids {
		if j, ok := f.jobs[Ref{kind, id}]; ok && !j.hidden && !j.absent {
			rows = append(rows, j.row())
		}
	}
	body, _ := json.Marshal(map[string]any{"results": rows})
	return reply{status: 200, body: string(body)}
}

// row is the job as it is now.
func (j *fakeJob) row() json.RawMessage {
	now := time.Now()
	started, finished := j.created.Add(j.starts), j.created.Add(j.starts+j.runs)
	row := map[string]any{
		"id": j.ref.ID, "type": j.ref.Kind, "unified_job_template": j.template, "name": fmt.Sprintf("template-%d", j.template),
		"created": j.created, "started": nil, "finished": nil, "elapsed": 0.0, "job_explanation": "", "extra_vars": "{}",
	}
	switch {
	case now.Before(started):
		row["status"], row["job_explanation"] = "pending", j.explanation
	case now.Before(finished):
		row["status"], row["started"], row["elapsed"] = "running", started, now.Sub(started).Seconds()
	default:
		row["status"], row["started"], row["finished"], row["elapsed"] = j.outcome, started, finished, j.runs.Seconds()
		row["artifacts"] = map[string]any{"ip": "10.0.0.5"}
	}
	body, _ := json.Marshal(row)
	return body
}

// recordings is the folder with the answers of a real AWX.
const recordings = "../sandbox/testdata/awx"

// recording is one of these files.
type recording struct {
	Response struct {
		Status  int
		Headers map[string]string
		Body    json.RawMessage
	}
}

func record(t *testing.T, name string) reply {
	t.Helper()
	names, err := filepath.Glob(filepath.Join("testdata", name+"-*.json"))
	if len(names) == 0 {
		names, err = filepath.Glob(filepath.Join(recordings, name+"-*.json"))
	}
	if err != nil || len(names) != 1 {
		t.Fatalf("recording %s: %v, %v", name, names, err)
	}
	content, err := os.ReadFile(names[0])
	if err != nil {
		t.Fatal(err)
	}
	var r recording
	if err := json.Unmarshal(content, &r); err != nil {
		t.Fatal(err)
	}
	header := http.Header{}
	for key, value := range r.Response.Headers {
		header.Set(key, value)
	}
	header.Del("Content-Length")
	body := string(r.Response.Body)
	var text string
	if json.Unmarshal(r.Response.Body, &text) == nil {
		body = text
	}
	return reply{status: r.Response.Status, header: header, body: body}
}

// serve answers one request line with a reply.
func (f *fake) serve(line string, r reply) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.answers[line] = r
}

func within(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

func compact(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	if err := json.Compact(&b, []byte(text)); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
