package controller

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/osac-project/terraform-provider-osac/internal/transport"
)

// Bounds of texts, in bytes and lines.
const (
	maxMessage     = 2 << 10
	maxOutput      = 4 << 10
	maxOutputLines = 20
	maxName        = 256
	// maxStdout bounds the whole output that is read for its end.
	maxStdout = 16 << 20
)

// censored stands for a result that no_log hides (253).
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

// eventResult is what a task's module returned; modules put anything into msg and stderr.
type eventResult struct {
	Message  json.RawMessage `json:"msg"`
	Stderr   json.RawMessage `json:"stderr"`
	Stdout   json.RawMessage `json:"stdout"`
	Censored json.RawMessage `json:"censored"`
	Failed   bool            `json:"failed"`
	Results  []eventResult   `json:"results"`
}

// failedTask reads the last failed task; false if there is none. Rescued failures have failed set as well, but lower
// counters (251, 252).
func (c *Client) failedTask(ctx context.Context, ref Ref, f *Failure) bool {
	q := query{"event__in=runner_on_failed,runner_on_unreachable", "failed=true", "order_by=-counter", "page_size=1"}
	address, err := c.address(ctx, q, "jobs/%d/job_events/", ref.ID)
	if err != nil {
		f.note("the job's events", err)
		return false
	}
	var page struct {
		Results []event `json:"results"`
	}
	if err := c.get(ctx, address, &page); err != nil {
		f.note("the job's events", err)
		return false
	}
	if len(page.Results) == 0 {
		return false
	}
	f.setTask(page.Results[0])
	return true
}

func (f *Failure) setTask(e event) {
	f.Task = f.name(e.Task, e.Data.Task)
	f.Host = f.name(e.HostName, e.Data.Host)
	var result eventResult
	if len(e.Data.Result) > 0 && json.Unmarshal(e.Data.Result, &result) != nil {
		// Some results are bare strings.
		f.Message = f.text(valueText(e.Data.Result))
		return
	}
	f.Message = f.text(result.message())
	if f.Message == censored {
		f.addNote(censored)
	}
}

// message is what a result says of its failure, as plain text of any length.
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
		return plainText(text + ": " + stderr)
	}
	return text
}

// output reads the end of what the job has written (244), from its last error on if there is one (822).
func (c *Client) output(ctx context.Context, ref Ref, f *Failure) {
	text, err := c.stdout(ctx, ref, "txt")
	if err == nil && strings.HasPrefix(text, "Standard Output too large to display") {
		text, err = c.stdout(ctx, ref, "txt_download")
	}
	if err != nil {
		f.note("the job's output", err)
		return
	}
	f.Output = lastLines(f.plain(text))
	if f.Output == "" {
		f.addNote("the job has no output and no failed task")
	}
}

func (c *Client) stdout(ctx context.Context, ref Ref, format string) (string, error) {
	address, err := c.address(ctx, query{"format=" + format}, "jobs/%d/stdout/", ref.ID)
	if err != nil {
		return "", err
	}
	// With Accept: application/json this is a 406 (807).
	answer, err := c.send(ctx, call{method: "GET", url: address, accept: "text/plain", maxBytes: maxStdout})
	if err != nil {
		return "", err
	}
	if strings.HasPrefix(answer.Header.Get("Content-Type"), "text/html") {
		return "", errors.New("an HTML page came in its place")
	}
	return string(answer.Body), nil
}

// lastLines is the end of an output.
func lastLines(text string) string {
	text = strings.TrimSpace(transport.Plain(text))
	from := -1
	for _, mark := range []string{"ERROR! ", "fatal: "} {
		at := strings.LastIndex(text, "\n"+mark) + 1
		if at == 0 && !strings.HasPrefix(text, mark) {
			continue
		}
		from = max(from, at)
	}
	if from < 0 {
		return tail(text, maxOutputLines, maxOutput)
	}
	lines := strings.Split(text[from:], "\n")
	return transport.Cut(strings.Join(lines[:min(len(lines), maxOutputLines)], "\n"), maxOutput)
}

// valueText is a JSON value as text: a string's content, anything else as compact JSON; null is nothing.
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

func plainText(text string) string { return strings.TrimSpace(transport.Plain(text)) }

func messageText(text string) string { return transport.Cut(plainText(text), maxMessage-utf8.UTFMax) }

func nameText(texts ...string) string {
	return transport.Cut(transport.OneLine(cmp.Or(texts...)), maxName)
}

// plain is a text without secrets. They are looked for before anything is cut off.
func (f *Failure) plain(text string) string {
	if text = plainText(text); f.secrets != nil {
		return f.secrets.Hide(text)
	}
	return text
}

func (f *Failure) text(text string) string { return messageText(f.plain(text)) }

func (f *Failure) name(texts ...string) string { return nameText(f.plain(cmp.Or(texts...))) }

func lastLine(text string) string {
	text = strings.TrimSpace(transport.Plain(text))
	return messageText(text[strings.LastIndex(text, "\n")+1:])
}
