package osac_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/jobs/jobstest"
	"github.com/osac-project/terraform-provider-osac/internal/osac"
)

func TestConfigVersionIsTheOperators(t *testing.T) {
	t.Parallel()
	spec := jobstest.OperatorSpec()
	if got, want := spec.ConfigVersion(), "bc63dc8142aa3bde"; got != want {
		t.Errorf("config version %s, want the operator's %s", got, want)
	}
	spec.RunStrategy = osac.RunHalted
	if got, want := spec.ConfigVersion(), "d957b3e577f2c9f5"; got != want {
		t.Errorf("config version of the halted spec %s, want the operator's %s", got, want)
	}
}

// TestVersionsOfARichSpecNeverChange holds a spec with every key to the versions of the first release: state files and
// jobs carry them, and an upgrade of the provider must not plan work for what has not changed.
func TestVersionsOfARichSpecNeverChange(t *testing.T) {
	t.Parallel()
	version := int64(3)
	instance := osac.Instance{
		Key:    osac.Key{Namespace: "osac-system", Name: "vm-7wfkv"},
		Tenant: "tenant-a",
		Spec: osac.ComputeInstanceSpec{
			TemplateID:         osac.DefaultTemplateID,
			TemplateParameters: `{"z": 1, "a": {"c": "<&>", "b": [1.50, null]}}`,
			Image:              &osac.Image{SourceType: "registry", SourceRef: "quay.io/containerdisks/fedora:latest"},
			GuestOSFamily:      "linux",
			Cores:              4,
			MemoryGiB:          16,
			BootDisk:           &osac.Disk{SizeGiB: 40, StorageTier: "local"},
			AdditionalDisks:    []osac.Disk{{SizeGiB: 100}, {SizeGiB: 200, StorageTier: "fast"}},
			GPU:                &osac.GPU{PCIDeviceSelector: "10DE:20B0", ResourceName: "nvidia.com/A100", Count: 1},
			RunStrategy:        osac.RunAlways,
			UserDataSecretRef:  &osac.SecretRef{Name: "user-data"},
			SSHKey:             "ssh-ed25519 AAAA… me",
			NetworkAttachments: []osac.NetworkAttachment{
				{SubnetRef: "subnet-b", SecurityGroupRefs: []string{"web", "db"}}, {SubnetRef: "subnet-a"},
			},
			RestartRequestedAt: jobstest.Timestamp(t, "2026-08-22T13:00:00.7+02:00"),
		},
		Labels:                    map[string]string{"team": "a"},
		Annotations:               map[string]string{"note": "x"},
		Triggers:                  map[string]string{"playbook": "7"},
		StorageClasses:            []osac.StorageClass{{Name: "lvms", Tier: "local"}},
		ExtraVars:                 json.RawMessage(`{"b": 1, "a": "s3cret"}`),
		WriteOnlyExtraVarsVersion: &version,
	}
	for _, check := range []struct{ what, got, want string }{
		{"config version", instance.Spec.ConfigVersion(), "042e6c98354e288f"},
		{"inputs version", instance.InputsVersion(), "e2328d42c763bc42"},
		{"inputs version of the smallest instance", osac.Instance{Spec: osac.ComputeInstanceSpec{TemplateID: osac.DefaultTemplateID}}.InputsVersion(), "688aecce6bb16db8"},
	} {
		if check.got != check.want {
			t.Errorf("%s is %s, was released as %s", check.what, check.got, check.want)
		}
	}
}

func TestNormalFormsDoNotChangeVersions(t *testing.T) {
	t.Parallel()
	plain := jobstest.OperatorSpec()
	plain.TemplateParameters = `{"a":1,"b":[{"c":2,"d":3}]}`
	plain.NetworkAttachments[0].SecurityGroupRefs = []string{"db", "web"}
	plain.RestartRequestedAt = jobstest.Timestamp(t, "2026-08-22T11:00:00Z")
	written := jobstest.OperatorSpec()
	written.TemplateParameters = "{ \"b\": [ {\"d\": 3, \"c\": 2} ],\n \"a\": 1 }"
	written.NetworkAttachments[0].SecurityGroupRefs = []string{"web", "db"}
	written.RestartRequestedAt = &osac.Timestamp{Time: time.Date(2026, 8, 22, 13, 0, 0, 900, time.FixedZone("", 7200))}
	if plain.ConfigVersion() != written.ConfigVersion() {
		t.Error("two ways of writing the same spec have different config versions")
	}
	if got := written.NetworkAttachments[0].SecurityGroupRefs[0]; got != "web" {
		t.Errorf("computing a version sorted the caller's security groups: %q comes first", got)
	}
}

func TestInputsVersionSeesEverythingButTheRestart(t *testing.T) {
	t.Parallel()
	base := osac.Instance{Key: osac.Key{Namespace: "ns", Name: "vm"}, Spec: jobstest.OperatorSpec()}
	version := int64(1)
	for what, change := range map[string]func(*osac.Instance){
		"spec": func(i *osac.Instance) {
			jobstest.Change(i, func(s *osac.ComputeInstanceSpec) { s.RunStrategy = osac.RunHalted })
		},
		"tenant":             func(i *osac.Instance) { i.Tenant = "a" },
		"labels":             func(i *osac.Instance) { i.Labels = map[string]string{"a": "b"} },
		"annotations":        func(i *osac.Instance) { i.Annotations = map[string]string{"a": "b"} },
		"triggers":           func(i *osac.Instance) { i.Triggers = map[string]string{"a": "b"} },
		"storage classes":    func(i *osac.Instance) { i.StorageClasses = []osac.StorageClass{{Name: "a", Tier: "b"}} },
		"extra vars":         func(i *osac.Instance) { i.ExtraVars = json.RawMessage(`{"a":1}`) },
		"write-only version": func(i *osac.Instance) { i.WriteOnlyExtraVarsVersion = &version },
	} {
		changed := base
		change(&changed)
		if changed.InputsVersion() == base.InputsVersion() {
			t.Errorf("a change of %s does not change the inputs version", what)
		}
	}
	restarted, secret := base, base
	jobstest.Change(&restarted, func(s *osac.ComputeInstanceSpec) {
		s.RestartRequestedAt = jobstest.Timestamp(t, "2026-08-22T11:00:00Z")
	})
	secret.WriteOnlyExtraVars = json.RawMessage(`{"password":"s3cret"}`)
	for what, same := range map[string]osac.Instance{"restart request": restarted, "write-only value": secret} {
		if same.InputsVersion() != base.InputsVersion() {
			t.Errorf("a %s changes the inputs version", what)
		}
	}
}
