package provisioning

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/controller"
	"github.com/osac-project/terraform-provider-osac/internal/jobs"
)

// readTimeout bounds a refresh: a plan must not hang on a hub that is down.
const readTimeout = 60 * time.Second

// outage is the reads' knowledge of an unreachable hub. All reads share it, so that a plan of many instances waits for
// a hub that is down once, and not for each instance.
type outage struct {
	mutex sync.Mutex
	since time.Time
	err   error
}

// ask makes a call, unless the outage stands. A call that finds the hub unreachable passes it.
func (v *outage) ask(call func() error) error {
	if err := v.standing(); err != nil {
		return err
	}
	err := call()
	if err != nil && jobs.Passing(err) {
		v.mutex.Lock()
		defer v.mutex.Unlock()
		v.since, v.err = time.Now(), err
	}
	return err
}

func (v *outage) standing() error {
	v.mutex.Lock()
	defer v.mutex.Unlock()
	if time.Since(v.since) < readTimeout {
		return v.err
	}
	return nil
}

// Refresh updates a record from the hub's jobs. The result has no record if the instance is gone. A hub that can't be
// reached is a warning, and the record does not change. A hub that refuses to answer, or that is another controller or
// place than the instance's, is an error.
func (h *Hub) Refresh(ctx context.Context, record jobs.Record) (Result, error) {
	id := h.instanceID(record.Key)
	var found looked
	err := h.outage.ask(func() error {
		var err error
		found, err = h.lookFor(ctx, id, record)
		return err
	})
	switch {
	case err != nil && jobs.Passing(err):
		return h.unreachable(id, record, err), nil
	case err != nil:
		return Result{}, err
	}
	return h.refreshed(id, record, found), nil
}

// refreshed returns the record according to the jobs of its life.
func (h *Hub) refreshed(id string, before jobs.Record, found looked) Result {
	refreshed := found.record
	result := Result{Record: &refreshed, Warnings: found.warnings}
	owned := refreshed.Claim(h.settings.Owner).Whose(found.jobs)
	switch owned.Standing {
	case jobs.StandingGone:
		return Result{Warnings: found.warnings}
	case jobs.StandingMovedOn:
		return h.followOn(id, before, found.jobs, *owned.By)
	case jobs.StandingTaken:
		refusal := taken(id, h.settings.Owner, *owned.By)
		h.memory.taken(object{h.settings.Kind.Name, refreshed.HubIdentity, refreshed.Key}, refusal)
		refreshed.ReconciledConfigVersion = ""
		result.Taken = true
		result.Warnings = append(result.Warnings, jobs.Warning{Summary: "The instance was taken", Detail: refusal.Error()})
		return result
	case jobs.StandingOurs, jobs.StandingUnmade:
	}
	if drift := before.Drift(id, owned.Life); drift != nil {
		result.Warnings = append(result.Warnings, *drift)
	}
	refreshed.Rebuild(owned.Life)
	refreshed.KeepInputs(before)
	result.History = boundedHistory(owned.Life, h.settings.MaxJobHistory)
	return result
}

// followOn makes the record that of the next life, which the same owner has begun since: the state was rolled back.
func (h *Hub) followOn(id string, before jobs.Record, history jobs.History, next jobs.Run) Result {
	record := jobs.Record{
		Instance: before.Instance, UID: next.UID(), HubIdentity: before.HubIdentity, ControllerUUID: before.ControllerUUID,
		DesiredConfigVersion: before.DesiredConfigVersion, Seen: before.Seen, Phase: jobs.PhaseStarting,
	}
	entry := next.Record()
	record.LastJob = &entry
	life := record.Claim(h.settings.Owner).Whose(history).Life
	otherMachine := record.Describe(life, h.settings.StorageClasses)
	record.Rebuild(life)
	return Result{Record: &record, OtherMachine: otherMachine, History: boundedHistory(life, h.settings.MaxJobHistory), Warnings: []jobs.Warning{{
		Summary: "The instance was made anew",
		Detail: fmt.Sprintf("The machine of instance %s that Terraform's state describes was deleted since, and job %d (launched by %s for the same owner, %s) made it anew: the state is an older one. It now describes the new machine.\n\nJob: %s",
			id, next.ID, jobs.MakerOf(next.CreatedBy), strconv.Quote(h.settings.Owner), next.URL),
	}}}
}

func boundedHistory(life jobs.History, limit int) []jobs.JobRecord {
	entries := make([]jobs.JobRecord, 0, min(len(life), limit))
	for _, each := range life[:min(len(life), limit)] {
		entries = append(entries, each.Record())
	}
	return entries
}

// installation returns the hub's controller, unless the hub is known to be down.
func (h *Hub) installation(ctx context.Context) (controller.Installation, error) {
	var installation controller.Installation
	err := h.outage.ask(func() error {
		var err error
		installation, err = h.client.Installation(ctx)
		return err
	})
	return installation, err
}

func (h *Hub) unreachable(id string, record jobs.Record, err error) Result {
	return Result{Record: &record, Warnings: []jobs.Warning{{
		Summary: fmt.Sprintf("Hub %s could not be reached", strconv.Quote(h.settings.Key)),
		Detail: fmt.Sprintf("Instance %s is shown as it was last known: hub %s at %s did not answer within %s.\n%s",
			id, strconv.Quote(h.settings.Key), h.client.URL(), readTimeout, err),
	}}}
}

// lookFor checks that the hub is the instance's own, and finds the instance's jobs. It takes as long as a long history
// needs, while the controller answers: each page has its own time.
func (h *Hub) lookFor(ctx context.Context, id string, record jobs.Record) (looked, error) {
	connecting, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	uuid, err := h.controllerUUID(connecting, id, record.ControllerUUID)
	if err != nil {
		return looked{}, err
	}
	if err := h.checkPlace(id, record.HubIdentity, uuid); err != nil {
		return looked{}, err
	}
	record.ControllerUUID, record.HubIdentity = uuid, h.identity(uuid)
	record.NameLife(h.settings.Kind)
	found, err := h.lookUp(ctx, record, lookup{lenient: true, patience: refreshPatience, within: readTimeout})
	if err != nil {
		return looked{}, h.unusable(id, err)
	}
	return found, nil
}
