package sandbox

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// cast is who plays in the recordings: their jobs, in all the states that were recorded.
type cast struct {
	rows map[int64][]row
	// bodies are all that was answered, in the order of the recordings.
	bodies []body
}

// body is what was answered, and at what time, as far as the answers up to then tell.
type body struct {
	number string
	value  any
	time   time.Time
}

// row is a recorded object.
type row map[string]any

func newCast(recordings []*recording) *cast {
	c := &cast{rows: map[int64][]row{}}
	for _, r := range recordings {
		c.collect(r.Response.Body)
		c.bodies = append(c.bodies, body{r.number(), r.Response.Body, c.timeOf(r)})
	}
	return c
}

// collect keeps every job that a body holds.
func (c *cast) collect(body any) {
	switch b := body.(type) {
	case map[string]any:
		if _, isJob := b["launch_type"]; isJob {
			id := row(b).id("id")
			c.rows[id] = append(c.rows[id], b)
			return
		}
		for _, value := range b {
			c.collect(value)
		}
	case []any:
		for _, value := range b {
			c.collect(value)
		}
	}
}

// last is the latest state of a job that was recorded, or nil.
func (c *cast) last(id int64) row {
	if len(c.rows[id]) == 0 {
		return nil
	}
	return slices.MaxFunc(c.rows[id], func(a, b row) int {
		return cmp.Or(cmp.Compare(a.text("finished"), b.text("finished")), cmp.Compare(len(a), len(b)))
	})
}

func (r row) text(key string) string { text, _ := r[key].(string); return text }
func (r row) id(key string) int64    { n, _ := r[key].(float64); return int64(n) }
func (r row) time(key string) time.Time {
	t, _ := time.Parse(time.RFC3339, r.text(key))
	return t
}

func (r row) document(key string) document {
	encoded, _ := json.Marshal(r[key])
	parsed, _ := parseJSON(string(encoded))
	d, _ := parsed.(document)
	return d
}

// stage makes a sandbox that is as the recorded AWX was when it answered.
func (c *cast) stage(r *recording) *Sandbox {
	switch r.lab() {
	case 1:
		return c.stageLater(r)
	case 2:
		return c.stageLists(r)
	}
	until := moment(r)
	time.Sleep(time.Until(until))
	box := newRecorded()
	s := &staging{cast: c, box: box, recording: r, now: until}
	s.setScene(r.Response.Body)
	s.fromPath()
	s.fill()
	s.special()
	return box
}

