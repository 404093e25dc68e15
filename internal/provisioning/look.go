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
	// refreshPatience lets reads that Terraform begins at one moment share a lookup.
	refreshPatience = 50 * time.Millisecond
	// startPatienceEach and startPatienceMost are how long an operation waits before its lookup: per other operation in
	// progress, and at most.
	startPatienceEach = 20 * time.Millisecond
	startPatienceMost = 800 * time.Millisecond
	// settlePatience lets operations whose jobs started at about the same time share a lookup of others' jobs. Their own
	// jobs run already, so nothing waits for it. Such a lookup saves the next poll.
	settlePatience = 1500 * time.Millisecond
)

// lookup says how to look up the jobs of the object on record.
type lookup struct {
	// since are watermarks, beyond those on record, from which on all jobs are wanted.
	since []jobs.Watermark
	// lenient accepts an answer that was requested a little before.
	lenient  bool
	patience time.Duration
	// within bounds how long a hub that does not answer is retried; zero means until ctx ends.
	within time.Duration
	// wait retries jobs that seem to be purged until that is certain.
	wait bool
}

// looked is the result of a lookup.
type looked struct {
	jobs jobs.History
	// record is the record, updated by the jobs on it.
	record   jobs.Record
	warnings []jobs.Warning
}

// lookUp finds the jobs of the object on record. If the hub does not show a recorded job, lookUp finds out what became
// of it: a job that may still run must not be overlooked.
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

// missed requests the job on record if the lookup should have shown it and has not. An ended job is history, and
// requested only if a list that goes back that far lacks it.
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
		// Its template was deleted, and with it this user's right to read the job (1120). The record has its end.
		return nil
	case err != nil:
		return err
	default:
		if read, isRun := jobs.ReadRun(h.settings.Kind, job, entry.Type); isRun && read.Key() == found.record.Key && entry.IsJob(read) {
			found.jobs = found.jobs.With(read)
			return nil
		}
		// A restored database has assigned the number to another job.
		wait = true
	}
	found.purged(h, entry, wait)
	return nil
}

// purged notes that a job on record is no longer on the controller. If the job was active, an operation believes it in
// the end; a read reports it, and leaves the rest to the next operation.
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

// closeRuns removes the open runs whose jobs were found, or that have ended.
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
