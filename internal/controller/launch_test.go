package controller

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/transport"
)

var jobTemplate = Template{ID: 9, Kind: KindJob, Name: createTemplate}

const launchLine = "POST /api/v2/job_templates/9/launch/"

func TestRecordedLaunches(t *testing.T) {
	t.Parallel()
	for number, want := range map[string]Ref{"201": {KindJob, 16}, "501": {KindWorkflowJob, 62}, "015": {KindJob, 4}, "235": {KindJob, 33}} {
		f := newFake(t)
		f.serve(launchLine, record(t, number))
		got, err := f.client().Launch(within(t, time.Minute), jobTemplate, json.RawMessage(`{"a":1}`))
		if err != nil || got.Job.Ref != want || got.Job.Status != StatusPending || got.IgnoredExtraVars != nil {
			t.Errorf("%s: %+v, %v", number, got, err)
		}
		if got.Job.Created.IsZero() || !got.Job.Started.IsZero() || got.Job.CreatedBy != "admin" || got.Job.Organization != "osac" ||
			!json.Valid([]byte(got.Job.ExtraVars)) || got.Job.LaunchType != "manual" || got.Job.TemplateID == 0 {
			t.Errorf("%s: %+v", number, got.Job)
		}
	}
}

func TestIgnoredExtraVars(t *testing.T) {
	t.Parallel()
	for ignored, want := range map[string][]string{
		`{"b":{"password":"s3cret-x"},"a":1}`: {"a", "b"}, `"{\"a\": \"s3cret-x\"}"`: {"a"}, `"--- yaml"`: {"extra_vars"}, `{}`: {}, `null`: nil, `[1]`: {"extra_vars"},
	} {
		f := newFake(t)
		f.serve(launchLine, reply{status: 201, body: `{"job":5,"id":5,"type":"job","status":"pending","extra_vars":"{}","ignored_fields":{"extra_vars":` + ignored + `}}`})
		got, err := f.client().Launch(within(t, time.Minute), jobTemplate, json.RawMessage(`{"a":1}`))
		if err != nil || !slices.Equal(got.IgnoredExtraVars, want) {
			t.Errorf("%s: %v, %v", ignored, got.IgnoredExtraVars, err)
		}
	}
}

func TestLaunchRequest(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	var bodies []string
	f.intercept = func(r *http.Request) *reply {
		if r.Method != http.MethodPost {
			return nil
		}
		body, _ := io.ReadAll(r.Body)
		bodies = append(bodies, string(body))
		if r.Header.Get("Authorization") != "Bearer t0ken-s3cret" || r.Header.Get("Content-Type") != "application/json" || !strings.HasSuffix(r.URL.Path, "/launch/") {
			t.Errorf("%s %v", r.URL, r.Header)
		}
		return &reply{status: 201, body: `{"id":5,"type":"job"}`}
	}
	c := f.client()
	for _, vars := range []string{"", `{"a":"ü<>"}`, `{}`} {
		if _, err := c.Launch(within(t, time.Minute), jobTemplate, json.RawMessage(vars)); err != nil {
			t.Error(err)
		}
	}
	if want := []string{"{}", `{"extra_vars":{"a":"ü<>"}}`, `{"extra_vars":{}}`}; !slices.Equal(bodies, want) {
		t.Errorf("%q", bodies)
	}
	for _, vars := range []string{`[1]`, `"s3cret-x"`, `{"a":s3cret-x}`} {
		if _, err := c.Launch(within(t, time.Minute), jobTemplate, json.RawMessage(vars)); err == nil || strings.Contains(err.Error(), "s3cret-x") {
			t.Errorf("%s: %v", vars, err)
		}
	}
}

func TestLaunchErrors(t *testing.T) {
	t.Parallel()
	for number, test := range map[string]struct {
		want error
		text []string
	}{
		"006": {ErrUnauthorized, []string{"Authentication credentials were not provided", "79ab258cc92f4a308cd0ec544c6a4c08"}},
		"010": {ErrForbidden, []string{"You do not have permission"}},
		"206": {ErrInvalid, []string{"JSON parse error"}},
		"207": {ErrInvalid, []string{"extra_vars: Cannot parse as JSON"}},
		"220": {ErrInvalid, []string{"variables_needed_to_start: 'instance_id' value missing"}},
		"222": {ErrInvalid, []string{"'instance_id' value (hidden) is too large (must be no more than 64)"}},
		"224": {ErrInvalid, []string{"resources_needed_to_start: Job Template inventory is missing or undefined."}},
		"225": {ErrInvalid, []string{"415", "correct Content-Type"}},
		"346": {ErrNotFound, []string{"No Job matches the given query."}},
		"347": {ErrNotController, []string{"an HTML page"}},
		"402": {ErrNotCancellable, []string{"not allowed"}},
	} {
		f := newFake(t)
		f.serve(launchLine, record(t, number))
		_, err := f.client().Launch(within(t, time.Minute), jobTemplate, nil)
		if !errors.Is(err, test.want) || errors.Is(err, transport.ErrOutcomeUnknown) {
			t.Errorf("%s: %v", number, err)
			continue
		}
		for _, text := range append(test.text, launchLine[:5]+"https://aap.example.com"+launchLine[5:]) {
			if !strings.Contains(err.Error(), text) {
				t.Errorf("%s: %v lacks %q", number, err, text)
			}
		}
		if lines := strings.Count(err.Error(), "\n"); lines > 1 || len(err.Error()) > 800 {
			t.Errorf("%s: %d lines, %d bytes", number, lines+1, len(err.Error()))
		}
		if f.count("POST") != 1 {
			t.Errorf("%s: %v", number, f.requests)
		}
		for _, other := range []error{ErrUnauthorized, ErrForbidden, ErrInvalid, ErrNotFound, ErrNotController, ErrNotCancellable, ErrConflict, ErrThrottled, ErrUnavailable} {
			if !errors.Is(test.want, other) && errors.Is(err, other) {
				t.Errorf("%s: %v is also %v", number, err, other)
			}
		}
	}
}

