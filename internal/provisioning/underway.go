package provisioning

import (
	"context"
	"encoding/json"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// operationState is what apply and destroy have in common: one operation on one instance, and the record that grows
// with it. Whatever is learned of a job is put on record at once, so that nothing is lost however the operation ends.
type operationState struct {
	hub  *Hub
	verb Verb
	key  Key
	id   string
	log  *slog.Logger

	// record holds what was known before and this operation's own jobs.
	record Record
	// writeOnly are the extra vars that no record keeps.
	writeOnly json.RawMessage
	// seen are the instance's jobs as of the last look.
	seen history
	// creates is set where the instance is not there yet, as far as this operation knows.
	creates bool
	// ours is set while a job of this operation's, started or adopted, is or was at the hub: the record must be kept.
	ours bool
	// waited is set once it was told that the job waits for others.
	waited   bool
	warnings []Warning
	// observed is a job as it was when it was last seen to change.
	observed JobRecord
	// running tells whether it runs.
	running atomic.Bool
	// progress is told of every change of a job that is followed; nil if nobody wants to know.
	progress func(Progress)
	telling  sync.Mutex
}

func newOperationState(hub *Hub, verb Verb, key Key) *operationState {
	id := hub.instanceID(key)
	return &operationState{hub: hub, verb: verb, key: key, id: id, log: hub.log.With("instance", id)}
}

// underWay is the context of an operation that begins now, to be cancelled at its end.
func (h *Hub) underWay(ctx context.Context, timeout time.Duration) (context.Context, context.CancelFunc) {
	h.operations.Add(1)
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, errOutOfTime)
	return ctx, func() {
		cancel()
		h.operations.Add(-1)
	}
}

func (o *operationState) warn(summary, detail string) {
	o.warnings = append(o.warnings, Warning{Summary: summary, Detail: detail})
}

// connect finds the controller and makes sure that it is the one that runs the instance.
func (o *operationState) connect(ctx context.Context, recordedUUID string) error {
	uuid, err := o.hub.controllerUUID(ctx, o.id, recordedUUID)
	switch {
	case err != nil && ctx.Err() != nil:
		return o.stoppedLooking(ctx, err)
	case err != nil:
		return err
	}
	o.record.ControllerUUID = uuid
	return nil
}

// look finds the instance's jobs.
func (o *operationState) look(ctx context.Context) (history, error) {
	for {
		jobs, _, err := o.hub.look(ctx, &o.record, question{patience: o.hub.startPatience()})
		if err != nil {
			return nil, o.stoppedLooking(ctx, err)
		}
		if !o.awaitsEvent() {
			return o.sees(jobs), nil
		}
		if !pause(ctx, searchMost) {
			return nil, o.stoppedLooking(ctx, context.Cause(ctx))
		}
	}
}

// startPatience is how long a look before a start waits for those of others. Terraform begins many operations within a
// few seconds, not at one moment: the more there are, the more come.
func (h *Hub) startPatience() time.Duration {
	return min(time.Duration(h.operations.Load()-1)*startPatienceEach, startPatienceMost)
}

// awaitsEvent tells whether a job may yet appear for an event that an earlier operation has posted.
func (o *operationState) awaitsEvent() bool {
	return slices.ContainsFunc(o.record.Jobs, func(entry JobRecord) bool {
		// An entry of the future is another machine's, whose clock is ahead: how old it is isn't known.
		return entry.unseen() && time.Since(entry.CreatedAt).Abs() < o.hub.settings.StartTimeout
	})
}

// sees takes the jobs of a look. Later looks of an operation go back no further than the first: jobs that had ended by
// then are still what they were.
func (o *operationState) sees(jobs history) history {
	for _, before := range o.seen {
		if before.Terminal() && !jobs.has(before.ID) {
			jobs = jobs.with(before)
		}
	}
	o.seen = jobs
	return jobs
}

// own puts a job on record as this operation's: from here on, the record must be kept.
func (o *operationState) own(current run) { o.ownRecord(current.record()) }

func (o *operationState) ownRecord(current JobRecord) {
	o.ours = true
	o.record.ReconciledConfigVersion = ""
	o.record.Phase = PhaseStarting
	if o.verb == Deprovision {
		o.record.Phase = PhaseDeleting
	}
	// What stood for a job that was never found is history without a use now.
	o.record.Jobs = slices.DeleteFunc(slices.Clone(o.record.Jobs), JobRecord.unseen)
	o.recordJob(current)
}

func (o *operationState) recordJob(job JobRecord) {
	o.record.recordJob(job, o.hub.settings.MaxJobHistory)
}

// finalRecord is the record with the jobs added that were seen beside this operation's own.
func (o *operationState) finalRecord() *Record {
	record := o.record
	for _, other := range o.seen.thisLife() {
		if entry := other.record(); !record.knows(entry) {
			record.recordJob(entry, o.hub.settings.MaxJobHistory)
		}
	}
	record.jobsToState()
	return &record
}
