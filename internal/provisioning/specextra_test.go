package provisioning

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/osac-project/terraform-provider-osac/internal/controller"
	"github.com/osac-project/terraform-provider-osac/internal/jobs"
	"github.com/osac-project/terraform-provider-osac/internal/jobs/jobstest"
	"github.com/osac-project/terraform-provider-osac/internal/osac"
)

// TestSpecsOfEveryFormAreReadAndSentWhole reads specs as OSAC's operators of 2026 hash them: with cores (F1), with vcpus in
// their place (F2), and with keys that the provider does not know (F3). The versions of the first form are the provider's own.
func TestSpecsOfEveryFormAreReadAndSentWhole(t *testing.T) {
	t.Parallel()
	document, err := os.ReadFile("testdata/config-versions.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []struct {
		Name, Form, Version string
		Spec                map[string]any
	}
	if err := json.Unmarshal(document, &vectors); err != nil || len(vectors) < 9 {
		t.Fatalf("%d vectors, %v", len(vectors), err)
	}
	for _, vector := range vectors {
		written, _ := json.Marshal(vector.Spec) // it was JSON
		spec, err := osac.ReadComputeInstanceSpec(written)
		if err != nil {
			t.Fatalf("%s, %s: %v", vector.Form, vector.Name, err)
		}
		if same := spec.ConfigVersion() == vector.Version; same != (vector.Form == "F1-cores") {
			t.Errorf("%s, %s: config version %s, the operator's is %s", vector.Form, vector.Name, spec.ConfigVersion(), vector.Version)
		}
		var sent map[string]any
		encoded, err := json.Marshal(osac.SentSpec{Spec: spec})
		if err != nil || json.Unmarshal(encoded, &sent) != nil {
			t.Fatal(err)
		}
		want := map[string]any{"cores": sent["vcpus"], "vcpus": sent["cores"]}
		maps.Copy(want, vector.Spec)
		if difference := cmp.Diff(want, sent); difference != "" {
			t.Errorf("%s, %s (-read +sent):\n%s", vector.Form, vector.Name, difference)
		}
	}
}

func TestReadSpec(t *testing.T) {
	t.Parallel()
	for document, want := range map[string]struct {
		cores int64
		extra string
	}{
		`{"cores":2}`:           {2, ""},
		`{"vcpus":2}`:           {2, ""},
		`{"cores":2,"vcpus":2}`: {2, ""},
		`{"cores":2,"vcpus":4}`: {2, `{"vcpus":4}`},
		`{"cores":2,"instanceType":"a","gone":null}`:                 {2, `{"instanceType":"a"}`},
		`{"bootDisk":{"sizeGiB":1,"iops":12345678901}}`:              {0, `{"bootDisk":{"iops":12345678901}}`},
		`{"additionalDisks":[{"sizeGiB":1},{"sizeGiB":2,"iops":5}]}`: {0, `{"additionalDisks":[{},{"iops":5}]}`},
		`{"networkAttachments":[{"subnetRef":"a","mac":null}]}`:      {0, ""},
		`{"invented":{"b":[1,{"a":null}],"a":0}}`:                    {0, `{"invented":{"a":0,"b":[1,{"a":null}]}}`},
	} {
		spec, err := osac.ReadComputeInstanceSpec(json.RawMessage(document))
		if err != nil || spec.Cores != want.cores || string(spec.Extra) != want.extra {
			t.Errorf("%s is read as %d cores and %s, %v", document, spec.Cores, spec.Extra, err)
		}
		sent, err := json.Marshal(osac.SentSpec{Spec: spec})
		if again, readErr := osac.ReadComputeInstanceSpec(sent); err != nil || readErr != nil || !cmp.Equal(again, spec) {
			t.Errorf("%s is sent as %s, %v, %v", document, sent, err, readErr)
		}
	}
	for _, document := range []string{`{"vcpus":"two"}`, `{"vcpus":1.5}`, `[]`} {
		if spec, err := osac.ReadComputeInstanceSpec(json.RawMessage(document)); err == nil {
			t.Errorf("%s is read as %+v", document, spec)
		}
	}
}

