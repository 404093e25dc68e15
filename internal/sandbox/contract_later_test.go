package sandbox

import (
	"cmp"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"
)

// timeOf is when a later recording was made: at a moment that its body tells of, or the latest that one before it does.
func (c *cast) timeOf(r *recording) time.Time {
	if !r.later() {
		return time.Time{}
	}
	latest := time.Time{}
	if len(c.bodies) > 0 {
		latest = c.bodies[len(c.bodies)-1].time
	}
	own := moment(r)
	if running(r.Response.Body) || r.Response.Status == 201 {
		return own
	}
	if told := own.Add(-19 * time.Second); own.Year() == 2026 && own.Day() == 27 && told.After(latest) {
		latest = told // moment adds 20 s
	}
	return latest
}

// running reports whether a body shows a job at work, whose elapsed time tells the moment.
func running(body any) bool {
	rows, _ := rowsOf(body)
	return slices.ContainsFunc(append(rows, body), func(value any) bool {
		shown, _ := value.(map[string]any)
		return shown["status"] == "running"
	})
}

// stageLater makes a sandbox that is as the AWX that answered the provider's own requests.
func (c *cast) stageLater(r *recording) *Sandbox {
	at := slices.IndexFunc(c.bodies, func(b body) bool { return b.number == r.number() })
	now := c.bodies[at].time
	time.Sleep(time.Until(now))
	box := newLater()
	s := &staging{cast: c, box: box, recording: r, now: now}
	s.setScene(r.Response.Body)
	for _, id := range slices.Sorted(maps.Keys(c.rows)) {
		if known := c.stateAt(id, at); known != nil && !known.time("created").After(now) && !s.makes(id) {
			s.add(known)
		}
	}
	for _, b := range c.bodies[:at+1] {
		s.listedJobs(b.value)
	}
	for id, status := range map[float64]string{575: "canceled", 580: "failed", 595: "canceled"} { // which the user may not see
		s.add(row{
			"id": id, "type": "workflow_job", "unified_job_template": 21.0, "extra_vars": "{}", "launch_type": "manual", "status": status,
			"created": "2026-11-27T23:00:00.000001Z", "modified": "2026-11-27T23:00:00.000002Z",
			"started": "2026-11-27T23:00:01.000003Z", "finished": "2026-11-27T23:02:00.000004Z",
		})
	}
	s.fillLater()
	s.laterNodes()
	if r.number() == "1082" { // Redis was away: the launch was answered so, and carried out
		text, _ := r.Response.Body.(string)
		box.Fault(Fault{Path: "launch", Status: 500, AfterHandling: true, Body: text, Header: map[string][]string{
			"Content-Type": {"text/html; charset=utf-8"}, "Vary": {"Accept-Language, origin"}, "X-Api-Total-Time": {"0.233s"},
		}})
	}
	if strings.HasSuffix(strings.TrimSuffix(r.file, ".json"), "-of-deleted-template") {
		s.orphan()
	}
	s.launchID()
	return box
}

// orphan makes the job whose template was deleted, and made anew under the same name (recordings 1120 to 1128).
func (s *staging) orphan() {
	const name = "recreated-create-compute-instance"
	add := func(id int64) {
		s.box.nextTemplate = id
		s.box.AddTemplate(Template{Name: name, AsksVariables: true, AllowSimultaneous: true})
		s.box.Grant("terraform", name, RoleExecute)
	}
	add(34)
	s.add(row{
		"id": 366.0, "type": "job", "unified_job_template": 34.0, "launch_type": "manual", "status": "successful",
		"launched_by": map[string]any{"name": "terraform"}, "extra_vars": `{"run": "run-a"}`,
		"created": "2026-11-27T23:00:00.000001Z", "modified": "2026-11-27T23:00:00.000002Z",
		"started": "2026-11-27T23:00:01.000003Z", "finished": "2026-11-27T23:00:09.000004Z",
	})
	s.box.RemoveTemplate(name)
	add(35)
}

// makes reports whether the recording is of the launch that made the job.
func (s *staging) makes(id int64) bool {
	return s.recording.Response.Status == 201 && row(bodyOf(s.recording)).id("id") == id
}

// stateAt is a job as it was last seen up to a recording, or else as it was first seen after that.
func (c *cast) stateAt(id int64, at int) row {
	var state row
	for i, b := range c.bodies {
		if i > at && state != nil {
			break
		}
		one := &cast{rows: map[int64][]row{}}
		one.collect(b.value)
		if seen := one.last(id); seen != nil {
			state = seen
			if i < at && seen["status"] == "running" { // it has ended since
				state = maps.Clone(seen)
				maps.Copy(state, row{"status": "successful", "finished": stamp(seen.time("started").Add(5 * time.Second))})
			}
		}
	}
	return state
}

