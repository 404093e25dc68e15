package provisioning

import (
	"slices"

	"github.com/osac-project/terraform-provider-osac/internal/controller"
)

// standing says whose the machine of a name is, seen from one state.
type standing int

const (
	// standingOurs: nothing speaks against this state.
	standingOurs standing = iota
	// standingGone: a delete job has ended this life.
	standingGone
	// standingMovedOn: this life has ended, and the same owner has begun a new one, as after the state was rolled back.
	standingMovedOn
	// standingTaken: another life's job has run on this machine.
	standingTaken
	// standingUnmade: no job of this life is known, as after a launch in doubt that never happened, and the machine is
	// another life's.
	standingUnmade
)

// ownership is the answer to the question whose a machine is.
type ownership struct {
	standing standing
	// by is the job that decides: the delete that ended the life, the first of the life that came after it, or the one
	// that has taken the machine or made it. It is nil while the machine is ours.
	by *run
	// life are the jobs that ran on this life's machine, newest first.
	life history
}

// claim is what one state knows of its object.
type claim struct {
	uid string
	// recorded is the newest job on record; nil means none is known.
	recorded *JobRecord
	open     []JobRecord
	// owner is the hub's; empty means that no other life is taken for the same owner's.
	owner string
}

func (r *Record) claim(owner string) claim {
	return claim{uid: r.UID, recorded: r.LastJob, open: r.OpenRuns, owner: owner}
}

// whose answers for update, delete, refresh and import alike. Only a successful delete that is newer than this life's
// newest success proves that the machine is gone. A newer provision of another life without such a delete ran on this
// machine: a relaunch, and a payload of an earlier life, changed it; anything else has taken it.
func (c claim) whose(jobs history) ownership {
	first := c.first(jobs)
	window := jobs
	if before := jobs.newest(func(r run) bool { return r.verb == Deprovision && r.succeeded() && r.ID < first }); before != nil {
		window = jobs.after(before.ID)
	}
	elsewhere := func(r run) bool { return !c.ranHere(r, jobs, first) }
	answer := ownership{life: slices.DeleteFunc(slices.Clone(window), elsewhere)}
	sign := c.lastSign(answer.life)
	deleted := window.newest(hasSucceeded(Deprovision))
	if deleted != nil && c.outlives(*deleted, sign) && answer.life.newest(isActive(Provision)) == nil {
		answer.standing, answer.by = standingGone, deleted
		if next := window.after(deleted.ID).newest(c.isNextLife); next != nil {
			answer.standing, answer.by = standingMovedOn, next
		}
		return answer
	}
	answer.by = window.newest(func(r run) bool {
		return r.verb == Provision && r.ID > sign && r.Status != controller.StatusCanceled && elsewhere(r)
	})
	switch {
	case answer.by == nil:
	case sign == 0 && (c.recorded == nil || c.recorded.number() == 0):
		answer.standing = standingUnmade
	default:
		answer.standing = standingTaken
	}
	return answer
}

// outlives reports whether a delete came after the life's last sign. After the controller's database was restored, the
// moment tells: numbers are given out anew.
func (c claim) outlives(deleted run, sign int64) bool {
	if sign > 0 || c.recorded == nil || c.recorded.CreatedAt.IsZero() {
		return sign > 0 && deleted.ID > sign
	}
	if c.recorded.Type == Deprovision && c.recorded.number() > 0 && deleted.ID >= c.recorded.number() {
		// The record's own delete, or a later one: the life's newest success came before it.
		return !deleted.Created.Before(c.recorded.CreatedAt)
	}
	return deleted.Created.Sub(c.recorded.CreatedAt) > idJitter
}

// first is the number of the life's first known job; zero if none is known.
func (c claim) first(jobs history) int64 {
	var first int64
	for _, each := range jobs {
		if (c.uid != "" && each.uid() == c.uid) || c.onRecord(each) {
			first = each.ID // the newest come first
		}
	}
	if c.recorded != nil && jobs.mayHave(c.recorded) && (first == 0 || c.recorded.number() < first) {
		first = c.recorded.number()
	}
	return first
}

// ranHere reports whether a job belongs to the state's life or ran on its machine: it carries the life's uid, is on
// record, or carries none, as the jobs of other makers do; or it repeats the payload of an earlier life.
func (c claim) ranHere(job run, jobs history, first int64) bool {
	uid := job.uid()
	if uid == "" || uid == c.uid || c.onRecord(job) || job.verb == Deprovision || job.LaunchType == launchedAgain {
		return true
	}
	return job.ID > first && jobs.newest(func(r run) bool { return r.uid() == uid && r.ID < first }) != nil
}

func (c claim) onRecord(job run) bool {
	if c.recorded != nil && c.recorded.isJob(job) {
		return true
	}
	return slices.ContainsFunc(c.open, func(entry JobRecord) bool { return entry.isJob(job) || entry.isOf(job) })
}

// isNextLife reports whether a job shows that the same owner has made the object anew.
func (c claim) isNextLife(job run) bool {
	return job.verb == Provision && (job.succeeded() || job.active()) && c.owner != "" &&
		job.annotation(AnnotationOwner) == c.owner && job.uid() != "" && job.uid() != c.uid
}

// lastSign is the newest job by which the life shows that it is there: its newest success or, where there is none, its
// first provision job. Zero means that there is no sign of it.
func (c claim) lastSign(life history) int64 {
	var success, first int64
	for _, each := range life {
		if each.verb != Provision {
			continue
		}
		first = each.ID // the newest come first
		if each.succeeded() {
			success = max(success, each.ID)
		}
	}
	if c.recorded != nil && c.recorded.Type == Provision && life.mayHave(c.recorded) {
		if c.recorded.State == JobSucceeded || c.recorded.State == JobPurged {
			success = max(success, c.recorded.number())
		}
		if first == 0 {
			first = c.recorded.number()
		}
	}
	if success > 0 {
		return success
	}
	return first
}

// mayHave reports whether a job on record can be one of this history's controller. A database that was restored counts
// from a lower number again, and gives numbers out anew.
func (h history) mayHave(recorded *JobRecord) bool {
	if recorded.number() == 0 {
		return false
	}
	for _, each := range h {
		if each.ID == recorded.number() {
			return recorded.isJob(each)
		}
	}
	return len(h) == 0 || h[0].ID > recorded.number() || recorded.CreatedAt.IsZero() || h[0].Created.Sub(recorded.CreatedAt) <= idJitter
}

// launchedAgain is the launch type of a job that an administrator has relaunched, which copies the whole payload
// (recordings 255, 256).
const launchedAgain = "relaunch"

// overtakes reports whether the job on record is newer than the given one and not among the life's jobs: it was purged.
func (r *Record) overtakes(job run, life history) bool {
	return r.LastJob != nil && r.LastJob.number() > 0 && !life.has(r.LastJob.number()) && r.LastJob.newer(job.record())
}
