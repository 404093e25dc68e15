package controller

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/osac-project/terraform-provider-osac/internal/transport"
)

// seeds adds all recorded bodies to a fuzz target's corpus.
func seeds(f *testing.F, more ...string) {
	f.Helper()
	names, err := filepath.Glob("testdata/*.json")
	if err != nil || len(names) == 0 {
		f.Fatal("no recordings", err)
	}
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		var r recording
		if err := json.Unmarshal(content, &r); err != nil {
			f.Fatal(err)
		}
		f.Add([]byte(r.Response.Body))
	}
	for _, body := range append(more, `{"results":[{"id":1e400}]}`, `null`, `{"results":null}`) {
		f.Add([]byte(body))
	}
}

func fuzzClient(f *testing.F) *Client {
	f.Helper()
	c, err := New(Settings{URL: "https://aap.example.com"})
	if err != nil {
		f.Fatal(err)
	}
	return c
}

// fitLine wants one bounded line that is safe to print, and fitText wants the same of several lines.
func fitLine(t *testing.T, what, text string, most int) {
	t.Helper()
	fitText(t, what, text, most)
	if text != transport.OneLine(text) {
		t.Errorf("%s is no line: %.300q", what, text)
	}
}

func fitText(t *testing.T, what, text string, most int) {
	t.Helper()
	if len(text) > most+len("…") || !utf8.ValidString(text) || text != transport.Plain(text) {
		t.Errorf("%s is not fit to print: %.300q", what, text)
	}
}

func fitJob(t *testing.T, j Job) {
	t.Helper()
	fitText(t, "the explanation", j.Explanation, maxJobText)
	fitLine(t, "the user", j.CreatedBy, maxName)
	fitText(t, "the traceback", j.Traceback, maxJobText)
	if j.ID <= 0 || j.Artifacts != nil && !json.Valid(j.Artifacts) || len(j.Status) > maxName || len(j.Name) > maxTemplateName {
		t.Errorf("%+v", j)
	}
	if ref, ok := RefOf(j.URL); !ok || ref != j.Ref {
		t.Errorf("%+v is at %s", j.Ref, j.URL)
	}
	for _, moment := range []stamp{{j.Created}, {j.Started}, {j.Finished}, {j.CanceledOn}} {
		var again stamp
		if written, err := json.Marshal(moment.UTC()); err != nil || json.Unmarshal(written, &again) != nil || !again.Equal(moment.Time) {
			t.Errorf("the time %s can't be written: %v", moment, err)
		}
	}
}

// FuzzJobList reads any body as a list of jobs and as a job's detail.
func FuzzJobList(f *testing.F) {
	seeds(f, `{"id":7,"created":"9999-12-31T23:59:59-12:00"}`, `{"results":[{"id":7,"job_explanation":"\u001b]8;;x\u0007a\u202e"},{"id":7}]}`, `{"id":1,"elapsed":1e308}`)
	c := fuzzClient(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		var page struct{ Results []row }
		var detail row
		if json.Unmarshal(body, &page) != nil {
			return
		}
		if json.Unmarshal(body, &detail) == nil {
			page.Results = append(page.Results, detail)
		}
		for _, r := range page.Results {
			one, err := c.listed(r, KindJob)
			if err != nil {
				fitText(t, "the error", err.Error(), maxMessage)
				continue
			}
			fitJob(t, one.Job)
			if one.elapsed < 0 {
				t.Errorf("elapsed %s", one.elapsed)
			}
		}
	})
}

// FuzzLaunchAnswer reads any body as the answer to a launch.
func FuzzLaunchAnswer(f *testing.F) {
	seeds(f, `{"id":1,"ignored_fields":{"extra_vars":"{\"\u001b[2J\":1}"}}`)
	c := fuzzClient(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := c.parseLaunch(body, KindJob)
		if err != nil {
			return
		}
		fitJob(t, got.Job)
		if len(got.IgnoredExtraVars) > maxVariables {
			t.Errorf("%d names", len(got.IgnoredExtraVars))
		}
		for _, name := range got.IgnoredExtraVars {
			fitLine(t, "a variable", name, maxName)
		}
	})
}

