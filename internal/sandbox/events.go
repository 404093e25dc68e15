package sandbox

import (
	"regexp"
	"strings"
	"time"
)

// eventsPerJob is each job's share of the sequence of event ids.
const eventsPerJob = 10000

// event is one event of ansible-playbook's run.
type event struct {
	job                *job
	counter            int
	kind               string
	failed, changed    bool
	uuid, parent       string
	host, play, task   string
	role               string
	playbook           string
	stdout             string
	startLine, endLine int
	created            time.Time
	data               document
}

func (e *event) id() int64 { return e.job.id*eventsPerJob + int64(e.counter) }

// events are the events that have come in so far. Events come late, and the last ones come latest (L7, L8).
func (c *call) events(j *job) []*event {
	var known []*event
	happened := script
	if j.process != nil {
		happened = func(j *job) []*event { return j.process.events }
	}
	for _, e := range happened(j) {
		visible := e.created.Add(j.life.eventsDelay)
		if reached(visible, c.now) {
			known = append(known, e)
		}
	}
	return known
}

// run builds the events of a job in their order.
type run struct {
	job    *job
	events []*event
	lines  int
	clock  time.Time
	step   time.Duration
	play   string
	playID string
	task   string
	taskID string
	bookID string
	totals hostSummary
	tasks  int
}

// plays reports whether the job's playbook has started, as far as the job's end is known.
func (j *job) plays() bool {
	began := !j.life.started.IsZero() && j.life.started.Before(j.life.ended)
	return j.kind == KindJob && began && j.life.outcome != statusError && !j.neverPlayed() &&
		j.life.started.Add(j.life.scaled(playDelay)).Before(j.life.ended)
}

// script returns all events of a job, as far as its end is known.
func script(j *job) []*event {
	if !j.plays() {
		return nil
	}
	r := newRun(j)
	switch {
	case j.behavior.Stdout != "":
		r.verbose(j.behavior.Stdout)
		return r.events
	case j.life.outcome == statusCanceled || j.life.outcome == statusFailed && j.behavior.Message == "" && j.life.explanation != "":
		r.begin()
		r.startTask("Pretend to provision", "ansible.builtin.command")
		return r.events
	}
	r.begin()
	if j.behavior.NoHosts {
		r.clock = j.life.ended.Add(-2 * time.Millisecond)
		r.add(event{
			kind: "playbook_on_no_hosts_matched", parent: r.playID, play: r.play, stdout: "\x1b[0;36mskipping: no hosts matched\x1b[0m",
		})
		r.stats()
		return r.events
	}
	r.succeed("Pretend to provision", "ansible.builtin.command", true)
	for _, message := range j.behavior.Ignored {
		r.fail("Ignored failure", message, true, false)
	}
	for _, message := range j.behavior.Rescued {
		r.fail("Rescued failure", message, false, true)
	}
	if j.life.outcome == statusFailed {
		r.step = max(0, j.life.ended.Sub(r.clock)-2*time.Millisecond)
		task := j.behavior.Task
		setDefault(&task, "Fail if asked")
		message := j.behavior.Message
		setDefault(&message, "simulated failure")
		r.fail(task, message, false, false)
	} else {
		r.succeed("Skip the failure", "ansible.builtin.debug", false)
		r.succeed("Report the instance", "ansible.builtin.set_stats", false)
		r.clock = j.life.ended.Add(-2 * time.Millisecond)
	}
	r.stats()
	return r.events
}

func newRun(j *job) *run {
	host, play := j.behavior.Host, j.behavior.Play
	setDefault(&host, "localhost")
	setDefault(&play, strings.ReplaceAll(j.name, "-", " "))
	begin := j.life.started.Add(j.life.scaled(playDelay))
	r := &run{
		job: j, clock: begin, play: play,
		step:   max(j.life.ended.Sub(begin), 0) / time.Duration(4+len(j.behavior.Ignored)+len(j.behavior.Rescued)),
		totals: hostSummary{job: j, host: host},
	}
	r.bookID, r.playID = r.uuid("playbook"), r.uuid("play")
	return r
}

func (r *run) uuid(words ...string) string {
	return deriveUUID(append([]string{text(r.job.id), text(int64(len(r.events))), text(int64(r.job.random >> 1))}, words...)...)
}

