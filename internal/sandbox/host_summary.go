package sandbox

import (
	"strings"
	"time"
)

// hostSummary is the result of a job on its host.
type hostSummary struct {
	job                                           *job
	host                                          string
	ok, changed, failures, dark, ignored, rescued int
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
	if summaries := c.hostSummaries(j); len(summaries) > 0 && j.life.eventsIn(c.now) {
		h := summaries[0]
		word := "ok"
		switch {
		case h.dark > 0:
			word = "dark"
		case h.failures > 0:
			word = "failures"
		case h.changed > 0:
			word = "changed"
		}
		result.hosts = document{{word, 1}}
	}
	return result
}

// hostSummaries are there once the recap has come in.
func (c *call) hostSummaries(j *job) []*hostSummary {
	events := c.events(j)
	if len(events) == 0 || events[len(events)-1].kind != "playbook_on_stats" {
		return nil
	}
	last := events[len(events)-1]
	count := func(key string) int {
		n, _ := last.data.object(key).get(lastHost(j))
		found, _ := n.(int)
		return found
	}
	return []*hostSummary{{
		job: j, host: lastHost(j), ok: count("ok"), changed: count("changed"), failures: count("failures"),
		dark: count("dark"), ignored: count("ignored"), rescued: count("rescued"), failed: last.failed, created: last.created,
	}}
}

func lastHost(j *job) string {
	host := j.behavior.Host
	setDefault(&host, "localhost")
	return host
}
