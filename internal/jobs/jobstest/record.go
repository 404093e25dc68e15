package jobstest

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/jobs"
	"github.com/osac-project/terraform-provider-osac/internal/osac"
)

// FullRecord returns a record that has something in every field.
func FullRecord(t *testing.T) jobs.Record {
	t.Helper()
	restarted, version := *Timestamp(t, "2026-08-22T11:00:00Z"), int64(3)
	instance := osac.Instance{
		Key:    osac.Key{Namespace: "osac-system", Name: "web-1"},
		Tenant: "tenant-a",
		Spec: osac.ComputeInstanceSpec{
			TemplateID:         "osac.templates.ocp_virt_vm",
			TemplateParameters: `{"exposed_ports":"22/tcp"}`,
			Image:              &osac.Image{SourceType: "registry", SourceRef: "quay.io/containerdisks/fedora:latest"},
			GuestOSFamily:      "windows",
			Cores:              4,
			MemoryGiB:          16,
			BootDisk:           &osac.Disk{SizeGiB: 40, StorageTier: "local"},
			AdditionalDisks:    []osac.Disk{{SizeGiB: 100}, {SizeGiB: 200, StorageTier: "fast"}},
			GPU:                &osac.GPU{PCIDeviceSelector: "10DE:20B0", ResourceName: "nvidia.com/A100", Count: 1},
			RunStrategy:        osac.RunAlways,
			UserDataSecretRef:  &osac.SecretRef{Name: "user-data"},
			SSHKey:             "ssh-ed25519 AAAA me",
			NetworkAttachments: []osac.NetworkAttachment{{SubnetRef: "subnet-a", SecurityGroupRefs: []string{"ssh", "web"}}, {SubnetRef: "subnet-b"}},
			RestartRequestedAt: &restarted,
		},
		StorageClasses:            []osac.StorageClass{{Name: "lvms", Tier: "local"}},
		Labels:                    map[string]string{"app": "web"},
		Annotations:               map[string]string{"note": "x"},
		Triggers:                  map[string]string{"playbook": "2"},
		ExtraVars:                 json.RawMessage(`{"a":1}`),
		WriteOnlyExtraVarsVersion: &version,
	}
	return jobs.Record{
		Instance:                instance,
		Phase:                   jobs.PhaseRunning,
		DesiredConfigVersion:    instance.Spec.ConfigVersion(),
		ReconciledConfigVersion: instance.Spec.ConfigVersion(),
		InputsVersion:           instance.InputsVersion(),
		LastRestartedAt:         &restarted,
		UID:                     "0197c5a2-7a51-7c4e-9d1b-2f4f6f0d3c55",
		HubIdentity:             "00000000-1111-2222-3333-444444444444/org/create/delete",
		LastJob: &jobs.JobRecord{
			ID: "42", Type: osac.Provision, Kind: "job", Backend: "aap", RunID: "7d1f", State: jobs.JobSucceeded, Message: "successful",
			ConfigVersion: "bc63dc8142aa3bde", CreatedAt: time.Date(2026, 8, 22, 10, 0, 0, 123456000, time.UTC),
			URL: "https://aap/api/v2/jobs/42/", UIURL: "https://aap/#/jobs/42",
		},
		OpenRuns:       []jobs.JobRecord{{Type: osac.Deprovision, Backend: "eda", RunID: "7d20", State: jobs.JobUnknown}},
		IPAddress:      "192.0.2.7",
		Artifacts:      json.RawMessage(`{"ip_address":"192.0.2.7"}`),
		ControllerUUID: "00000000-1111-2222-3333-444444444444",
	}
}