// add appends an event. Output lines within an event end with \r\n, as a terminal writes them (recording 250).
func (r *run) add(e event) {
	e.job, e.counter, e.playbook = r.job, len(r.events)+1, r.job.playbook()
	if e.kind == "verbose" {
		e.playbook = ""
	}
	e.created = r.clock.Truncate(time.Microsecond)
	e.startLine = r.lines
	if e.stdout != "" || e.kind == "verbose" {
		r.lines += strings.Count(e.stdout, "\n") + 1
	}
	e.endLine = r.lines
	if e.kind == "playbook_on_stats" {
		e.endLine++ // the recap ends in an empty line, which is not shown (recording 250)
	}
	if e.uuid == "" {
		e.uuid = r.uuid("event")
	}
	if e.kind != "verbose" {
		e.data = append(r.common(&e), e.data...)
		e.data = append(e.data, member{"uuid", e.uuid}, member{"guid", strings.ReplaceAll(deriveUUID(text(r.job.id)), "-", "")})
	}
	if strings.HasPrefix(e.kind, "runner_") && e.kind != "runner_on_start" {
		r.clock = r.clock.Add(r.step) // it is the tasks that take time
	}
	r.events = append(r.events, &e)
}

// common is the part of event_data with the event's place in the playbook.
func (r *run) common(e *event) document {
	d := document{{"playbook", e.playbook}, {"playbook_uuid", r.bookID}}
	if e.play == "" {
		return d
	}
	return append(d, document{{"play", r.play}, {"play_uuid", r.playID}, {"play_pattern", r.totals.host}}...)
}

func (r *run) begin() {
	if r.job.behavior.Preamble != "" {
		r.verbose(r.job.behavior.Preamble)
	}
	r.add(event{kind: "playbook_on_start", uuid: r.bookID})
	r.add(event{
		kind: "playbook_on_play_start", uuid: r.playID, parent: r.bookID, play: r.play,
		stdout: "\r\n" + banner("PLAY ["+r.play+"]"),
		data:   document{{"name", r.play}, {"pattern", r.totals.host}},
	})
}

func (r *run) taskData(action string) document {
	return document{
		{"task", r.task},
		{"task_uuid", r.taskID},
		{"task_action", action},
		{"resolved_action", action},
		{"task_args", ""},
		{"task_path", "/runner/project/" + r.job.playbook() + ":" + text(int64(6+3*r.tasks))},
	}
}

func (r *run) startTask(name, action string) {
	r.tasks++
	r.task, r.taskID = name, r.uuid("task", name)
	r.add(event{
		kind: "playbook_on_task_start", uuid: r.taskID, parent: r.playID, play: r.play, task: name,
		stdout: "\r\n" + banner("TASK ["+name+"]"),
		data:   append(r.taskData(action), member{"name", name}, member{"is_conditional", false}),
	})
	r.add(event{
		kind: "runner_on_start", parent: r.taskID, play: r.play, task: name, host: r.totals.host,
		data: append(r.taskData(action), member{"host", r.totals.host}),
	})
}

// result adds the outcome of a task on the host.
func (r *run) result(e event, action string, res document, more ...member) {
	begin := r.clock
	r.clock = r.clock.Add(r.step)
	defer func(step time.Duration) { r.step = step }(r.step)
	r.step = 0
	e.parent, e.play, e.task, e.host = r.taskID, r.play, r.task, r.totals.host
	e.data = append(r.taskData(action), document{
		{"host", r.totals.host},
		{"remote_addr", r.totals.host},
		{"res", res},
		{"start", offsetStamp(begin)},
		{"end", offsetStamp(r.clock)},
		{"duration", r.clock.Sub(begin).Round(time.Microsecond).Seconds()},
	}...)
	e.data = append(e.data, more...)
	r.add(e)
}

func (r *run) succeed(name, action string, changed bool) {
	r.startTask(name, action)
	line := "\x1b[0;32mok: [" + r.totals.host + "]\x1b[0m"
	if changed {
		line = "\x1b[0;33mchanged: [" + r.totals.host + "]\x1b[0m"
		r.totals.changed++
	}
	r.totals.ok++
	r.result(event{kind: "runner_on_ok", changed: changed, stdout: line}, action,
		document{{"changed", changed}, {"_ansible_no_log", false}}, member{"event_loop", nil})
}