func TestLaunchOutcomeUnknown(t *testing.T) {
	t.Parallel()
	for name, r := range map[string]reply{
		"500": {status: 500, body: `{"detail":"boom"}`}, "502": {status: 502, body: "<html>"}, "504": {status: 504}, "503": {status: 503},
		"429": {status: 429}, "503 with Retry-After": {status: 503, header: http.Header{"Retry-After": {"7"}}}, "1082": record(t, "1082"),
		"reset": {err: syscall.ECONNRESET}, "no answer": {hang: true}, "page": {status: 200, body: "<html>"}, "no body": {status: 201},
		"202": {status: 202, body: `{"id":5,"type":"job"}`}, "no id": {status: 201, body: `{"type":"job"}`}, "cut off": {status: 201, body: `{"id":5`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newFake(t)
				f.serve(launchLine, r)
				began := time.Now()
				_, err := f.client().Launch(within(t, time.Hour), jobTemplate, nil)
				var failed *Error
				if !errors.Is(err, transport.ErrOutcomeUnknown) || !errors.As(err, &failed) || f.count("POST") != 1 {
					t.Errorf("%v after %v", err, f.requests)
				}
				if time.Since(began) > DefaultLaunchTimeout {
					t.Errorf("took %s", time.Since(began))
				}
			})
		})
	}
}

func TestLaunchIsRetriedWhereItWasRefused(t *testing.T) {
	t.Parallel()
	for name, r := range map[string]reply{
		"423": {status: 423}, "498": {status: 498, header: http.Header{"Retry-After": {"2"}}}, "refused": {err: fmt.Errorf("dial: %w", syscall.ECONNREFUSED)},
	} {
		synctest.Test(t, func(t *testing.T) {
			f := newFake(t)
			tries := 0
			f.intercept = func(req *http.Request) *reply {
				if req.Method != http.MethodPost {
					return nil
				}
				if tries++; tries < 3 {
					return &r
				}
				return &reply{status: 201, body: `{"id":5,"type":"job"}`}
			}
			if got, err := f.client().Launch(within(t, time.Minute), jobTemplate, nil); err != nil || got.Job.ID != 5 {
				t.Errorf("%s: %v", name, err)
			}
		})
		synctest.Test(t, func(t *testing.T) {
			f := newFake(t)
			f.serve(launchLine, r)
			_, err := f.client().Launch(within(t, 20*time.Second), jobTemplate, nil)
			if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, transport.ErrOutcomeUnknown) ||
				!errors.Is(err, ErrThrottled) && !errors.Is(err, ErrUnavailable) {
				t.Errorf("%s: %v", name, err)
			}
		})
	}
}

func TestLaunchesAreLimited(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		var now, most atomic.Int32
		f.intercept = func(r *http.Request) *reply {
			if r.Method != http.MethodPost {
				return nil
			}
			if n := now.Add(1); n > most.Load() {
				most.Store(n)
			}
			time.Sleep(time.Second)
			now.Add(-1)
			return &reply{status: 201, body: `{"id":5,"type":"job"}`}
		}
		c := f.client(func(s *Settings) { s.MaxLaunches = 3 })
		var group sync.WaitGroup
		for range 12 {
			group.Go(func() {
				if _, err := c.Launch(within(t, time.Minute), jobTemplate, nil); err != nil {
					t.Error(err)
				}
			})
		}
		time.Sleep(10 * time.Millisecond)
		if _, err := c.Launch(within(t, 100*time.Millisecond), jobTemplate, nil); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, transport.ErrOutcomeUnknown) {
			t.Errorf("waiting for its turn: %v", err)
		}
		group.Wait()
		if most.Load() != 3 || f.count("POST") != 12 {
			t.Errorf("%d at once, %d in all", most.Load(), f.count("POST"))
		}
	})
}

