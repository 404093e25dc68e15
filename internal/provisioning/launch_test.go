package provisioning

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/osac-project/terraform-provider-osac/internal/controller"
)

func TestWhatIsSentIsReadBack(t *testing.T) {
	t.Parallel()
	instance := Instance{
		Key: Key{"ns", "vm"}, Tenant: "tenant-a", Spec: operatorSpec(),
		Labels: map[string]string{"team": "a"}, Annotations: map[string]string{"note": "x"},
		StorageClasses: []StorageClass{{"lvms", "local"}},
	}
	instance.Spec.TemplateParameters = `{"a":1}`
	for _, format := range []PayloadFormat{FormatBoth, FormatOSACJobVars, FormatAnsibleEDA} {
		payload, err := newPayload(PayloadSettings{}, instance, nil, runLabels{runID: "RUN", inputsVersion: instance.InputsVersion()})
		if err != nil {
			t.Fatal(err)
		}
		document, err := payload.LaunchVars(format)
		if err != nil {
			t.Fatal(err)
		}
		read, ok := readRun(controller.Job{ExtraVars: string(document)}, Provision)
		if !ok {
			t.Fatalf("format %s: the job's payload was not recognised", format)
		}
		got, err := read.instance(nil)
		if err != nil {
			t.Fatal(err)
		}
		if difference := cmp.Diff(instance, got); difference != "" {
			t.Errorf("format %s (-sent +read):\n%s", format, difference)
		}
		if !read.serves(instance, nil, false) {
			t.Errorf("format %s: the job does not serve the instance that it was made for", format)
		}
	}
}
