package osac

import (
	"encoding/json"
	"errors"
	"time"
)

// Key names an instance on its hub. Every payload has it.
type Key struct {
	Namespace string
	Name      string
}

// String returns "namespace/name", the value of the annotation osac.openshift.io/instance.
func (k Key) String() string { return k.Namespace + "/" + k.Name }

// Instance is the configuration of one compute instance.
type Instance struct {
	Key
	// Tenant becomes the tenant annotation and status.tenantReference; empty means none.
	Tenant string
	Spec   Spec
	// StorageClasses overrides the hub's; nil means the hub's, and an empty list means none.
	StorageClasses []StorageClass
	Labels         map[string]string
	Annotations    map[string]string
	Triggers       map[string]string
	// ExtraVars is a JSON object that is merged deeply into the launch's extra vars; nil means none.
	ExtraVars json.RawMessage
	// WriteOnlyExtraVars are given to create and update only, and are never part of a [Record].
	WriteOnlyExtraVars        json.RawMessage
	WriteOnlyExtraVarsVersion *int64
}

// ComputeInstanceSpec is the ComputeInstance's spec. The fields are in the order of the operator's CRD, because the
// config version is a hash of the spec's JSON (F82). A new field must be left out of the JSON while it is unset:
// versions never change for an existing configuration.
type ComputeInstanceSpec struct {
	TemplateID string `json:"templateID"`
	// TemplateParameters is a JSON object in compact form with sorted keys; empty means none.
	TemplateParameters string `json:"templateParameters,omitempty"`
	Image              *Image `json:"image,omitempty"`
	GuestOSFamily      string `json:"guestOSFamily,omitempty"`
	Cores              int64  `json:"cores,omitempty"`
	MemoryGiB          int64  `json:"memoryGiB,omitempty"`
	BootDisk           *Disk  `json:"bootDisk,omitempty"`
	AdditionalDisks    []Disk `json:"additionalDisks,omitempty"`
	GPU                *GPU   `json:"gpu,omitempty"`
	// RunStrategy is RunAlways or RunHalted.
	RunStrategy        string              `json:"runStrategy,omitempty"`
	UserDataSecretRef  *SecretRef          `json:"userDataSecretRef,omitempty"`
	SSHKey             string              `json:"sshKey,omitempty"`
	NetworkAttachments []NetworkAttachment `json:"networkAttachments,omitempty"`
	// RestartRequestedAt is UTC with whole seconds: the playbook compares strings (internal/sandbox/FACTS.md F85).
	RestartRequestedAt *Timestamp `json:"restartRequestedAt,omitempty"`
	// Extra is a JSON object of keys that the provider does not know; nil means none. It is sent, but no part of the config
	// version.
	Extra json.RawMessage `json:"-"`
}

// The run strategies that OSAC knows.
const (
	RunAlways = "Always"
	RunHalted = "Halted"
)

// DefaultTemplateID is the only template for compute instances in OSAC's newest release.
const DefaultTemplateID = "osac.templates.ocp_virt_vm"

// Image is the source of the boot disk's content.
type Image struct {
	SourceType string `json:"sourceType"`
	SourceRef  string `json:"sourceRef"`
}

// Disk is a boot disk or an additional disk; the size is in GiB.
type Disk struct {
	SizeGiB     int64  `json:"sizeGiB"`
	StorageTier string `json:"storageTier,omitempty"`
}

// GPU asks for devices that are passed through to the instance.
type GPU struct {
	PCIDeviceSelector string `json:"pciDeviceSelector"`
	ResourceName      string `json:"resourceName"`
	Count             int64  `json:"count"`
}

// SecretRef names a Secret in the instance's namespace.
type SecretRef struct {
	Name string `json:"name"`
}

// NetworkAttachment joins the instance to a subnet. Security groups are sorted.
type NetworkAttachment struct {
	SubnetRef         string   `json:"subnetRef"`
	SecurityGroupRefs []string `json:"securityGroupRefs,omitempty"`
}

// StorageClass is one entry of tenant_storage_classes, which stock playbooks require alongside the resource.
type StorageClass struct {
	Name string `json:"name"`
	Tier string `json:"tier"`
}

// Timestamp is a moment in UTC with whole seconds, written as the playbooks compare it: 2026-08-22T11:00:00Z.
type Timestamp struct{ time.Time }

// NewTimestamp returns a moment in the normal form: UTC, whole seconds (the fraction is dropped).
func NewTimestamp(moment time.Time) Timestamp {
	return Timestamp{moment.UTC().Truncate(time.Second)}
}

// String returns the timestamp in its normal form.
func (t Timestamp) String() string { return t.UTC().Format(time.RFC3339) }

// MarshalJSON writes the normal form.
func (t Timestamp) MarshalJSON() ([]byte, error) { return json.Marshal(t.String()) }

// UnmarshalJSON reads any RFC 3339 time, in the normal form.
func (t *Timestamp) UnmarshalJSON(data []byte) error {
	var moment time.Time
	if err := json.Unmarshal(data, &moment); err != nil {
		return err
	}
	*t = NewTimestamp(moment)
	if !Writable(moment) {
		return errors.New("the time is out of range")
	}
	return nil
}

// Writable reports whether a moment can be read back from state: in UTC, it may be outside the years of RFC 3339.
func Writable(moment time.Time) bool {
	year := moment.UTC().Year()
	return year >= 0 && year <= 9999
}

// ComputeInstance is the kind of virtual machines.
var ComputeInstance = Kind{
	Name: "ComputeInstance", Slug: "compute-instance", ReadSpec: readComputeInstance,
	Stock: StockPlaybook{File: "playbook_osac_create_compute_instance.yml", Unmet: Payload.unmet, Doubts: Payload.doubts},
}

// Parameters returns the JSON object of the template's parameters; empty means none.
func (s ComputeInstanceSpec) Parameters() string { return s.TemplateParameters }

// RestartRequest returns the moment for which a restart is requested; nil means none.
func (s ComputeInstanceSpec) RestartRequest() *Timestamp { return s.RestartRequestedAt }

// Restarted returns the spec with a request to restart.
func (s ComputeInstanceSpec) Restarted(at Timestamp) Spec {
	s.RestartRequestedAt = &at
	return s
}

// Stopped reports whether the instance is not to run.
func (s ComputeInstanceSpec) Stopped() bool { return s.RunStrategy == RunHalted }

// Annotations returns the annotation that says in which namespace the machine lives: that of its first subnet.
func (s ComputeInstanceSpec) Annotations() map[string]string {
	if len(s.NetworkAttachments) == 0 {
		return nil
	}
	return map[string]string{AnnotationSubnetTarget: s.NetworkAttachments[0].SubnetRef}
}
