package sandbox

import (
	"cmp"
	"slices"
	"strings"
)

func activityViews() []*view {
	return []*view{
		{pattern: path("activity_stream"), name: "activity", model: "ActivityStream", methods: map[string]handler{"GET": (*call).activityList}},
		{pattern: path("jobs/{id}/activity_stream"), name: "job activity", model: "Job", methods: map[string]handler{"GET": (*call).jobActivity}},
	}
}

// changes are the entry's details of the new job (recordings 801, 864).
func (a *activity) changes() document {
	j := a.job
	if j.kind == KindWorkflowJob {
		changes := append(document{{"name", j.name}, {"description", ""}}, j.workflowFields(a.templateName())...)
		return append(changes, document{{"id", j.id}}...)
	}
	labels := []any{}
	for _, l := range j.labels {
		labels = append(labels, l.name+"-"+text(l.id))
	}
	changes := document{
		{"name", j.name},
		{"description", ""},
		{"job_type", "run"},
		{"inventory", inventoryName + "-" + text(inventoryID)},
		{"project", projectName + "-" + text(projectID)},
	}
	changes = append(changes, j.runFields()...)
	return append(changes, document{
		{"execution_environment", nil},
		{"job_template", a.templateName()},
		{"allow_simultaneous", j.simultaneous()},
		{"instance_group", nil},
		{"diff_mode", false},
		{"job_slice_number", 0},
		{"job_slice_count", 1},
		{"webhook_service", ""},
		{"webhook_credential", nil},
		{"webhook_guid", ""},
		{"id", j.id},
		{"credentials", []any{}},
		{"labels", labels},
	}...)
}

func (a *activity) templateName() string {
	if a.job.template == nil {
		return ""
	}
	return a.job.name + "-" + text(a.job.template.id)
}

// text is the column `changes`: JSON in which extra_vars, JSON itself, is a string. Its quotes are therefore written
// \", and non-ASCII characters \\u00fc (recordings 802, 861, L10).
func (a *activity) text() string { return pythonStyle().dump(a.changes()) }

// frame is the text without the extra vars.
func (a *activity) frame() string { return pythonStyle().dump(a.changes().with("extra_vars", "")) }

// contains answers a search for a string without building the text of every entry. A string of extra_vars is searched
// for there, with one layer of escapes removed.
func (a *activity) contains(needle string, fold bool) bool {
	if inner, ok := unescape(needle); ok {
		vars := a.job.extraVars
		if fold {
			vars, inner = strings.ToLower(vars), strings.ToLower(inner)
		}
		if strings.Contains(vars, inner) {
			return true
		}
		if strings.Contains(needle, `\`) {
			return false // nothing else in the text has escapes
		}
	}
	text := a.frame()
	if strings.Contains(needle, `"`) {
		text = a.text()
	}
	if fold {
		text, needle = strings.ToLower(text), strings.ToLower(needle)
	}
	return strings.Contains(text, needle)
}

// unescape removes one layer of JSON escapes from a part of a string. It is not ok if the part can't lie within one
// string, or cuts an escape in two.
func unescape(part string) (string, bool) {
	var result strings.Builder
	for i := 0; i < len(part); i++ {
		switch {
		case part[i] == '"':
			return "", false
		case part[i] != '\\':
			result.WriteByte(part[i])
		case i+1 < len(part) && (part[i+1] == '"' || part[i+1] == '\\'):
			i++
			result.WriteByte(part[i])
		default:
			return "", false
		}
	}
	return result.String(), true
}

func (c *call) activityList() *answer {
	entries := c.activity
	if word, ok := mention(c.query.Get("changes__contains")); ok {
		entries = nil
		for _, j := range c.mentions[word] {
			if j.entry != nil {
				entries = append(entries, j.entry)
			}
		}
		slices.SortFunc(entries, func(a, b *activity) int { return cmp.Compare(a.id, b.id) })
		entries = slices.Compact(entries)
	}
	rows := make([]any, 0, len(entries))
	for _, a := range entries {
		if c.seesEntry(a) {
			rows = append(rows, a)
		}
	}
	return c.list(c.schemas.activity, rows, c.activityRow)
}

// seesEntry reports whether the user may read the entry. If its job is gone, only a superuser may.
func (c *call) seesEntry(a *activity) bool {
	return !a.timestamp.After(c.now) && (c.user.superuser || !a.job.deleted && c.user.sees(a.job))
}

func (c *call) jobActivity() *answer {
	j, refusal := c.visibleJob(KindJob)
	if refusal != nil {
		return c.refuse(refusal)
	}
	return c.list(c.schemas.activity, one(j.entry), c.activityRow)
}

// activityRow renders an entry. If the job is gone, the entry stays, without a link to the job (recording 865).
func (c *call) activityRow(row any) document {
	a, _ := row.(*activity)
	related := document{{"actor", c.url("users", a.actor.id)}}
	summaries := document{}
	if !a.job.deleted {
		kind := string(a.job.kind)
		related = append(related, member{kind, []any{c.jobPath(a.job)}})
		short := summary(a.job.id, a.job.name, "")
		if a.job.kind == KindJob {
			short = append(c.jobState(a.job, false), member{"elapsed", a.job.elapsed(c.now)}, member{"canceled_on", until(a.job.life.canceledOn, c.now)})
		}
		summaries = append(summaries, member{kind, []any{short.withoutNulls()}})
		if t := a.job.liveTemplate(); t != nil && a.job.kind == KindJob {
			summaries = append(summaries, member{"job_template", []any{summary(t.id, t.Name, t.Description)}})
		}
	}
	summaries = append(summaries, member{"actor", a.actor.summary()})
	return document{
		{"id", a.id},
		{"type", "activity_stream"},
		{"url", c.url("activity_stream", a.id)},
		{"related", related},
		summaryFields(summaries),
		{"timestamp", a.timestamp},
		{"operation", "create"},
		{"changes", a.changes()},
		{"object1", string(a.job.kind)},
		{"object2", ""},
		{"object_association", ""},
		{"action_node", nodeName},
		{"object_type", ""},
	}
}
