package acceptance

import (
	"net/http"
	"slices"
	"syscall"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
)

// event is something that happens while Terraform runs.
type event struct {
	name string
	do   func(w *walk, c *command)
	// stops and kills tell what becomes of Terraform by it; touches that a person has changed something.
	stops, kills, touches bool
}

func signalEvents() []event {
	send := func(name string, signal syscall.Signal, group bool) event {
		return event{name: name, stops: true, do: func(_ *walk, c *command) {
			pid := c.process.Process.Pid
			if group {
				pid = -pid
			}
			_ = syscall.Kill(pid, signal) // it may just have ended
		}}
	}
	return []event{
		send("SIGINT to the group", syscall.SIGINT, true), send("SIGINT to Terraform", syscall.SIGINT, false),
		send("SIGTERM to the group", syscall.SIGTERM, true), send("SIGTERM to Terraform", syscall.SIGTERM, false),
	}
}

func killEvents() []event {
	return []event{
		{name: "kill -9 of both", kills: true, do: func(_ *walk, c *command) { _ = syscall.Kill(-c.process.Process.Pid, syscall.SIGKILL) }},
		{name: "kill -9 of Terraform", kills: true, do: func(_ *walk, c *command) { _ = syscall.Kill(c.process.Process.Pid, syscall.SIGKILL) }},
		{name: "kill -9 of the provider", kills: true, do: func(_ *walk, c *command) {
			for _, pid := range c.providers() {
				_ = syscall.Kill(pid, syscall.SIGKILL)
			}
		}},
	}
}

func handEvents() []event {
	return []event{
		{name: "a job is purged", touches: true, do: func(w *walk, _ *command) { w.purgeOne() }},
		{name: "all finished jobs are cleaned up", do: func(w *walk, _ *command) { w.purgeFinished() }},
		{name: "a job is cancelled by hand", touches: true, do: func(w *walk, _ *command) { w.cancelByHand() }},
		{name: "the create template is run by hand", touches: true, do: func(w *walk, _ *command) { w.launchByHand(createTemplate) }},
		{name: "the delete template is run by hand", touches: true, do: func(w *walk, _ *command) { w.launchByHand(deleteTemplate) }},
		{name: "a job is relaunched", touches: true, do: func(w *walk, _ *command) { w.relaunch() }},
		{name: "the controller restarts", do: func(w *walk, _ *command) { w.site.simulated.Down(w.between(500*time.Millisecond, 4*time.Second)) }},
	}
}

// happening is an event with its moment.
type happening struct {
	event
	// after is how long after the command's start, or after the request, or the job that it makes.
	after time.Duration
	// requests is after how many more requests, and job whether after the next job. Neither: after the start.
	requests int
	job      bool
}

// drawHappenings draws what happens during a command: often nothing, now and then two things.
func (w *walk) drawHappenings() []happening {
	var drawn []happening
	for len(drawn) == 0 || w.maybe(6) {
		var events []event
		switch choice := w.random.IntN(100); {
		case choice < 30:
			events = signalEvents()
		case choice < 48:
			events = killEvents()
		case choice < 66:
			events = handEvents()
		default:
			return drawn
		}
		drawn = append(drawn, w.drawMoment(w.drawn(events)))
	}
	return drawn
}

func (w *walk) drawMoment(e event) happening {
	h := happening{event: e}
	switch w.random.IntN(8) {
	case 0:
		h.after = w.between(0, 2500*time.Millisecond)
	case 1, 2:
		h.requests = 1 + w.random.IntN(12)
		h.after = w.between(0, 30*time.Millisecond)
	case 3, 4:
		h.requests = 1 + w.random.IntN(6)
	default:
		h.job = true
		h.after = w.between(0, 900*time.Millisecond)
	}
	return h
}

