package provisioning

import (
	"context"
	"fmt"
	"strconv"

	"github.com/osac-project/terraform-provider-osac/internal/jobs"
	"github.com/osac-project/terraform-provider-osac/internal/osac"
)

// Import finds a live instance by its name and reads it from its newest successful provision job: spec, versions and
// jobs. Extra vars are never read back. An instance whose jobs were all purged can't be imported.
func (h *Hub) Import(ctx context.Context, key osac.Key) (Result, error) {
	id := h.instanceID(key)
	found, err := h.lookFor(ctx, id, jobs.Record{Instance: osac.Instance{Key: key}})
	if err != nil {
		return Result{}, err
	}
	live := found.jobs.ThisLife().Newest(jobs.HasSucceeded(osac.Provision))
	if live == nil {
		return Result{}, &Error{
			Reason: ReasonImport, Instance: id,
			What: fmt.Sprintf("No successful job of template %s on hub %s at %s provisions instance %s, or it was deleted since.",
				strconv.Quote(h.settings.CreateTemplate), strconv.Quote(h.settings.Key), h.client.URL(), id),
			Next: "Check the namespace, the name and the hub. An instance can be read from its jobs only while AAP keeps the newest successful one (120 days by default): run the create template for it again, with the same payload, and try again then.",
		}
	}
	record := found.record
	life, err := h.readFrom(&record, *live, found.jobs)
	if err != nil {
		return Result{}, err
	}
	reading, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	artifacts, warnings := h.artifactsOf(reading, live.Job, live.String())
	if artifacts != nil {
		record.SetArtifacts(artifacts)
	}
	return Result{
		Record: &record, History: boundedHistory(life, h.settings.MaxJobHistory), Warnings: append(found.warnings, warnings...),
	}, nil
}

// readFrom fills an instance's record from its jobs, of which live is the newest successful provision, and returns the
// jobs of its life. An import takes a machine as it is: the life is that of the newest success.
func (h *Hub) readFrom(record *jobs.Record, live jobs.Run, history jobs.History) (jobs.History, error) {
	instance, err := live.Instance(h.settings.StorageClasses)
	if err != nil {
		id := h.instanceID(record.Key)
		return nil, &Error{
			Reason: ReasonImport, Instance: id, Job: jobs.RecordOf(&live), Err: err,
			What: fmt.Sprintf("The payload of job %d, which provisioned instance %s, holds something that this provider cannot represent.", live.ID, id),
		}
	}
	record.Instance = instance
	record.DesiredConfigVersion = instance.Spec.ConfigVersion()
	entry := live.Record()
	record.LastJob, record.UID = &entry, live.UID()
	record.NameLife(h.settings.Kind)
	life := record.Claim(h.settings.Owner).Whose(history).Life
	record.TakeSuccess(live)
	record.Rebuild(life)
	return life, nil
}