// newLater has the users, templates and so on of that AWX, with their ids.
func newLater() *Sandbox {
	box := New(Options{Token: "admin", Bare: true, InstallUUID: "349fdcb2-c60a-4b1c-b325-c7ef5dfdb405"})
	box.version = "24.6.2.dev145"
	made := func(clock string) time.Time {
		t, _ := time.Parse(time.RFC3339, "2026-11-27T"+clock+"Z")
		return t
	}
	box.organizations = []*organization{{id: 1, name: "Default", created: made("22:16:50")}, {id: 2, name: "osac", created: made("22:20:00")}}
	plain := func(name, playbook string) Template {
		return Template{Name: name, Playbook: playbook, AsksVariables: true, AllowSimultaneous: true}
	}
	workflow := func(name, identifier, template string) Template {
		return Template{
			Name: name, Workflow: true, AsksVariables: true, AllowSimultaneous: true,
			Nodes: []Node{{Identifier: identifier, Template: template}},
		}
	}
	const create, remove = "examples/playbooks/create-compute-instance.yml", "examples/playbooks/delete-compute-instance.yml"
	roles := map[string]Role{}
	for id, t := range map[int64]Template{
		7: {Name: "Demo Job Template", Playbook: "hello_world.yml"},
		9: plain("osac-create-compute-instance", create), 10: plain("osac-delete-compute-instance", remove),
		11: {Name: "noask-create-compute-instance", Playbook: create, AllowSimultaneous: true},
		12: {Name: "noask-delete-compute-instance", Playbook: remove, AllowSimultaneous: true},
		13: plain("nosimul-create-compute-instance", create), 14: plain("nosimul-delete-compute-instance", remove),
		15: workflow("wf-create-compute-instance", "node-create", "osac-create-compute-instance"),
		16: workflow("wf-delete-compute-instance", "node-delete", "osac-delete-compute-instance"),
		18: plain("conf-create", "conf.yml"), 19: {Name: "conf-delete", Playbook: "conf.yml", AsksVariables: true},
		20: {Name: "conf-noask", Playbook: "conf.yml", AllowSimultaneous: true}, 21: workflow("conf-workflow", "create", "conf-create"),
	} {
		box.nextTemplate = id
		box.AddTemplate(t)
		if id > 8 && id < 17 {
			roles[t.Name] = RoleExecute
		}
	}
	slices.SortFunc(box.templates, func(a, b *template) int { return cmp.Compare(a.id, b.id) })
	box.AddUser("terraform", "terraform", "user", false, roles)
	box.AddToken("terraform", "read", "read")
	box.users[1].created = made("22:20:56.691468")
	return box
}

// listedJobs makes the jobs that templates list, and gives the templates their times.
func (s *staging) listedJobs(body any) {
	rows, _ := rowsOf(body)
	for _, value := range rows {
		shown, _ := value.(map[string]any)
		if summaries, ok := shown["summary_fields"].(map[string]any); ok && strings.HasSuffix(row(shown).text("type"), "template") {
			s.recentJobs(row(shown), summaries)
		}
	}
	s.templateTimes(row{"results": rows})
}

// fillLater adds the jobs that the recorder cut off, or that only the count tells of.
func (s *staging) fillLater() {
	address, _ := url.Parse(s.recording.Request.Path)
	if !strings.HasSuffix(address.Path, "/api/v2/jobs/") {
		return
	}
	filler := func(id int64) row {
		return row{
			"id": float64(id), "type": "job", "unified_job_template": 9.0, "extra_vars": "{}", "launch_type": "manual",
			"status": "successful", "created": "2026-11-27T22:59:00.000001Z", "modified": "2026-11-27T22:59:00.000002Z",
			"started": "2026-11-27T22:59:01.000003Z", "finished": "2026-11-27T22:59:20.000004Z", "instance_group": 2.0,
		}
	}
	for _, id := range s.recording.Rows {
		if s.cast.rows[id] == nil {
			s.add(filler(id))
		}
	}
	if count, counted := bodyOf(s.recording)["count"].(float64); counted {
		of := 0
		for _, t := range s.box.templates[1:3] { // the two that the recording asks for
			of += len(t.jobs)
		}
		for id := int64(1); of < int(count); id++ {
			if s.box.byID[id] == nil {
				s.add(filler(id))
				of++
			}
		}
	}
}

// laterNodes gives the workflow jobs their nodes, as they are shown.
func (s *staging) laterNodes() {
	for _, b := range s.cast.bodies {
		rows, _ := rowsOf(b.value)
		for _, value := range rows {
			shown, _ := value.(map[string]any)
			r := row(shown)
			if child := s.box.byID[r.id("job")]; r.text("type") == "workflow_job_node" && child != nil {
				n := &node{
					id: r.id("id"), identifier: r.text("identifier"), template: child.template, job: child, created: r.time("created"),
					modified: r.time("modified"),
				}
				child.node, child.parent = n, s.box.byID[r.id("workflow_job")]
				child.parent.nodes = []*node{n}
			}
		}
	}
}

// laterBehavior says how the jobs went whose events or output were recorded: as the playbooks in examples/playbooks.
func laterBehavior(id int64) Behavior {
	switch id {
	case 60:
		return Behavior{Play: "Create compute instance", Message: "no quota in the node"}
	case 628:
		return Behavior{Play: "Delete compute instance"}
	default:
		return Behavior{}
	}
}

// launcher is who launched the job.
func (s *staging) launcher(r row) *user {
	by, _ := r["launched_by"].(map[string]any)
	if u := s.box.userNamed(row(by).text("name")); u != nil {
		return u
	}
	return s.box.users[0]
}