// await waits for the happening's moment, and reports whether the command still runs then.
func (w *walk) await(c *command, h happening, requests, jobs int) bool {
	for h.requests > 0 && len(w.site.simulated.Requests()) < requests+h.requests || h.job && len(w.jobs()) <= jobs {
		if !c.runsAfter(2 * time.Millisecond) {
			return false
		}
	}
	return c.runsAfter(h.after)
}

// runsAfter reports whether the command still runs after a while.
func (c *command) runsAfter(length time.Duration) bool {
	select {
	case <-c.ended:
		return false
	case <-time.After(length):
		return true
	}
}

func (w *walk) pick(fits func(j sandbox.Job) bool) *sandbox.Job {
	jobs := slices.DeleteFunc(w.named(w.site.simulated.Jobs()), func(j sandbox.Job) bool { return !fits(j) })
	if len(jobs) == 0 {
		w.tell("  no job for it")
		return nil
	}
	// Mostly one of the last, which matter most.
	return &jobs[len(jobs)-1-w.random.IntN(min(len(jobs), 3))]
}

func (w *walk) purgeOne() {
	if j := w.pick(func(sandbox.Job) bool { return true }); j != nil {
		w.tell("  job %d (%s, %s) is purged", j.ID, j.Template, j.Status)
		w.purge(*j)
	}
}

func (w *walk) purgeFinished() {
	for _, j := range w.named(w.site.simulated.Jobs()) {
		if !j.Active() {
			w.purge(j)
		}
	}
}

func (w *walk) cancelByHand() {
	if j := w.pick(sandbox.Job.Active); j != nil {
		w.tell("  job %d is cancelled by hand", j.ID)
		w.site.simulated.CancelByHand(j.ID)
	}
}

func (w *walk) launchByHand(template string) {
	usual := func(j sandbox.Job) bool { return j.Template == createTemplate && w.places[j.TemplateID] == "" }
	if j := w.pick(usual); j != nil {
		w.noteHand(j.Name, template, w.site.simulated.LaunchByHand(template, j.ExtraVars, byHand))
	}
}

func (w *walk) relaunch() {
	if j := w.pick(func(j sandbox.Job) bool { return !j.Active() }); j != nil {
		w.noteHand(j.Name, j.Template, w.site.simulated.Relaunch(j.ID, byHand))
	}
}

// noteHand notes what a run by hand excuses: it may make an instance that no state holds, and beside another job, nobody
// can know which of the two has the last word.
func (w *walk) noteHand(name, template string, id int64) {
	w.tell("  job %d of %s (%s) is launched by hand", id, name, template)
	if template == createTemplate {
		w.orphans[name] = "made by hand"
	}
	for _, j := range w.jobsNamed(name) {
		if j.ID != id && j.Active() {
			w.unclear[name] = time.Now()
		}
	}
}

// spoil says how the next jobs go, and makes the next command's world a little worse now and then.
func (w *walk) spoil() {
	behavior := sandbox.Behavior{Duration: w.between(300*time.Millisecond, 1800*time.Millisecond), EventDelay: 100 * time.Millisecond}
	what := "jobs take " + behavior.Duration.String()
	if w.maybe(24) {
		behavior.Duration, what = 6500*time.Millisecond, "jobs outlast the settling step"
	}
	switch w.random.IntN(26) {
	case 0:
		behavior.Outcome, what = "failed", what+" and fail"
	case 1:
		behavior.Outcome, what = "error", what+" and end in error"
	case 2:
		behavior.Outcome, what = "canceled", what+" and are cancelled"
	case 3:
		behavior.IgnoreCancel, what = true, what+" and ignore a cancel"
	case 4:
		behavior.CancelDelay, what = 3*time.Second, what+" and are slow to cancel"
	case 5:
		behavior.CancelTooLate, what = true, what+" and end just before a cancel"
	case 6:
		behavior.PendingShare, what = 0.9, what+" and are pending most of it"
	}
	w.tell(" %s", what)
	for _, template := range []string{createTemplate, deleteTemplate, lab + "-create-compute-instance", lab + "-delete-compute-instance"} {
		w.site.simulated.Behave(template, behavior)
	}
	if w.maybe(8) {
		w.setLag(w.between(300*time.Millisecond, 2500*time.Millisecond))
	}
	if w.maybe(5) {
		faults := w.faults()
		w.fault(faults[w.random.IntN(len(faults))])
	}
}