// FuzzTemplates reads any body as a list of templates, and as a template's requirements for a launch.
func FuzzTemplates(f *testing.F) {
	seeds(f, `{"results":[{"id":7,"type":"job_template","name":"a","summary_fields":{"organization":{"name":"\u001b[2J"}}},{"id":8,"type":"workflow_job_template","name":"a"}]}`,
		`{"variables_needed_to_start":["a","\u202e"]}`, `{"results":[{"id":"7","type":"job_template"}]}`)
	c := fuzzClient(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		var form struct {
			Needed []string `json:"variables_needed_to_start"`
		}
		if json.Unmarshal(body, &form) == nil {
			for _, name := range variableNames(form.Needed) {
				fitLine(t, "a variable", name, maxName)
			}
		}
		var list templateList
		if json.Unmarshal(body, &list) != nil {
			return
		}
		found := map[string][]Template{}
		if list.addTo(found, "https://aap.example.com/api/v2/") != nil {
			return
		}
		for name, all := range found {
			for _, one := range all {
				if one.ID <= 0 || one.Name != name || one.Kind != KindJob && one.Kind != KindWorkflowJob {
					t.Errorf("%q: %+v", name, one)
				}
			}
			if _, err := c.choose(name, "", all); err != nil {
				fitText(t, "the error", err.Error(), 64<<10)
			}
		}
	})
}

// FuzzEvents reads any body as a page of events, and as a workflow's nodes.
func FuzzEvents(f *testing.F) {
	seeds(f, `{"results":[{"identifier":"\u001b","summary_fields":{"job":{"id":3,"failed":true,"type":"\u202e","status":"x\ny"}}}]}`)
	f.Fuzz(func(t *testing.T, body []byte) {
		var nodes struct{ Results []node }
		if json.Unmarshal(body, &nodes) == nil {
			if last, ok := lastFailed(nodes.Results); ok && last.Summary.Job.ID <= 0 {
				t.Errorf("%+v", last)
			}
		}
		var page struct{ Results []event }
		if json.Unmarshal(body, &page) != nil {
			return
		}
		for _, e := range page.Results {
			var failure explanation
			failure.setTask(e)
			fitText(t, "the message", failure.Message, maxMessage)
			fitLine(t, "the task", failure.Task, maxName)
			fitLine(t, "the host", failure.Host, maxName)
			fitLine(t, "the note", failure.Note, maxMessage)
		}
	})
}

// FuzzErrorBody reads any body of an error, in which the token may come back.
func FuzzErrorBody(f *testing.F) {
	seeds(f, `{"detail":"\u001b]8;;https://evil.example\u0007planted-token"}`, `{"\u001b[2J":["a",["b",["planted-token"]]]}`, `[[[["a"]]]]`, `<html>`)
	c, err := New(Settings{URL: "https://aap.example.com", Token: "planted-token"})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, status := range []int{400, 403, 404, 500} {
			failed := c.refused(call{method: "GET", url: "https://aap.example.com/api/v2/"}, &transport.Response{Status: status, Body: body})
			fitLine(t, "the error", failed.Error(), (maxErrorFields*maxErrorFields+1)*(maxErrorMessage+80))
			if strings.Contains(failed.Error(), "planted-token") {
				t.Errorf("%s shows the token", failed)
			}
		}
	})
}

// FuzzPing reads any body as a controller's answer to a ping.
func FuzzPing(f *testing.F) {
	seeds(f, `{"install_uuid":"\u001b[2J","version":"1"}`)
	f.Fuzz(func(t *testing.T, body []byte) {
		got, ok := parsePing(body)
		if !ok {
			return
		}
		if got.UUID == "" || got.Version == "" {
			t.Errorf("%+v", got)
		}
		fitLine(t, "the uuid", got.UUID, maxName)
		fitLine(t, "the version", got.Version, maxName)
	})
}

// FuzzOutput reads any output of a job.
func FuzzOutput(f *testing.F) {
	f.Add("\x1b[31mERROR! x\x1b[0m\r\nfatal: y")
	f.Add(strings.Repeat("\x1b[0;32mok: [localhost]\x1b[0m\r\n", 30) + "fatal: [h]: FAILED! => {\"msg\": \"\u202e\xff\"}")
	f.Fuzz(func(t *testing.T, text string) {
		got := lastLines(text)
		fitText(t, "the output", got, maxOutput)
		if lines := slices.Collect(strings.SplitSeq(got, "\n")); len(lines) > maxOutputLines {
			t.Errorf("%d lines", len(lines))
		}
	})
}
