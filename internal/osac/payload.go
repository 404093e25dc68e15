package osac

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
)

// The annotations of a payload, the provider's and OSAC's. Users may not set those of ReservedAnnotations.
const (
	annotationPrefix        = "osac.openshift.io/"
	AnnotationTenant        = annotationPrefix + "tenant"
	AnnotationInstance      = annotationPrefix + "instance"
	AnnotationUID           = annotationPrefix + "uid"
	AnnotationRunID         = annotationPrefix + "run-id"
	AnnotationOwner         = annotationPrefix + "owner"
	AnnotationPlace         = annotationPrefix + "place"
	AnnotationInputsVersion = annotationPrefix + "inputs-version"
	// AnnotationSubnetTarget is the machine's namespace. The operator writes it; without the operator, nobody else
	// would.
	AnnotationSubnetTarget = annotationPrefix + "subnet-target-namespace"
)

// ReservedAnnotations returns the provider's own annotations, which it finds jobs by.
func ReservedAnnotations() []string {
	return []string{AnnotationTenant, AnnotationInstance, AnnotationUID, AnnotationRunID, AnnotationOwner, AnnotationPlace, AnnotationInputsVersion}
}

// PayloadFormat is the envelope of the resource; sites differ by the age of their playbooks.
type PayloadFormat string

// The formats: playbooks from August 2026 on read osac_job_vars.resource, older ones read ansible_eda.event.payload.
// Both is the default.
const (
	FormatBoth        PayloadFormat = "both"
	FormatOSACJobVars PayloadFormat = "osac_job_vars"
	FormatAnsibleEDA  PayloadFormat = "ansible_eda"
)

// Resource is an object as the templates are given it.
type Resource struct {
	APIVersion string         `json:"apiVersion"`
	Kind       string         `json:"kind"`
	Metadata   Metadata       `json:"metadata"`
	Spec       SentSpec       `json:"spec"`
	Status     ResourceStatus `json:"status"`
}

