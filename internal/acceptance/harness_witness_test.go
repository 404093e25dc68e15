package acceptance

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
)

// sandboxWitness reads the sandbox's own books: they know purged jobs, too.
type sandboxWitness struct {
	sandbox *sandbox.Sandbox
}

func (w *sandboxWitness) jobs(*testing.T) []job {
	var jobs []job
	for _, each := range w.sandbox.AllJobs() {
		if each.Template != createTemplate && each.Template != deleteTemplate {
			continue // a node's job of a workflow
		}
		jobs = append(jobs, job{
			id: each.ID, template: each.Template, status: each.Status, created: each.Created, finished: each.Finished,
			extraVars: each.ExtraVars, purged: each.Purged,
		})
	}
	return jobs
}

// apiWitness asks a real controller by its API, as anybody could, and keeps what it was told: so it knows purged jobs,
// too. Jobs of before the test are nobody's here.
type apiWitness struct {
	site  *Site
	api   *api
	since time.Time
	known map[int64]job
	// settled is the id up to which all jobs have ended: they are not asked for again.
	settled int64
}

// jobRows is a row of the controller's lists of jobs.
type jobRows struct {
	ID        int64      `json:"id"`
	Name      string     `json:"name"`
	Status    string     `json:"status"`
	Created   time.Time  `json:"created"`
	Finished  *time.Time `json:"finished"`
	ExtraVars string     `json:"extra_vars"`
}

func (l jobRows) job() job {
	found := job{id: l.ID, template: l.Name, status: l.Status, created: l.Created, extraVars: l.ExtraVars}
	if l.Finished != nil {
		found.finished = *l.Finished
	}
	return found
}

func (w *apiWitness) jobs(t *testing.T) []job {
	t.Helper()
	query := url.Values{
		"name__in":    {w.site.template("create") + "," + w.site.template("delete")},
		"created__gt": {w.since.UTC().Format(time.RFC3339)},
		"id__gt":      {fmt.Sprint(w.settled)},
		"order_by":    {"id"},
		"page_size":   {"100"},
	}
	seen, settling := map[int64]bool{}, true
	for _, row := range rows[jobRows](t, w.api, w.site.jobsPath()+"?"+query.Encode()) {
		found := row.job()
		w.known[found.id], seen[found.id] = found, true
		if settling = settling && found.over(); settling {
			w.settled = found.id
		}
	}
	for id, each := range w.known {
		if !each.over() && !seen[id] {
			each.purged = true
			w.known[id] = each
		}
	}
	return slices.SortedFunc(maps.Values(w.known), func(a, b job) int { return cmp.Compare(a.id, b.id) })
}

// jobsPath is where the jobs of the site's templates are.
func (s *Site) jobsPath() string {
	if s.workflows {
		return "workflow_jobs/"
	}
	return "jobs/"
}

// isOwn reports whether the job is of an instance of this test's: nobody else's are looked at.
func (s *Site) isOwn(launched job) bool {
	var given payload
	return json.Unmarshal([]byte(launched.extraVars), &given) == nil && slices.Contains(s.instances, given.OSACJobVars.Resource.Metadata.Name)
}
