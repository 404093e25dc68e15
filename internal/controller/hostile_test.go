package controller

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/transport"
)

// hostileBodies are answers with a good status that no controller sends, and the errors' words about them.
var hostileBodies = map[string]struct{ body, says string }{
	"a page":                  {"<!DOCTYPE html><title>Log in</title>", `an HTML page "Log in" where JSON was expected`},
	"nothing":                 {"", "no body where JSON was expected"},
	"null":                    {"null", ""},
	"a number":                {"7", "other JSON where JSON was expected"},
	"text":                    {"OK", `text "OK" where JSON was expected`},
	"a list":                  {"[]", "not what this API gives"},
	"cut short":               {`{"results":[{"id":7,"na`, "not what this API gives"},
	"two documents":           {`{"id":7} {"id":8}`, "not what this API gives"},
	"other JSON":              {`{"status":"ok"}`, ""},
	"null results":            {`{"results":null,"id":null}`, ""},
	"results of another type": {`{"results":{"id":7},"id":"7","variables_needed_to_start":7}`, "not what this API gives"},
	"an id as a string":       {`{"results":[{"id":"7","type":"job"}],"id":"7","variables_needed_to_start":[7]}`, "not what this API gives"},
	"a status as a number":    {`{"results":[{"id":7,"type":"job","status":4}],"id":7,"status":4,"variables_needed_to_start":{}}`, ""},
	"an id out of range":      {`{"results":[{"id":99999999999999999999}],"id":1e400}`, ""},
	"a negative id":           {`{"results":[{"id":-7,"type":"job_template"}],"id":-7}`, ""},
	"deep nesting":            {`{"results":` + strings.Repeat("[", 1<<20) + strings.Repeat("]", 1<<20) + `}`, "not what this API gives"},
	"a deeply nested value":   {`{"id":7,"results":[{"id":7,"artifacts":` + strings.Repeat(`{"a":`, 20000) + "1" + strings.Repeat("}", 20000) + `}]}`, "not what this API gives"},
	"a status of a megabyte":  {`{"id":7,"status":"` + strings.Repeat("x", 1<<20) + `","results":[{"id":7,"type":"job_template","status":"` + strings.Repeat("x", 1<<20) + `"}]}`, ""},
	"a time out of range":     {`{"id":7,"created":"9999-12-31T23:59:59-12:00","results":[{"id":7,"created":"9999-12-31T23:59:59-12:00"}]}`, ""},
	"too much":                {strings.Repeat(" ", transport.MaxBody+1), "the answer is too large: more than 67108864 bytes"},
}

// hostileCalls are the client's calls. mayPass is for a body that is a right answer to another call, and may mean
// "none".
var hostileCalls = map[string]struct {
	call    func(context.Context, *Client) error
	mayPass []string
}{
	"Find": {func(ctx context.Context, c *Client) error {
		_, err := c.Find(ctx, Search{TemplateNames: []string{createTemplate}, Kinds: []Kind{KindJob}})
		return err
	}, nil},
	"Job": {func(ctx context.Context, c *Client) error { _, err := c.Job(ctx, jobRef(7)); return err }, nil},
	"Templates": {
		func(ctx context.Context, c *Client) error { _, err := c.Templates(ctx, "", createTemplate); return err },
		nil,
	},
	"Launch": {func(ctx context.Context, c *Client) error { _, err := c.Launch(ctx, jobTemplate, nil); return err }, nil},
	"VariablesNeeded": {func(ctx context.Context, c *Client) error { _, err := c.VariablesNeeded(ctx, jobTemplate); return err }, []string{
		"null", "other JSON", "null results", "an id out of range", "a negative id", "a status of a megabyte", "a time out of range", "a deeply nested value",
	}},
}

