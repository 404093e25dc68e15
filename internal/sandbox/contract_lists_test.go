package sandbox

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// The recordings from 1201 on are of a third AWX, at one moment of it: a list of each form that the provider asks for, of
// jobs that were made for it. 1201 to 1203 show the jobs whole, the others their ids.

const (
	listsFrom   = "1201"
	listsMoment = "2026-11-28T04:53:46Z"
)

// stageLists makes a sandbox that is as that AWX was.
func (c *cast) stageLists(r *recording) *Sandbox {
	now := momentOfLists(r)
	time.Sleep(time.Until(now))
	box := newLists()
	s := &staging{cast: c, box: box, recording: r, now: now}
	for _, id := range slices.Sorted(maps.Keys(c.rows)) {
		s.add(c.last(id))
	}
	s.allNodes()
	s.templateTimes(row{"results": c.shownRows()})
	return box
}

// allNodes gives the workflow jobs all their nodes.
func (s *staging) allNodes() {
	for _, value := range s.cast.shownRows() {
		shown, _ := value.(map[string]any)
		r := row(shown)
		child, parent := s.box.byID[r.id("job")], s.box.byID[r.id("workflow_job")]
		if r.text("type") != "workflow_job_node" || child == nil || parent == nil {
			continue
		}
		n := &node{
			id: r.id("id"), identifier: r.text("identifier"), template: child.template, job: child, created: r.time("created"),
			modified: r.time("modified"),
		}
		child.node, child.parent = n, parent
		parent.nodes = append(slices.DeleteFunc(parent.nodes, func(other *node) bool { return other.job == child }), n)
	}
}

// momentOfLists is when a recording was made that shows jobs at work, and a moment of those minutes for the others.
func momentOfLists(r *recording) time.Time {
	if running(r.Response.Body) {
		return moment(r)
	}
	at, _ := time.Parse(time.RFC3339, listsMoment)
	return at
}

// shownRows are all rows of lists that were shown.
func (c *cast) shownRows() []any {
	var all []any
	for _, b := range c.bodies {
		rows, _ := rowsOf(b.value)
		all = append(all, rows...)
	}
	return all
}

// newLists has the users, templates and so on of that AWX, with their ids.
func newLists() *Sandbox {
	box := New(Options{Token: "admin", Bare: true, InstallUUID: "d06d9669-d7aa-44c2-8103-4b7c57354818"})
	box.version = "24.6.2.dev145"
	box.organizations = []*organization{{id: 1, name: "Default"}, {id: 2, name: "osac"}, {id: 8, name: "rec-elsewhere"}}
	job := func(name, playbook string) Template {
		return Template{Name: name, Playbook: "examples/playbooks/" + playbook + "-compute-instance.yml", AsksVariables: true, AllowSimultaneous: true}
	}
	workflow := func(name string, nodes ...string) Template {
		t := Template{Name: name, Workflow: true, AsksVariables: true, AllowSimultaneous: true}
		for _, identifier := range nodes {
			t.Nodes = append(t.Nodes, Node{Identifier: identifier, Template: "rec-node"})
		}
		return t
	}
	elsewhere, survey := workflow("rec-create"), workflow("rec-wf-survey")
	elsewhere.Organization = "rec-elsewhere"
	survey.Survey = []Question{{Variable: "instance_id", Name: "Instance", Required: true, Min: 1, Max: 64}}
	roles := map[string]Role{}
	for id, t := range map[int64]Template{
		62: job("rec-create", "create"), 63: job("rec-delete", "delete"), 64: job("rec-other", "create"), 65: job("rec-node", "create"),
		66: workflow("rec-wf-create", "node-1"), 67: workflow("rec-wf-delete", "node-1"), 68: workflow("rec-wf-other", "node-1"),
		69: workflow("rec-wf-three", "node-1", "node-2", "node-3"), 70: elsewhere, 71: survey,
	} {
		box.nextTemplate = id
		box.AddTemplate(t)
		roles[t.Name] = RoleExecute
	}
	// Of one name, the workflow template came first.
	slices.SortFunc(box.templates, func(a, b *template) int {
		return cmp.Or(cmp.Compare(b.organization.id, a.organization.id), cmp.Compare(a.id, b.id))
	})
	box.AddUser("recorder", "recorder", "recorder", false, roles)
	box.users[1].id = 11
	return box
}
