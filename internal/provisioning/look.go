package provisioning

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/controller"
)

const (
	// refreshPatience lets the reads that Terraform begins at one moment ask together.
	refreshPatience = 50 * time.Millisecond
	// startPatienceEach and startPatienceMost are how long an operation waits before it looks, per other operation that is
	// under way, and at most.
	startPatienceEach = 20 * time.Millisecond
	startPatienceMost = 800 * time.Millisecond
	// settlePatience lets operations whose jobs were started within a moment look for others' jobs together: their own
	// run already, so that nothing waits for it. It is over before the first tick, which the look then saves.
	settlePatience = 1500 * time.Millisecond
)

// look finds the jobs of the instance on record, and what became of those on record that the hub doesn't show: the ones
// whose end has not been seen, since a job that may still run must not be overlooked, and the newest. Jobs that were
// purged are marked on record; those of them whose end nobody knows are returned.
func (h *Hub) look(ctx context.Context, record *Record, asked question) (history, []JobRecord, error) {
	asked.key, asked.since = record.Key, record.watermarks()
	for _, entry := range record.Jobs {
		if id := entry.number(); id > 0 && !entry.State.Terminal() {
			asked.known = append(asked.known, id)
		}
	}
	seen, err := h.finder.look(ctx, asked)
	if err != nil {
		return nil, nil, err
	}
	jobs := seen.jobs
	var lost []JobRecord
	newest := slices.IndexFunc(record.Jobs, func(entry JobRecord) bool { return entry.number() > 0 })
	for i, entry := range slices.Clone(record.Jobs) {
		job, purged, err := h.missed(ctx, record.Key, entry, seen, i == newest)
		switch {
		case err != nil:
			return nil, nil, err
		case job != nil:
			jobs = jobs.with(*job)
		case purged:
			if !entry.State.Terminal() {
				lost = append(lost, entry)
				record.ReconciledConfigVersion = ""
			}
			entry.State = JobPurged
			record.recordJob(entry, h.settings.MaxJobHistory)
		}
	}
	record.Seen = seen.seen
	record.Jobs = slices.DeleteFunc(slices.Clone(record.Jobs), func(entry JobRecord) bool { return slices.ContainsFunc(jobs, entry.isOf) })
	return jobs, lost, nil
}

// missed asks for a job on record that a look should have shown and has not. It returns the job, if it is there, or
// reports that it was purged. Ended jobs are history: of those, only the newest is asked for.
func (h *Hub) missed(ctx context.Context, key Key, entry JobRecord, seen sight, newest bool) (*run, bool, error) {
	id := entry.number()
	if id == 0 || entry.State == JobPurged || seen.jobs.has(id) {
		return nil, false, nil
	}
	if entry.State.Terminal() && (!newest || id <= seen.after) {
		return nil, false, nil
	}
	ref, ok := controller.RefOf(entry.URL)
	if !ok {
		return nil, false, nil
	}
	job, err := h.client.Job(ctx, ref)
	if errors.Is(err, controller.ErrNotFound) {
		return nil, true, nil
	}
	if err != nil {
		return nil, false, err
	}
	found, isRun := readRun(job, entry.Type)
	if !isRun || found.key() != key {
		// A restored database has given the id to another instance's job.
		return nil, true, nil
	}
	return &found, false, nil
}

// number is the controller's id of the job; zero while it hasn't been found.
func (j JobRecord) number() int64 {
	id, err := strconv.ParseInt(j.ID, 10, 64)
	if err != nil {
		return 0
	}
	return max(0, id)
}

const (
	// startedLooks is how often the job of a lost launch is looked for, and startedPause how long apart: the
	// controller may still be at work on it.
	startedLooks = 3
	startedPause = 3 * time.Second
)

// findStarted looks for the job of an operation whose start may or may not have come through; nil means that there
// is none. It looks on for a bounded time after an interrupt, since nobody else would know of the job.
func (f *finder) findStarted(ctx context.Context, operation Operation) (*controller.Job, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lookTimeout)
	defer cancel()
	for range startedLooks {
		found, err := f.runsOf(ctx, operation, 0)
		if err != nil && !passing(err) {
			return nil, err
		}
		if len(found) > 0 {
			return &found[len(found)-1].Job, nil
		}
		if !pause(ctx, startedPause) {
			return nil, context.Cause(ctx)
		}
	}
	return nil, nil
}

// runsOf looks for the jobs that an operation's start has made, newest first.
func (f *finder) runsOf(ctx context.Context, operation Operation, patience time.Duration) (history, error) {
	seen, err := f.lookOnce(ctx, question{key: operation.Key, since: operation.Seen.since(), patience: patience})
	return slices.DeleteFunc(seen.jobs, func(r run) bool {
		return r.verb != operation.Verb || r.annotation(AnnotationRunID) != operation.RunID
	}), err
}
