package sandbox

import "time"

// The statuses of a job.
const (
	statusNew        = "new"
	statusPending    = "pending"
	statusWaiting    = "waiting"
	statusRunning    = "running"
	statusSuccessful = "successful"
	statusFailed     = "failed"
	statusError      = "error"
	statusCanceled   = "canceled"
)

// life is a job's planned life. Its status follows from the clock; nothing runs in the background.
type life struct {
	ready   time.Time     // when the scheduler may start it; zero while it is blocked behind another job
	waiting time.Time     // when it becomes waiting; zero: never
	started time.Time     // when it becomes running; zero: never
	ended   time.Time     // when it ends; zero: not known yet
	length  time.Duration // how long it was planned to run
	outcome string        // its status from then on
	// explanation and traceback are shown once the job has ended.
	explanation, traceback string
	canceledOn             time.Time
	// eventsDelay is how late events come: a second or more (L7, L8).
	eventsDelay time.Duration
}

// phase is the true status at the time.
func (l *life) phase(now time.Time) string {
	switch {
	case l.over(now):
		return l.outcome
	case l.ready.IsZero() || !reached(l.waiting, now) && !reached(l.started, now):
		return statusPending
	case !reached(l.started, now):
		return statusWaiting
	default:
		return statusRunning
	}
}

// over reports whether the job has ended.
func (l *life) over(now time.Time) bool { return reached(l.ended, now) }

// eventsIn reports whether all events have come in: event_processing_finished.
func (l *life) eventsIn(now time.Time) bool {
	if l.ended.IsZero() {
		return false
	}
	if l.started.IsZero() || l.started.After(l.ended) {
		return l.over(now) // it never ran: there are none to wait for (recording 414)
	}
	return reached(l.ended.Add(l.eventsDelay), now)
}

// reached reports whether a time, which may be unknown, has come.
func reached(t, now time.Time) bool { return !t.IsZero() && !now.Before(t) }

// until returns the time if it has come, else the zero time, which is rendered as null.
func until(t, now time.Time) time.Time {
	if reached(t, now) {
		return t
	}
	return time.Time{}
}

// status is the status that the API shows.
func (j *job) status(now time.Time) string {
	phase := j.life.phase(now)
	if j.behavior.Status != "" && !j.life.over(now) {
		return j.behavior.Status
	}
	return phase
}

// failed is true for failed, error and canceled alike (recordings 241, 418, 851).
func (j *job) failed(now time.Time) bool {
	return j.life.over(now) && j.life.outcome != statusSuccessful
}

// ran reports whether the job has been running before the time.
func (j *job) ran(now time.Time) bool {
	return reached(j.life.started, now) && (j.life.ended.IsZero() || j.life.started.Before(j.life.ended))
}

// elapsed is the running time in seconds: in milliseconds once the job is over, else in microseconds.
func (j *job) elapsed(now time.Time) float64 {
	switch {
	case !j.ran(now):
		return 0
	case j.life.over(now):
		return j.life.ended.Sub(j.life.started).Round(time.Millisecond).Seconds()
	default:
		return now.Sub(j.life.started).Truncate(time.Microsecond).Seconds()
	}
}

// explanation is the job_explanation: why a blocked job waits, or why a finished one failed. It is empty if a task
// failed (recording 241).
func (s *Sandbox) explanation(j *job, now time.Time) string {
	if j.life.over(now) {
		return j.life.explanation
	}
	blocked := j.life.ready.IsZero() && j.life.phase(now) == statusPending
	if !blocked || now.Before(j.created.Add(s.options.BlockedNotice)) || j.absentTemplate() {
		return ""
	}
	if first := j.template.queue[0]; first != j {
		return "waiting for " + string(first.kind) + "-" + text(first.id) + " to finish"
	}
	return ""
}

// plan plans the life of a job that may run now.
func (s *Sandbox) plan(j *job, ready time.Time) {
	if s.runsAsProcess(j) {
		s.planProcess(j, ready)
		return
	}
	behavior := j.behavior
	total := behavior.Duration
	if total == 0 {
		total = s.options.JobDuration
	}
	pending := share(total, behavior.PendingShare, 0.05, 150*time.Millisecond)
	waiting := share(total, behavior.WaitingShare, 0.10, 350*time.Millisecond)
	j.life.ready = ready
	j.life.outcome = behavior.outcome()
	if j.kind == KindWorkflowJob {
		j.life.started = ready.Add(pending)
		s.startWorkflow(j, total-pending)
		return
	}
	j.life.waiting = ready.Add(pending)
	j.life.started = j.life.waiting.Add(waiting)
	j.life.length = total - pending - waiting
	j.life.explanation = behavior.Explanation
	if j.life.outcome == statusError {
		j.life.traceback = behavior.traceback()
	}
	s.end(j, ready.Add(total), j.life.outcome)
}

// end sets when and how a job ends, and wakes the waits for that.
func (s *Sandbox) end(j *job, at time.Time, outcome string) {
	j.life.ended = at.Truncate(time.Microsecond)
	j.life.outcome = outcome
	if j.template != nil && len(j.template.queue) > 0 {
		s.schedule(j.life.ended, func(now time.Time) { s.release(j.template, now) })
	}
	if j.parent != nil {
		s.schedule(j.life.ended, func(now time.Time) { s.stepWorkflow(j.parent, now) })
	}
}

// share is a part of a job's time: as asked, else a usual part, bounded as on an idle controller (L7).
func share(total time.Duration, asked, usual float64, limit time.Duration) time.Duration {
	if asked > 0 {
		return time.Duration(asked * float64(total))
	}
	if asked < 0 {
		return 0
	}
	return min(time.Duration(usual*float64(total)), limit)
}

// release starts a template's next job if only one may run at a time (recordings 702, 705).
func (s *Sandbox) release(t *template, now time.Time) {
	kept := t.queue[:0]
	for _, j := range t.queue {
		if !j.life.over(now) && !j.deleted {
			kept = append(kept, j)
		}
	}
	clear(t.queue[len(kept):])
	t.queue = kept
	if len(kept) > 0 && kept[0].life.ready.IsZero() {
		s.plan(kept[0], now.Add(s.options.SchedulerTick))
	}
}
