package sandbox

import (
	"net/http"
	"slices"
	"time"
)

// pendingCancelDelay is the time until a job that has no node yet is canceled (recording 414).
const pendingCancelDelay = 70 * time.Millisecond

// neverStarted is the traceback of a job that was canceled just before it ran (L18).
const neverStarted = "Traceback (most recent call last):\n  File \"/var/lib/awx/awx/awx/main/tasks/jobs.py\", line 499, in run\n" +
	"    raise RuntimeError('not starting %s task' % self.instance.status)\nRuntimeError: not starting canceled task\n"

// cancelForm answers by the status only, even to users who may not cancel (L6).
func (c *call) cancelForm() *answer {
	j, refusal := c.visibleJob(c.kind())
	if refusal != nil {
		return c.refuse(refusal)
	}
	body := document{{"can_cancel", !j.life.over(c.now)}}
	if j.kind == KindWorkflowJob {
		body = append(body, member{"job_explanation", c.explanation(j, c.now)})
	}
	return c.reply(http.StatusOK, body)
}

// cancel answers a POST. If the job is over, a superuser gets 405, and anybody else 403 (recording 402, L6). Admins of
// the template may cancel others' jobs: that was read in AWX's source, not recorded.
func (c *call) cancel() *answer {
	j, refusal := c.jobOf(c.kind())
	if refusal != nil {
		return c.refuse(refusal)
	}
	if j.behavior.CancelTooLate && !j.life.over(c.now) {
		c.endNow(j, c.now)
	}
	over := j.life.over(c.now)
	own := j.createdBy == c.user || c.user.can(RoleAdmin, j.template)
	switch {
	case !c.user.superuser && (over || !own):
		return c.refuse(forbidden())
	case over:
		return c.refuse(c.notAllowed())
	}
	c.cancelJob(j, c.now)
	return c.empty(http.StatusAccepted)
}

// endNow lets a job end with its planned outcome just before the time.
func (s *Sandbox) endNow(j *job, now time.Time) {
	before := now.Add(-time.Microsecond)
	if j.life.ready.IsZero() || j.life.started.After(before) {
		j.life.ready, j.life.waiting, j.life.started = j.created, j.created, j.created
	}
	s.end(j, before, j.behavior.outcome())
	s.advance(now)
}

// CancelByHand cancels a job as an administrator does in AAP's own pages.
func (s *Sandbox) CancelByHand(jobID int64) {
	defer s.change()()
	now := s.now()
	if j := s.byID[jobID]; j != nil && !j.life.over(now) {
		s.cancelJob(j, now)
	}
}

// cancelJob sets canceled_on at once, and the end some time later (recordings 413 to 418, 430 to 432).
func (s *Sandbox) cancelJob(j *job, now time.Time) {
	if !j.life.canceledOn.IsZero() {
		return
	}
	j.life.canceledOn = now
	if j.kind == KindWorkflowJob && len(j.nodes) > 0 {
		s.cancelWorkflow(j, now)
		return
	}
	if j.behavior.IgnoreCancel {
		return
	}
	if j.process != nil {
		close(j.process.stop) // the job ends when the process has
		return
	}
	delay := usual(j.behavior.CancelDelay, time.Second)
	switch j.life.phase(now) {
	case statusPending:
		j.life.waiting, j.life.started = time.Time{}, time.Time{}
		delay = pendingCancelDelay
	case statusWaiting:
		j.life.traceback = neverStarted
	default:
	}
	if end := now.Add(delay); j.life.ended.IsZero() || end.Before(j.life.ended) || j.life.ready.IsZero() {
		j.life.explanation = ""
		s.end(j, end, statusCanceled)
		s.dropFromQueue(j)
	}
}

// dropFromQueue removes a job that never got its turn.
func (s *Sandbox) dropFromQueue(j *job) {
	if j.template == nil || !j.life.ready.IsZero() {
		return
	}
	j.template.queue = slices.DeleteFunc(j.template.queue, func(other *job) bool { return other == j })
}

// cancelWorkflow cancels the jobs first; the workflow is canceled when they have ended (recordings 442 to 444).
func (s *Sandbox) cancelWorkflow(j *job, now time.Time) {
	if j.life.phase(now) == statusPending {
		j.life.waiting, j.life.started = time.Time{}, time.Time{}
		s.end(j, now.Add(pendingCancelDelay), statusCanceled)
		s.dropFromQueue(j)
		return
	}
	for _, n := range j.nodes {
		if n.job != nil && !n.job.life.over(now) {
			s.cancelJob(n.job, now)
		}
	}
	s.schedule(now.Add(spawnDelay), func(at time.Time) { s.stepWorkflow(j, at) })
}

// purge deletes jobs. Their entries in the activity stream stay (recording 865).
func (s *Sandbox) purge(now time.Time, purged ...*job) {
	templates := map[*template]bool{}
	for _, j := range purged {
		j.deleted = true
		delete(s.byID, j.id)
		if j.template == nil {
			continue
		}
		templates[j.template] = true
		if last := j.template.lastDeleted; last == nil || j.life.ended.After(last.life.ended) {
			j.template.lastDeleted = j
		}
	}
	gone := func(j *job) bool { return j.deleted }
	s.jobs = slices.DeleteFunc(s.jobs, gone)
	for t := range templates {
		t.jobs = slices.DeleteFunc(t.jobs, gone)
		s.release(t, now) // somebody may have waited for one of them
	}
}

// Purge deletes a job, whatever its status, as AAP's clean-up or an administrator does.
func (s *Sandbox) Purge(jobID int64) {
	defer s.change()()
	now := s.now()
	if j := s.byID[jobID]; j != nil {
		s.purge(now, j)
	}
}

// PurgeAll deletes all finished jobs, as AAP's clean-up job does with old ones.
func (s *Sandbox) PurgeAll() {
	defer s.change()()
	now := s.now()
	var finished []*job
	for _, j := range s.jobs {
		if j.life.over(now) {
			finished = append(finished, j)
		}
	}
	s.purge(now, finished...)
}
