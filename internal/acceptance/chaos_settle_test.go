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
	place, _, elsewhere := strings.Cut(name, ":")
	if elsewhere {
		place += "/"
	} else {
		place = ""
	}
	return strings.Contains(unwrapped(r.output), place+"acceptance/"+plain(name)+" was taken by job ")
}

// wasTaken reports whether another life's job has run on an instance that a state holds.
func (w *walk) wasTaken(h held) bool {
	return slices.ContainsFunc(w.jobsNamed(h.name), func(j sandbox.Job) bool {
		return j.Template == createTemplate && uidOf(j) != "" && uidOf(j) != h.uid
	})
}

// awaitQuiet waits until all jobs are over.
func (w *walk) awaitQuiet() {
	w.t.Helper()
	deadline := time.After(patience)
	for slices.ContainsFunc(w.jobs(), sandbox.Job.Active) {
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
		w.wrong("job %d has deleted %s, and %s's state still holds it", last.ID, h.name, p.title)
		return
	case last.Template == createTemplate && last.Status == "successful":
		want = versionOf(h, given(*last))
	}
	if h.reconciled != want {
		w.wrong("%s's state says that %s is reconciled to %q (desired %q), but job %d (%s) says %q",
			p.title, h.name, h.reconciled, h.desired, last.ID, last.Status, want)
	}
	if len(h.jobs) == 0 || !slices.ContainsFunc(h.jobs, func(r recorded) bool { return r.id == text(last.ID) }) {
		w.wrong("%s's state does not know job %d of %s: %+v", p.title, last.ID, h.name, h.jobs)
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
	exists, holders, claimed := w.exists(name), map[string]bool{}, false
	for _, p := range w.parties {
		lives := slices.DeleteFunc(p.holds(), func(h held) bool { return h.name != name || taken[h.uid] })
		// One state may hold it twice: create_before_destroy leaves the object behind that it has replaced. And two states
		// of one owner, which is one state's by rights, hold what the one has made and the other has followed.
		if len(lives) > 0 {
			holders[p.owner] = true
		}
		claimed = claimed || slices.ContainsFunc(lives, func(h held) bool { return h.reconciled != "" && !h.deposed })
	}
	_, unclear := w.unclear[name]
	reason, orphan := w.orphans[name]
	switch {
	case exists && len(holders) == 0 && !orphan && !unclear:
		w.wrong("%s exists, and no state holds it", name)
	case exists && len(holders) == 0:
		w.tell("  %s exists, and no state holds it: %s", name, reason)
		return
	case exists && len(holders) > 1 && !unclear:
		w.wrong("%s is in the states of %v", name, holders)
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
	w.end(w.twin)
	for _, p := range []*party{w.first, w.fleet} {
		w.bring(p)
		if ended := w.plainly(p, "plan", "-no-color", "-detailed-exitcode"); ended.exit != 0 {
			w.wrong("after an undisturbed apply, a plan ended with %d:\n%s", ended.exit, ended.output)
		}
		w.end(p)
	}
	w.adopt()
	w.awaitQuiet()
	for _, name := range w.allNames() {
		if w.exists(name) {
			w.wrong("%s exists at the end", name)
		}
	}
	for _, p := range w.parties {
		if left := p.holds(); len(left) > 0 {
			w.wrong("%s's state holds %v at the end", p.title, left)
		}
	}
	if launched := w.other.simulated.AllJobs(); len(launched) > 0 {
		w.wrong("the other controller ran %d jobs", len(launched))
	}
}

// bring applies undisturbed. Only what exists already, or was taken, may need a word more.
func (w *walk) bring(p *party) {
	w.t.Helper()
	p.lay(p.layout, p.moved(p.layout)...)
	ended := w.plainly(p, applyWith()...)
	if w.leftToOther(p, ended) || w.letGo(p, ended) {
		ended = w.plainly(p, applyWith()...)
	}
	if ended.exit != 0 && strings.Contains(unwrapped(ended.output), "exists already") {
		ended.says("take_over")
		w.set(p, vars{"take_over": true})
		ended = w.plainly(p, applyWith()...)
		w.set(p, vars{"take_over": false})
		if ended.exit == 0 {
			ended = w.plainly(p, applyWith()...) // takes the setting back, without a job
		}
	}
	p.lay(p.layout)
	if ended.exit != 0 {
		w.wrong("an undisturbed apply ended with %d:\n%s", ended.exit, ended.output)
		return
	}
	w.clearUp()
	for _, name := range p.wants() {
		w.checkApplied(p, name)
		if _, unclear := w.unclear[name]; !unclear && !w.exists(name) {
			w.wrong("%s was applied undisturbed, and does not exist", name)
		}
	}
}

// leftToOther drops from a state what was taken from it, as the error says, and reports whether it did.
func (w *walk) leftToOther(p *party, ended result) bool {
	w.t.Helper()
	dropped := false
	for _, h := range p.holds() {
		if ended.exit == 0 || h.deposed || !ended.saysTaken(h.name) || !w.wasTaken(h) {
			continue
		}
		w.orphans[h.name] = "state rm"
		w.manage(p, "state", "rm", resourceType+"."+h.address)
		dropped = true
	}
	return dropped
}

// letGo drops from a state the second address of an instance, as the error says, and reports whether it did: that which
// the configuration does not have.
func (w *walk) letGo(p *party, ended result) bool {
	w.t.Helper()
	if ended.exit == 0 || !strings.Contains(unwrapped(ended.output), "terraform state rm") {
		return false
	}
	stands, count := map[string]bool{}, map[string]int{}
	for i := range p.layout.machines {
		stands[p.layout.addressOf(i)] = true
	}
	for _, h := range p.holds() {
		count[h.name]++
	}
	dropped := false
	for _, h := range p.holds() {
		if count[h.name] > 1 && !stands[h.address] && !h.deposed {
			w.manage(p, "state", "rm", resourceType+"."+h.address)
			dropped = true
		}
	}
	return dropped
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
		place, _, elsewhere := strings.Cut(name, ":")
		if !elsewhere {
			place = ""
		}
		w.first.lay(layout{machines: []laid{{address: "this", hub: place}}})
		w.set(w.first, vars{"name": plain(name)})
		w.bring(w.first)
		w.end(w.first)
	}
}
