package acceptance

import (
	"regexp"
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
		{"saved plan", 4, savedPlan},
		{"destroy", 6, func(w *walk) { w.destroy(w.first) }},
		{"-replace", 3, func(w *walk) { w.apply(w.first, "-replace="+address) }},
		{"taint", 3, func(w *walk) { w.manage(w.first, "taint", address); w.apply(w.first) }},
		{"untaint", 3, func(w *walk) { w.manage(w.first, "untaint", address); w.apply(w.first) }},
		{"create_before_destroy", 3, createBeforeDestroy},
		{"another name", 2, func(w *walk) { w.set(w.first, vars{"name": w.newName(true)}); w.apply(w.first) }},
		{"state rm", 3, stateRm},
		{"second workspace", 5, secondWorkspace},
		{"two at once", 5, twoAtOnce},
		{"hub renamed", 3, hubRenamed},
		{"another controller", 2, anotherController},
		{"by hand", 5, func(w *walk) { w.happen(nil, w.drawn(handEvents())) }},
	}
}

func (w *walk) step() {
	steps := chaosSteps()
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
	w.tell(" %s: set %v", p.owner, changed)
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

// takesAJob matches a plan in which a job will tell the phase.
var takesAJob = regexp.MustCompile(`phase += .*known after apply`)

// savedPlan applies a plan when the world is another one already.
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
	switch w.random.IntN(3) {
	case 0:
		w.happen(nil, w.drawn(handEvents()))
	case 1:
		w.destroy(w.second)
	default:
		w.apply(w.first)
	}
	w.run(w.first, meant, "apply", "-no-color", "plan.tfplan")
}

// createBeforeDestroy replaces under the same name, which is refused, or under another one. The old object that may be
// left is gone before the setting is taken back: with it, and without the setting, Terraform's graph has cycles.
func createBeforeDestroy(w *walk) {
	w.first.add("create_before_destroy_override.tf")
	w.replacing = true
	if w.maybe(2) {
		w.apply(w.first, "-replace="+address)
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
			w.plainly(w.first, append(destroyWith(), "-target="+address)...) // "apply the removal first", as the error says
		}
	}
	w.replacing = false
	w.first.remove("create_before_destroy_override.tf")
}

func stateRm(w *walk) {
	for _, h := range w.first.holds() {
		w.orphans[h.name] = "state rm"
	}
	w.manage(w.first, "state", "rm", address)
	w.apply(w.first)
}

// secondWorkspace wants an instance of the same name, and has another owner.
func secondWorkspace(w *walk) {
	w.second.set(vars{"name": w.first.name(), "take_over": w.maybe(6)})
	w.apply(w.second)
	if !w.maybe(4) {
		w.destroy(w.second)
	}
}

// twoAtOnce lets both workspaces go to work at the same time.
func twoAtOnce(w *walk) {
	w.second.set(vars{"name": w.first.name(), "take_over": false})
	commands := [][]string{applyWith(), destroyWith()}
	other := commands[w.random.IntN(2)]
	running := w.second.start(other...)
	w.counts.commands.Add(1)
	w.tell(" second, at the same time: %s", strings.Join(other, " "))
	heldBySecond := w.second.holds()
	running.runsAfter(w.between(0, 1200*time.Millisecond))
	w.racing = true
	if w.maybe(3) {
		w.destroy(w.first)
	} else {
		w.set(w.first, vars{"labels": vars{"race": string(rune('a' + w.random.IntN(3)))}})
		w.apply(w.first)
	}
	ended := running.wait()
	running.end()
	w.tell("  second ended with %d: %s", ended.exit, ended.gist())
	w.checkOutput(ended, false)
	w.checkLaunches(map[string][]held{"second": heldBySecond})
	w.racing = false
}

func hubRenamed(w *walk) {
	w.set(w.first, vars{"hub": []string{"default", "east", "west"}[w.random.IntN(3)]})
	w.apply(w.first)
}

// anotherController points the hub at another controller: nothing is done there or here.
func anotherController(w *walk) {
	if len(w.first.holds()) == 0 {
		w.tell(" nothing in state")
		return
	}
	w.first.set(w.other.connection())
	defer w.first.set(w.site.connection())
	for _, arguments := range [][]string{applyWith(), destroyWith()} {
		if ended := w.plainly(w.first, arguments...); ended.exit == 0 {
			w.wrong("at another controller, %s ended with 0", ended.line)
		}
	}
}
