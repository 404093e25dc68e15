package jobs

import (
	"cmp"
	"slices"

	"github.com/osac-project/terraform-provider-osac/internal/controller"
	"github.com/osac-project/terraform-provider-osac/internal/osac"
)

// History is the jobs of one instance on a hub, newest first. Ids grow with time on one controller.
type History []Run

// NewHistory sorts runs, and drops duplicates.
func NewHistory(runs []Run) History {
	sorted := slices.Clone(runs)
	slices.SortStableFunc(sorted, func(a, b Run) int { return cmp.Compare(b.ID, a.ID) })
	return slices.CompactFunc(sorted, func(a, b Run) bool { return a.ID == b.ID })
}

// Newest returns the newest run that matches, or nil.
func (h History) Newest(fits func(Run) bool) *Run {
	for i := range h {
		if fits(h[i]) {
			return &h[i]
		}
	}
	return nil
}

// After returns the runs that are newer than the given job.
func (h History) After(id int64) History {
	return slices.DeleteFunc(slices.Clone(h), func(r Run) bool { return r.ID <= id })
}

// Effective leaves out the cancelled provision jobs that a successful one has outlived, or that gave way to it. What
// was applied last counts: of two jobs that ran side by side for a moment, the cancelled twin is the younger but not
// the later one.
func (h History) Effective() History {
	outlived := func(r Run) bool {
		return r.Verb == osac.Provision && r.Status == controller.StatusCanceled && h.Newest(r.gaveWayTo) != nil
	}
	return slices.DeleteFunc(slices.Clone(h), outlived)
}

// Has reports whether a job is among the runs.
func (h History) Has(id int64) bool {
	return h.Newest(func(r Run) bool { return r.ID == id }) != nil
}

// With adds a run, or replaces the run with the same job.
func (h History) With(added Run) History { return NewHistory(append(History{added}, h...)) }

// IsActive returns a function that reports whether a run of the verb has not ended.
func IsActive(verb osac.Verb) func(Run) bool {
	return func(r Run) bool { return r.Verb == verb && r.Active() }
}

// HasSucceeded returns a function that reports whether a run of the verb has succeeded.
func HasSucceeded(verb osac.Verb) func(Run) bool {
	return func(r Run) bool { return r.Verb == verb && r.Succeeded() }
}

// ThisLife returns the runs since the instance was last deleted: a successful delete ends the runs before it.
func (h History) ThisLife() History {
	if ended := h.Newest(HasSucceeded(osac.Deprovision)); ended != nil {
		return h.After(ended.ID)
	}
	return h
}

// LastRestartedAt returns when any successful job of these last restarted the instance; nil means never. The newest job
// does not suffice: somebody may have run old inputs again.
func (h History) LastRestartedAt() *osac.Timestamp {
	var last *osac.Timestamp
	for _, each := range h {
		if each.Verb == osac.Provision && each.Succeeded() {
			last = LaterOf(last, each.LastRestartedAt())
		}
	}
	return last
}

// MakerOf names the user who launched a job, for messages.
func MakerOf(user string) string {
	if user == "" {
		return "an unknown user"
	}
	return user
}

// RecordOf returns a run's entry in the record.
func RecordOf(r *Run) *JobRecord {
	record := r.Record()
	return &record
}
