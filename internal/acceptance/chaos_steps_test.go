package acceptance

import (
	"slices"
	"strings"
	"time"
)

// chaosStep is something that people do with Terraform.
type chaosStep struct {
	name   string
	weight int
	do     func(w *walk)
}

func chaosSteps() []chaosStep {
	return []chaosStep{
		{"apply", 6, func(w *walk) { w.apply(w.first) }},
		{"change in place", 6, changeInPlace},
		{"change of size", 2, func(w *walk) { w.set(w.first, vars{"cores": 2 + w.random.IntN(3)}); w.apply(w.first) }},
		{"change of labels", 5, func(w *walk) {
			w.set(w.first, vars{"labels": vars{"a": string(rune('a' + w.random.IntN(3)))}})
			w.apply(w.first)
		}},
		{"unknown at plan", 3, unknownAtPlan},
		{"restart", 4, restartNow},
		{"destroy", 6, func(w *walk) { w.destroy(w.first) }},
		{"-replace", 3, func(w *walk) { w.apply(w.first, "-replace="+w.first.address()) }},
		{"taint", 3, func(w *walk) { w.manage(w.first, "taint", w.first.address()); w.apply(w.first) }},
		{"untaint", 3, func(w *walk) { w.manage(w.first, "untaint", w.first.address()); w.apply(w.first) }},
		{"create_before_destroy", 3, createBeforeDestroy},
		{"another name", 2, func(w *walk) { w.set(w.first, vars{"name": w.newName(true)}); w.apply(w.first) }},
		{"state rm", 3, stateRm},
		{"by hand", 5, func(w *walk) { w.happen(nil, w.drawn(handEvents())) }},
	}
}

func (w *walk) step() {
	steps := slices.Concat(chaosSteps(), refactorings(), rollBacks(), neighbours())
	total := 0
	for _, each := range steps {
		total += each.weight
	}
	choice := w.random.IntN(total)
	at := slices.IndexFunc(steps, func(each chaosStep) bool { choice -= each.weight; return choice < 0 })
	w.tell("%s", steps[at].name)
	w.soothe()
	w.spoil()
	steps[at].do(w)
	w.keepState()
	if w.maybe(2) && !w.t.Failed() {
		w.settle()
	}
}

func (w *walk) drawn(events []event) event { return events[w.random.IntN(len(events))] }

// happen lets an event happen.
func (w *walk) happen(c *command, e event) {
	w.tell("  %s", e.name)
	if e.stops || e.kills {
		w.counts.signals.Add(1)
	}
	e.do(w, c)
}

func (w *walk) set(p *party, changed vars) {
	w.tell(" %s: set %v", p.title, changed)
	p.set(changed)
}

func changeInPlace(w *walk) {
	// A restart of a halted instance is refused, so it goes with it.
	w.set(w.first, vars{"run_strategy": []string{"Always", "Halted"}[w.random.IntN(2)], "restart_requested_at": nil})
	w.apply(w.first)
}

// unknownAtPlan lets a label be unknown at plan; mostly it turns out as it was.
func unknownAtPlan(w *walk) {
	generation, _ := w.first.variables["generation"].(int)
	changed := vars{"generation": generation + 1}
	if w.maybe(3) {
		changed["value"] = string(rune('a' + w.random.IntN(3)))
	}
	w.set(w.first, changed)
	w.apply(w.first)
}

// restartNow asks for a restart. It must be later than the creation, in whole seconds.
func restartNow(w *walk) {
	w.set(w.first, vars{"run_strategy": "Always", "restart_requested_at": time.Now().Add(2 * time.Second).UTC().Format(time.RFC3339)})
	w.apply(w.first)
}

// createBeforeDestroy replaces under the same name, which is refused, or under another one. The old object that may be
// left is gone before the setting is taken back: with it, and without the setting, Terraform's graph has cycles.
func createBeforeDestroy(w *walk) {
	content := "resource \"osac_compute_instance\" \"" + w.first.layout.machines[0].address + "\" {\n  lifecycle {\n    create_before_destroy = true\n  }\n}\n"
	w.first.write("create_before_destroy_override.tf", content)
	if w.maybe(2) {
		w.apply(w.first, "-replace="+w.first.address())
	} else {
		w.set(w.first, vars{"name": w.newName(true)})
		w.apply(w.first)
	}
	w.soothe()
	for range 3 {
		if !slices.ContainsFunc(w.first.holds(), func(h held) bool { return h.deposed }) {
			break
		}
		ended := w.plainly(w.first, applyWith()...)
		if !w.leftToOther(w.first, ended) && strings.Contains(unwrapped(ended.output), "given up and taken up") {
			w.plainly(w.first, append(destroyWith(), "-target="+w.first.address())...) // "apply the removal first", as the error says
		}
	}
	w.first.remove("create_before_destroy_override.tf")
}

func stateRm(w *walk) {
	for _, h := range w.first.holds() {
		w.orphans[h.name] = "state rm"
	}
	w.manage(w.first, "state", "rm", w.first.address())
	w.apply(w.first)
}
