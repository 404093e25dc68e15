package provisioning

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/controller"
)

// readTimeout bounds a refresh: a plan must not hang on a hub that is down.
const readTimeout = 60 * time.Second

// verdict is what reads have found out about an unreachable hub. It is shared, so that a plan of many instances waits
// for a hub that is down once, and not once for each.
type verdict struct {
	mutex sync.Mutex
	since time.Time
	err   error
}

// ask makes a call, unless the verdict stands. A call that finds the hub unreachable passes it.
func (v *verdict) ask(call func() error) error {
	if err := v.standing(); err != nil {
		return err
	}
	err := call()
	if err != nil && passing(err) {
		v.mutex.Lock()
		defer v.mutex.Unlock()
		v.since, v.err = time.Now(), err
	}
	return err
}

func (v *verdict) standing() error {
	v.mutex.Lock()
	defer v.mutex.Unlock()
	if time.Since(v.since) < readTimeout {
		return v.err
	}
	return nil
}

// Refresh brings a record up to date with the hub's jobs. The result has no record if the instance is gone. A hub that
// can't be reached is a warning, and the record stays as it was; one that refuses to answer, or that is another
// controller than the instance's, is an error.
func (h *Hub) Refresh(ctx context.Context, record Record) (Result, error) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	id := h.instanceID(record.Key)
	record.jobsFromState()
	refreshed := record
	var jobs history
	var lost []JobRecord
	err := h.verdict.ask(func() error {
		var err error
		jobs, lost, err = h.jobsOf(ctx, id, &refreshed)
		return err
	})
	switch {
	case err != nil && passing(err):
		return h.unreachable(id, record, err), nil
	case err != nil:
		return Result{}, err
	}
	if h.isGone(jobs, record) {
		return Result{}, nil
	}
	var warnings []Warning
	for _, entry := range lost {
		warnings = append(warnings, outcomeUnknown(id, entry))
	}
	refreshed.update(jobs, h.settings.MaxJobHistory)
	refreshed.keepInputs(record)
	refreshed.jobsToState()
	return Result{Record: &refreshed, Warnings: warnings}, nil
}

// Runs tells whether the hub leads to the controller with the given install uuid.
func (h *Hub) Runs(ctx context.Context, controllerUUID string) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	installation, err := h.installation(ctx)
	return err == nil && installation.UUID == controllerUUID, err
}

// installation tells which controller the hub leads to, unless it is known to be down.
func (h *Hub) installation(ctx context.Context) (controller.Installation, error) {
	var installation controller.Installation
	err := h.verdict.ask(func() error {
		var err error
		installation, err = h.client.Installation(ctx)
		return err
	})
	return installation, err
}

func (h *Hub) unreachable(id string, record Record, err error) Result {
	return Result{Record: &record, Warnings: []Warning{{
		Summary: fmt.Sprintf("Hub %s could not be reached", quoted(h.settings.Key)),
		Detail: fmt.Sprintf("Instance %s is shown as it was last known: hub %s at %s did not answer within %s.\n%s",
			id, quoted(h.settings.Key), h.client.URL(), readTimeout, err),
	}}}
}

// jobsOf makes sure that the hub is the instance's own, and finds its jobs.
func (h *Hub) jobsOf(ctx context.Context, id string, record *Record) (history, []JobRecord, error) {
	uuid, err := h.controllerUUID(ctx, id, record.ControllerUUID)
	if err != nil {
		return nil, nil, err
	}
	record.ControllerUUID = uuid
	jobs, lost, err := h.look(ctx, record, question{lenient: true, patience: refreshPatience})
	if err != nil {
		return nil, nil, h.unusable(id, err)
	}
	return jobs, lost, nil
}

