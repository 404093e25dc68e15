package provisioning

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/controller"
)

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
		if len(r.storageClasses) == 0 && r.runID() != "" {
			instance.StorageClasses = []StorageClass{} // what others launch may have them from elsewhere
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

// ReadLaunch reads an instance from the extra vars of a launch that somebody else has made, as far as they say: what the
// provider or a hub adds is left out, and what stands beside the resource becomes the instance's own extra vars. Variables
// that hold no ComputeInstance, or one that can't be represented, are an error.
func ReadLaunch(launchVars json.RawMessage) (Instance, error) {
	read, ok := readRun(controller.Job{ExtraVars: string(launchVars)}, Provision)
	if !ok {
		return Instance{}, errors.New("there is no ComputeInstance at osac_job_vars.resource or ansible_eda.event.payload")
	}
	if key := read.key(); key.Name == "" || key.Namespace == "" {
		return Instance{}, errors.New("the ComputeInstance has no metadata.name or no metadata.namespace")
	}
	instance, err := read.instance(nil)
	if err != nil {
		return Instance{}, err
	}
	instance.ExtraVars, _, err = BesideResource(launchVars)
	return instance, err
}

// repeats reports whether the job restarts the machine that the other one provisioned, with nothing else changed.
func (r run) repeats(provisioned run) bool {
	spec, err := provisioned.spec()
	if err != nil || !r.applies(spec) || r.inputsVersion() != provisioned.inputsVersion() {
		return false
	}
	restart := r.restart()
	before, err := time.Parse(time.RFC3339, r.resource.Status.LastRestartedAt)
	return restart != nil && (err != nil || restart.After(before))
}
