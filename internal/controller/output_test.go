package controller

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/redact"
)

func TestOutput(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	const secret = "-----BEGIN KEY-----\nMIIfirst\nMIIsecond\n-----END KEY-----"
	printed := "first\n\x1b[31mred\x1b[0m\n" + `{"key": "-----BEGIN KEY-----\nMIIfirst\nMIIsecond\n-----END KEY-----", "quoted": "it's \"s3cret\""}` +
		"\n" + secret + "\nsaid with t0ken-s3cret\nlast\n"
	f.serve("GET /api/v2/jobs/16/stdout/?format=txt", reply{status: 200, body: printed})
	c := f.client()
	got, err := c.Output(within(t, time.Minute), jobRef(16), 100, redact.Credentials(secret, `it's "s3cret"`)...)
	if err != nil || !strings.HasPrefix(got, "first\nred\n") || !strings.HasSuffix(got, "said with (hidden)\nlast") || strings.Contains(got, "MII") || strings.Contains(got, "s3cret") {
		t.Errorf("%q, %v", got, err)
	}
	if got, err = c.Output(within(t, time.Minute), jobRef(16), 2); err != nil || got != "said with (hidden)\nlast" {
		t.Errorf("two lines: %q, %v", got, err)
	}
	if got, err = c.Output(within(t, time.Minute), Ref{KindWorkflowJob, 16}, 2); err != nil || got != "" || f.count("workflow_jobs") != 0 {
		t.Errorf("a workflow: %q, %v", got, err)
	}
}

func TestFailureHidesSecrets(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		detail string
		events string
		output string
	}{
		"message":     {`{"id":36,"status":"failed","event_processing_finished":true}`, `{"results":[{"task":"Log in as hunter2hunter2","event_data":{"res":{"msg":"hunter2hunter2 was refused"}}}]}`, ""},
		"cut message": {`{"id":36,"status":"failed","event_processing_finished":true}`, `{"results":[{"task":"t","event_data":{"res":{"msg":"` + strings.Repeat("x", maxMessage-8) + `hunter2hunter2"}}}]}`, ""},
		"explanation": {`{"id":36,"status":"failed","job_explanation":"hunter2hunter2"}`, "", ""},
		"traceback":   {`{"id":36,"status":"error","result_traceback":"a\nValueError: hunter2hunter2"}`, "", ""},
		"output":      {`{"id":36,"status":"failed","event_processing_finished":true}`, `{"results":[]}`, "ERROR! hunter2hunter2"},
	} {
		f := newFake(t)
		f.serve("GET /api/v2/jobs/36/", reply{status: 200, body: test.detail})
		f.serve(fmt.Sprintf(eventsLine, 36), reply{status: 200, body: test.events})
		f.serve("GET /api/v2/jobs/36/stdout/?format=txt", reply{status: 200, body: test.output})
		got := f.client().FailureOf(within(t, time.Minute), Job{Ref: jobRef(36), Status: StatusFailed}, redact.Credentials("hunter2hunter2")...)
		if text := fmt.Sprintf("%+v", got); strings.Contains(text, "hunter2") || name != "cut message" && !strings.Contains(text, "(hidden)") {
			t.Errorf("%s: %.200s", name, text)
		}
	}
}

// TestLongOutput uses an output whose last error is far from either end, with a secret of several lines before it.
func TestLongOutput(t *testing.T) {
	t.Parallel()
	f, c, j := failingJob(t, 36, "241")
	f.serve(fmt.Sprintf(eventsLine, 36), reply{body: `{"results":[]}`})
	filler := strings.Repeat("ok: [localhost] => all is well\n", 20000)
	f.serve("GET /api/v2/jobs/36/stdout/?format=txt", reply{body: filler + "fatal: [h]: hunter2\\u0068unter2 was refused\n" + filler})
	got := c.FailureOf(within(t, time.Minute), j, redact.Credentials("hunter2hunter2")...)
	if !strings.HasPrefix(got.Output, "fatal: [h]: (hidden) was refused\nok: ") || len(got.Output) > maxOutput+len("…") {
		t.Errorf("the output is %.200q", got.Output)
	}
}
