package controller

import (
	"context"
	"errors"
	"strings"

	"github.com/osac-project/terraform-provider-osac/internal/redact"
	"github.com/osac-project/terraform-provider-osac/internal/transport"
)

// Bounds of the end of an output.
const (
	maxOutput      = 4 << 10
	maxOutputLines = 20
	// maxLine is the longest average of the lines that are requested.
	maxLine = 400
	// maxStdout bounds the output that is read to find its end.
	maxStdout = 16 << 20
)

// Output returns the last lines of a job's output (244), without the secrets, as FailureOf does. A workflow job has no
// output of its own (509).
func (c *Client) Output(ctx context.Context, ref Ref, lines int, secrets ...redact.Secret) (string, error) {
	if ref.Kind != KindJob {
		return "", nil
	}
	text, err := c.wholeOutput(ctx, ref)
	if err != nil {
		return "", err
	}
	shown, text := c.shownWithout(secrets), plainText(text)
	return tail(shown.around(text, len(text)), lines, lines*maxLine), nil
}

// lastError reads the end of the job's output, from its last error on if there is one (822).
func (e *explanation) lastError(ctx context.Context, ref Ref) {
	text, err := e.client.wholeOutput(ctx, ref)
	if err != nil {
		e.note("the job's output", err)
		return
	}
	text = plainText(text)
	e.Output = lastLines(e.shown.around(text, lastMark(text)))
	if e.Output == "" {
		e.addNote("the job has no output and no failed task")
	}
}

func (c *Client) wholeOutput(ctx context.Context, ref Ref) (string, error) {
	text, err := c.stdout(ctx, ref, "txt")
	if err == nil && strings.HasPrefix(text, "Standard Output too large to display") {
		text, err = c.stdout(ctx, ref, "txt_download")
	}
	return text, err
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

// lastLines returns the end of an output.
func lastLines(text string) string {
	text = plainText(text)
	from := lastMark(text)
	if from == len(text) {
		return tail(text, maxOutputLines, maxOutput)
	}
	lines := strings.Split(text[from:], "\n")
	return transport.Cut(strings.Join(lines[:min(len(lines), maxOutputLines)], "\n"), maxOutput)
}

// lastMark returns the place of an output's last error, or the output's end if there is none.
func lastMark(text string) int {
	from := -1
	for _, mark := range []string{"ERROR! ", "fatal: "} {
		at := strings.LastIndex(text, "\n"+mark) + 1
		if at == 0 && !strings.HasPrefix(text, mark) {
			continue
		}
		from = max(from, at)
	}
	if from < 0 {
		return len(text)
	}
	return from
}