// TestHostileAnswers makes every call against every hostile answer. Each error names the URL, is short and safe to
// print; a launch is sent once, and counts as possibly carried out.
func TestHostileAnswers(t *testing.T) {
	t.Parallel()
	for answer, hostile := range hostileBodies {
		for question, test := range hostileCalls {
			t.Run(question+", "+answer, func(t *testing.T) {
				f := newFake(t)
				f.intercept = func(r *http.Request) *reply {
					if strings.HasSuffix(r.URL.Path, "/ping/") {
						return nil
					}
					return &reply{status: map[string]int{"GET": 200, "POST": 201}[r.Method], body: hostile.body}
				}
				err := test.call(within(t, time.Minute), f.client())
				if err == nil {
					if !slices.Contains(test.mayPass, answer) {
						t.Error("it was taken for an answer")
					}
					return
				}
				text := err.Error()
				if !strings.Contains(text, "https://aap.example.com") || len(text) > 2000 || text != transport.OneLine(text) {
					t.Errorf("not a clear error: %.2500s", text)
				}
				if _, missing := errors.AsType[*TemplateError](err); hostile.says != "" && question != "Launch" && !missing && !strings.Contains(text, hostile.says) {
					t.Errorf("it does not say %q: %s", hostile.says, text)
				}
				if errors.Is(err, ErrNotFound) {
					t.Errorf("it counts as purged: %s", text)
				}
				if question == "Launch" && (f.count("POST") != 1 || !errors.Is(err, transport.ErrOutcomeUnknown)) {
					t.Errorf("%d launches: %v", f.count("POST"), err)
				}
			})
		}
	}
}

// steering is text that would control a terminal, or reverse the text after it.
const steering = `\u001b[2J\u001b]8;;https://evil.example\u0007\u202e\u009b31m\u0000\r`

// TestHostileTexts puts such text everywhere into otherwise good answers: none of it comes out.
func TestHostileTexts(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	job := `"id":7,"type":"job","name":"a","status":"failed","event_processing_finished":true,"extra_vars":"{}","summary_fields":{"created_by":{"username":"eve` + steering + `"}}`
	event := `{"task":"task` + steering + `","host_name":"host` + steering + `","event_data":{"res":{"msg":"msg` + steering + `\nline` + "\xff" + `"}}}`
	workflow := `{"id":9,"type":"workflow_job","status":"failed","job_explanation":"why` + steering + `"}`
	node := `{"identifier":"node` + steering + `","summary_fields":{"job":{"id":8,"type":"project_update` + steering + `","status":"bad` + steering + `","failed":true}}}`
	f.serve("GET /api/v2/jobs/7/", reply{status: 200, body: "{" + job + "}"})
	f.serve("GET /api/v2/jobs/8/", reply{status: 200, body: strings.ReplaceAll("{"+job+`,"job_explanation":"why`+steering+`","result_traceback":"first\nlast`+steering+`"}`, `"id":7`, `"id":8`)})
	f.serve(fmt.Sprintf(eventsLine, 7), reply{status: 200, body: `{"results":[` + event + `]}`})
	f.serve("GET /api/v2/workflow_jobs/9/", reply{status: 200, body: workflow})
	f.serve("GET /api/v2/workflow_jobs/9/workflow_nodes/?page_size=200", reply{status: 200, body: `{"results":[` + node + `]}`})
	refusal := reply{status: 403, header: http.Header{"X-Api-Request-Id": {"id\x1b[2J"}}, body: `{"detail":"no` + steering + `","field` + steering + `\nname":["bad` + steering + `"]}`}
	f.serve("GET /api/v2/jobs/10/", refusal)
	c, ctx := f.client(), within(t, time.Minute)
	plain, err := c.Job(ctx, jobRef(7))
	if err != nil || plain.CreatedBy != "eve31m" {
		t.Errorf("%+v, %v", plain, err)
	}
	_, err = c.Job(ctx, jobRef(10))
	shown := map[string]string{"error": fmt.Sprint(err)}
	for name, ref := range map[string]Ref{"task": jobRef(7), "explanation": jobRef(8), "workflow": {KindWorkflowJob, 9}} {
		failure := c.FailureOf(ctx, Job{Ref: ref, Status: StatusFailed})
		shown[name] = strings.Join([]string{failure.Task, failure.Host, failure.Message, failure.Explanation, failure.Traceback, failure.Output, failure.Node, failure.Note}, "\n")
	}
	for name, words := range map[string][]string{
		"error": {"no31m", "field31m name: bad31m", "(request id)"}, "task": {"task31m", "host31m", "msg31m\nline\uFFFD"}, "explanation": {"why31m", "last31m"}, "workflow": {"why31m", "node31m", "bad31m"},
	} {
		if text := shown[name]; text != transport.Plain(text) {
			t.Errorf("%s is not fit to print: %q", name, text)
		}
		for _, word := range words {
			if !strings.Contains(shown[name], word) {
				t.Errorf("%s lacks %q: %q", name, word, shown[name])
			}
		}
	}
}

