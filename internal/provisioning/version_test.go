package provisioning

import (
	"encoding/json"
	"testing"
	"time"
)

func TestConfigVersionIsTheOperators(t *testing.T) {
	t.Parallel()
	spec := operatorSpec()
	if got, want := spec.ConfigVersion(), "bc63dc8142aa3bde"; got != want {
		t.Errorf("config version %s, want the operator's %s", got, want)
	}
	spec.RunStrategy = RunHalted
	if got, want := spec.ConfigVersion(), "d957b3e577f2c9f5"; got != want {
		t.Errorf("config version of the halted spec %s, want the operator's %s", got, want)
	}
}

// TestVersionsOfARichSpecNeverChange holds a spec with every key to the versions of the first release: state files and
// jobs carry them, and an upgrade of the provider must not plan work for what has not changed.
func TestVersionsOfARichSpecNeverChange(t *testing.T) {
	t.Parallel()
	version := int64(3)
	instance := Instance{
		Key:    Key{Namespace: "osac-system", Name: "vm-7wfkv"},
		Tenant: "tenant-a",
		Spec: Spec{
			TemplateID:         DefaultTemplateID,
			TemplateParameters: `{"z": 1, "a": {"c": "<&>", "b": [1.50, null]}}`,
			Image:              &Image{SourceType: "registry", SourceRef: "quay.io/containerdisks/fedora:latest"},
			GuestOSFamily:      "linux",
			Cores:              4,
			MemoryGiB:          16,
			BootDisk:           &Disk{SizeGiB: 40, StorageTier: "local"},
			AdditionalDisks:    []Disk{{SizeGiB: 100}, {SizeGiB: 200, StorageTier: "fast"}},
			GPU:                &GPU{PCIDeviceSelector: "10DE:20B0", ResourceName: "nvidia.com/A100", Count: 1},
			RunStrategy:        RunAlways,
			UserDataSecretRef:  &SecretRef{Name: "user-data"},
			SSHKey:             "ssh-ed25519 AAAA… me",
			NetworkAttachments: []NetworkAttachment{
				{SubnetRef: "subnet-b", SecurityGroupRefs: []string{"web", "db"}}, {SubnetRef: "subnet-a"},
			},
			RestartRequestedAt: timestamp(t, "2026-08-22T13:00:00.7+02:00"),
		},
		Labels:                    map[string]string{"team": "a"},
		Annotations:               map[string]string{"note": "x"},
		Triggers:                  map[string]string{"playbook": "7"},
		StorageClasses:            []StorageClass{{Name: "lvms", Tier: "local"}},
		ExtraVars:                 json.RawMessage(`{"b": 1, "a": "s3cret"}`),
		WriteOnlyExtraVarsVersion: &version,
	}
	for _, check := range []struct{ what, got, want string }{
		{"config version", instance.Spec.ConfigVersion(), "042e6c98354e288f"},
		{"inputs version", instance.InputsVersion(), "e2328d42c763bc42"},
		{"inputs version of the smallest instance", Instance{Spec: Spec{TemplateID: DefaultTemplateID}}.InputsVersion(), "688aecce6bb16db8"},
	} {
		if check.got != check.want {
			t.Errorf("%s is %s, was released as %s", check.what, check.got, check.want)
		}
	}
}

func TestNormalFormsDoNotChangeVersions(t *testing.T) {
	t.Parallel()
	plain := operatorSpec()
	plain.TemplateParameters = `{"a":1,"b":[{"c":2,"d":3}]}`
	plain.NetworkAttachments[0].SecurityGroupRefs = []string{"db", "web"}
	plain.RestartRequestedAt = timestamp(t, "2026-08-22T11:00:00Z")
	written := operatorSpec()
	written.TemplateParameters = "{ \"b\": [ {\"d\": 3, \"c\": 2} ],\n \"a\": 1 }"
	written.NetworkAttachments[0].SecurityGroupRefs = []string{"web", "db"}
	written.RestartRequestedAt = &Timestamp{time.Date(2026, 8, 22, 13, 0, 0, 900, time.FixedZone("", 7200))}
	if plain.ConfigVersion() != written.ConfigVersion() {
		t.Error("two ways of writing the same spec have different config versions")
	}
	if got := written.NetworkAttachments[0].SecurityGroupRefs[0]; got != "web" {
		t.Errorf("computing a version sorted the caller's security groups: %q comes first", got)
	}
}

func TestInputsVersionSeesEverythingButTheRestart(t *testing.T) {
	t.Parallel()
	base := Instance{Key: Key{"ns", "vm"}, Spec: operatorSpec()}
	version := int64(1)
	for what, change := range map[string]func(*Instance){
		"spec":               func(i *Instance) { i.Spec.RunStrategy = RunHalted },
		"tenant":             func(i *Instance) { i.Tenant = "a" },
		"labels":             func(i *Instance) { i.Labels = map[string]string{"a": "b"} },
		"annotations":        func(i *Instance) { i.Annotations = map[string]string{"a": "b"} },
		"triggers":           func(i *Instance) { i.Triggers = map[string]string{"a": "b"} },
		"storage classes":    func(i *Instance) { i.StorageClasses = []StorageClass{{"a", "b"}} },
		"extra vars":         func(i *Instance) { i.ExtraVars = json.RawMessage(`{"a":1}`) },
		"write-only version": func(i *Instance) { i.WriteOnlyExtraVarsVersion = &version },
	} {
		changed := base
		change(&changed)
		if changed.InputsVersion() == base.InputsVersion() {
			t.Errorf("a change of %s does not change the inputs version", what)
		}
	}
	restarted, secret := base, base
	restarted.Spec.RestartRequestedAt = timestamp(t, "2026-08-22T11:00:00Z")
	secret.WriteOnlyExtraVars = json.RawMessage(`{"password":"s3cret"}`)
	for what, same := range map[string]Instance{"restart request": restarted, "write-only value": secret} {
		if same.InputsVersion() != base.InputsVersion() {
			t.Errorf("a %s changes the inputs version", what)
		}
	}
}
