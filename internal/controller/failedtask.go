package controller

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"strings"
)

// censored replaces a result that no_log hides (253).
const censored = "the result is hidden by no_log (censored)"

// event is one of a job's events.
type event struct {
	Task     string `json:"task"`
	HostName string `json:"host_name"`
	Data     struct {
		Task   string          `json:"task"`
		Host   string          `json:"host"`
		Result json.RawMessage `json:"res"`
	} `json:"event_data"`
}

// eventResult is the result of a task's module; modules put anything into msg and stderr.
type eventResult struct {
	Message  json.RawMessage `json:"msg"`
	Stderr   json.RawMessage `json:"stderr"`
	Stdout   json.RawMessage `json:"stdout"`
	Censored json.RawMessage `json:"censored"`
	Failed   bool            `json:"failed"`
	Results  []eventResult   `json:"results"`
}

// failedTask reads the last failed task, and returns false if there is none. Rescued failures have failed set as well,
// but lower counters (251, 252).
func (e *explanation) failedTask(ctx context.Context, ref Ref) bool {
	q := query{"event__in=runner_on_failed,runner_on_unreachable", "failed=true", "order_by=-counter", "page_size=1"}
	address, err := e.client.address(ctx, q, "jobs/%d/job_events/", ref.ID)
	if err != nil {
		e.note("the job's events", err)
		return false
	}
	var page struct {
		Results []event `json:"results"`
	}
	if err := e.client.get(ctx, address, &page); err != nil {
		e.note("the job's events", err)
		return false
	}
	if len(page.Results) == 0 {
		return false
	}
	e.setTask(page.Results[0])
	return true
}

func (e *explanation) setTask(failed event) {
	e.Task = e.shown.name(failed.Task, failed.Data.Task)
	e.Host = e.shown.name(failed.HostName, failed.Data.Host)
	var result eventResult
	if len(failed.Data.Result) > 0 && json.Unmarshal(failed.Data.Result, &result) != nil {
		// Some results are bare strings.
		e.Message = e.shown.message(valueText(failed.Data.Result))
		return
	}
	message := result.message()
	if message == censored {
		e.addNote(censored)
	}
	e.Message = e.shown.message(message)
}

// message returns a result's own account of the failure, at whatever length.
func (r eventResult) message() string {
	if len(r.Censored) > 0 {
		return censored
	}
	text := plainText(valueText(r.Message))
	// A loop's own message says nothing; its items' do.
	if text == "" || text == "All items completed" || text == "One or more items failed" {
		for _, item := range r.Results {
			if item.Failed || len(item.Censored) > 0 {
				if inner := item.message(); inner != "" {
					return inner
				}
			}
		}
	}
	stderr := plainText(valueText(r.Stderr))
	switch {
	case text == "":
		return cmp.Or(stderr, plainText(valueText(r.Stdout)))
	case strings.HasPrefix(text, "non-zero return code") && stderr != "":
		return text + ": " + stderr
	}
	return text
}

// valueText returns a JSON value as text: a string's content, nothing for null, and compact JSON for anything else.
func valueText(value json.RawMessage) string {
	var text string
	if json.Unmarshal(value, &text) == nil {
		return text
	}
	var compact bytes.Buffer
	if json.Compact(&compact, value) != nil {
		return ""
	}
	return compact.String()
}