// fail adds a failed task. An ignored failure has failed:false, a rescued one failed:true (recordings 251, 252).
func (r *run) fail(name, message string, ignored, rescued bool) {
	action := "ansible.builtin.fail"
	behavior := r.job.behavior
	decisive := !ignored && !rescued
	if decisive && behavior.Unreachable {
		action = "ansible.builtin.ping"
	}
	r.startTask(name, action)
	e := event{kind: "runner_on_failed", failed: !ignored}
	res, shown, word, colour := document{{"msg", message}, {"_ansible_no_log", false}, {"changed", false}},
		document{{"changed", false}, {"msg", message}}, "FAILED", "0;31"
	ignoring := any(nil)
	switch {
	case ignored:
		ignoring = true
		r.totals.ok++
		r.totals.ignored++
	case rescued:
		r.totals.rescued++
	case behavior.Unreachable:
		e.kind, word, colour = "runner_on_unreachable", "UNREACHABLE", "1;31"
		res = document{{"unreachable", true}, {"msg", message}, {"changed", false}}
		shown = shown.with("unreachable", true)
		r.totals.dark++
	case behavior.NoLog:
		hidden := "the output has been hidden due to the fact that 'no_log: true' was specified for this result"
		res, shown = document{{"censored", hidden}, {"changed", false}}, document{{"censored", hidden}, {"changed", false}}
		r.totals.failures++
	default:
		r.totals.failures++
	}
	if decisive && behavior.Stderr != "" {
		res = append(res, member{"rc", 1}, member{"stderr", behavior.Stderr}, member{"stdout", ""})
		shown = append(shown, member{"rc", 1}, member{"stderr", behavior.Stderr})
	}
	e.stdout = "\x1b[" + colour + "mfatal: [" + r.totals.host + "]: " + word + "! => " + pythonStyle().dump(shown) + "\x1b[0m"
	if ignored {
		e.stdout += "\r\n\x1b[0;36m...ignoring\x1b[0m"
	}
	var more []member
	if e.kind == "runner_on_failed" {
		more = []member{{"ignore_errors", ignoring}, {"event_loop", nil}}
	}
	r.result(e, action, res, more...)
}

func (r *run) stats() {
	t := &r.totals
	t.failed = t.failures+t.dark > 0
	t.created = r.clock
	per := func(n int) document {
		if n == 0 {
			return document{}
		}
		return document{{t.host, n}}
	}
	recap, processed := "\r\n"+t.recap(), 1
	if r.job.behavior.NoHosts {
		recap, processed = "", 0
	}
	r.add(event{
		kind: "playbook_on_stats", parent: r.bookID, failed: t.failed, changed: t.changed > 0,
		stdout: "\r\n" + banner("PLAY RECAP") + recap,
		data: document{
			{"changed", per(t.changed)},
			{"dark", per(t.dark)},
			{"failures", per(t.failures)},
			{"ignored", per(t.ignored)},
			{"ok", per(t.ok)},
			{"processed", per(processed)},
			{"rescued", per(t.rescued)},
			{"skipped", document{}},
			{"artifact_data", r.job.artifacts},
		},
	})
}

// verbose splits output into verbose events, a line each (recording 824).
func (r *run) verbose(output string) {
	for line := range strings.SplitSeq(strings.TrimSuffix(output, "\n"), "\n") {
		r.add(event{kind: "verbose", stdout: line, data: document{}})
	}
}

// banner is a headline of ansible-playbook: stars up to 79 columns.
func banner(title string) string {
	return title + " " + strings.Repeat("*", max(3, 79-len(title)))
}

func offsetStamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000+00:00") }

// output is the job's stdout so far, with colours and \n at the line ends.
func (c *call) output(j *job) string {
	var text strings.Builder
	for _, e := range c.events(j) {
		if e.stdout != "" || e.kind == "verbose" {
			text.WriteString(strings.ReplaceAll(e.stdout, "\r\n", "\n"))
			text.WriteByte('\n')
		}
	}
	return text.String()
}

// plain removes the colours.
func plain(output string) string {
	return regexp.MustCompile("\x1b\\[[0-9;]*m").ReplaceAllString(output, "")
}
