package sandbox

import (
	"cmp"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// staging builds one scene.
type staging struct {
	cast      *cast
	box       *Sandbox
	recording *recording
	now       time.Time
}

// setScene makes the jobs that the body shows.
func (s *staging) setScene(body any) {
	switch b := body.(type) {
	case map[string]any:
		if _, isJob := b["launch_type"]; isJob {
			if s.recording.Response.Status != 201 {
				s.add(b)
			}
			return
		}
		if summaries, ok := b["summary_fields"].(map[string]any); ok {
			s.recentJobs(row(b), summaries)
		}
		if cutDown(b) {
			s.addShort(row(b))
		}
		if changes, ok := b["changes"].(map[string]any); ok {
			s.addEntry(row(b), row(changes))
		}
		for _, key := range []string{"results"} {
			s.setScene(b[key])
		}
	case []any:
		for _, value := range b {
			s.setScene(value)
		}
	}
}

// recentJobs makes the jobs that a template lists.
func (s *staging) recentJobs(template row, summaries map[string]any) {
	jobs, _ := summaries["recent_jobs"].([]any)
	for _, value := range slices.Backward(jobs) {
		short, _ := value.(map[string]any)
		made := row{
			"unified_job_template": template["id"], "extra_vars": "{}", "launch_type": "manual", "instance_group": 2.0,
			"created": "2026-11-23T09:31:00.000001Z", "modified": "2026-11-23T09:31:00.000002Z", "started": "2026-11-23T09:31:01.000003Z",
		}
		maps.Copy(made, short)
		s.add(made)
	}
	if len(jobs) > 0 && summaries["last_job"] == nil {
		for _, t := range s.box.templates {
			if t.id == template.id("id") {
				gone := &job{kind: KindJob, life: life{ended: template.time("last_job_run"), outcome: statusSuccessful}}
				t.lastDeleted = gone
			}
		}
	}
}

// addShort makes a job of which the recorder kept only some fields.
func (s *staging) addShort(short row) {
	made := row{
		"type": "job", "unified_job_template": 9.0, "launch_type": "manual", "instance_group": 2.0, "status": "successful",
		"created": "2026-11-23T09:31:00.000001Z", "modified": "2026-11-23T09:31:00.000002Z", "started": "2026-11-23T09:31:01.000003Z",
		"finished": "2026-11-23T09:31:20.000004Z",
	}
	maps.Copy(made, short)
	s.add(made)
}

// addEntry makes an entry of the activity stream with its job.
func (s *staging) addEntry(entry, changes row) {
	id := changes.id("id")
	last := s.cast.last(id)
	if last == nil {
		last = row{
			"id": changes["id"], "type": entry["object1"], "extra_vars": changes["extra_vars"], "launch_type": "manual",
			"status": "successful", "created": entry["timestamp"], "modified": entry["timestamp"], "started": entry["timestamp"],
			"finished": entry["timestamp"], "instance_group": 2.0, "unified_job_template": templateOfChanges(changes),
		}
	}
	if s.box.byID[id] == nil {
		s.add(last)
	}
	j := s.box.byID[id]
	j.entry = &activity{id: entry.id("id"), timestamp: entry.time("timestamp"), actor: j.createdBy, job: j}
	if related, _ := entry["related"].(map[string]any); related["job"] == nil && related["workflow_job"] == nil {
		s.box.purge(s.now, j)
	}
	s.box.activity = append(s.box.activity, j.entry)
	slices.SortFunc(s.box.activity, func(a, b *activity) int { return cmp.Compare(a.id, b.id) })
}

func templateOfChanges(changes row) float64 {
	name := changes.text("job_template") + changes.text("workflow_job_template")
	id, _ := strconv.ParseFloat(name[strings.LastIndexByte(name, '-')+1:], 64)
	return id
}

// add makes a job as its row shows it.
func (s *staging) add(r row) *job {
	id := r.id("id")
	if found := s.box.byID[id]; found != nil {
		return found
	}
	kind := Kind(r.text("type"))
	t := s.box.templateByID(kind, r.id("unified_job_template"))
	if t == nil {
		t = s.box.templates[0]
	}
	j := &job{
		id: id, kind: kind, template: t, name: t.Name, organization: t.organization, created: r.time("created"),
		modified: r.time("modified"), createdBy: s.launcher(r), launchType: r.text("launch_type"), extraVars: r.text("extra_vars"),
		limit: r.text("limit"), tags: r.text("job_tags"), artifacts: r.document("artifacts"), random: derive(text(id)),
		behavior: s.behaviorOf(id),
	}
	j.life = life{
		ready: j.created, started: r.time("started"), ended: r.time("finished"), outcome: r.text("status"),
		explanation: r.text("job_explanation"), traceback: r.text("result_traceback"), canceledOn: r.time("canceled_on"),
		eventsDelay: time.Millisecond, length: time.Hour,
	}
	if r["event_processing_finished"] == false && !j.life.ended.IsZero() {
		j.life.eventsDelay = time.Hour
	}
	if r["instance_group"] != nil {
		j.life.waiting = j.modified
	}
	if r.text("status") == "new" {
		j.behavior.Status = "new"
	}
	if j.life.ended.IsZero() {
		j.life.ended = s.now.Add(time.Minute)
		j.life.outcome = statusSuccessful
	}
	j.labels = s.labelsOf(r)
	s.box.insert(j)
	s.box.nextJob = max(s.box.nextJob, id+1)
	s.entryOf(j)
	s.parentOf(j, r)
	return j
}

// labelsOf makes the labels that a row shows.
func (s *staging) labelsOf(r row) []*label {
	summaries, _ := r["summary_fields"].(map[string]any)
	labels, _ := summaries["labels"].(map[string]any)
	results, _ := labels["results"].([]any)
	var made []*label
	for _, value := range results {
		short, _ := value.(map[string]any)
		made = append(made, &label{id: row(short).id("id"), name: row(short).text("name"), organization: s.box.organizations[1]})
	}
	return made
}

// entryOf gives a job its entry in the activity stream, where the body shows none.
func (s *staging) entryOf(j *job) {
	if !strings.HasPrefix(s.recording.Request.Path, "/api/v2/activity_stream/") {
		j.entry = &activity{id: j.id, timestamp: j.created, actor: j.createdBy, job: j}
	}
}

// parentOf makes the workflow job that a child belongs to, or the children of a workflow job.
func (s *staging) parentOf(j *job, r row) {
	related, _ := r["related"].(map[string]any)
	link, _ := related["source_workflow_job"].(string)
	if link == "" {
		return
	}
	id, _ := strconv.ParseInt(strings.Split(link, "/")[4], 10, 64)
	if last := s.cast.last(id); last != nil {
		j.parent = s.add(last)
		j.node = &node{id: id, identifier: "create", template: j.template, job: j}
		j.parent.nodes = []*node{j.node}
	}
}

// behaviorOf says how the jobs went whose events or output were recorded.
func (s *staging) behaviorOf(id int64) Behavior {
	b := behaviorWithoutWarning(id)
	switch s.recording.lab() {
	case 1:
		b = laterBehavior(id)
	case 2:
		b = Behavior{}
	}
	// The recorded rig printed this before every play.
	b.Preamble = "\x1b[0;35m[DEPRECATION WARNING]: ANSIBLE_COLLECTIONS_PATHS option, does not fit var \x1b[0m\n" +
		"\x1b[0;35mnaming standard, use the singular form ANSIBLE_COLLECTIONS_PATH instead. This \x1b[0m\n" +
		"\x1b[0;35mfeature will be removed from ansible-core in version 2.19. Deprecation warnings\x1b[0m\n" +
		"\x1b[0;35m can be disabled by setting deprecation_warnings=False in ansible.cfg.\x1b[0m\n"
	if b.Stdout != "" {
		b.Stdout = b.Preamble + b.Stdout
	}
	return b
}

func behaviorWithoutWarning(id int64) Behavior {
	switch id {
	case 36:
		return Behavior{Message: "provisioning of vm-fail failed: quota exceeded"}
	case 37:
		return Behavior{
			Play: "failure in a block with an ignored error first", Ignored: []string{"non-zero return code"},
			Rescued: []string{"rescued failure"}, Task: "Real failure", Message: "the real failure",
		}
	case 38:
		return Behavior{NoLog: true}
	case 102:
		return Behavior{Stdout: syntaxError()}
	case 108:
		return Behavior{Stdout: "\x1b[0;31mERROR! Specified inventory, host pattern and/or --limit leaves us with no hosts to target.\x1b[0m\n"}
	case 103:
		return Behavior{
			Play: "far", Host: "far", Task: "reach it", Unreachable: true,
			Message: "Failed to connect to the host via ssh: ssh: connect to host 127.0.0.1 port 9: Connection refused",
		}
	}
	return Behavior{}
}

// fromPath makes the job that the path is about, in the state that the recording's answer needs.
func (s *staging) fromPath() {
	found := regexp.MustCompile(`/api/v2/(workflow_|unified_)?jobs/(\d+)/`).FindStringSubmatch(s.recording.Request.Path)
	if found == nil {
		s.launchID()
		return
	}
	id, _ := strconv.ParseInt(found[2], 10, 64)
	number := s.recording.number()
	if s.recording.Response.Status == 404 && number != "450" && number != "451" && number != "449" && number != "509" || s.box.byID[id] != nil {
		return
	}
	r := row{
		"id": float64(id), "type": "job", "unified_job_template": 9.0, "extra_vars": "{}", "launch_type": "manual",
		"status": "successful", "created": "2026-11-23T09:31:00.000001Z", "modified": "2026-11-23T09:31:00.000002Z",
		"started": "2026-11-23T09:31:01.000003Z", "finished": "2026-11-23T09:31:20.000004Z", "instance_group": 2.0,
	}
	if last := s.cast.last(id); last != nil && s.recording.Response.Status != 202 {
		r = maps.Clone(last)
	}
	if found[1] == "workflow_" && number != "451" {
		r["type"], r["unified_job_template"] = "workflow_job", 19.0
	}
	switch number {
	case "410", "415", "417", "420", "421", "422", "423", "441", "442", "446", "610":
		delete(r, "finished")
		delete(r, "canceled_on")
	case "412", "413", "611":
		r = row{"id": r["id"], "type": "job", "unified_job_template": 9.0, "launch_type": "manual", "created": r["created"]}
	}
	s.add(r)
	s.launchID()
}

// launchID lets a launch make the job of the recorded id.
func (s *staging) launchID() {
	if s.recording.Response.Status == 201 {
		if id := row(bodyOf(s.recording)).id("id"); id != 0 && s.recording.number() != "232" {
			s.box.nextJob = id
		}
	}
}

// fill adds jobs that were on pages that were not asked for, so that counts are right.
func (s *staging) fill() {
	body := bodyOf(s.recording)
	s.templateTimes(body)
	count, hasCount := body["count"].(float64)
	if !hasCount || !strings.Contains(s.recording.Request.Path, "jobs/?") {
		return
	}
	address, _ := url.Parse(s.recording.Request.Path)
	low := strings.Contains(address.RawQuery, "order_by=-id")
	rows, _ := body["results"].([]any)
	highest := int64(0)
	for _, j := range s.box.jobs {
		highest = max(highest, j.id)
	}
	templateID := 9.0
	for i := range int(count) - countRows(body["results"], len(rows)) {
		id := int64(i) + highest + 1
		if low {
			id = int64(i) + 1
			if s.box.byID[id] != nil {
				id += 10000
			}
		}
		s.add(row{
			"id": float64(id), "type": "job", "unified_job_template": templateID, "extra_vars": "{}", "launch_type": "manual",
			"status": "successful", "created": "2026-11-23T09:31:00.000001Z", "modified": "2026-11-23T09:31:00.000002Z",
			"started": "2026-11-23T09:31:01.000003Z", "finished": "2026-11-23T09:31:20.000004Z", "instance_group": 2.0,
		})
	}
}

// templateTimes gives templates the times that the body shows.
func (s *staging) templateTimes(body row) {
	rows, _ := body["results"].([]any)
	for _, value := range append(rows, map[string]any(body)) {
		shown, _ := value.(map[string]any)
		for _, t := range s.box.templates {
			if shown["type"] == t.kind.templateType() && row(shown).id("id") == t.id {
				t.created, t.modified = row(shown).time("created"), row(shown).time("modified")
			}
		}
	}
}

func countRows(results any, rows int) int {
	if _, leftOut := results.(string); leftOut {
		return 0
	}
	return rows
}

// special sets what single recordings need besides.
func (s *staging) special() {
	switch s.recording.number() {
	case "019":
		s.box.tokens = nil
		for i, u := range s.box.users {
			t := s.box.addToken(u, u.name, "write", "rig")
			t.id = int64(i) + 1
			rows, _ := bodyOf(s.recording)["results"].([]any)
			created, _ := rows[i].(map[string]any)
			t.created = row(created).time("created")
		}
	case "813", "814", "815":
		s.box.AddToken("admin", "reader", "read")
	case "232":
		s.box.labels = s.box.labels[:0]
	case "256":
		s.add(s.cast.last(36))
		s.box.nextJob = 39
	case "841":
		blocker := s.add(row{
			"id": 112.0, "type": "job", "unified_job_template": 9.0, "launch_type": "manual", "status": "running", "instance_group": 2.0,
			"created": "2026-11-23T09:43:00.000001Z", "modified": "2026-11-23T09:43:00.000002Z", "started": "2026-11-23T09:43:01.000003Z",
		})
		blocked := s.box.byID[113]
		blocked.life = life{}
		blocked.template.queue = []*job{blocker, blocked}
	case "419":
		j := s.box.byID[44]
		j.life.ended, j.life.outcome = s.now.Add(-time.Second), statusCanceled
	}
	if strings.Contains(s.recording.Request.Path, "/workflow_nodes/") {
		s.workflowNodes()
	}
	if number := s.recording.number(); number == "411" || number == "702" || number == "705" {
		for _, j := range s.box.jobs {
			if j.life.started.IsZero() {
				j.life = life{} // blocked, but not for long
				j.template.queue = []*job{{kind: KindJob, id: 1}, j}
			}
		}
	}
}

// workflowNodes makes the nodes that a recording shows, such as 444, with their jobs.
func (s *staging) workflowNodes() {
	id, _ := strconv.ParseInt(strings.Split(s.recording.Request.Path, "/")[4], 10, 64)
	workflow := s.box.byID[id]
	workflow.nodes = nil
	rows, _ := bodyOf(s.recording)["results"].([]any)
	for _, value := range rows {
		shown, _ := value.(map[string]any)
		r := row(shown)
		summaries, _ := r["summary_fields"].(map[string]any)
		short, _ := summaries["job"].(map[string]any)
		elapsed, _ := short["elapsed"].(float64)
		started := r.time("modified")
		child := s.add(row{
			"id": short["id"], "type": "job", "unified_job_template": 9.0, "launch_type": "workflow", "status": short["status"],
			"created": r["created"], "modified": r["created"], "started": stamp(started), "instance_group": 2.0,
			"finished": stamp(started.Add(time.Duration(elapsed * 1e9))), "canceled_on": short["canceled_on"],
		})
		child.parent = workflow
		workflow.nodes = append(workflow.nodes, &node{
			id: r.id("id"), identifier: r.text("identifier"), template: child.template, job: child, created: r.time("created"),
			modified: r.time("modified"),
		})
	}
}