// Metadata is an object's metadata, as far as the templates read it.
type Metadata struct {
	Name        string            `json:"name"`
	Namespace   string            `json:"namespace"`
	Labels      map[string]string `json:"labels,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

// ResourceStatus is an object's status, as far as the templates read it.
type ResourceStatus struct {
	DesiredConfigVersion string           `json:"desiredConfigVersion"`
	TenantReference      *TenantReference `json:"tenantReference,omitempty"`
	// LastRestartedAt must be in every payload after a restart; otherwise, the playbook reboots again.
	LastRestartedAt *Timestamp `json:"lastRestartedAt,omitempty"`
}

// TenantReference leads the playbook to the Tenant object.
type TenantReference struct {
	Name      string `json:"name"`
	Namespace string `json:"namespace"`
}

// Payload is all input of a run's job.
type Payload struct {
	Resource       Resource
	StorageClasses []StorageClass
	// ExtraVars are the hub's, the instance's and its write-only ones, merged in this order.
	ExtraVars map[string]any
}

// PayloadSettings are a hub's additions to each payload.
type PayloadSettings struct {
	Kind           Kind
	Format         PayloadFormat
	StorageClasses []StorageClass
	// ExtraVars is a JSON object that is sent with every run; nil means none.
	ExtraVars json.RawMessage
	// TenantNamespace is the namespace of the hub's Tenant objects; empty means the instance's own namespace.
	TenantNamespace string
	// Owner names the state that the object is kept in, and Place the hub's place; both may be empty.
	Owner, Place string
}

// RunLabels identify one run in its payload's annotations.
type RunLabels struct {
	UID           string
	RunID         string
	Owner         string
	Place         string
	InputsVersion string
}

// NewPayload builds the payload of a run for the instance.
func NewPayload(settings PayloadSettings, instance Instance, lastRestartedAt *Timestamp, labels RunLabels) (Payload, error) {
	extraVars := map[string]any{}
	for _, document := range []json.RawMessage{settings.ExtraVars, instance.ExtraVars, instance.WriteOnlyExtraVars} {
		object, err := DecodeObject(document)
		if err != nil {
			return Payload{}, fmt.Errorf("extra vars must be a JSON object: %w", err)
		}
		extraVars = mergeDeeply(extraVars, object)
	}
	if err := CheckExtraVars(extraVars); err != nil {
		return Payload{}, err
	}
	storageClasses := instance.StorageClasses
	if storageClasses == nil {
		storageClasses = settings.StorageClasses
	}
	return Payload{
		Resource:       NewResource(settings, instance, lastRestartedAt, labels),
		StorageClasses: storageClasses,
		ExtraVars:      extraVars,
	}, nil
}

// NewResource builds the resource of a payload.
func NewResource(settings PayloadSettings, instance Instance, lastRestartedAt *Timestamp, labels RunLabels) Resource {
	annotations := maps.Clone(instance.Annotations)
	if annotations == nil {
		annotations = map[string]string{}
	}
	for name, value := range AnnotationsOf(instance.Spec) {
		if _, set := annotations[name]; !set {
			annotations[name] = value
		}
	}
	for annotation, value := range map[string]string{
		AnnotationTenant:        instance.Tenant,
		AnnotationInstance:      instance.String(),
		AnnotationUID:           labels.UID,
		AnnotationRunID:         labels.RunID,
		AnnotationOwner:         labels.Owner,
		AnnotationPlace:         labels.Place,
		AnnotationInputsVersion: labels.InputsVersion,
	} {
		if value != "" {
			annotations[annotation] = value
		}
	}
	resource := Resource{
		APIVersion: "osac.openshift.io/v1alpha1",
		Kind:       settings.Kind.Name,
		Metadata: Metadata{
			Name: instance.Name, Namespace: instance.Namespace, Labels: instance.Labels, Annotations: annotations,
		},
		Spec: SentSpec{instance.Spec},
		Status: ResourceStatus{
			DesiredConfigVersion: instance.Spec.ConfigVersion(),
			LastRestartedAt:      lastRestartedAt,
		},
	}
	if instance.Tenant != "" {
		resource.Status.TenantReference = &TenantReference{
			Name: instance.Tenant, Namespace: cmp.Or(settings.TenantNamespace, instance.Namespace),
		}
	}
	return resource
}

// CheckExtraVars refuses extra vars that would change the resource itself, in either envelope, or replace an envelope.
func CheckExtraVars(extraVars map[string]any) error {
	jobVars, err := envelopeIn(extraVars, "osac_job_vars", "osac_job_vars")
	if err != nil {
		return err
	}
	if _, set := jobVars["resource"]; set {
		return errors.New("extra vars must not set osac_job_vars.resource: it is the instance itself")
	}
	eda, err := envelopeIn(extraVars, "ansible_eda", "ansible_eda")
	if err != nil {
		return err
	}
	event, err := envelopeIn(eda, "event", "ansible_eda.event")
	if err != nil {
		return err
	}
	if _, set := event["payload"]; set {
		return errors.New("extra vars must not set ansible_eda.event.payload: it is the instance itself")
	}
	return nil
}

// envelopeIn returns the object under a key. The key may be missing, but may not hold anything else.
func envelopeIn(vars map[string]any, key, at string) (map[string]any, error) {
	value, set := vars[key]
	envelope, isObject := value.(map[string]any)
	if set && !isObject {
		return nil, fmt.Errorf("extra vars must leave %s an object: the instance itself is sent in it", at)
	}
	return envelope, nil
}

// LaunchVars returns the extra vars of a launch: the resource in the envelopes of the format, its siblings in each
// envelope, the template parameters at the top level, and the extra vars merged into all that.
func (p Payload) LaunchVars(format PayloadFormat) (json.RawMessage, error) {
	vars, err := p.launchVars(format)
	if err != nil {
		return nil, err
	}
	return json.Marshal(vars)
}

func (p Payload) launchVars(format PayloadFormat) (map[string]any, error) {
	vars := map[string]any{}
	if format != FormatAnsibleEDA {
		vars["osac_job_vars"] = p.envelope("resource")
	}
	if format != FormatOSACJobVars {
		vars["ansible_eda"] = map[string]any{"event": p.envelope("payload")}
	}
	// Sent even if there are none: playbooks of February 2026 would read them from the spec, which lacks them then.
	parameters, err := DecodeObject(json.RawMessage(p.Resource.Spec.Parameters()))
	if err != nil {
		return nil, fmt.Errorf("template parameters must be a JSON object: %w", err)
	}
	vars["template_parameters"] = parameters
	return mergeDeeply(vars, p.ExtraVars), nil
}

func (p Payload) envelope(resourceKey string) map[string]any {
	envelope := map[string]any{resourceKey: p.Resource}
	if len(p.StorageClasses) > 0 {
		envelope["tenant_storage_classes"] = p.StorageClasses
	}
	return envelope
}

// Has reports whether a launch with the payload has a top-level variable of this name.
func (p Payload) Has(variable string) bool {
	if _, set := p.ExtraVars[variable]; set {
		return true
	}
	return variable == "osac_job_vars" || variable == "ansible_eda" || variable == "template_parameters"
}