// hostileLists are lists that never end or are too long; want is how many jobs are found, -1 for an error.
var hostileLists = map[string]struct {
	answer   func(r *http.Request) string
	want     int
	requests int
	says     string
}{
	"next points to itself": {func(r *http.Request) string {
		return `{"next":"` + r.URL.RequestURI() + `","results":[{"id":5,"extra_vars":""},{"id":4,"extra_vars":""}]}`
	}, -1, 2, "asked for jobs below 4 and gives others again"},
	"next points elsewhere": {func(*http.Request) string {
		return `{"next":"https://evil.example/api/v2/jobs/?page=2","results":[{"id":5,"extra_vars":""}]}`
	}, -1, 2, "asked for jobs below 5 and gives others again"},
	"next is null":                  {func(*http.Request) string { return `{"next":null,"results":[{"id":5,"extra_vars":""}]}` }, 1, 1, ""},
	"the same page again and again": {func(*http.Request) string { return rowsOf(numbers(1, 200)) }, -1, 2, "asked for jobs below 1 and gives others again"},
	"the same id in every row": {func(r *http.Request) string {
		if r.URL.Query().Get("id__lt") == "5" {
			return `{"results":[]}`
		}
		return `{"results":[{"id":5,"extra_vars":""},{"id":5,"extra_vars":""},{"id":5,"extra_vars":""}]}`
	}, 1, 2, ""},
	"more rows than asked for": {func(*http.Request) string { return rowsOf(numbers(1, 1500)) }, 1000, 1, ""},
	"rows that are too large together": {func(r *http.Request) string {
		if r.URL.Query().Get("page_size") != "1" {
			return strings.Repeat(" ", transport.MaxBody+1)
		}
		return `{"results":[]}`
	}, 0, 4, ""},
	"a row that is too large by itself": {func(*http.Request) string { return strings.Repeat(" ", transport.MaxBody+1) }, -1, 4, "the answer is too large"},
}

func rowsOf(ids []int64) string {
	var rows []string
	for _, id := range ids {
		rows = append(rows, fmt.Sprintf(`{"id":%d,"extra_vars":"{}"}`, id))
	}
	return `{"results":[` + strings.Join(rows, ",") + `]}`
}

func TestHostileLists(t *testing.T) {
	t.Parallel()
	for name, test := range hostileLists {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			f.intercept = func(r *http.Request) *reply {
				if r.URL.Host != "aap.example.com" {
					t.Errorf("%s was asked", r.URL)
				}
				if r.URL.Path != "/api/v2/jobs/" {
					return nil
				}
				return &reply{status: 200, body: test.answer(r)}
			}
			found, err := f.client().Find(within(t, time.Minute), Search{TemplateNames: []string{createTemplate}, Kinds: []Kind{KindJob}})
			switch {
			case test.want < 0 && (err == nil || !strings.Contains(err.Error(), test.says) || !strings.Contains(err.Error(), "https://aap.example.com/api/v2/jobs/")):
				t.Errorf("%d jobs, %v", len(found), err)
			case test.want >= 0 && (err != nil || len(found) != test.want):
				t.Errorf("%d jobs, %v", len(found), err)
			}
			if got := f.count("/jobs/"); got != test.requests {
				t.Errorf("%d requests", got)
			}
		})
	}
}

// hostileRows are rows of a followed job from some moment on; want is how the wait ends.
var hostileRows = map[string]struct {
	// body is the detail of job 7; lists of several jobs have it as a row.
	body string
	want string
}{
	"its record is too large":         {strings.Repeat(" ", transport.MaxBody+1), "the answer is too large"},
	"its status is a number":          {`{"id":7,"status":4}`, "not what this API gives"},
	"its status is of another kind":   {`{"id":7,"status":"hibernating","extra_vars":"{}"}`, "context deadline exceeded"},
	"a page in its place":             {"<html>", "not what this API gives"},
	"another job answers in its name": {`{"id":9,"status":"successful"}`, "job 7 was asked for, and job 9 answered"},
}

