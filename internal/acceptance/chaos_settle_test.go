package acceptance

import (
	"slices"
	"strings"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
)

// settle lets the dust settle, refreshes the states undisturbed, and checks that they agree with the world.
func (w *walk) settle() {
	w.t.Helper()
	w.soothe()
	w.awaitQuiet()
	w.checkRaces()
	w.clearUp()
	taken := map[string]bool{}
	for _, p := range w.parties {
		if len(p.holds()) == 0 {
			continue
		}
		ended := w.plainly(p, "apply", "-refresh-only", "-auto-approve", "-no-color")
		if ended.exit != 0 {
			w.wrong("an undisturbed refresh ended with %d:\n%s", ended.exit, ended.output)
		}
		for _, h := range p.holds() {
			if ended.saysTaken(h.name) && w.wasTaken(h) {
				taken[h.uid] = true
				continue
			}
			w.checkAgreement(p, h)
		}
	}
	for _, name := range w.allNames() {
		w.checkExistence(name, taken)
	}
}

func (r result) saysTaken(name string) bool {
	return strings.Contains(unwrapped(r.output), "acceptance/"+name+" was taken by job ")
}

// wasTaken reports whether another life's job has run on an instance that a state holds.
func (w *walk) wasTaken(h held) bool {
	return slices.ContainsFunc(w.jobsNamed(h.name), func(j sandbox.Job) bool {
		life := given(j).Metadata.Annotations["osac.openshift.io/uid"]
		return j.Template == createTemplate && life != "" && life != h.uid
	})
}