// namedFault is a fault with a name.
type namedFault struct {
	name string
	sandbox.Fault
}

// faults are the network's and the controller's, each for a few requests.
func (w *walk) faults() []namedFault {
	skip, few := w.random.IntN(10), 1+w.random.IntN(3)
	slow := w.between(200*time.Millisecond, 1500*time.Millisecond)
	later := http.Header{"Retry-After": {"1"}}
	return []namedFault{
		{"401", sandbox.Fault{Skip: skip, Times: 1, Status: http.StatusUnauthorized, Body: `{"detail":"Invalid token."}`}},
		{"429", sandbox.Fault{Skip: skip, Times: few, Status: http.StatusTooManyRequests, Header: later}},
		{"502", sandbox.Fault{Skip: skip, Times: few, Status: http.StatusBadGateway}},
		{"503 with Retry-After", sandbox.Fault{Skip: skip, Times: few, Status: http.StatusServiceUnavailable, Header: later}},
		{"500", sandbox.Fault{Skip: skip, Times: few, Status: http.StatusInternalServerError}},
		{"reset", sandbox.Fault{Skip: skip, Times: few, Reset: true}},
		{"hang", sandbox.Fault{Method: http.MethodGet, Skip: skip, Times: 1, Hang: true}},
		{"slow answers", sandbox.Fault{Skip: skip, Times: 4, Delay: slow}},
		{"launch answer lost", sandbox.Fault{Path: "launch", Method: http.MethodPost, Times: 1, AfterHandling: true, Reset: true, Delay: slow}},
		{"launch answered by 500 after it was made", sandbox.Fault{Path: "launch", Method: http.MethodPost, Times: 1, AfterHandling: true, Status: 500}},
		{"launch answered slowly", sandbox.Fault{Path: "launch", Method: http.MethodPost, Times: 1, AfterHandling: true, Delay: slow}},
		{"launch made late", sandbox.Fault{Path: "launch", Method: http.MethodPost, Times: 1, Delay: slow}},
		{"launch reset before it is made", sandbox.Fault{Path: "launch", Method: http.MethodPost, Times: 1, Reset: true}},
		{"launch refused", sandbox.Fault{Path: "launch", Method: http.MethodPost, Times: 1, Status: 400, Body: `{"detail":"no"}`}},
		{"launch carried out late", sandbox.Fault{Path: "launch", Method: http.MethodPost, Times: 1, Late: slow, ReserveID: few > 1}},
		{"cancel answer lost", sandbox.Fault{Path: "cancel", Method: http.MethodPost, Times: 1, AfterHandling: true, Reset: true}},
	}
}

func (w *walk) fault(f namedFault) {
	w.tell(" %s, after %d requests, %d times, delay %s", f.name, f.Skip, f.Times, f.Delay+f.Late)
	w.late = f.Late
	w.site.simulated.Fault(f.Fault)
}

// calm ends all faults, and what else stands in the way of answers.
func (w *walk) calm() {
	w.late = 0
	w.site.simulated.ClearFaults()
	w.site.simulated.Up()
	w.setLag(0)
}

// soothe lets jobs go well from now on, too.
func (w *walk) soothe() {
	w.calm()
	w.lag = 0
	for _, verb := range []string{"create", "delete"} {
		for _, prefix := range []string{usualPrefix, lab} {
			w.site.simulated.Behave(prefix+"-"+verb+"-compute-instance", sandbox.Behavior{Duration: quick, EventDelay: 100 * time.Millisecond})
		}
	}
}
