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
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	id := h.instanceID(key)
	record := Record{Instance: Instance{Key: key}}
	jobs, _, err := h.jobsOf(ctx, id, &record)
	if err != nil {
		return Result{}, err
	}
	live := jobs.thisLife().newest(hasSucceeded(Provision))
	if live == nil {
		return Result{}, &Error{
			Reason: ReasonImport, Instance: id,
			What: fmt.Sprintf("No successful job of template %s on hub %s at %s provisions instance %s, or it was deleted since.",
				quoted(h.settings.CreateTemplate), quoted(h.settings.Key), h.client.URL(), id),
			Next: "Check the namespace, the name and the hub. An instance can be read from its jobs only while AAP keeps the newest successful one (120 days by default): run the create template for it again, with the same payload, and try again then.",
		}
	}
	if err := h.readFrom(&record, *live, jobs); err != nil {
		return Result{}, err
	}
	artifacts, warnings := h.artifactsOf(ctx, live.Job, live.String())
	if artifacts != nil {
		record.setArtifacts(artifacts)
	}
	return Result{Record: &record, Warnings: warnings}, nil
}

// readFrom fills the record of an instance from its jobs, of which live is the newest successful provision.
func (h *Hub) readFrom(record *Record, live run, jobs history) error {
	instance, err := live.instance(h.settings.StorageClasses)
	if err != nil {
		id := h.instanceID(record.Key)
		return &Error{
			Reason: ReasonImport, Instance: id, Job: recordOf(&live), Err: err,
			What: fmt.Sprintf("The payload of job %d, which provisioned instance %s, holds something that this provider cannot represent.", live.ID, id),
		}
	}
	record.Instance = instance
	record.DesiredConfigVersion = instance.Spec.ConfigVersion()
	record.takeOver(live)
	record.update(jobs, h.settings.MaxJobHistory)
	record.jobsToState()
	return nil
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
