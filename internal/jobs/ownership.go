package jobs

import (
	"slices"

	"github.com/osac-project/terraform-provider-osac/internal/controller"
	"github.com/osac-project/terraform-provider-osac/internal/osac"
)

// Standing says whose the machine of a name is, from one state's view.
type Standing int

const (
	// StandingOurs means that no job contradicts this state.
	StandingOurs Standing = iota
	// StandingGone means that a delete job has ended this life.
	StandingGone
	// StandingMovedOn means that this life has ended, and the same owner has begun a new one. That happens if the state
	// was rolled back.
	StandingMovedOn
	// StandingTaken means that another life's job has run on this machine.
	StandingTaken
	// StandingUnmade means that no job of this life is known, and the machine belongs to another life. That happens if a
	// launch in doubt was never carried out.
	StandingUnmade
)

// Ownership says whose a machine is.
type Ownership struct {
	Standing Standing
	// By is the job that decides: the delete that ended the life, the first job of the next life, or the job that has
	// taken the machine or made it. It is nil while the machine is ours.
	By *Run
	// Life are the jobs that ran on this life's machine, newest first.
	Life History
}

// Claim is what one state knows of its object.
type Claim struct {
	uid string
	// recorded is the newest job on record; nil means none is known.
	recorded *JobRecord
	open     []JobRecord
	// owner is the hub's. If it is empty, no other life counts as the same owner's.
	owner string
}

// Claim returns what the record knows of its object.
func (r *Record) Claim(owner string) Claim {
	return Claim{uid: r.UID, recorded: r.LastJob, open: r.OpenRuns, owner: owner}
}

// Whose decides whose the machine is, for update, delete, refresh and import alike. Only a successful delete that is
// newer than this life's newest success proves that the machine is gone. Without such a delete, a newer provision of
// another life ran on this machine: a relaunch, and a payload of an earlier life, have changed it; any other has taken
// it.
func (c Claim) Whose(jobs History) Ownership {
	first := c.first(jobs)
	window := jobs
	if before := jobs.Newest(func(r Run) bool { return r.Verb == osac.Deprovision && r.Succeeded() && r.ID < first }); before != nil {
		window = jobs.After(before.ID)
	}
	elsewhere := func(r Run) bool { return !c.ranHere(r, jobs, first) }
	answer := Ownership{Life: slices.DeleteFunc(slices.Clone(window), elsewhere)}
	sign := c.lastSign(answer.Life)
	deleted := window.Newest(HasSucceeded(osac.Deprovision))
	if deleted != nil && c.outlives(*deleted, sign) && answer.Life.Newest(IsActive(osac.Provision)) == nil {
		answer.Standing, answer.By = StandingGone, deleted
		if next := window.After(deleted.ID).Newest(c.isNextLife); next != nil {
			answer.Standing, answer.By = StandingMovedOn, next
		}
		return answer
	}
	answer.By = window.Newest(func(r Run) bool {
		return r.Verb == osac.Provision && r.ID > sign && r.Status != controller.StatusCanceled && elsewhere(r)
	})
	switch {
	case answer.By == nil:
	case sign == 0 && (c.recorded == nil || c.recorded.Number() == 0):
		answer.Standing = StandingUnmade
	default:
		answer.Standing = StandingTaken
	}
	return answer
}

// outlives reports whether a delete came after the life's last sign. If the controller's database was restored, the
// time decides, since numbers are assigned anew.
func (c Claim) outlives(deleted Run, sign int64) bool {
	if sign > 0 || c.recorded == nil || c.recorded.CreatedAt.IsZero() {
		return sign > 0 && deleted.ID > sign
	}
	if c.recorded.Type == osac.Deprovision && c.recorded.Number() > 0 && deleted.ID >= c.recorded.Number() {
		// This is the record's own delete, or a later one: the life's newest success came before it.
		return !deleted.Created.Before(c.recorded.CreatedAt)
	}
	return deleted.Created.Sub(c.recorded.CreatedAt) > idJitter
}

// first returns the number of the life's first known job; zero if none is known.
func (c Claim) first(jobs History) int64 {
	var first int64
	for _, each := range jobs {
		if (c.uid != "" && each.UID() == c.uid) || c.onRecord(each) {
			first = each.ID // the newest come first
		}
	}
	if c.recorded != nil && jobs.mayHave(c.recorded) && (first == 0 || c.recorded.Number() < first) {
		first = c.recorded.Number()
	}
	return first
}

// ranHere reports whether a job belongs to the state's life or ran on its machine. That holds if the job has the life's
// uid, is on record, has no uid (as jobs of other makers), or repeats the payload of an earlier life.
func (c Claim) ranHere(job Run, jobs History, first int64) bool {
	uid := job.UID()
	if uid == "" || uid == c.uid || c.onRecord(job) || job.Verb == osac.Deprovision || job.LaunchType == LaunchedAgain {
		return true
	}
	return job.ID > first && jobs.Newest(func(r Run) bool { return r.UID() == uid && r.ID < first }) != nil
}

func (c Claim) onRecord(job Run) bool {
	if c.recorded != nil && c.recorded.IsJob(job) {
		return true
	}
	return slices.ContainsFunc(c.open, func(entry JobRecord) bool { return entry.IsJob(job) || entry.IsOf(job) })
}

// isNextLife reports whether a job shows that the same owner has made the object anew.
func (c Claim) isNextLife(job Run) bool {
	return job.Verb == osac.Provision && (job.Succeeded() || job.Active()) && c.owner != "" &&
		job.Annotation(osac.AnnotationOwner) == c.owner && job.UID() != "" && job.UID() != c.uid
}

// lastSign returns the newest job that shows that the life exists: its newest success or, without one, its first
// provision job. Zero means that there is no sign.
func (c Claim) lastSign(life History) int64 {
	var success, first int64
	for _, each := range life {
		if each.Verb != osac.Provision {
			continue
		}
		first = each.ID // the newest come first
		if each.Succeeded() {
			success = max(success, each.ID)
		}
	}
	if c.recorded != nil && c.recorded.Type == osac.Provision && life.mayHave(c.recorded) {
		if c.recorded.State == JobSucceeded || c.recorded.State == JobPurged {
			success = max(success, c.recorded.Number())
		}
		if first == 0 {
			first = c.recorded.Number()
		}
	}
	if success > 0 {
		return success
	}
	return first
}

// mayHave reports whether a job on record can be one of this history's controller. A restored database counts from a
// lower number again, and assigns numbers anew.
func (h History) mayHave(recorded *JobRecord) bool {
	if recorded.Number() == 0 {
		return false
	}
	for _, each := range h {
		if each.ID == recorded.Number() {
			return recorded.IsJob(each)
		}
	}
	return len(h) == 0 || h[0].ID > recorded.Number() || recorded.CreatedAt.IsZero() || h[0].Created.Sub(recorded.CreatedAt) <= idJitter
}

// LaunchedAgain is the launch type of a relaunched job, which has a copy of the whole payload (recordings 255, 256).
const LaunchedAgain = "relaunch"

// Overtakes reports whether the job on record is newer than the given one and missing among the life's jobs, because it
// was purged.
func (r *Record) Overtakes(job Run, life History) bool {
	return r.LastJob != nil && r.LastJob.Number() > 0 && !life.Has(r.LastJob.Number()) && r.LastJob.Newer(job.Record())
}
