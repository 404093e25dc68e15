package sandbox

import (
	"strconv"
	"strings"
	"time"
)

// hostSummary is the result of a job on its host.
type hostSummary struct {
	job                                           *job
	host                                          string
	ok, changed, failures, dark, ignored, rescued int
	skipped                                       int
	failed                                        bool
	created                                       time.Time
}

// recap is the last line of ansible-playbook's output, with its colours.
func (h *hostSummary) recap() string {
	counted := func(name string, n int, colour string) string {
		counted := name + "=" + text(int64(n))
		padded := counted + strings.Repeat(" ", max(0, 4-len(text(int64(n)))))
		if n == 0 || colour == "" {
			return padded + " "
		}
		return "\x1b[" + colour + "m" + padded + "\x1b[0m "
	}
	colour := "0;32"
	switch {
	case h.failed:
		colour = "0;31"
	case h.changed > 0:
		colour = "0;33"
	}
	host := "\x1b[" + colour + "m" + h.host + "\x1b[0m" + strings.Repeat(" ", max(0, 26-len(h.host)))
	line := host + " : " + counted("ok", h.ok, "0;32") + counted("changed", h.changed, "0;33") +
		counted("unreachable", h.dark, "1;31") + counted("failed", h.failures, "0;31") + counted("skipped", 0, "") +
		counted("rescued", h.rescued, "0;33") + counted("ignored", h.ignored, "0;33")
	return strings.TrimSuffix(line, " ")
}

// counts are host_status_counts and playbook_counts.
type counts struct{ hosts, playbook any }

func (c *call) counts(j *job) counts {
	plays, tasks := 0, 0
	for _, e := range c.events(j) {
		switch e.kind {
		case "playbook_on_play_start":
			plays++
		case "playbook_on_task_start":
			tasks++
		}
	}
	result := counts{nil, document{{"play_count", plays}, {"task_count", tasks}}}
	if summaries := c.hostSummaries(j); (len(summaries) > 0 || j.behavior.NoHosts) && j.life.eventsIn(c.now) {
		hosts := document{}
		for _, h := range summaries {
			had, _ := hosts.get(h.word())
			hosts = hosts.with(h.word(), count(had)+1)
		}
		result.hosts = hosts
	}
	return result
}

// word is the counter that the host belongs to.
func (h *hostSummary) word() string {
	switch {
	case h.dark > 0:
		return "dark"
	case h.failures > 0:
		return "failures"
	case h.changed > 0:
		return "changed"
	default:
		return "ok"
	}
}

// hostSummaries exist once the recap has come in.
func (c *call) hostSummaries(j *job) []*hostSummary {
	events := c.events(j)
	if len(events) == 0 || events[len(events)-1].kind != "playbook_on_stats" {
		return nil
	}
	last := events[len(events)-1]
	var summaries []*hostSummary
	for _, processed := range last.data.object("processed") {
		counted := func(name string) int {
			n, _ := last.data.object(name).get(processed.key)
			return count(n)
		}
		h := &hostSummary{
			job: j, host: processed.key, ok: counted("ok"), changed: counted("changed"), failures: counted("failures"),
			dark: counted("dark"), ignored: counted("ignored"), rescued: counted("rescued"), skipped: counted("skipped"),
			created: last.created,
		}
		h.failed = h.failures+h.dark > 0
		summaries = append(summaries, h)
	}
	return summaries
}

// count reads a number of a recap, either the sandbox's own or ansible-playbook's.
func count(value any) int {
	switch n := value.(type) {
	case int:
		return n
	case number:
		counted, _ := strconv.Atoi(string(n))
		return counted
	default:
		return 0
	}
}

func lastHost(j *job) string {
	host := j.behavior.Host
	setDefault(&host, "localhost")
	return host
}
