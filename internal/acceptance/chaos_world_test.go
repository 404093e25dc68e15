package acceptance

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
)

// byHand is the user who does by hand what Terraform knows nothing of.
const byHand = "operator"

// world is what a walk knows of its site, and what it therefore does not hold against the provider.
type world struct {
	site    *Site
	parties []*party
	// orphans are instances that may exist although no state holds them, with the reason.
	orphans map[string]string
	// unclear are instances of which nobody can know whether they exist or what they are, since a job was purged that no
	// state knew the end of, or since two jobs ran side by side: until a later job of Terraform's succeeds.
	unclear map[string]time.Time
	// purges are when jobs were purged.
	purges map[int64]time.Time
	// checked is how many of the site's jobs were checked.
	checked int
	// races are pairs of jobs that may overlap, but only for as long as settling takes.
	races []overlapping
	// places are those of the templates, by id.
	places map[int64]string
	// lag is how far replicas are behind. Until strayUntil, a launch of a run that was killed may be carried out.
	lag        time.Duration
	strayUntil time.Time
	// late is how late a launch may be carried out in this step.
	late time.Duration
	// racing is set while two runs of Terraform are at work, and touched while somebody works by hand beside one.
	// beside reports the latter of the run that was the last.
	racing, touched, beside bool
}

func newWorld(site *Site) *world {
	return &world{
		site: site, orphans: map[string]string{}, unclear: map[string]time.Time{},
		purges: map[int64]time.Time{}, places: map[int64]string{},
	}
}

// newName is the walk's next name of an instance, or the one that it has now.
func (w *walk) newName(next bool) string {
	if next {
		w.names++
	}
	return fmt.Sprintf("vm-%d", w.names)
}

// exists reports whether the instance exists, which Terraform and the provider can't see.
func (w *world) exists(name string) bool {
	done := slices.DeleteFunc(w.jobsNamed(name), func(j sandbox.Job) bool { return j.Status != "successful" })
	slices.SortStableFunc(done, func(a, b sandbox.Job) int { return a.Finished.Compare(b.Finished) })
	return len(done) > 0 && done[len(done)-1].Template == createTemplate
}

// jobsNamed are all jobs ever of an instance, in the order of their making.
func (w *world) jobsNamed(name string) []sandbox.Job {
	return slices.DeleteFunc(w.jobs(), func(j sandbox.Job) bool { return j.Name != name })
}

// allNames are those of all instances that anybody has heard of.
func (w *world) allNames() []string {
	var names []string
	for _, j := range w.jobs() {
		names = append(names, j.Name)
	}
	for _, p := range w.parties {
		for _, h := range p.holds() {
			names = append(names, h.name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// goneBy reports whether the job was purged by then.
func (w *world) goneBy(j sandbox.Job, then time.Time) bool {
	at, purged := w.purges[j.ID]
	return purged && at.Before(then)
}

// activeAt reports whether the job had not ended by then.
func activeAt(j sandbox.Job, then time.Time) bool {
	return j.Created.Before(then) && (j.Finished.IsZero() || j.Finished.After(then))
}

// given is what a job was given.
func given(j sandbox.Job) computeInstance {
	var vars payload
	_ = json.Unmarshal([]byte(j.ExtraVars), &vars) // the walk's jobs are the provider's own, or copies of them
	return vars.OSACJobVars.Resource
}

// ownerOf is the owner for whom a job was run; empty where its payload names none.
func ownerOf(j sandbox.Job) string { return given(j).Metadata.Annotations["osac.openshift.io/owner"] }

// uidOf is the life that a job was run for; empty where its payload names none.
func uidOf(j sandbox.Job) string { return given(j).Metadata.Annotations["osac.openshift.io/uid"] }

// inputs are all that tells one run from another: the inputs' version and the spec, restart included.
func inputs(c computeInstance) string {
	spec, _ := json.Marshal(c.Spec) // was decoded just now
	return c.Metadata.Annotations["osac.openshift.io/inputs-version"] + string(spec)
}

// restart is the restart that the job's playbook would do; empty for none. It compares the two as strings.
func restart(c computeInstance) string {
	if requested, _ := c.Spec["restartRequestedAt"].(string); requested > c.Status.LastRestartedAt {
		return requested
	}
	return ""
}

// newest is the job that decides what the instance is: the youngest but for cancelled twins, which an older job has
// outlived.
func newest(jobs []sandbox.Job) *sandbox.Job {
	for i := range slices.Backward(jobs) {
		j := jobs[i]
		outlived := j.Template == createTemplate && j.Status == "canceled" && slices.ContainsFunc(jobs[:i], func(older sandbox.Job) bool {
			return older.Template == createTemplate && older.Status == "successful" && older.Finished.After(j.Finished)
		})
		if !outlived {
			return &j
		}
	}
	return nil
}

// purge drops a job, and notes whose end nobody will ever know.
func (w *world) purge(j sandbox.Job) {
	w.site.simulated.Purge(j.ID)
	w.purges[j.ID] = time.Now()
	if !w.everybodyKnows(j) {
		w.unclear[j.Name] = time.Now()
	}
}

// everybodyKnows reports whether each state that holds the job's instance knows the job's end, or a later job.
func (w *world) everybodyKnows(j sandbox.Job) bool {
	for _, p := range w.parties {
		for _, h := range p.holds() {
			if h.name != j.Name {
				continue
			}
			if !slices.ContainsFunc(h.jobs, func(r recorded) bool {
				id, _ := strconv.ParseInt(r.id, 10, 64)
				return id > j.ID || id == j.ID && slices.Contains([]string{"Succeeded", "Failed", "Canceled"}, r.state)
			}) {
				return false
			}
		}
	}
	return !j.Active()
}
