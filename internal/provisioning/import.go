package provisioning

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// Import finds a live instance by its name and reads it from its newest successful provision job: spec, versions and
// jobs. Extra vars are never read back. An instance whose jobs were all purged can't be imported.
func (h *Hub) Import(ctx context.Context, key Key) (Result, error) {
	id := h.instanceID(key)
	found, err := h.lookFor(ctx, id, Record{Instance: Instance{Key: key}})
	if err != nil {
		return Result{}, err
	}
	live := found.jobs.thisLife().newest(hasSucceeded(Provision))
	if live == nil {
		return Result{}, &Error{
			Reason: ReasonImport, Instance: id,
			What: fmt.Sprintf("No successful job of template %s on hub %s at %s provisions instance %s, or it was deleted since.",
				quoted(h.settings.CreateTemplate), quoted(h.settings.Key), h.client.URL(), id),
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
		record.setArtifacts(artifacts)
	}
	return Result{
		Record: &record, History: boundedHistory(life, h.settings.MaxJobHistory), Warnings: append(found.warnings, warnings...),
	}, nil
}

// readFrom fills the record of an instance from its jobs, of which live is the newest successful provision, and returns
// those of its life. Whoever imports a machine takes it over as it is: the life is that of the newest success.
func (h *Hub) readFrom(record *Record, live run, jobs history) (history, error) {
	instance, err := live.instance(h.settings.StorageClasses)
	if err != nil {
		id := h.instanceID(record.Key)
		return nil, &Error{
			Reason: ReasonImport, Instance: id, Job: recordOf(&live), Err: err,
			What: fmt.Sprintf("The payload of job %d, which provisioned instance %s, holds something that this provider cannot represent.", live.ID, id),
		}
	}
	record.Instance = instance
	record.DesiredConfigVersion = instance.Spec.ConfigVersion()
	entry := live.record()
	record.LastJob, record.UID = &entry, live.uid()
	record.nameLife()
	life := record.claim(h.settings.Owner).whose(jobs).life
	record.takeSuccess(live)
	record.rebuild(life)
	return life, nil
}

// instance reads what a configuration would say from a job's payload: what the provider or the hub adds is left out.
func (r run) instance(hubStorageClasses []StorageClass) (Instance, error) {
	spec, err := r.spec()
	if err != nil {
		return Instance{}, fmt.Errorf("its spec could not be read: %w", err)
	}
	instance := Instance{
		Key:         r.key(),
		Spec:        spec,
		Tenant:      r.annotation(AnnotationTenant),
		Labels:      texts(r.resource.Metadata.Labels),
		Annotations: texts(r.resource.Metadata.Annotations),
	}
	maps.DeleteFunc(instance.Annotations, func(name, value string) bool {
		return slices.Contains(ReservedAnnotations(), name) ||
			name == AnnotationSubnetTarget && len(spec.NetworkAttachments) > 0 && value == spec.NetworkAttachments[0].SubnetRef
	})
	if len(instance.Annotations) == 0 {
		instance.Annotations = nil
	}
	if !slices.Equal(r.storageClasses, hubStorageClasses) {
		instance.StorageClasses = r.storageClasses
	}
	return instance, nil
}

// texts are the entries whose values are strings; nil if there are none.
func texts(entries map[string]json.RawMessage) map[string]string {
	var read map[string]string
	for name, raw := range entries {
		var value string
		if json.Unmarshal(raw, &value) != nil {
			continue
		}
		if read == nil {
			read = map[string]string{}
		}
		read[name] = value
	}
	return read
}
