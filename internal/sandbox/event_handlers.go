package sandbox

import (
	"net/http"
	"strings"
	"time"
)

// displayLimit is how much of an event's stdout is shown without no_truncate.
const displayLimit = 1024

func eventViews() []*view {
	return []*view{
		{pattern: path("jobs/{id}/job_events"), name: "events", model: "Job", events: true, methods: map[string]handler{"GET": (*call).jobEvents}},
		{pattern: path("jobs/{id}/job_events/children_summary"), name: "events summary", model: "Job", methods: map[string]handler{"GET": (*call).childrenSummary}},
		{pattern: path("jobs/{id}/job_host_summaries"), name: "host summaries", model: "Job", methods: map[string]handler{"GET": (*call).jobHostSummaries}},
	}
}

func (c *call) jobEvents() *answer {
	j, refusal := c.visibleJob(KindJob)
	if refusal != nil {
		return c.refuse(refusal)
	}
	return c.list(c.schemas.event, anys(c.events(j)), c.eventRow)
}

func (c *call) eventRow(row any) document {
	e, _ := row.(*event)
	return c.renderEvent(e, c.query.Get("no_truncate") == "")
}

func (c *call) renderEvent(e *event, truncate bool) document {
	related := document{{"job", c.jobPath(e.job)}, {"children", c.url("job_events", e.id(), "children")}}
	summaries := document{}
	var host any
	if e.host == "localhost" {
		host = hostID
		related = append(related, member{"host", c.url("hosts", int64(hostID))})
		summaries = append(summaries, member{"host", summary(hostID, e.host, "")})
	}
	summaries = append(summaries, member{"job", c.eventJob(e.job)}, member{"role", document{}})
	stdout := e.stdout
	if truncate && len(stdout) > displayLimit && !strings.HasPrefix(e.kind, "playbook_on") {
		stdout = strings.ToValidUTF8(stdout[:displayLimit-1], "") + "…\x1b[0m"
	}
	return document{
		{"id", e.id()},
		{"type", "job_event"},
		{"url", c.url("job_events", e.id())},
		{"related", related},
		summaryFields(summaries),
		{"created", e.created},
		{"modified", e.created.Add(time.Millisecond)},
		{"job", e.job.id},
		{"event", e.kind},
		{"counter", e.counter},
		{"event_display", e.display()},
		{"event_data", e.data},
		{"event_level", e.level()},
		{"failed", e.failed},
		{"changed", e.changed},
		{"uuid", e.uuid},
		{"parent_uuid", e.parent},
		{"host", host},
		{"host_name", e.host},
		{"playbook", e.playbook},
		{"play", e.play},
		{"task", e.task},
		{"role", e.role},
		{"stdout", stdout},
		{"start_line", e.startLine},
		{"end_line", e.endLine},
		{"verbosity", 0},
	}
}

func (c *call) eventJob(j *job) document {
	d := append(c.jobState(j, false), member{"elapsed", j.elapsed(c.now)}, member{"type", string(j.kind)},
		member{"canceled_on", until(j.life.canceledOn, c.now)})
	if t := j.liveTemplate(); t != nil {
		d = append(d, member{"job_template_id", t.id}, member{"job_template_name", t.Name})
	}
	return d
}

func (e *event) display() string {
	switch e.kind {
	case "playbook_on_play_start":
		return "Play Started (" + e.play + ")"
	case "playbook_on_task_start":
		return "Task Started (" + e.task + ")"
	}
	return map[string]string{
		"verbose": "Verbose", "playbook_on_start": "Playbook Started", "playbook_on_stats": "Playbook Complete",
		"playbook_on_include": "Including File", "playbook_on_no_hosts_matched": "No Hosts Matched",
		"playbook_on_no_hosts_remaining": "No Hosts Remaining",
		"runner_on_start":                "Host Started", "runner_on_ok": "Host OK", "runner_on_failed": "Host Failed",
		"runner_on_skipped": "Host Skipped", "runner_on_unreachable": "Host Unreachable", "runner_retry": "Host Retry",
		"runner_item_on_ok": "Item OK", "runner_item_on_failed": "Item Failed", "runner_item_on_skipped": "Item Skipped",
	}[e.kind]
}

func (e *event) level() int {
	switch {
	case e.kind == "playbook_on_play_start" || e.kind == "playbook_on_stats":
		return 1
	case strings.HasPrefix(e.kind, "runner_"):
		return 3
	case e.kind == "verbose" || e.kind == "playbook_on_start":
		return 0
	default:
		return 2
	}
}

// childrenSummary is what AAP's own pages fold the events by (recording 254).
func (c *call) childrenSummary() *answer {
	j, refusal := c.visibleJob(KindJob)
	if refusal != nil {
		return c.refuse(refusal)
	}
	events := c.events(j)
	children := document{}
	for i, e := range events {
		if n := descendants(events, e.uuid); n > 0 {
			children = append(children, member{text(int64(e.counter)), document{{"rowNumber", i}, {"numChildren", n}}})
		}
	}
	reply := c.reply(http.StatusOK, document{
		{"children_summary", children},
		{"meta_event_nested_uuid", document{}},
		{"event_processing_finished", j.life.eventsIn(c.now)},
		{"is_tree", true},
	})
	reply.header.Set("Vary", "Accept-Language, origin") // as recorded: this view has no content negotiation
	return reply
}

func descendants(events []*event, uuid string) int {
	n := 0
	for _, e := range events {
		if e.parent == uuid {
			n += 1 + descendants(events, e.uuid)
		}
	}
	return n
}

func (c *call) jobHostSummaries() *answer {
	j, refusal := c.visibleJob(KindJob)
	if refusal != nil {
		return c.refuse(refusal)
	}
	return c.list(c.schemas.hostSummary, anys(c.hostSummaries(j)), func(row any) document {
		h, _ := row.(*hostSummary)
		related, summaries := document{{"job", c.jobPath(j)}}, document{}
		var host any
		if h.host == "localhost" {
			host = hostID
			related = append(related, member{"host", c.url("hosts", int64(hostID))})
			summaries = append(summaries, member{"host", summary(hostID, h.host, "")})
		}
		return document{
			{"id", j.id},
			{"type", "job_host_summary"},
			{"url", c.url("job_host_summaries", j.id)},
			{"related", related},
			summaryFields(append(summaries, member{"job", c.eventJob(j)})),
			{"created", h.created},
			{"modified", h.created},
			{"job", j.id},
			{"host", host},
			{"constructed_host", nil},
			{"host_name", h.host},
			{"changed", h.changed},
			{"dark", h.dark},
			{"failures", h.failures},
			{"ok", h.ok},
			{"processed", 1},
			{"skipped", h.skipped},
			{"failed", h.failed},
			{"ignored", h.ignored},
			{"rescued", h.rescued},
		}
	})
}
