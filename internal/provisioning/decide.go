package provisioning

import (
	"fmt"
	"slices"
	"time"
)

// adoptable is how long a finished job of ours counts as left behind by a crash: the next apply is near.
const adoptable = 24 * time.Hour

// step is what to do next for an instance.
type step int

const (
	// stepStart starts a run.
	stepStart step = iota
	// stepFollowFirst waits for somebody's job to end, and then decides again.
	stepFollowFirst
	// stepCancelFirst cancels a provision job, waits for its end, and then decides again.
	stepCancelFirst
	// stepAdopt takes an active job as this operation's own.
	stepAdopt
	// stepDone takes a job that has succeeded as this operation's own: there is nothing to run.
	stepDone
	// stepRefuse gives up before anything is started.
	stepRefuse
)

// decision is a step with the run that it is about, or the error to refuse with.
type decision struct {
	step step
	run  *run
	err  *Error
}

// provisionCase is all that the next step of an apply depends on beside the jobs at the hub.
type provisionCase struct {
	id      string
	desired Instance
	// known is what was on record before the operation, with this operation's own jobs added; update tells whether
	// there was such a record. What a look has found is not in it: that is what it is compared with.
	known      Record
	update     bool
	restartDue bool
	takeOver   bool
	owner      string
	// deletedBy is this process's own delete job: jobs up to it belong to a machine that is gone.
	deletedBy int64
	now       time.Time
}

// decide returns the next step towards the desired instance. It is the whole of design.md's lifecycle, steps 2 and 3.
func (c provisionCase) decide(jobs history) decision {
	jobs = jobs.after(c.deletedBy)
	if deleting := jobs.newest(isActive(Deprovision)); deleting != nil {
		return decision{step: stepFollowFirst, run: deleting}
	}
	if provisioning := oldestActive(jobs, Provision); provisioning != nil {
		if provisioning.serves(c.desired, c.restartDue) && (c.update || provisioning.annotation(AnnotationOwner) == c.owner) {
			return decision{step: stepAdopt, run: provisioning}
		}
		return decision{step: stepFollowFirst, run: provisioning}
	}
	if c.update {
		return c.decideUpdate(jobs)
	}
	return c.decideCreate(jobs)
}

func oldestActive(jobs history, verb Verb) *run {
	for i := len(jobs) - 1; i >= 0; i-- {
		if jobs[i].verb == verb && jobs[i].active() {
			return &jobs[i]
		}
	}
	return nil
}

func (c provisionCase) decideUpdate(jobs history) decision {
	if len(jobs) == 0 {
		return decision{step: stepStart}
	}
	newest := &jobs.effective()[0]
	if newest.verb == Provision && newest.succeeded() && !c.known.hasNewer(*newest, jobs) && newest.serves(c.desired, c.restartDue) {
		return decision{step: stepDone, run: newest}
	}
	if newest.verb == Deprovision && newest.succeeded() && !c.known.knows(newest.record()) && !c.known.hasNewer(*newest, nil) {
		return decision{step: stepRefuse, err: &Error{
			Reason: ReasonDestroyed, Instance: c.id, Job: recordOf(newest),
			What: fmt.Sprintf("Instance %s was destroyed by job %d (launched by %s) after Terraform last read it.",
				c.id, newest.ID, by(newest.CreatedBy)),
			Next: "Plan again: Terraform will then see that the instance is gone, and propose to create it.",
		}}
	}
	return decision{step: stepStart}
}

func (c provisionCase) decideCreate(jobs history) decision {
	life := jobs.thisLife()
	live := life.newest(hasSucceeded(Provision))
	switch {
	case live == nil:
		return decision{step: stepStart}
	case live.ID == life.effective()[0].ID && c.leftBehind(live):
		return decision{step: stepDone, run: live}
	case c.takeOver:
		return decision{step: stepStart}
	}
	return decision{step: stepRefuse, err: &Error{
		Reason: ReasonAlreadyExists, Instance: c.id, Job: recordOf(live),
		What: fmt.Sprintf("Instance %s already exists: job %d (launched by %s, finished %s) created or changed it, and no job has deleted it since.",
			c.id, live.ID, by(live.CreatedBy), live.Finished.UTC().Format(time.RFC3339)),
		Next: fmt.Sprintf("To manage the existing instance, import it: terraform import <address> %s\n"+
			"To run this configuration on it all the same, set take_over = true. Otherwise choose another name.", c.id),
	}}
}

// leftBehind tells whether a finished job is what a crash leaves behind: this configuration's own run, just now.
func (c provisionCase) leftBehind(live *run) bool {
	return live.serves(c.desired, false) &&
		live.annotation(AnnotationRunID) != "" &&
		live.annotation(AnnotationOwner) == c.owner &&
		c.now.Sub(live.Finished).Abs() < adoptable
}

// decideDestroy returns the next step towards deleting the instance of the record. Jobs in ended are over, whatever
// a list may still say.
func decideDestroy(jobs history, known Record, ended map[int64]bool) decision {
	if deleting := oldestActive(jobs, Deprovision); deleting != nil {
		return decision{step: stepAdopt, run: deleting}
	}
	for i := range jobs {
		if jobs[i].verb == Provision && jobs[i].active() && !ended[jobs[i].ID] {
			return decision{step: stepCancelFirst, run: &jobs[i]}
		}
	}
	if len(jobs) > 0 && jobs[0].verb == Deprovision && jobs[0].succeeded() && !known.hasNewer(jobs[0], nil) {
		return decision{step: stepDone, run: &jobs[0]}
	}
	return decision{step: stepStart}
}

// twinOf returns the active job that a run which was just started has to give way to, or nil: of two jobs of one verb
// the lower id wins, and a delete wins over a provision. Each side sees the same order, so exactly one gives way.
func twinOf(own run, jobs history) *run {
	if own.verb == Provision {
		if deleting := jobs.newest(isActive(Deprovision)); deleting != nil {
			return deleting
		}
	}
	oldest := oldestActive(jobs, own.verb)
	if oldest == nil || oldest.ID >= own.ID {
		return nil
	}
	return oldest
}

func recordOf(r *run) *JobRecord {
	record := r.record()
	return &record
}

func by(user string) string {
	if user == "" {
		return "an unknown user"
	}
	return user
}

// hasNewer tells whether a job on record is newer than the given one and not among the given jobs: one that was purged.
func (r *Record) hasNewer(than run, among history) bool {
	return slices.ContainsFunc(r.Jobs, func(entry JobRecord) bool {
		return entry.newerThan(than) && !among.has(entry.number())
	})
}

// newerThan goes by the ids, which grow with time on one controller. Only a restored database gives lower ones out again:
// a job that has the lower id and was made clearly later is the newer one.
func (j JobRecord) newerThan(other run) bool {
	madeBefore := !j.CreatedAt.IsZero() && other.Created.Sub(j.CreatedAt) > idJitter
	return j.number() > other.ID && !madeBefore
}

// idJitter is how far ids and times of creation may be out of step, where jobs are launched side by side.
const idJitter = time.Second

// knows tells whether a job is on record.
func (r *Record) knows(job JobRecord) bool {
	return slices.ContainsFunc(r.Jobs, func(known JobRecord) bool { return known.ID == job.ID && job.ID != "" })
}