// Further keys are an input, and no part of the config version; a machine without them is not the configured one.
func TestFurtherKeysOfTheSpec(t *testing.T) {
	t.Parallel()
	plain, more := jobstest.OperatorSpec(), jobstest.OperatorSpec()
	more.Extra = json.RawMessage(`{ "b": 1, "a": {"c": 2} }`)
	if plain.ConfigVersion() != more.ConfigVersion() || plain.Same(more) || (osac.Instance{Spec: plain}).InputsVersion() == (osac.Instance{Spec: more}).InputsVersion() {
		t.Error("further keys must change the inputs version, and not the config version")
	}
	other := more
	other.Extra = json.RawMessage(`{"a":{"c":2},"b":1}`)
	if !other.Same(more) {
		t.Error("another order of keys is another spec")
	}
	plain.Extra = json.RawMessage(` { } `)
	if !plain.Same(jobstest.OperatorSpec()) || (osac.Instance{Spec: plain}).InputsVersion() != (osac.Instance{Spec: jobstest.OperatorSpec()}).InputsVersion() {
		t.Error("no further keys at all are some")
	}
	record := jobs.Record{Instance: osac.Instance{Spec: more}, DesiredConfigVersion: more.ConfigVersion()}
	if record.TakeSuccess(runOf(t, jobstest.OperatorSpec())); record.ReconciledConfigVersion != "" {
		t.Errorf("a job without the further keys is taken for the configured one: %s", record.ReconciledConfigVersion)
	}
	if record.TakeSuccess(runOf(t, more)); record.ReconciledConfigVersion != more.ConfigVersion() {
		t.Error("a job with the further keys is not taken for the configured one")
	}
}

// runOf is a job that has this spec.
func runOf(t *testing.T, spec osac.Spec) jobs.Run {
	t.Helper()
	payload, err := osac.NewPayload(osac.PayloadSettings{Kind: osac.ComputeInstance}, osac.Instance{Spec: spec}, nil, osac.RunLabels{})
	if err != nil {
		t.Fatal(err)
	}
	vars, err := payload.LaunchVars(osac.FormatOSACJobVars)
	if err != nil {
		t.Fatal(err)
	}
	read, ok := jobs.ReadRun(osac.ComputeInstance, controller.Job{ExtraVars: string(vars)}, osac.Provision)
	if !ok {
		t.Fatalf("%s is no run", vars)
	}
	return read
}

func TestCheckExtra(t *testing.T) {
	t.Parallel()
	for extra, want := range map[string]string{
		`{"instanceType":"a","bootDisk":{"iops":1}}`: "[] <nil>",
		`{"guestOSFamily":"windows"}`:                "[guestOSFamily] <nil>",
		`{"vcpus":4}`:                                `[] the key "vcpus" is set by an attribute already`,
		`{"additionalDisks":[{"iops":5}]}`:           `[] "additionalDisks" has 1 elements, and its attribute 0: each element of the one adds to that of the other`,
		`{"networkAttachments":[{"mac":"a"}]}`:       "[] <nil>",
		`{"bootDisk":{"sizeGiB":1}}`:                 `[] the key "bootDisk" is set by an attribute already`,
	} {
		spec := jobstest.OperatorSpec()
		spec.Extra = json.RawMessage(extra)
		known, err := spec.CheckExtra()
		if got := fmt.Sprint(known, " ", err); got != want {
			t.Errorf("%s: %s, want %s", extra, got, want)
		}
	}
}

// What a job reads the same is the same, however it was written.
func TestSpecsThatJobsReadTheSame(t *testing.T) {
	t.Parallel()
	for name, pair := range map[string][2]string{
		"a null":             {`{"instanceType":null}`, ``},
		"an empty object":    {`{"bootDisk":{}}`, ``},
		"null in a list":     {`{"additionalDisks":[{"iops":null},{"iops":1}]}`, `{"additionalDisks":[{},{"iops":1}]}`},
		"numbers":            {`{"a":[1.0,1E5,-0,1e-7,12345678901234567890123]}`, `{"a":[1,100000.0,0,0.0000001,12345678901234567890123]}`},
		"a group twice":      {`{"networkAttachments":[{"subnetRef":"a","securityGroupRefs":["b","a","b"]}]}`, `{"networkAttachments":[{"subnetRef":"a","securityGroupRefs":["a","b"]}]}`},
		"an attribute's key": {`{"guestOSFamily":"windows"}`, `{"guestosfamily":"windows"}`},
	} {
		one, other := jobstest.OperatorSpec(), jobstest.OperatorSpec()
		one.Extra, other.Extra = json.RawMessage(pair[0]), json.RawMessage(pair[1])
		if !one.Same(other) {
			t.Errorf("%s: %s is another spec than %s", name, pair[0], pair[1])
		}
	}
	for name, pair := range map[string][2]string{
		"text and number":  {`{"a":"1"}`, `{"a":1}`},
		"large numbers":    {`{"a":9007199254740992}`, `{"a":9007199254740993}`},
		"a list and texts": {`{"a":["b c"]}`, `{"a":["b","c"]}`},
		"another element":  {`{"additionalDisks":[{"iops":1},{}]}`, `{"additionalDisks":[{},{"iops":1}]}`},
	} {
		one, other := jobstest.OperatorSpec(), jobstest.OperatorSpec()
		one.Extra, other.Extra = json.RawMessage(pair[0]), json.RawMessage(pair[1])
		if one.Same(other) {
			t.Errorf("%s: %s is the same spec as %s", name, pair[0], pair[1])
		}
	}
}
