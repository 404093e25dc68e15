package provisioning

import (
	"testing"

	"github.com/osac-project/terraform-provider-osac/internal/jobs/jobstest"
	"github.com/osac-project/terraform-provider-osac/internal/osac"
)

// BenchmarkVersions is what both hashes of an instance cost; a plan needs them for each.
func BenchmarkVersions(b *testing.B) {
	spec := jobstest.OperatorSpec()
	spec.TemplateParameters = `{ "exposed_ports": "22/tcp", "cloud_init_timeout": 600 }`
	instance := osac.Instance{Key: osac.Key{Namespace: "ns", Name: "vm"}, Spec: spec, Labels: map[string]string{"app": "web", "rack": "7"}}
	b.ReportAllocs()
	for b.Loop() {
		if instance.Spec.ConfigVersion() == "" || instance.InputsVersion() == "" {
			b.Fatal("no version")
		}
	}
}
