package acceptance

import (
	"regexp"
	"slices"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
)

// settlingAtMost is how long two jobs of runs that race may overlap: until the second look, and the slowest cancel.
const settlingAtMost = 12 * time.Second

// checkLaunches checks the jobs that were made since it was called last, by the run of Terraform that a party began at a
// moment, when its state held what it did before: none was made beside another, and none without cause.
func (w *walk) checkLaunches(p *party, before []held, began time.Time) {
	w.t.Helper()
	all := w.jobs()
	for i := w.checked; i < len(all); i++ {
		if all[i].CreatedBy == byHand {
			continue
		}
		w.tell("  job %d of %s was launched (%s)", all[i].ID, all[i].Name, all[i].Template)
		older := slices.DeleteFunc(slices.Clone(all[:i]), func(j sandbox.Job) bool { return j.Name != all[i].Name })
		w.checkAlone(all[i], older)
		if len(older) > 0 && all[i].Created.After(began) {
			w.checkCause(all[i], older[len(older)-1], p, before, began)
		}
		w.checkRestart(all[i], older)
	}
	w.checked = len(all)
}

// checkAlone checks that no other job of the instance was active when one was made. Two runs that look at the same
// moment can't see each other's, nor can one see what no answer shows yet: then one gives way soon.
func (w *walk) checkAlone(j sandbox.Job, before []sandbox.Job) {
	w.t.Helper()
	for _, other := range before {
		switch {
		case !activeAt(other, j.Created) || w.goneBy(other, j.Created):
		case w.racing || w.touched || w.hidden(other, j) || j.Created.Before(w.strayUntil):
			w.races = append(w.races, overlapping{other.ID, j.ID, settlingAtMost + w.lag})
			w.unclear[j.Name] = time.Now()
		default:
			w.wrong("job %d of %s was launched while job %d was active", j.ID, j.Name, other.ID)
		}
	}
}

// hidden reports whether a replica that lags may not have shown the one job when the other was decided on.
func (w *walk) hidden(other, j sandbox.Job) bool {
	return w.lag > 0 && other.Created.Add(w.lag+deciding).After(j.Created)
}

// deciding is how long before a launch the jobs may have been looked at.
const deciding = 2 * time.Second

// overlapping are two jobs that may be active at once for so long.
type overlapping struct {
	first, second int64
	most          time.Duration
}

// checkRaces checks, when all jobs are over, that those that overlapped did so only for a moment.
func (w *walk) checkRaces() {
	w.t.Helper()
	byID := map[int64]sandbox.Job{}
	for _, j := range w.jobs() {
		byID[j.ID] = j
	}
	for _, pair := range w.races {
		first, second := byID[pair.first], byID[pair.second]
		end := first.Finished
		if second.Finished.Before(end) {
			end = second.Finished
		}
		if overlap := end.Sub(second.Created); overlap > pair.most {
			w.wrong("jobs %d and %d of %s ran side by side for %s", first.ID, second.ID, first.Name, overlap)
		}
	}
	w.races = nil
}

// checkCause checks that a job does what the one before it has not done already: for its own life, or for a machine that
// may be taken. What was purged can't be known, nor what somebody does at the same time.
func (w *walk) checkCause(j, last sandbox.Job, p *party, before []held, began time.Time) {
	w.t.Helper()
	switch {
	case last.Status != "successful" || activeAt(last, j.Created) || w.goneBy(last, j.Created) || w.hidden(last, j) || w.racing || w.touched:
		return
	case last.Template != j.Template:
		return
	case j.Template == deleteTemplate:
		w.wrong("job %d deletes %s again after job %d", j.ID, j.Name, last.ID)
		return
	}
	_, unclear := w.unclear[j.Name]
	known := slices.ContainsFunc(before, func(h held) bool { return h.uid == uidOf(j) })
	switch {
	case uidOf(j) == uidOf(last):
		if inputs(given(j)) == inputs(given(last)) {
			w.wrong("job %d of %s does again what job %d has done", j.ID, j.Name, last.ID)
		}
	case last.CreatedBy == byHand || unclear:
	case known:
		w.wrong("job %d of %s runs on the machine that job %d has made or taken for another life", j.ID, j.Name, last.ID)
	case last.Created.After(began):
		w.wrong("job %d of %s begins a second life in one run, after job %d", j.ID, j.Name, last.ID)
	case p.variables["take_over"] != true && ownerOf(j) != ownerOf(last):
		w.wrong("job %d of %s was launched for %s, whose state does not hold the instance that job %d made", j.ID, j.Name, ownerOf(j), last.ID)
	}
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
func (w *walk) checkDone(p *party, meant intent, before []held, ended result) {
	w.t.Helper()
	switch meant {
	case asNothing:
	case asApply:
		for _, name := range p.wants() {
			w.checkApplied(p, name)
		}
		w.checkNothingLeft(p, ended)
	case asDestroy:
		for _, h := range before {
			w.checkDeleted(h.name)
		}
	}
}

// checkApplied checks that the newest job has succeeded with what the party wants.
func (w *walk) checkApplied(p *party, name string) {
	w.t.Helper()
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

// leavesWork matches the warnings of an apply that ended with 0 and leaves something open, which the next plan then shows.
var leavesWork = regexp.MustCompile(`It is not known whether the run was undone|could not be reached|could not be checked`)

// checkNothingLeft checks that the plan after an apply that ended with 0 is empty.
func (w *walk) checkNothingLeft(p *party, ended result) {
	w.t.Helper()
	if w.racing || w.touched || w.t.Failed() || leavesWork.MatchString(unwrapped(ended.output)) {
		return
	}
	for _, name := range p.wants() {
		if _, unclear := w.unclear[name]; unclear {
			return
		}
	}
	w.calm()
	w.counts.commands.Add(1)
	if planned := p.run("plan", "-no-color", "-detailed-exitcode", "-lock=false"); planned.exit != 0 {
		w.wrong("%s ended with 0, and the next plan with %d:\n%s\nthe apply said:\n%s", ended.line, planned.exit, planned.output, ended.output)
	}
}

// wanted reports whether a job was given what the party wants.
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
