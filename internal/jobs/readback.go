package jobs

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/controller"
	"github.com/osac-project/terraform-provider-osac/internal/osac"
)

// Instance returns the configuration that a job's payload stands for, without the provider's and the hub's additions.
func (r Run) Instance(hubStorageClasses []osac.StorageClass) (osac.Instance, error) {
	spec, err := r.Spec()
	if err != nil {
		return osac.Instance{}, fmt.Errorf("its spec could not be read: %w", err)
	}
	instance := osac.Instance{
		Key:         r.Key(),
		Spec:        spec,
		Tenant:      r.Annotation(osac.AnnotationTenant),
		Labels:      texts(r.Resource.Metadata.Labels),
		Annotations: texts(r.Resource.Metadata.Annotations),
	}
	ofSpec := osac.AnnotationsOf(spec)
	maps.DeleteFunc(instance.Annotations, func(name, value string) bool {
		asked, ok := ofSpec[name]
		return slices.Contains(osac.ReservedAnnotations(), name) || ok && value == asked
	})
	if len(instance.Annotations) == 0 {
		instance.Annotations = nil
	}
	if !slices.Equal(r.storageClasses, hubStorageClasses) {
		instance.StorageClasses = r.storageClasses
		if len(r.storageClasses) == 0 && r.RunID() != "" {
			instance.StorageClasses = []osac.StorageClass{} // what others launch may have them from elsewhere
		}
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

// ReadLaunch reads an instance from the extra vars of a launch that somebody else has made. It leaves out the additions
// of the provider or a hub, and makes the variables next to the resource the instance's own extra vars. Variables
// without an object, or with one that can't be represented, are an error.
func ReadLaunch(kind osac.Kind, launchVars json.RawMessage) (osac.Instance, error) {
	read, ok := ReadRun(kind, controller.Job{ExtraVars: string(launchVars)}, osac.Provision)
	if !ok {
		return osac.Instance{}, errors.New("there is no " + kind.Name + " at osac_job_vars.resource or ansible_eda.event.payload")
	}
	if key := read.Key(); key.Name == "" || key.Namespace == "" {
		return osac.Instance{}, errors.New("the " + kind.Name + " has no metadata.name or no metadata.namespace")
	}
	instance, err := read.Instance(nil)
	if err != nil {
		return osac.Instance{}, err
	}
	instance.ExtraVars, _, err = osac.BesideResource(launchVars)
	return instance, err
}

// Repeats reports whether the job restarts the machine that the other one provisioned, with nothing else changed.
func (r Run) Repeats(provisioned Run) bool {
	spec, err := provisioned.Spec()
	if err != nil || !r.Applies(spec) || r.InputsVersion() != provisioned.InputsVersion() {
		return false
	}
	restart := r.Restart()
	before, err := time.Parse(time.RFC3339, r.Resource.Status.LastRestartedAt)
	return restart != nil && (err != nil || restart.After(before))
}
