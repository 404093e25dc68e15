package provisioning

import (
	"fmt"
	"strconv"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/jobs"
	"github.com/osac-project/terraform-provider-osac/internal/osac"
)

// step is the next thing to do for an instance.
type step int

const (
	// stepStart starts a run.
	stepStart step = iota
	// stepFollowFirst waits for another's job to end, and then decides again.
	stepFollowFirst
	// stepCancelFirst cancels a provision job, waits for its end, and then decides again.
	stepCancelFirst
	// stepAdopt adopts an active job.
	stepAdopt
	// stepDone adopts a job that has succeeded: there is nothing to run.
	stepDone
	// stepRefuse fails before anything is started.
	stepRefuse
)

// decision is a step with its run, or the error of a refusal.
type decision struct {
	step step
	run  *jobs.Run
	err  *Error
	// replaces is the newest job of the finished machine on which a new life begins; nil if there is none.
	replaces *jobs.Run
}

// provisionCase has everything that decides the next step of an apply, except for the hub's jobs.
type provisionCase struct {
	id      string
	desired osac.Instance
	// known is the record before the operation, with this operation's jobs added. update reports whether the operation
	// works on an existing life: a recorded one, or one that it has made itself.
	known      jobs.Record
	update     bool
	restartDue bool
	takeOver   bool
	owner      string
	// hubClasses are the storage classes of instances that name none.
	hubClasses []osac.StorageClass
	// deletedBy is this process's own delete job: jobs up to it belong to a machine that is gone.
	deletedBy int64
	// succeeded is set once this operation's job has succeeded.
	succeeded bool
	// gaveWayTo is the job that this operation's job gave way to; zero if none.
	gaveWayTo int64
}

// decide returns the next step towards the desired instance.
func (c provisionCase) decide(history jobs.History) decision {
	history = history.After(c.deletedBy)
	if deleting := history.Newest(jobs.IsActive(osac.Deprovision)); deleting != nil {
		return decision{step: stepFollowFirst, run: deleting}
	}
	if c.update {
		return c.decideUpdate(history)
	}
	return c.decideCreate(history)
}

func oldestActive(history jobs.History, verb osac.Verb) *jobs.Run {
	for i := len(history) - 1; i >= 0; i-- {
		if history[i].Verb == verb && history[i].Active() {
			return &history[i]
		}
	}
	return nil
}

func (c provisionCase) decideUpdate(history jobs.History) decision {
	found := c.known.Claim(c.owner).Whose(history)
	switch found.Standing {
	case jobs.StandingGone:
		if c.known.Knows(found.By.Record()) {
			// The plan knew of this delete, which was this state's own: this apply is to undo it.
			return decision{step: stepStart}
		}
		return decision{step: stepRefuse, err: c.destroyed(history, found)}
	case jobs.StandingMovedOn:
		return decision{step: stepRefuse, err: c.destroyed(history, found)}
	case jobs.StandingTaken:
		if found.By.Active() {
			// It may still give way: then it has taken nothing.
			return decision{step: stepFollowFirst, run: found.By}
		}
		return decision{step: stepRefuse, err: taken(c.id, c.owner, *found.By)}
	case jobs.StandingUnmade:
		return c.decideCreate(history)
	case jobs.StandingOurs:
	}
	return c.decideOurs(found.Life)
}

// decideOurs returns the next step for a machine of this life.
func (c provisionCase) decideOurs(life jobs.History) decision {
	if active := oldestActive(life, osac.Provision); active != nil {
		if !c.succeeded && c.isServedBy(*active) {
			return decision{step: stepAdopt, run: active}
		}
		// After a success, this operation has no other job: an active one beside it may be about to give way.
		return decision{step: stepFollowFirst, run: active}
	}
	if len(life) > 0 {
		newest := &life.Effective()[0]
		if newest.Verb == osac.Provision && newest.Succeeded() && !c.known.Overtakes(*newest, life) && c.isServedBy(*newest) {
			return decision{step: stepDone, run: newest}
		}
	}
	return decision{step: stepStart}
}

