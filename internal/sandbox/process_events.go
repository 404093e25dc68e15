package sandbox

import (
	"bufio"
	"io"
	"slices"
	"strings"
)

// recordSeparator begins each event among the output (RFC 7464).
const recordSeparator = "\x1e"

// record reads the process's output to its end: events of the callback plugin, and lines between them.
func (s *Sandbox) record(p *process, output io.Reader) {
	lines := bufio.NewReader(output)
	for {
		line, err := lines.ReadString('\n')
		if line != "" {
			s.mu.Lock()
			p.take(strings.TrimSuffix(line, "\n"), s)
			s.mu.Unlock()
		}
		if err != nil {
			return // the end, or nothing more to hope for
		}
	}
}

// take processes a line of the output.
func (p *process) take(line string, s *Sandbox) {
	printed, encoded, found := strings.Cut(line, recordSeparator)
	if printed != "" || !found {
		p.add(event{kind: "verbose", stdout: printed, data: document{}}, printed+"\n", s)
	}
	if !found {
		return
	}
	parsed, err := parseJSON(encoded)
	told, ok := parsed.(document)
	if err != nil || !ok {
		p.add(event{kind: "verbose", stdout: encoded, data: document{}}, encoded+"\n", s)
		return
	}
	data := told.object("event_data")
	shown := told.text("stdout")
	e := event{
		kind: told.text("event"), parent: told.text("parent_uuid"), stdout: strings.TrimRight(shown, "\n"), data: data,
		uuid: data.text("uuid"), host: data.text("host"), play: data.text("play"), task: data.text("task"),
		role: data.text("role"), playbook: data.text("playbook"),
	}
	e.failed, e.changed = e.verdict()
	if e.kind == "playbook_on_stats" {
		p.job.artifacts = data.object("artifact_data")
	}
	e.data = append(e.data, member{"guid", strings.ReplaceAll(deriveUUID(text(p.job.id)), "-", "")})
	p.add(e, shown, s)
}

// add appends an event with that much output. Lines within it end with \r\n, as a terminal writes them (recording 250).
func (p *process) add(e event, shown string, s *Sandbox) {
	e.job, e.counter, e.created = p.job, len(p.events)+1, s.now()
	e.stdout = strings.ReplaceAll(e.stdout, "\n", "\r\n")
	e.startLine = p.lines
	p.lines += strings.Count(shown, "\n")
	e.endLine = p.lines
	if e.uuid == "" {
		e.uuid = deriveUUID(text(p.job.id), text(int64(e.counter)), p.mark)
	}
	p.events = append(p.events, &e)
}

// verdict is AWX's reading of an event: an ignored failure is no failure, a rescued one is (recordings 251, 252).
func (e *event) verdict() (bool, bool) {
	if e.kind == "playbook_on_stats" {
		return e.total("failures")+e.total("dark") > 0, e.total("changed") > 0
	}
	changed, _ := e.data.object("res").get("changed")
	ignored, _ := e.data.get("ignore_errors")
	failures := []string{"runner_on_failed", "runner_item_on_failed", "runner_on_unreachable"}
	return slices.Contains(failures, e.kind) && (ignored != true || e.kind == "runner_on_unreachable"), changed == true
}

// total adds up a counter of the recap over all hosts.
func (e *event) total(name string) int {
	sum := 0
	for _, m := range e.data.object(name) {
		sum += count(m.value)
	}
	return sum
}
