package provisioning

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/controller"
	"github.com/osac-project/terraform-provider-osac/internal/jobs"
)

const (
	// refreshPatience lets the reads that Terraform begins at one moment ask together.
	refreshPatience = 50 * time.Millisecond
	// startPatienceEach and startPatienceMost are how long an operation waits before it looks, per other operation that is
	// under way, and at most.
	startPatienceEach = 20 * time.Millisecond
	startPatienceMost = 800 * time.Millisecond
	// settlePatience lets operations whose jobs were started within a moment look for others' jobs together: their own
	// run already, so that nothing waits for it. Such a lookup saves the next tick.
	settlePatience = 1500 * time.Millisecond
)

// lookup says how the jobs of an object on record are looked for.
type lookup struct {
	// since are watermarks beyond those on record from which on all jobs are wanted.
	since []jobs.Watermark
	// lenient takes an answer that was asked for a little before.
	lenient  bool
	patience time.Duration
	// within bounds how long a hub that does not answer is asked again; zero means until ctx ends.
	within time.Duration
	// wait asks again, until it is beyond doubt, for jobs that seem to be purged.
	wait bool
}

// looked is what a lookup has found.
type looked struct {
	jobs jobs.History
	// record is the record with what became of the jobs on it.
	record   jobs.Record
	warnings []jobs.Warning
}

// lookUp finds the jobs of the object on record, and what became of those on record that the hub doesn't show: one that may
// still run must not be overlooked.
func (h *Hub) lookUp(ctx context.Context, record jobs.Record, l lookup) (looked, error) {
	asked := jobs.Lookup{
		Key: record.Key, Since: append(l.since, record.Watermarks()...), Lenient: l.lenient, Patience: l.patience,
	}
	if record.LastJob != nil && !record.LastJob.State.Terminal() {
		asked.Known = append(asked.Known, record.LastJob.Number())
	}
	for _, open := range record.OpenRuns {
		if open.Number() > 0 {
			asked.Known = append(asked.Known, open.Number())
		}
	}
	seen, err := h.finder.LookUp(ctx, asked, l.within)
	if err != nil {
		return looked{}, err
	}
	found := looked{jobs: seen.Jobs, record: record, warnings: seen.Warnings}
	if record.LastJob != nil {
		if err := h.missed(ctx, &found, seen, l.wait); err != nil {
			return looked{}, err
		}
	}
	found.closeRuns()
	found.record.Seen = seen.Seen
	return found, nil
}

// missed asks for the job on record if the lookup should have shown it and has not. One that has ended is history, and
// asked for only where a list that goes back that far lacks it.
func (h *Hub) missed(ctx context.Context, found *looked, seen jobs.Answer, wait bool) error {
	entry := *found.record.LastJob
	id := entry.Number()
	if id == 0 || entry.State == jobs.JobPurged || slices.ContainsFunc(seen.Jobs, entry.IsJob) || entry.State.Terminal() && !seen.Covers(entry.CreatedAt) {
		return nil
	}
	ask := h.client.Job
	if wait && !entry.State.Terminal() {
		ask = h.client.ConfirmGone
	}
	job, err := ask(ctx, entry.Ref())
	switch {
	case errors.Is(err, controller.ErrNotFound):
	case errors.Is(err, controller.ErrForbidden) && entry.State.Terminal():
		// Its template was deleted, and with it this user's right to read the job (1120). How it ended is on record.
		return nil
	case err != nil:
		return err
	default:
		if read, isRun := jobs.ReadRun(h.settings.Kind, job, entry.Type); isRun && read.Key() == found.record.Key && entry.IsJob(read) {
			found.jobs = found.jobs.With(read)
			return nil
		}
		// A restored database has given the number to another job.
		wait = true
	}
	found.purged(h, entry, wait)
	return nil
}

// purged notes that a job on record is at the controller no more. Of one that was active, an operation believes it at
// last; a read says what it has seen, and leaves the rest to the next operation.
func (f *looked) purged(h *Hub, entry jobs.JobRecord, believed bool) {
	if !entry.State.Terminal() {
		f.record.ReconciledConfigVersion = ""
		f.warnings = append(f.warnings, outcomeUnknown(h.instanceID(f.record.Key), entry))
	}
	if entry.State.Terminal() || believed {
		entry.State = jobs.JobPurged
		entry.Message = "purged: the controller has no such job any more"
	} else {
		entry.Message = "not found at the controller"
	}
	f.record.LastJob = &entry
}

// closeRuns takes the open runs off record whose jobs were found, or that have ended.
func (f *looked) closeRuns() {
	for _, entry := range f.record.OpenRuns {
		for _, job := range f.jobs {
			if entry.IsOf(job) || entry.IsJob(job) && job.Terminal() {
				f.record.CloseRun(entry)
			}
		}
	}
}

func outcomeUnknown(id string, lost jobs.JobRecord) jobs.Warning {
	return jobs.Warning{
		Summary: "The outcome of a job is unknown",
		Detail: fmt.Sprintf("Job %s (%s) of instance %s was not found at the controller, and its end was not seen. The next apply or destroy runs it again.\n\nJob: %s",
			lost.ID, lost.Type, id, lost.URL),
	}
}
