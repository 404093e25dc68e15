package acceptance

import (
	"strings"
	"time"
)

// neighbours are other workspaces, other hubs and other controllers.
func neighbours() []chaosStep {
	return []chaosStep{
		{"second workspace", 5, secondWorkspace},
		{"second workspace of the same owner", 4, twinWorkspace},
		{"two at once", 5, twoAtOnce},
		{"hub renamed", 3, hubRenamed},
		{"templates renamed", 2, templatesRenamed},
		{"another controller", 2, anotherController},
	}
}

// secondWorkspace wants an instance of the same name, and has another owner.
func secondWorkspace(w *walk) { w.workspaceOf(w.second) }

// workspaceOf applies another workspace's instance of the first's name, and mostly destroys it.
func (w *walk) workspaceOf(p *party) {
	p.set(vars{"name": w.first.name(), "take_over": w.maybe(6)})
	w.apply(p)
	if !w.maybe(4) {
		w.destroy(p)
	}
}

// twinWorkspace wants the first's instance for the first's owner: the machine that there is gets one more run, in a life
// of the twin's.
func twinWorkspace(w *walk) { w.workspaceOf(w.twin) }

// twoAtOnce lets both workspaces go to work at the same time.
func twoAtOnce(w *walk) {
	w.second.set(vars{"name": w.first.name(), "take_over": false})
	commands := [][]string{applyWith(), destroyWith()}
	other := commands[w.random.IntN(2)]
	running := w.second.start(other...)
	w.counts.commands.Add(1)
	w.tell(" second, at the same time: %s", strings.Join(other, " "))
	heldBySecond, began := w.second.holds(), time.Now()
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
	w.checkLaunches(w.second, heldBySecond, began)
	w.racing = false
}

// templatesRenamed has the hub's key lead to another place of the same controller: nothing is done there or here.
func templatesRenamed(w *walk) {
	if len(w.first.holds()) == 0 {
		w.tell(" nothing in state")
		return
	}
	jobs := len(w.jobs())
	w.set(w.first, vars{"template_prefix": lab})
	defer w.set(w.first, vars{"template_prefix": nil})
	for _, arguments := range [][]string{applyWith(), destroyWith()} {
		if ended := w.plainly(w.first, arguments...); ended.exit == 0 && len(w.first.holds()) > 0 {
			w.wrong("at another place, %s ended with 0:\n%s", ended.line, ended.output)
		}
	}
	if launched := len(w.jobs()) - jobs; launched > 0 {
		w.wrong("%d jobs were launched at another place", launched)
	}
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