// awaitQuiet waits until all jobs are over.
func (w *walk) awaitQuiet() {
	w.t.Helper()
	deadline := time.After(patience)
	for slices.ContainsFunc(w.site.simulated.AllJobs(), sandbox.Job.Active) {
		select {
		case <-deadline:
			w.t.Fatal("there are jobs that don't end")
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// clearUp forgets what was unclear of instances for which a job of Terraform's has succeeded since, beside no other.
func (w *walk) clearUp() {
	for name, since := range w.unclear {
		for _, j := range w.jobsNamed(name) {
			if j.CreatedBy != byHand && j.Created.After(since) && j.Status == "successful" {
				delete(w.unclear, name)
			}
		}
	}
}

// checkAgreement checks what a state says of an instance against the instance's newest job.
func (w *walk) checkAgreement(p *party, h held) {
	w.t.Helper()
	last := newest(w.jobsNamed(h.name))
	if _, unclear := w.unclear[h.name]; unclear || h.deposed || last == nil || w.goneBy(*last, time.Now()) {
		return
	}
	want := ""
	switch {
	case last.Template == deleteTemplate && last.Status == "successful":
		w.wrong("job %d has deleted %s, and %s's state still holds it", last.ID, h.name, p.owner)
		return
	case last.Template == createTemplate && last.Status == "successful":
		want = versionOf(h, given(*last))
	}
	if h.reconciled != want {
		w.wrong("%s's state says that %s is reconciled to %q (desired %q), but job %d (%s) says %q",
			p.owner, h.name, h.reconciled, h.desired, last.ID, last.Status, want)
	}
	if len(h.jobs) == 0 || !slices.ContainsFunc(h.jobs, func(r recorded) bool { return r.id == text(last.ID) }) {
		w.wrong("%s's state does not know job %d of %s: %+v", p.owner, last.ID, h.name, h.jobs)
	}
}

// versionOf is the version that a job has applied, as a state puts it: a restart is no other configuration.
func versionOf(h held, applied computeInstance) string {
	if cores, _ := applied.Spec["cores"].(float64); cores == h.cores && applied.Spec["runStrategy"] == h.runStrategy {
		return h.desired
	}
	return applied.Status.DesiredConfigVersion
}

// checkExistence checks that an instance exists if and only if exactly one state holds it. A life that was taken, as a
// refresh has said, is no more than a name.
func (w *walk) checkExistence(name string, taken map[string]bool) {
	w.t.Helper()
	exists, holders, claimed := w.exists(name), 0, false
	for _, p := range w.parties {
		lives := slices.DeleteFunc(p.holds(), func(h held) bool { return h.name != name || taken[h.uid] })
		// One state may hold it twice: create_before_destroy leaves the object behind that it has replaced.
		if len(lives) > 0 {
			holders++
		}
		claimed = claimed || slices.ContainsFunc(lives, func(h held) bool { return h.reconciled != "" && !h.deposed })
	}
	_, unclear := w.unclear[name]
	reason, orphan := w.orphans[name]
	switch {
	case exists && holders == 0 && !orphan && !unclear:
		w.wrong("%s exists, and no state holds it", name)
	case exists && holders == 0:
		w.tell("  %s exists, and no state holds it: %s", name, reason)
		return
	case exists && holders > 1:
		w.wrong("%s is in %d states", name, holders)
	case !exists && claimed && !unclear:
		w.wrong("%s is said to be as desired, and does not exist", name)
	}
	delete(w.orphans, name)
}

// finish brings all to an end, undisturbed: what is desired comes to be, what is destroyed is gone.
func (w *walk) finish() {
	w.tell("finish")
	w.settle()
	if w.t.Failed() {
		return
	}
	w.end(w.second)
	w.bring(w.first)
	if ended := w.plainly(w.first, "plan", "-no-color", "-detailed-exitcode"); ended.exit != 0 {
		w.wrong("after an undisturbed apply, a plan ended with %d:\n%s", ended.exit, ended.output)
	}
	w.end(w.first)
	w.adopt()
	w.awaitQuiet()
	for _, name := range w.allNames() {
		if w.exists(name) {
			w.wrong("%s exists at the end", name)
		}
	}
	for _, p := range w.parties {
		if left := p.holds(); len(left) > 0 {
			w.wrong("%s's state holds %v at the end", p.owner, left)
		}
	}
	if launched := w.other.simulated.AllJobs(); len(launched) > 0 {
		w.wrong("the other controller ran %d jobs", len(launched))
	}
}

// bring applies undisturbed. Only an instance that exists already may need a word more.
func (w *walk) bring(p *party) {
	w.t.Helper()
	ended := w.plainly(p, applyWith()...)
	if w.leftToOther(p, ended) {
		ended = w.plainly(p, applyWith()...)
	}
	if ended.exit != 0 && !p.holding(p.name()) && w.exists(p.name()) {
		ended.says("exists already", "take_over")
		w.set(p, vars{"take_over": true})
		ended = w.plainly(p, applyWith()...)
		w.set(p, vars{"take_over": false})
		if ended.exit == 0 {
			ended = w.plainly(p, applyWith()...) // takes the setting back, without a job
		}
	}
	if ended.exit != 0 {
		w.wrong("an undisturbed apply ended with %d:\n%s", ended.exit, ended.output)
		return
	}
	w.clearUp()
	w.checkApplied(p)
	if !w.exists(p.name()) {
		if _, unclear := w.unclear[p.name()]; !unclear {
			w.wrong("%s was applied undisturbed, and does not exist", p.name())
		}
	}
}

// leftToOther drops from a state an instance that was taken from it, as the error says, and reports whether it did.
func (w *walk) leftToOther(p *party, ended result) bool {
	w.t.Helper()
	for _, h := range p.holds() {
		if ended.exit == 0 || !ended.saysTaken(h.name) || !w.wasTaken(h) {
			continue
		}
		w.orphans[h.name] = "state rm"
		w.manage(p, "state", "rm", address)
		return true
	}
	return false
}

// end destroys undisturbed.
func (w *walk) end(p *party) {
	w.t.Helper()
	if ended := w.plainly(p, destroyWith()...); ended.exit != 0 && !w.leftToOther(p, ended) {
		w.wrong("an undisturbed destroy ended with %d:\n%s", ended.exit, ended.output)
	}
}

// adopt takes over what exists although no state holds it, as people would, and destroys it.
func (w *walk) adopt() {
	for _, name := range w.allNames() {
		if !w.exists(name) || w.t.Failed() {
			continue
		}
		_, unclear := w.unclear[name]
		if reason, orphan := w.orphans[name]; !orphan && !unclear {
			w.wrong("%s exists after a destroy %s", name, reason)
			return
		}
		w.set(w.first, vars{"name": name})
		w.bring(w.first)
		w.end(w.first)
	}
}
