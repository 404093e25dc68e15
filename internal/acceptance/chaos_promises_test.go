package acceptance

import (
	"slices"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
)

// settlingAtMost is how long two jobs of runs that race may overlap: until the second look, and the slowest cancel.
const settlingAtMost = 12 * time.Second

// checkLaunches checks the jobs that were made since it was called last: none was made beside another, and none without
// cause. before is what the owners' states held before.
func (w *walk) checkLaunches(before map[string][]held) {
	w.t.Helper()
	all := w.site.simulated.AllJobs()
	for i := w.checked; i < len(all); i++ {
		if all[i].CreatedBy == byHand {
			continue
		}
		w.tell("  job %d of %s was launched (%s)", all[i].ID, all[i].Name, all[i].Template)
		older := slices.DeleteFunc(slices.Clone(all[:i]), func(j sandbox.Job) bool { return j.Name != all[i].Name })
		w.checkAlone(all[i], older)
		if len(older) > 0 {
			w.checkCause(all[i], older[len(older)-1], before)
		}
		w.checkRestart(all[i], older)
	}
	w.checked = len(all)
}

// checkAlone checks that no other job of the instance was active when one was made. Two runs that look at the same
// moment can't see each other's: then one gives way soon.
func (w *walk) checkAlone(j sandbox.Job, before []sandbox.Job) {
	w.t.Helper()
	for _, other := range before {
		switch {
		case !activeAt(other, j.Created) || w.goneBy(other, j.Created):
		case w.racing || w.touched:
			w.races = append(w.races, [2]int64{other.ID, j.ID})
			w.unclear[j.Name] = time.Now()
		default:
			w.wrong("job %d of %s was launched while job %d was active", j.ID, j.Name, other.ID)
		}
	}
}

// checkRaces checks, when all jobs are over, that those that overlapped did so only for a moment.
func (w *walk) checkRaces() {
	w.t.Helper()
	byID := map[int64]sandbox.Job{}
	for _, j := range w.site.simulated.AllJobs() {
		byID[j.ID] = j
	}
	for _, pair := range w.races {
		first, second := byID[pair[0]], byID[pair[1]]
		end := first.Finished
		if second.Finished.Before(end) {
			end = second.Finished
		}
		if overlap := end.Sub(second.Created); overlap > settlingAtMost {
			w.wrong("jobs %d and %d of %s ran side by side for %s", first.ID, second.ID, first.Name, overlap)
		}
	}
	w.races = nil
}

// checkCause checks that a job does what the one before it has not done already. What was purged can't be known, nor
// what somebody does at the same time.
func (w *walk) checkCause(j, last sandbox.Job, before map[string][]held) {
	w.t.Helper()
	own := given(j)
	owner := ownerOf(j)
	switch {
	case last.Status != "successful" || activeAt(last, j.Created) || w.goneBy(last, j.Created) || w.racing || w.touched:
		return
	case last.Template != j.Template:
		return
	case j.Template == deleteTemplate:
		w.wrong("job %d deletes %s again after job %d", j.ID, j.Name, last.ID)
		return
	}
	holding := slices.ContainsFunc(before[owner], func(h held) bool { return h.name == j.Name })
	switch {
	case holding && !w.replacing && inputs(own) == inputs(given(last)):
		w.wrong("job %d of %s does again what job %d has done", j.ID, j.Name, last.ID)
	case !holding && !w.takesOver(owner) && owner != ownerOf(last):
		w.wrong("job %d of %s was launched for %s, whose state does not hold the instance that job %d made", j.ID, j.Name, owner, last.ID)
	}
}

func (w *walk) takesOver(owner string) bool {
	return slices.ContainsFunc(w.parties, func(p *party) bool { return p.owner == owner && p.variables["take_over"] == true })
}

// checkRestart checks that no restart is done twice.
func (w *walk) checkRestart(j sandbox.Job, before []sandbox.Job) {
	w.t.Helper()
	asked := restart(given(j))
	if asked == "" || j.Template != createTemplate {
		return
	}
	for _, other := range slices.Backward(before) {
		if other.Template == deleteTemplate && other.Status == "successful" {
			return // what was restarted was another machine
		}
		if other.Template == createTemplate && other.Status == "successful" && !activeAt(other, j.Created) &&
			!w.goneBy(other, j.Created) && restart(given(other)) == asked {
			w.wrong("job %d of %s does the restart of %s again, which job %d has done", j.ID, j.Name, asked, other.ID)
		}
	}
}

// checkDone checks what an exit code of 0 promises.
func (w *walk) checkDone(p *party, meant intent, before []held) {
	w.t.Helper()
	switch meant {
	case asNothing:
	case asApply:
		w.checkApplied(p)
	case asDestroy:
		for _, h := range before {
			w.checkDeleted(h.name)
		}
	}
}

// checkApplied checks that the newest job has succeeded with what the party wants.
func (w *walk) checkApplied(p *party) {
	w.t.Helper()
	name := p.name()
	if _, unclear := w.unclear[name]; unclear || w.racing || w.touched {
		return
	}
	last := newest(w.jobsNamed(name))
	switch {
	case last == nil || last.Template != createTemplate || last.Status != "successful":
		w.wrong("apply ended with 0, but the newest job of %s is %+v", name, last)
	case !w.wanted(p, given(*last)):
		w.wrong("apply ended with 0, but job %d of %s was given %+v", last.ID, name, given(*last))
	case !p.holding(name):
		w.wrong("apply ended with 0, but %s is not in state", name)
	}
}

// wanted tells whether a job was given what the party wants.
func (w *walk) wanted(p *party, c computeInstance) bool {
	cores, _ := p.variables["cores"].(int)
	given, _ := c.Spec["cores"].(float64)
	labels, _ := p.variables["labels"].(vars)
	wanted := map[string]string{}
	wanted["value"], _ = p.variables["value"].(string)
	for name, value := range labels {
		wanted[name], _ = value.(string)
	}
	if int(given) != cores || c.Spec["runStrategy"] != p.variables["run_strategy"] || len(c.Metadata.Labels) != len(wanted) {
		return false
	}
	for name, value := range wanted {
		if c.Metadata.Labels[name] != value {
			return false
		}
	}
	return true
}

// checkDeleted checks that the instance is gone.
func (w *walk) checkDeleted(name string) {
	w.t.Helper()
	if _, unclear := w.unclear[name]; unclear || w.racing || w.touched {
		return
	}
	if last := newest(w.jobsNamed(name)); w.exists(name) || last != nil && (last.Template != deleteTemplate || last.Status != "successful") {
		w.wrong("destroy ended with 0, but %s exists: %v, and its newest job is %+v", name, w.exists(name), last)
	}
}
