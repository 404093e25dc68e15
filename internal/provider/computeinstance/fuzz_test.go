package computeinstance

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/osac-project/terraform-provider-osac/internal/provisioning"
	"github.com/osac-project/terraform-provider-osac/internal/transport"
)

// FuzzImportID takes any text for an instance's id: it is refused, or it is the id of what it is taken for. The function
// parse_compute_instance_id says the same.
func FuzzImportID(f *testing.F) {
	for _, seed := range []string{"ns/vm", "east/ns/vm", "default/ns/vm", "vm", "a/b/c/d", "/", "//", "ns/", "NS/vm", "ns/vm\n", "ns/\x1b[2J", "\u202e/vm", "ns /vm", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, id string) {
		target, err := parseImportID(id)
		resp := function.RunResponse{Result: function.NewResultData(types.ObjectUnknown(idPartsType))}
		parseComputeInstanceIDFunction{}.Run(t.Context(), function.RunRequest{Arguments: function.NewArgumentsData([]attr.Value{types.StringValue(id)})}, &resp)
		if (resp.Error != nil) != (err != nil) {
			t.Fatalf("%q: %v, and the function says %v", id, err, resp.Error)
		}
		if err != nil {
			if text := err.Error(); text != transport.Plain(text) || strings.Contains(text, "\n") {
				t.Errorf("the error is not fit to print: %q", text)
			}
			return
		}
		if got := provisioning.InstanceID(target.hub, target.key); got != id && provisioning.DefaultHub+"/"+got != id {
			t.Errorf("%q is taken for %q", id, got)
		}
	})
}

// FuzzMovedState takes any state for an aap_job's: it is refused, or what is read from it fits the resource's state.
func FuzzMovedState(f *testing.F) {
	for _, seed := range []string{
		`{"url":"/api/v2/jobs/16/","status":"successful","extra_vars":"{\"osac_job_vars\":{\"resource\":{\"metadata\":{\"name\":\"vm\",\"namespace\":\"ns\"},\"spec\":{\"cores\":2}}}}"}`,
		`{"url":"\u001b[2J","status":"\u202e\n","extra_vars":"{\"ansible_eda\":{\"event\":{\"payload\":{\"metadata\":{\"name\":\"vm\",\"namespace\":\"ns\"},\"spec\":{}}}},\"a\":[1]}"}`,
		`{"extra_vars":"[]"}`, `{"extra_vars":7}`, `[]`, `null`, ``,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, state string) {
		record, err := recordOfAAPJob([]byte(state))
		if err != nil {
			return
		}
		for _, text := range []string{record.LastJob.ID, record.LastJob.Message, record.LastJob.URL} {
			if text != transport.OneLine(text) || len(text) > 2100 {
				t.Errorf("not fit for state: %.300q", text)
			}
		}
		model, diags := NewModel(t.Context(), provisioning.DefaultHub, record)
		if diags.HasError() {
			t.Fatalf("%s: %v", state, diags)
		}
		again, diags := model.record(t.Context())
		if diags.HasError() || again.InputsVersion != record.InputsVersion || again.Instance.InputsVersion() != record.Instance.InputsVersion() {
			t.Errorf("%s is read back as %+v: %v", state, again, diags)
		}
	})
}
