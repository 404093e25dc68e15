package jobs_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/osac-project/terraform-provider-osac/internal/controller"
	"github.com/osac-project/terraform-provider-osac/internal/jobs"
	"github.com/osac-project/terraform-provider-osac/internal/jobs/jobstest"
	"github.com/osac-project/terraform-provider-osac/internal/osac"
)

func TestWhatIsSentIsReadBack(t *testing.T) {
	t.Parallel()
	instance := osac.Instance{
		Key: osac.Key{Namespace: "ns", Name: "vm"}, Tenant: "tenant-a", Spec: jobstest.OperatorSpec(),
		Labels: map[string]string{"team": "a"}, Annotations: map[string]string{"note": "x"},
		StorageClasses: []osac.StorageClass{{Name: "lvms", Tier: "local"}},
	}
	jobstest.Change(&instance, func(s *osac.ComputeInstanceSpec) { s.TemplateParameters = `{"a":1}` })
	for _, format := range []osac.PayloadFormat{osac.FormatBoth, osac.FormatOSACJobVars, osac.FormatAnsibleEDA} {
		payload, err := osac.NewPayload(osac.PayloadSettings{Kind: osac.ComputeInstance}, instance, nil, osac.RunLabels{RunID: "RUN", InputsVersion: instance.InputsVersion()})
		if err != nil {
			t.Fatal(err)
		}
		document, err := payload.LaunchVars(format)
		if err != nil {
			t.Fatal(err)
		}
		read, ok := jobs.ReadRun(osac.ComputeInstance, controller.Job{ExtraVars: string(document)}, osac.Provision)
		if !ok {
			t.Fatalf("format %s: the job's payload was not recognised", format)
		}
		got, err := read.Instance(nil)
		if err != nil {
			t.Fatal(err)
		}
		if difference := cmp.Diff(instance, got); difference != "" {
			t.Errorf("format %s (-sent +read):\n%s", format, difference)
		}
		if !read.Serves(instance, nil, false) {
			t.Errorf("format %s: the job does not serve the instance that it was made for", format)
		}
	}
}
