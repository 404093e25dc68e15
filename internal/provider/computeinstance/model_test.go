package computeinstance

import (
	"reflect"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/osac-project/terraform-provider-osac/internal/jobs"
	"github.com/osac-project/terraform-provider-osac/internal/jobs/jobstest"
	"github.com/osac-project/terraform-provider-osac/internal/osac"
	"github.com/osac-project/terraform-provider-osac/internal/provisioning"
)

func TestRecordsComeBackAsTheyWere(t *testing.T) {
	for name, record := range map[string]jobs.Record{
		"everything": jobstest.FullRecord(t),
		"next to nothing": {Instance: osac.Instance{
			Key:  osac.Key{Namespace: "n", Name: "a"},
			Spec: osac.ComputeInstanceSpec{TemplateID: "role"},
		}},
		"empty, not absent": {Instance: osac.Instance{
			Key:            osac.Key{Namespace: "n", Name: "a"},
			Spec:           osac.ComputeInstanceSpec{TemplateID: "role"},
			StorageClasses: []osac.StorageClass{}, Labels: map[string]string{}, Annotations: map[string]string{}, Triggers: map[string]string{},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			model, diags := NewModel(t.Context(), "east", record)
			if diags.HasError() {
				t.Fatal(diags)
			}
			back, diags := model.record(t.Context())
			if diags.HasError() {
				t.Fatal(diags)
			}
			// An empty list of storage classes is not distinguished from none by the list's builder.
			if len(record.StorageClasses) == 0 {
				record.StorageClasses, back.StorageClasses = nil, nil
			}
			if !reflect.DeepEqual(record, back) {
				t.Errorf("want %+v, got %+v", record, back)
			}
			if id := model.ID.ValueString(); id != "east/"+record.String() {
				t.Errorf("id is %q", id)
			}
		})
	}
}

func TestStateKeepsWhatWasWritten(t *testing.T) {
	record := jobstest.FullRecord(t)
	model, diags := NewModel(t.Context(), provisioning.DefaultHub, record)
	if diags.HasError() {
		t.Fatal(diags)
	}
	model.TemplateParameters = types.StringValue("{ \"exposed_ports\" : \"22/tcp\" }")
	model.ExtraVars = types.StringValue("{\n\"a\": 1}")
	model.Labels = types.MapValueMust(types.StringType, nil)
	written := model
	record.Phase = jobs.PhaseFailed
	record.LastJob, record.OpenRuns = nil, nil
	if diags := model.setComputed(t.Context(), record); diags.HasError() {
		t.Fatal(diags)
	}
	if !model.TemplateParameters.Equal(written.TemplateParameters) || !model.ExtraVars.Equal(written.ExtraVars) || !model.Labels.Equal(written.Labels) {
		t.Error("configured attributes were rewritten")
	}
	if model.Phase.ValueString() != "Failed" || !model.LastJob.IsNull() || model.OpenRuns.IsNull() || len(model.OpenRuns.Elements()) != 0 {
		t.Errorf("computed attributes were not taken over: %s, %s, %s", model.Phase, model.LastJob, model.OpenRuns)
	}
	if id := model.ID.ValueString(); id != "osac-system/web-1" {
		t.Errorf("id is %q", id)
	}
}

func TestConfiguredFormsGiveOneInputsVersion(t *testing.T) {
	record := jobstest.FullRecord(t)
	model, diags := NewModel(t.Context(), provisioning.DefaultHub, record)
	if diags.HasError() {
		t.Fatal(diags)
	}
	model.TemplateParameters = types.StringValue("{ \"exposed_ports\" : \"22/tcp\" }")
	model.RestartRequestedAt.StringValue = types.StringValue("2026-08-22T13:00:00.5+02:00")
	instance, diags := model.instance(t.Context())
	if diags.HasError() {
		t.Fatal(diags)
	}
	if instance.InputsVersion() != record.InputsVersion || instance.Spec.ConfigVersion() != record.DesiredConfigVersion {
		t.Error("another form of the same values gives another version")
	}
}

func TestWriteOnlyVariablesGoToTheRunAlone(t *testing.T) {
	model, diags := NewModel(t.Context(), provisioning.DefaultHub, jobstest.FullRecord(t))
	if diags.HasError() {
		t.Fatal(diags)
	}
	model.ExtraVarsWO = types.StringValue(`{"password":"x"}`)
	instance, diags := model.instance(t.Context())
	if diags.HasError() || string(instance.WriteOnlyExtraVars) != `{"password":"x"}` {
		t.Errorf("got %s, %v", instance.WriteOnlyExtraVars, diags)
	}
	if back, _ := NewModel(t.Context(), provisioning.DefaultHub, jobs.Record{Instance: instance}); !back.ExtraVarsWO.IsNull() {
		t.Error("write-only variables would go into state")
	}
}

func TestImportIDs(t *testing.T) {
	for id, want := range map[string]*importTarget{
		"ns/web-1":         {hub: "default", key: osac.Key{Namespace: "ns", Name: "web-1"}},
		"east/ns/web-1":    {hub: "east", key: osac.Key{Namespace: "ns", Name: "web-1"}},
		"default/ns/web-1": {hub: "default", key: osac.Key{Namespace: "ns", Name: "web-1"}},
		"web-1":            nil,
		"/web-1":           nil,
		"ns/":              nil,
		"a/b/c/d":          nil,
		"ns/Web_1":         nil,
		"":                 nil,
	} {
		got, err := parseImportID(id)
		if (want == nil) != (err != nil) || want != nil && got != *want {
			t.Errorf("%q: want %+v, got %+v, %v", id, want, got, err)
		}
	}
}