// newRecorded has the recorded users, templates and so on, with their ids.
func newRecorded() *Sandbox {
	box := New(Options{Token: "admin", Bare: true, InstallUUID: "63fa5e1a-9958-4b49-afa1-fc90539ba77e"})
	rig := time.Date(2026, 11, 23, 9, 30, 18, 745857000, time.UTC)
	box.organizations = []*organization{{id: 1, name: "Default", created: rig}, {id: 2, name: "osac", created: rig}}
	plain := func(name, playbook string) Template {
		return Template{Name: name, Playbook: playbook, AsksVariables: true}
	}
	simul := plain("osac-create-compute-instance-simul", "create.yml")
	simul.AllowSimultaneous = true
	noAsk := Template{Name: "osac-noask", Playbook: "create.yml"}
	prompts := plain("osac-prompts", "create.yml")
	prompts.AllowSimultaneous, prompts.AsksLabels, prompts.AsksLimit, prompts.AsksTags = true, true, true, true
	survey := plain("osac-survey", "create.yml")
	survey.Survey = []Question{{Variable: "instance_id", Name: "Instance", Required: true, Min: 1, Max: 64}}
	surveyNoAsk := survey
	surveyNoAsk.Name, surveyNoAsk.AsksVariables = "osac-survey-noask", false
	noInventory := plain("osac-noinv", "create.yml")
	noInventory.NoInventory = true
	timeout := plain("osac-timeout", "create.yml")
	timeout.Timeout = 3
	limit := plain("osac-limit", "create.yml")
	limit.AsksLimit, limit.AllowSimultaneous = true, true
	for id, t := range map[int64]Template{
		9: plain("osac-create-compute-instance", "create.yml"), 10: plain("osac-delete-compute-instance", "delete.yml"),
		11: simul, 12: noAsk, 13: prompts, 14: survey, 15: surveyNoAsk, 16: plain("osac-ignored-errors", "ignored.yml"),
		17: plain("osac-nolog", "nolog.yml"), 18: noInventory,
		19: {
			Name: "osac-wf-create-compute-instance", Workflow: true, AsksVariables: true,
			Nodes: []Node{{Identifier: "create", Template: "osac-create-compute-instance"}},
		},
		21: timeout, 22: plain("osac-syntax", "syntax.yml"), 23: plain("osac-unreach", "unreach.yml"),
		24: plain("osac-nolog-artifact", "nologart.yml"), 25: plain("osac-nohosts", "nohosts.yml"), 26: limit,
	} {
		box.nextTemplate = id
		box.AddTemplate(t)
	}
	slices.SortFunc(box.templates, func(a, b *template) int { return cmp.Compare(a.id, b.id) })
	for _, t := range box.templates {
		t.created = rig
	}
	box.AddUser("viewer", "viewer", "viewer", false, map[string]Role{"osac-create-compute-instance": RoleRead})
	box.AddUser("nobody", "nobody", "nobody", false, nil)
	box.users[0].created = time.Date(2026, 11, 23, 9, 27, 41, 134736000, time.UTC)
	box.labels = []*label{{
		id: 1, name: "osac-instance-uid-123", organization: box.organizations[1], createdBy: box.users[0],
		created: time.Date(2026, 11, 23, 9, 34, 21, 189586000, time.UTC),
	}}
	return box
}

// moment is when a recording was made, as far as its body tells.
func moment(r *recording) time.Time {
	latest := time.Time{}
	running := time.Time{}
	var look func(value any)
	look = func(value any) {
		switch v := value.(type) {
		case map[string]any:
			if v["status"] == "running" && v["elapsed"] != nil && v["started"] != nil {
				elapsed, _ := v["elapsed"].(float64)
				running = row(v).time("started").Add(time.Duration(elapsed * 1e9).Round(time.Microsecond))
			}
			for key, inner := range v {
				if key != "expires" && key != "next_job_run" {
					look(inner)
				}
			}
		case []any:
			for _, inner := range v {
				look(inner)
			}
		case string:
			if t, err := time.Parse(time.RFC3339, v); err == nil && t.After(latest) {
				latest = t
			}
		}
	}
	look(r.Response.Body)
	switch number := r.number(); {
	case number == "841":
		return latest.Add(36 * time.Second)
	case r.Response.Status == 201:
		return row(bodyOf(r)).time("created")
	case !running.IsZero():
		return running
	case latest.IsZero() || strings.HasPrefix(r.Request.Path, "/api/v2/activity_stream/"):
		return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	default:
		return latest.Add(20 * time.Second)
	}
}

func bodyOf(r *recording) map[string]any {
	body, _ := r.Response.Body.(map[string]any)
	return body
}

// syntaxError is what ansible-playbook prints of a playbook that is no YAML (recordings 823, 824).
func syntaxError() string {
	var output strings.Builder
	for _, line := range []string{
		"ERROR! We were unable to read either as JSON nor YAML, these are the errors we got from each:",
		"JSON: Expecting value: line 1 column 1 (char 0)", "", "Syntax Error while loading YAML.",
		"  did not find expected key. while parsing a block mapping", `  in "<unicode string>", line 2, column 3`,
		"did not find expected key", `  in "<unicode string>", line 6, column 4`, "",
		"The error appears to be in '/runner/project/syntax.yml': line 6, column 4, but may",
		"be elsewhere in the file depending on the exact syntax problem.", "", "The offending line appears to be:", "",
		"        a: 1", "   bad: indent", "   ^ here",
	} {
		output.WriteString("\x1b[0;31m" + line + "\x1b[0m\n")
	}
	return output.String()
}
