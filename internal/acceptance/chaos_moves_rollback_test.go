package acceptance

import (
	"bytes"
	"os"
	"regexp"
	"strconv"
	"time"
)

// rollBacks bring back what was: a state, or a plan.
func rollBacks() []chaosStep {
	return []chaosStep{
		{"state rolled back", 5, rolledBack},
		{"saved plan", 6, savedPlan},
	}
}

// keepState keeps the first party's state of now, to come back to.
func (w *walk) keepState() {
	content, err := os.ReadFile(w.first.statePath())
	if err == nil && len(content) > 0 && (len(w.states) == 0 || !bytes.Equal(content, w.states[len(w.states)-1])) {
		w.states = append(w.states, content)
	}
}

// rolledBack pushes an older state, and applies.
func rolledBack(w *walk) {
	if len(w.states) < 2 {
		w.tell(" there is no older state")
		return
	}
	older := w.states[w.random.IntN(len(w.states)-1)]
	w.first.write("terraform.tfstate.older", string(older))
	held := w.first.holds()
	w.manage(w.first, "state", "push", "-force", "terraform.tfstate.older")
	w.noteRollBack(held)
	w.first.lay(w.first.layout, w.first.moved(w.first.layout)...)
	if w.run(w.first, asApply, applyWith()...).exit == 0 {
		w.first.lay(w.first.layout)
	}
}

// noteRollBack notes what the older state can't know: what it does not hold may exist, and what became of its machines by
// jobs that were purged since.
func (w *walk) noteRollBack(before []held) {
	for _, h := range before {
		w.orphans[h.name] = "the state was rolled back"
	}
	for _, h := range w.first.holds() {
		known := int64(0)
		for _, each := range h.jobs {
			id, _ := strconv.ParseInt(each.id, 10, 64)
			known = max(known, id)
		}
		for _, j := range w.jobsNamed(h.name) {
			if j.Purged && j.ID > known {
				w.unclear[h.name] = time.Now()
			}
		}
	}
}

// takesAJob matches a plan in which a job will tell the phase.
var takesAJob = regexp.MustCompile(`phase += .*known after apply`)

// savedPlan applies a plan of yesterday, when the world is another one already. If the state has changed since, Terraform
// refuses the plan, unless it was brought back, too.
func savedPlan(w *walk) {
	if w.maybe(2) {
		w.set(w.first, vars{"labels": vars{"planned": string(rune('a' + w.random.IntN(3)))}})
	}
	meant := asApply
	planned := w.plainly(w.first, "plan", "-no-color", "-detailed-exitcode", "-out=plan.tfplan")
	if planned.exit == 1 {
		return
	}
	if !takesAJob.MatchString(planned.output) {
		meant = asNothing // nobody looks at the hub, where the instance may be gone by then
	}
	for range 1 + w.random.IntN(2) {
		w.passesMeanwhile()
	}
	w.run(w.first, meant, "apply", "-no-color", "plan.tfplan")
}

// passesMeanwhile lets something happen between a plan and its apply.
func (w *walk) passesMeanwhile() {
	switch w.random.IntN(6) {
	case 0:
		w.happen(nil, w.drawn(handEvents()))
	case 1:
		w.destroy(w.second)
	case 2:
		w.second.set(vars{"name": w.first.name(), "take_over": true})
		w.apply(w.second)
	case 3:
		w.apply(w.first)
	default:
		before, err := os.ReadFile(w.first.statePath())
		if w.maybe(2) {
			w.destroy(w.first)
		} else {
			w.apply(w.first)
		}
		if err == nil && len(before) > 0 {
			held := w.first.holds()
			w.tell(" first: the state of before is brought back")
			w.first.write("terraform.tfstate", string(before))
			w.noteRollBack(held)
		}
	}
}
