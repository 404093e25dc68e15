package sandbox

import (
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"strings"
)

// outputLimit is how much stdout AWX shows: STDOUT_MAX_BYTES_DISPLAY.
const outputLimit = 1 << 20

func stdoutViews() []*view {
	return []*view{
		{pattern: path("jobs/{id}/stdout"), name: "stdout", model: "Job", methods: map[string]handler{"GET": (*call).stdout}},
	}
}

// stdout answers a job's output in the format asked for (recordings 244 to 248, 606, 626, 808, 854, L11).
func (c *call) stdout() *answer {
	format, ok := c.outputFormat()
	if !ok {
		reply := c.page(http.StatusNotAcceptable, "Not Acceptable", "Could not satisfy the request Accept header.")
		maps.Copy(reply.header, c.header(""))
		reply.header.Set("Content-Type", "text/html; charset=utf-8")
		reply.header.Set("Vary", "Accept, Cookie, Accept-Language, origin")
		return reply
	}
	j, refusal := c.visibleJob(KindJob)
	if refusal != nil {
		return c.refuseText(refusal, format)
	}
	output := c.output(j)
	if len(output) > outputLimit && !strings.HasSuffix(format, "_download") {
		message := fmt.Sprintf("Standard Output too large to display (%d bytes), only download supported for sizes over %d bytes.",
			len(output), outputLimit)
		if format == "json" {
			return c.outputRange(message, 0, 1, 1)
		}
		return c.text(message)
	}
	switch format {
	case "json":
		return c.outputLines(output)
	case "txt":
		return c.text(plain(output))
	case "ansi":
		return c.text(output)
	case "txt_download", "ansi_download":
		suffix := ""
		if format == "txt_download" {
			output = plain(output)
		} else {
			suffix = ".ansi"
		}
		reply := c.text(output)
		reply.header.Set("Content-Type", "text/plain")
		reply.header.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="job_%d%s.txt"`, j.id, suffix))
		return reply
	default:
		reply := c.text("<pre>" + strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(plain(output)) + "</pre>\n")
		reply.header.Set("Content-Type", "text/html; charset=utf-8")
		return reply
	}
}

// outputFormat chooses the renderer: by ?format=, which the Accept header must allow, or else by Accept.
func (c *call) outputFormat() (string, bool) {
	media := map[string]string{
		"txt": "text/plain", "ansi": "text/plain", "txt_download": "text/plain", "ansi_download": "text/plain",
		"json": "application/json", "html": "text/html", "api": "text/html",
	}
	if format := c.query.Get("format"); format != "" {
		return format, media[format] != "" && accepts(c.in.header, media[format])
	}
	for _, format := range []string{"api", "txt", "json"} {
		if accepts(c.in.header, media[format]) {
			return format, true
		}
	}
	return "", false
}

// refuseText returns a failure in the renderer's own format: as text, it is Python's repr (L11, recording 626).
func (c *call) refuseText(f *failure, format string) *answer {
	reply := c.refuse(f)
	if format != "txt" && format != "ansi" && !strings.HasSuffix(format, "_download") {
		return reply
	}
	body, _ := f.body.(document)
	code := map[int]string{http.StatusNotFound: "not_found", http.StatusForbidden: "permission_denied"}[f.status]
	reply.body = []byte("{'detail': ErrorDetail(string='" + body.text("detail") + "', code='" + code + "')}")
	reply.header.Set("Content-Type", "text/plain; charset=utf-8")
	return reply
}

// text answers plain text; an empty text has no content type (recording 854).
func (c *call) text(body string) *answer {
	contentType := "text/plain; charset=utf-8"
	if body == "" {
		contentType = ""
	}
	return &answer{status: http.StatusOK, header: c.header(contentType), body: []byte(body)}
}

func (c *call) outputLines(output string) *answer {
	lines := strings.SplitAfter(output, "\n")
	if lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	total := len(lines)
	start, _ := strconv.Atoi(c.query.Get("start_line"))
	end, err := strconv.Atoi(c.query.Get("end_line"))
	if err != nil {
		end = total
	}
	from := max(0, min(start, total))
	to := max(from, min(end, total))
	return c.outputRange(strings.Join(lines[from:to], ""), start, min(end, total), total)
}

func (c *call) outputRange(content string, start, end, total int) *answer {
	return c.reply(http.StatusOK, document{
		{"range", document{{"start", start}, {"end", end}, {"absolute_end", total}}}, {"content", content},
	})
}