func TestAnInterruptedLaunchIsFinished(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		f.serve(launchLine, reply{status: 201, body: `{"id":5,"type":"job"}`})
		c := f.client()
		if _, err := c.Installation(t.Context()); err != nil {
			t.Fatal(err)
		}
		f.delay = 10 * time.Second
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		if got, err := c.Launch(ctx, jobTemplate, nil); err != nil || got.Job.ID != 5 {
			t.Errorf("%+v, %v", got, err)
		}
		if _, err := c.Launch(ctx, jobTemplate, nil); !errors.Is(err, context.Canceled) || errors.Is(err, transport.ErrOutcomeUnknown) || f.count("POST") != 1 {
			t.Errorf("launched after the end: %v", err)
		}
	})
}

func TestCancel(t *testing.T) {
	t.Parallel()
	line := "POST /api/v2/jobs/7/cancel/"
	for _, test := range []struct {
		answer reply
		want   error
	}{
		{reply{status: 202, header: http.Header{}}, nil},
		{record(t, "402"), ErrNotCancellable},
		{record(t, "010"), ErrForbidden},
		{record(t, "346"), ErrNotFound},
		{record(t, "006"), ErrUnauthorized},
		{htmlNotFound, ErrNotController},
	} {
		f := newFake(t)
		f.serve(line, test.answer)
		if err := f.client().Cancel(within(t, time.Minute), jobRef(7)); !errors.Is(err, test.want) {
			t.Errorf("%d: %v", test.answer.status, err)
		}
	}
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		tries := 0
		f.intercept = func(r *http.Request) *reply {
			if r.Method != http.MethodPost {
				return nil
			}
			if tries++; tries == 1 {
				return &reply{status: 502}
			}
			return &reply{status: 202}
		}
		if err := f.client().Cancel(within(t, time.Minute), Ref{KindWorkflowJob, 7}); err != nil || f.count("POST /api/v2/workflow_jobs/7/cancel/") != 2 {
			t.Errorf("%v, %v", err, f.requests)
		}
	})
}

// TestSecretsStayInside sets a token and an extra var, lets the server echo both wherever it can, and searches errors
// and the log for them.
func TestSecretsStayInside(t *testing.T) {
	t.Parallel()
	const secret = "Tr0ub4dor-&3 <x>"
	vars, _ := json.Marshal(map[string]any{"osac": map[string]any{"pass": secret, "list": []any{secret}, "number": 123456789012}})
	echo := fmt.Sprintf("%s t0ken-s3cret 123456789012", secret)
	for name, r := range map[string]reply{
		"detail": {status: 400, body: mustJSON(map[string]any{"detail": strings.Repeat("x", 280) + echo})},
		"field":  {status: 400, body: mustJSON(map[string]any{"extra_vars": []string{"Cannot parse " + echo}})},
		"nested": {status: 400, body: mustJSON(map[string]any{"errors": map[string]any{"a": echo}})},
		"survey": {status: 400, body: mustJSON(map[string]any{"variables_needed_to_start": []string{"'pin' value 123 is too small (must be at least 4).", "Value 99 for 'x' expected to be a string."}})},
		"page":   {status: 500, header: http.Header{"Content-Type": {"text/html"}}, body: "<html>" + echo},
		"text":   {status: 400, body: echo}, "refusal": {status: 401, body: mustJSON(map[string]any{"detail": echo})},
		"accepted": {status: 201, body: mustJSON(map[string]any{"id": 5, "type": "job", "extra_vars": string(vars), "ignored_fields": map[string]any{"extra_vars": json.RawMessage(vars)}})},
		"broken":   {status: 201, body: `{"id":"` + echo + `"}`}, "late": {hang: true},
		"connection": {err: errors.New("read: " + echo)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var log bytes.Buffer
				f := newFake(t)
				f.serve(launchLine, r)
				c := f.client(func(s *Settings) {
					s.Transport.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.Level(-100)}))
				})
				got, err := c.Launch(within(t, 2*time.Minute), jobTemplate, vars)
				text := fmt.Sprintf("%v %v", err, got.IgnoredExtraVars)
				if err == nil && got.Job.ID != 5 {
					t.Errorf("%+v", got)
				}
				for _, hidden := range []string{secret, "Tr0ub4dor", "t0ken-s3cret", "123456789012", "value 123 ", "Value 99 "} {
					if strings.Contains(text, hidden) {
						t.Errorf("the error shows %q: %s", hidden, text)
					}
					if name != "connection" && strings.Contains(log.String(), hidden) {
						t.Errorf("the log shows %q: %s", hidden, &log)
					}
				}
				if !strings.Contains(log.String(), "method=POST") {
					t.Errorf("the log lacks the request: %s", &log)
				}
			})
		})
	}
}

func mustJSON(v any) string {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		panic(err)
	}
	return b.String()
}