// TestHostileRows follows two jobs in one list, one of which has a bad row. The other job is followed to its end all
// the same. The first one's wait ends with an error of its own, at the latest with its time.
func TestHostileRows(t *testing.T) {
	t.Parallel()
	for name, test := range hostileRows {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake(t)
				good := f.add(fakeJob{ref: jobRef(6), runs: time.Minute})
				f.add(fakeJob{ref: jobRef(7), runs: time.Minute, absent: true})
				f.intercept = func(r *http.Request) *reply {
					switch {
					case r.URL.Path == "/api/v2/jobs/7/":
						return &reply{status: 200, body: test.body}
					case r.URL.Path == "/api/v2/jobs/" && strings.Contains(r.URL.Query().Get("id__in"), ","):
						return &reply{status: 200, body: `{"results":[` + string(f.jobs[good].row()) + "," + test.body + `]}`}
					case r.URL.Path == "/api/v2/jobs/" && r.URL.Query().Get("id__in") == "7":
						return &reply{status: 200, body: `{"results":[` + test.body + `]}`}
					}
					return nil
				}
				c := f.client()
				spoilt := make(chan error, 1)
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
				defer cancel()
				go func() {
					_, err := c.Follow(ctx, jobRef(7), Follow{})
					spoilt <- err
				}()
				if job, err := c.Follow(ctx, good, Follow{}); err != nil || job.Status != StatusSuccessful {
					t.Errorf("the good job: %+v, %v", job, err)
				}
				if err := <-spoilt; err == nil || !strings.Contains(err.Error(), test.want) || errors.Is(err, ErrNotFound) {
					t.Errorf("the spoilt job: %v", err)
				}
			})
		})
	}
}

// TestHostileRetryAfter refuses one poll for years, or for a negative time: the job's end is seen all the same.
func TestHostileRetryAfter(t *testing.T) {
	t.Parallel()
	for _, asked := range []string{"-1", "99999999999", "99999999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT", "soon"} {
		t.Run(asked, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake(t)
				ref := f.add(fakeJob{ref: jobRef(7), runs: time.Minute})
				refused := 0
				f.intercept = func(r *http.Request) *reply {
					if r.URL.Path != "/api/v2/jobs/" || refused > 0 {
						return nil
					}
					refused++
					return &reply{status: 429, header: http.Header{"Retry-After": {asked}}}
				}
				job, err := f.client().Follow(within(t, time.Hour), ref, Follow{})
				if err != nil || job.Status != StatusSuccessful || f.count("/jobs/") > 100 {
					t.Errorf("%+v after %d requests, %v", job, f.count("/jobs/"), err)
				}
			})
		})
	}
}

// TestHostileClock shows a job whose times are years off. The client uses the controller's own measure of the duration,
// and polls no more often than usual.
func TestHostileClock(t *testing.T) {
	t.Parallel()
	for _, off := range []time.Duration{-30 * 365 * 24 * time.Hour, 30 * 365 * 24 * time.Hour} {
		t.Run(off.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake(t)
				ref := f.add(fakeJob{ref: jobRef(7), runs: 5 * time.Minute})
				f.intercept = func(r *http.Request) *reply {
					if r.URL.Path != "/api/v2/jobs/" {
						return nil
					}
					answer := f.list(r, KindJob)
					var page struct{ Results []map[string]any }
					if err := json.Unmarshal([]byte(answer.body), &page); err != nil {
						t.Fatal(err)
					}
					for _, row := range page.Results {
						for _, name := range []string{"created", "started", "finished"} {
							if text, ok := row[name].(string); ok {
								at, err := time.Parse(time.RFC3339Nano, text)
								if err != nil {
									t.Fatal(err)
								}
								row[name] = at.Add(off)
							}
						}
					}
					body, err := json.Marshal(map[string]any{"results": page.Results})
					if err != nil {
						t.Fatal(err)
					}
					return &reply{status: 200, body: string(body), header: http.Header{"Date": {time.Now().Add(off).UTC().Format(http.TimeFormat)}}}
				}
				job, err := f.client().Follow(within(t, time.Hour), ref, Follow{})
				if err != nil || job.Status != StatusSuccessful || f.count("/jobs/") > 200 {
					t.Errorf("%+v after %d requests, %v", job, f.count("/jobs/"), err)
				}
			})
		})
	}
}
