package acceptance

import (
	"regexp"
	"slices"
	"strings"
	"time"
)

// intent is what a command is meant to do, and so what an exit code of 0 promises.
type intent int

const (
	asNothing intent = iota
	asApply
	asDestroy
)

// apply applies. What exists already is mostly taken over, as the error says: else nothing more would come of the walk.
func (w *walk) apply(p *party, arguments ...string) {
	ended := w.run(p, asApply, applyWith(arguments...)...)
	if p != w.first || ended.exit == 0 || p.holding(p.name()) || !strings.Contains(unwrapped(ended.output), "exists already") || w.maybe(4) {
		return
	}
	w.set(p, vars{"take_over": true})
	w.run(p, asApply, applyWith(arguments...)...)
	p.set(vars{"take_over": false})
}

func (w *walk) destroy(p *party) { w.run(p, asDestroy, destroyWith()...) }

// manage runs a command that touches nothing but the state, and may find nothing to do.
func (w *walk) manage(p *party, arguments ...string) {
	ended := p.run(arguments...)
	w.counts.commands.Add(1)
	w.tell(" %s ended with %d", ended.line, ended.exit)
}

// plainly runs Terraform while nothing happens; faults may be set.
func (w *walk) plainly(p *party, arguments ...string) result {
	before, began := p.holds(), time.Now()
	w.counts.commands.Add(1)
	ended := p.run(arguments...)
	w.tell(" %s: %s ended with %d: %s", p.title, ended.line, ended.exit, ended.gist())
	w.checkOutput(ended, false)
	w.checkLaunches(p, before, began)
	return ended
}

// run runs Terraform, and lets something happen meanwhile.
func (w *walk) run(p *party, meant intent, arguments ...string) result {
	before, began, requests, jobs := p.holds(), time.Now(), len(w.site.simulated.Requests()), len(w.jobs())
	happenings := w.drawHappenings()
	w.counts.commands.Add(1)
	running := p.start(arguments...)
	w.tell(" %s: %s", p.title, running.line)
	var stopped, killed time.Time
	for _, h := range happenings {
		if !w.await(running, h, requests, jobs) {
			w.tell("  ended before: %s", h.name)
			continue
		}
		w.happen(running, h.event)
		w.touched = w.touched || h.touches
		// At a second signal Terraform exits at once, and says that data may be lost.
		kills := h.kills || h.stops && !stopped.IsZero()
		if h.stops {
			stopped = time.Now()
		}
		if kills {
			killed = time.Now()
			w.strayUntil = killed.Add(w.late)
			for _, name := range p.wants() {
				w.orphans[name] = "killed"
			}
		}
	}
	ended := running.wait()
	running.end()
	w.tell("  ended with %d: %s", ended.exit, ended.gist())
	if took := time.Since(stopped); !stopped.IsZero() && took > promptly {
		w.wrong("%s took %s to end after a signal", ended.line, took)
	}
	w.checkOutput(ended, !killed.IsZero())
	w.checkLaunches(p, before, began)
	if ended.exit == 0 {
		w.checkDone(p, meant, before, ended)
	}
	w.beside, w.touched = w.touched, false
	return ended
}

// promptly is how long Terraform may take after a signal: the answer to a launch is waited for, and a lost one's job is
// looked for.
const promptly = 20 * time.Second

// mistakes are texts that no user may ever see.
var mistakes = regexp.MustCompile(`panic:|inconsistent|bug in the provider|unexpected new value|unknown value after apply|has \w+ invalid`)

// lostProvider is what Terraform says of a provider that was killed.
var lostProvider = regexp.MustCompile(`Plugin did not respond|plugin process exited|connection refused|transport: |Unavailable`)

// checkOutput looks for what Terraform says only of a provider that is broken.
func (w *walk) checkOutput(r result, killed bool) {
	w.t.Helper()
	if found := mistakes.FindString(unwrapped(r.output)); found != "" {
		w.wrong("%s says %q:\n%s", r.line, found, r.output)
	}
	if found := lostProvider.FindString(unwrapped(r.output)); found == "Plugin did not respond" && !killed {
		w.wrong("%s lost the provider:\n%s", r.line, r.output)
	}
}

// gist is the summaries of errors and warnings, or Terraform's last line.
func (r result) gist() string {
	var found []string
	for line := range strings.Lines(r.output) {
		line = strings.TrimSpace(strings.TrimLeft(line, "│╷╵ "))
		if strings.HasPrefix(line, "Error: ") || strings.HasPrefix(line, "Warning: ") && !strings.Contains(line, "development overrides") ||
			strings.HasPrefix(line, "Apply complete") || strings.HasPrefix(line, "Destroy complete") {
			found = append(found, line)
		}
	}
	return strings.Join(slices.Compact(found), " | ")
}
