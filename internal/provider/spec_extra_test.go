package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// What an attribute would refuse is refused in spec_extra, too; what has no attribute is anybody's.
func TestSpecExtraIsHeldToTheAttributes(t *testing.T) {
	t.Parallel()
	s := newServer(t).configured(t, nil)
	for extra, mentions := range map[string]string{
		`{"memoryGiB":"4"}`: "another type",
		`{"memoryGiB":0}`:   "memoryGiB is 0",
		`{"memoryGiB":0.5}`: "another type",
		`{"sshKey":"-----BEGIN OPENSSH PRIVATE KEY-----"}`:   "private key",
		`{"restartRequestedAt":"2026-01-01T00:00:00Z"}`:      "restart_requested_at",
		`{"additionalDisks":[{"sizeGiB":0}]}`:                "size_gib",
		`{"networkAttachments":[{"subnetRef":"A b"}],"a":1}`: "subnet_ref",
		`{"userDataSecretRef":{"name":"My Secret"}}`:         "Kubernetes object",
		`{"additionalDisks":[{"iops":5}]}`:                   "has 1 elements, and its attribute 0",
		`{"vcpus":"two"}`:                                    "vcpus is no number",
		`{"vcpus":400}`:                                      "cores",
	} {
		plan := s.plan(t, smallest(map[string]tftypes.Value{"spec_extra": text(extra)}), nil)
		wantError(t, plan.diagnostics, "spec_extra", mentions)
	}
	plan := s.plan(t, smallest(map[string]tftypes.Value{"spec_extra": text(`{"vcpus":4,"memoryGiB":8,"instanceType":"a b","bootDisk":{"iops":0}}`)}), nil)
	noErrors(t, plan.diagnostics)
}