// decideCreate adopts jobs only with evidence, and an equal owner is the only evidence that survives a crash.
func (c provisionCase) decideCreate(history jobs.History) decision {
	life := history.ThisLife()
	if active := oldestActive(life, osac.Provision); active != nil {
		switch {
		case c.mayAdopt(*active):
			return decision{step: stepAdopt, run: active}
		case c.sameOwner(*active), c.takeOver:
			return decision{step: stepFollowFirst, run: active}
		}
		return decision{step: stepRefuse, err: c.beingCreated(*active)}
	}
	live := life.Newest(jobs.HasSucceeded(osac.Provision))
	switch {
	case live == nil:
		// A life without any success has no object.
		return decision{step: stepStart}
	case live.ID == c.gaveWayTo && c.mayAdopt(*live):
		return decision{step: stepDone, run: live}
	case c.sameOwner(*live), c.takeOver:
		return decision{step: stepStart, replaces: live}
	}
	return decision{step: stepRefuse, err: c.exists(*live)}
}

func (c provisionCase) sameOwner(job jobs.Run) bool {
	return c.owner != "" && job.Annotation(osac.AnnotationOwner) == c.owner
}

// isServedBy reports whether a job does the same as a run of this operation.
func (c provisionCase) isServedBy(job jobs.Run) bool {
	return job.Serves(c.desired, c.hubClasses, c.restartDue)
}

// mayAdopt reports whether a create may adopt a job, together with its life.
func (c provisionCase) mayAdopt(job jobs.Run) bool {
	return c.sameOwner(job) && job.UID() != "" && c.isServedBy(job)
}

// waysOn describes the ways to manage an object that somebody else has made.
func (c provisionCase) waysOn(job jobs.Run) string {
	owner := "The jobs carry no owner."
	if theirs := job.Annotation(osac.AnnotationOwner); theirs != "" {
		owner = fmt.Sprintf("Its owner is %s, this hub's is %s.", strconv.Quote(theirs), strconv.Quote(c.owner))
	}
	return fmt.Sprintf("%s To manage the existing instance, import it: terraform import <address> %s\n"+
		"If it was made by this very configuration, as before a crash, set the provider's owner, which names this state, before the first apply. "+
		"To run this configuration on it all the same, set take_over = true. Otherwise choose another name.", owner, c.id)
}

func (c provisionCase) exists(live jobs.Run) *Error {
	return &Error{
		Reason: ReasonAlreadyExists, Instance: c.id, Job: jobs.RecordOf(&live),
		What: fmt.Sprintf("Instance %s already exists: job %d (launched by %s, finished %s) created or changed it, and no job has deleted it since.",
			c.id, live.ID, jobs.MakerOf(live.CreatedBy), live.Finished.UTC().Format(time.RFC3339)),
		Next: c.waysOn(live),
	}
}

func (c provisionCase) beingCreated(active jobs.Run) *Error {
	return &Error{
		Reason: ReasonAlreadyExists, Instance: c.id, Job: jobs.RecordOf(&active),
		What: fmt.Sprintf("Instance %s is being created by job %d (launched by %s at %s), which is %s.",
			c.id, active.ID, jobs.MakerOf(active.CreatedBy), active.Created.UTC().Format(time.RFC3339), active.Status),
		Next: c.waysOn(active),
	}
}

func (c provisionCase) destroyed(history jobs.History, found jobs.Ownership) *Error {
	deleted := found.By
	if found.Standing == jobs.StandingMovedOn {
		deleted = history.Newest(func(r jobs.Run) bool { return r.Verb == osac.Deprovision && r.Succeeded() && r.ID < found.By.ID })
	}
	return &Error{
		Reason: ReasonDestroyed, Instance: c.id, Job: jobs.RecordOf(deleted),
		What: fmt.Sprintf("Instance %s was destroyed by job %d (launched by %s) after Terraform last read it.",
			c.id, deleted.ID, jobs.MakerOf(deleted.CreatedBy)),
		Next: "Plan again: Terraform will then see that the instance is gone, and propose to create it.",
	}
}