// isGone tells whether a delete job has succeeded after everything that is on record, and nobody has made the instance
// anew since, or another owner has: that machine is not this record's.
func (h *Hub) isGone(jobs history, record Record) bool {
	deleted := jobs.newest(hasSucceeded(Deprovision))
	if deleted == nil || record.hasNewer(*deleted, nil) {
		return false
	}
	made := jobs.after(deleted.ID).newest(func(r run) bool { return r.verb == Provision })
	return made == nil || made.annotation(AnnotationOwner) != h.settings.Owner
}

func outcomeUnknown(id string, lost JobRecord) Warning {
	return Warning{
		Summary: "The outcome of a job is unknown",
		Detail: fmt.Sprintf("Job %s (%s) of instance %s was deleted at the controller before its end was seen. The next apply or destroy runs it again.\n\nJob: %s",
			lost.ID, lost.Type, id, lost.URL),
	}
}

// update takes over what the jobs say. Jobs of an earlier life of the name are not the instance's.
func (r *Record) update(jobs history, limit int) {
	if deleted := jobs.newest(hasSucceeded(Deprovision)); deleted != nil && !r.knows(deleted.record()) && !r.hasNewer(*deleted, nil) {
		// Somebody has deleted the instance and made it anew: what is on record was another machine's.
		r.Jobs, r.LastRestartedAt = nil, nil
	}
	jobs = jobs.thisLife()
	if len(jobs) == 0 {
		return
	}
	r.LastRestartedAt = laterOf(r.LastRestartedAt, jobs.lastRestartedAt())
	newest := jobs.effective()[0]
	overtaken := r.hasNewer(newest, jobs)
	for _, each := range jobs {
		r.recordSeen(each, limit)
	}
	if overtaken {
		// A newer job was purged: what the older ones say was overtaken.
		return
	}
	if newest.verb == Provision && newest.succeeded() {
		r.takeOver(newest)
		return
	}
	r.ReconciledConfigVersion = ""
	r.Phase = phaseDuring(newest)
}

// keepInputs keeps the inputs version that was on record where the job that counts doesn't say, as another tool's does not,
// and had succeeded by then: its version was computed from its payload when it was taken over.
func (r *Record) keepInputs(before Record) {
	newest := r.NewestJob(Provision)
	if r.InputsVersion != "" || newest == nil {
		return
	}
	if slices.ContainsFunc(before.Jobs, func(known JobRecord) bool { return known.ID == newest.ID && known.State == JobSucceeded }) {
		r.InputsVersion = before.InputsVersion
	}
}

// recordSeen notes a job, but keeps the message of an entry that already tells its end: a list knows no reasons.
func (r *Record) recordSeen(seen run, limit int) {
	entry := seen.record()
	for _, known := range r.Jobs {
		if known.ID == entry.ID && known.State == entry.State && entry.State.Terminal() {
			return
		}
	}
	r.recordJob(entry, limit)
}

// takeOver takes over what the newest job, a successful provision, has applied. A spec that differs from the recorded
// one in nothing but the restart is the same configuration; one that can't be represented is unknown.
func (r *Record) takeOver(applied run) {
	spec, err := applied.spec()
	switch {
	case err != nil:
		r.ReconciledConfigVersion = ""
	case applied.applies(r.Spec):
		r.ReconciledConfigVersion = r.DesiredConfigVersion
	default:
		r.ReconciledConfigVersion = spec.ConfigVersion()
	}
	r.InputsVersion = applied.inputsVersion()
	r.LastRestartedAt = laterOf(r.LastRestartedAt, applied.lastRestartedAt())
	r.Phase = phaseAfterSuccess(r.Spec)
	switch size := len(applied.Artifacts); {
	case size > maxArtifacts:
		r.setArtifacts(nil) // what is on record is another job's
	case size > 0:
		r.setArtifacts(applied.Artifacts)
	}
}

func phaseDuring(newest run) Phase {
	switch {
	case newest.Terminal():
		return PhaseFailed
	case newest.verb == Deprovision:
		return PhaseDeleting
	default:
		return PhaseStarting
	}
}
