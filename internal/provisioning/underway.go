package provisioning

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/jobs"
	"github.com/osac-project/terraform-provider-osac/internal/osac"
)

// operationState is the common part of apply and destroy: one operation on one instance, and the record that grows with
// it. Everything learned of a job is recorded at once, so that nothing is lost however the operation ends.
type operationState struct {
	hub  *Hub
	verb osac.Verb
	key  osac.Key
	id   string
	log  *slog.Logger

	// owner is the payloads' owner: the hub's, or that of the restarted machine.
	owner string
	// record holds the record before, and this operation's own jobs.
	record jobs.Record
	// writeOnly are the extra vars that no record keeps.
	writeOnly json.RawMessage
	// seen are the object's jobs as of the last lookup.
	seen jobs.History
	// began is the watermark of the operation's first lookup, where later lookups begin.
	began jobs.Watermark
	// creates is set if the instance does not exist yet, as far as this operation knows.
	creates bool
	// ours is set once a job of this operation, started or adopted, is or was at the hub: the record must be kept.
	ours bool
	// launches counts the runs that this operation has started.
	launches int
	// lateUntil is the time until which a second job of this operation's run may appear: its launch was answered in
	// doubt.
	lateUntil time.Time
	// copies are the second jobs of the own run that were reported.
	copies told
	// stops are the provision jobs that were cancelled while a delete job ran.
	stops told
	// waited is set once the operation has reported that the job waits for others.
	waited   bool
	warnings []jobs.Warning
	// observed is a job at its last change.
	observed jobs.JobRecord
	// running reports whether it runs.
	running atomic.Bool
	// progress is called with every change of a followed job; nil calls nothing.
	progress func(Progress)
	telling  sync.Mutex
}

func newOperationState(hub *Hub, verb osac.Verb, key osac.Key) *operationState {
	id := hub.instanceID(key)
	return &operationState{hub: hub, verb: verb, key: key, id: id, owner: hub.settings.Owner, log: hub.log.With("instance", id)}
}

// underWay returns the context of an operation that begins now, to be cancelled at its end.
func (h *Hub) underWay(ctx context.Context, timeout time.Duration) (context.Context, context.CancelFunc) {
	h.operations.Add(1)
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, jobs.ErrOutOfTime)
	return ctx, func() {
		cancel()
		h.operations.Add(-1)
	}
}

func (o *operationState) warn(summary, detail string) {
	o.warnings = append(o.warnings, jobs.Warning{Summary: summary, Detail: detail})
}

// connect finds the controller, and checks that it is the instance's own, and the instance's place.
func (o *operationState) connect(ctx context.Context) error {
	uuid, err := o.hub.controllerUUID(ctx, o.id, o.record.ControllerUUID)
	switch {
	case err != nil && ctx.Err() != nil:
		return o.stoppedLooking(ctx, err)
	case err != nil:
		return err
	}
	if err := o.hub.checkPlace(o.id, o.record.HubIdentity, uuid); err != nil {
		return err
	}
	o.record.ControllerUUID = uuid
	o.record.HubIdentity = o.hub.identity(uuid)
	o.record.NameLife(o.hub.settings.Kind)
	return nil
}

// object returns the operation's object.
func (o *operationState) object() object {
	return object{kind: o.hub.settings.Kind.Name, place: o.record.HubIdentity, key: o.key}
}

// enter connects to the hub, and waits until no other operation of this process works on the object. The function that
// it returns ends that.
func (o *operationState) enter(ctx context.Context) (func(), error) {
	if err := o.connect(ctx); err != nil {
		return nil, err
	}
	unlock, err := o.hub.locks.lock(ctx, o.object())
	if err != nil {
		return nil, o.stoppedLooking(ctx, fmt.Errorf("another operation of this run of Terraform works on the instance: %w", err))
	}
	return unlock, nil
}

// lookUp finds the instance's jobs.
func (o *operationState) lookUp(ctx context.Context) (jobs.History, error) {
	for {
		found, err := o.hub.lookUp(ctx, o.record, lookup{patience: o.hub.startPatience(), since: o.began.Since(), wait: true})
		if err != nil {
			return nil, o.stoppedLooking(ctx, err)
		}
		o.record = found.record
		o.warnings = append(o.warnings, found.warnings...)
		if o.began == (jobs.Watermark{}) {
			o.began = found.record.Seen
		}
		if !o.awaitsRun() {
			return o.sees(found.jobs), nil
		}
		if !jobs.Pause(ctx, searchMost) {
			return nil, o.stoppedLooking(ctx, context.Cause(ctx))
		}
	}
}

// startPatience is how long a lookup before a start waits for others. Terraform begins many operations within a few
// seconds, not at one moment: the more there are, the more will come.
func (h *Hub) startPatience() time.Duration {
	return min(time.Duration(h.operations.Load()-1)*startPatienceEach, startPatienceMost)
}

// awaitsRun reports whether a job may still appear for a run that an earlier operation has started.
func (o *operationState) awaitsRun() bool {
	return slices.ContainsFunc(o.record.OpenRuns, func(entry jobs.JobRecord) bool {
		// An entry of the future comes from another machine, whose clock is ahead: its age isn't known.
		return entry.ID == "" && time.Since(entry.CreatedAt).Abs() < o.hub.settings.StartTimeout
	})
}

// sees records the jobs of a lookup. Later lookups of an operation go back no further than the first, since jobs that
// had ended by then do not change.
func (o *operationState) sees(history jobs.History) jobs.History {
	for _, before := range o.seen {
		if before.Terminal() && !history.Has(before.ID) {
			history = history.With(before)
		}
	}
	o.seen = history
	return history
}

// own records a job as this operation's: from here on, the record must be kept. The life becomes the job's, which may
// differ from the begun one if an earlier process of this owner has launched it.
func (o *operationState) own(current jobs.Run) {
	if uid := current.UID(); uid != "" && o.creates {
		o.record.UID = uid
	}
	o.ownRecord(current.Record())
}

func (o *operationState) ownRecord(current jobs.JobRecord) {
	o.ours = true
	o.record.ReconciledConfigVersion = ""
	o.record.Phase = jobs.PhaseStarting
	if o.verb == osac.Deprovision {
		o.record.Phase = jobs.PhaseDeleting
	}
	// An entry for a run whose job was never found is of no use now.
	o.record.OpenRuns = slices.DeleteFunc(slices.Clone(o.record.OpenRuns), func(entry jobs.JobRecord) bool { return entry.ID == "" })
	o.record.Note(current)
}

// finalRecord returns the record with the changes by other jobs of the life.
func (o *operationState) finalRecord() *jobs.Record {
	record := o.record
	life := record.Claim(o.hub.settings.Owner).Whose(o.seen).Life.Effective()
	newest := life.Newest(func(r jobs.Run) bool {
		return record.LastJob == nil || r.RunID() == "" || r.RunID() != record.LastJob.RunID
	})
	if newest != nil && !record.Knows(newest.Record()) && (record.LastJob == nil || !record.LastJob.Newer(newest.Record())) {
		record.Note(newest.Record())
	}
	return &record
}