// taken is the error of a state whose machine another life's job has run on. owner is the hub's own.
func taken(id, owner string, taker jobs.Run) *Error {
	next := "Two resources can't manage one machine. To leave it to the other, drop this one: terraform state rm <address>, or a removed block with lifecycle { destroy = false }. " +
		"To take it back, drop it from the other state first, and then from this one, and import it: terraform import <address> " + id
	whose := "no owner"
	theirs := taker.Annotation(osac.AnnotationOwner)
	if theirs != "" {
		whose = "owner " + strconv.Quote(theirs)
	}
	if theirs != "" && theirs == owner {
		next += "\nThat owner is this hub's own. Either the state is an older one, or create_before_destroy, which needs a new name, has made the other object in place of this one: " +
			"then drop the address from state and import the machine."
	}
	return &Error{
		Reason: ReasonTaken, Instance: id, Job: jobs.RecordOf(&taker),
		What: fmt.Sprintf("Instance %s was taken by job %d (launched by %s at %s, %s): it was run for another resource of the same name. Nothing was done.",
			id, taker.ID, jobs.MakerOf(taker.CreatedBy), taker.Created.UTC().Format(time.RFC3339), whose),
		Next: next,
	}
}

// deletion has everything that decides the next step of a destroy, except for the hub's jobs.
type deletion struct {
	id    string
	known jobs.Record
	owner string
	// ended holds provision jobs that have ended, whatever a list may still show.
	ended map[int64]bool
	// deletedBy is the number of this operation's successful delete job; zero before. again is set if a provision job
	// ran on after that and was stopped: the machine that it may have made must be deleted, too.
	deletedBy int64
	again     bool
}

// decide returns the next step towards deleting the machine of the record.
func (d deletion) decide(history jobs.History) decision {
	found := d.known.Claim(d.owner).Whose(history)
	if (found.Standing == jobs.StandingTaken || found.Standing == jobs.StandingUnmade) && !d.ended[found.By.ID] {
		if found.By.Active() {
			return decision{step: stepFollowFirst, run: found.By}
		}
		return decision{step: stepRefuse, run: found.By, err: taken(d.id, d.owner, *found.By)}
	}
	if done := d.goneBy(found, history); done != nil {
		return decision{step: stepDone, run: done}
	}
	if deleting := oldestActive(found.Life, osac.Deprovision); deleting != nil {
		return decision{step: stepAdopt, run: deleting}
	}
	for i := range found.Life {
		if found.Life[i].Verb == osac.Provision && found.Life[i].Active() && !d.ended[found.Life[i].ID] {
			return decision{step: stepCancelFirst, run: &found.Life[i]}
		}
	}
	return decision{step: stepStart}
}

// goneBy returns the delete job that has ended the life; nil if the machine may still exist.
func (d deletion) goneBy(found jobs.Ownership, history jobs.History) *jobs.Run {
	if d.again || found.Life.Newest(func(r jobs.Run) bool { return jobs.IsActive(osac.Provision)(r) && !d.ended[r.ID] }) != nil {
		return nil
	}
	if found.Standing == jobs.StandingGone || found.Standing == jobs.StandingMovedOn {
		return history.Newest(func(r jobs.Run) bool { return r.Verb == osac.Deprovision && r.Succeeded() && r.ID <= found.By.ID })
	}
	if d.deletedBy == 0 || found.Life.After(d.deletedBy).Newest(jobs.HasSucceeded(osac.Provision)) != nil {
		return nil
	}
	return history.Newest(func(r jobs.Run) bool { return r.ID == d.deletedBy })
}

// twinOf returns the active job to which a newly started run must give way, or nil. Of two jobs of one verb, the lower
// number wins, and a delete wins over a provision. Both sides see the same order, so exactly one gives way.
func twinOf(own jobs.Run, history jobs.History) *jobs.Run {
	if own.Verb == osac.Provision {
		if deleting := history.Newest(jobs.IsActive(osac.Deprovision)); deleting != nil {
			return deleting
		}
	}
	oldest := oldestActive(history, own.Verb)
	if oldest == nil || oldest.ID >= own.ID {
		return nil
	}
	return oldest
}
