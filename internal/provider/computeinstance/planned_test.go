package computeinstance

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func TestAnUpdateReturnsWhatWasPlanned(t *testing.T) {
	applied := func(address types.String) Model {
		return Model{
			ID: types.StringValue("ns/vm"), IPAddress: address, LastRestartedAt: timetypes.NewRFC3339ValueMust("2026-08-22T12:00:00Z"),
		}
	}
	for name, test := range map[string]struct {
		planned, reported, kept types.String
		warns                   []string
	}{
		"same":          {types.StringValue("10.0.0.1"), types.StringValue("10.0.0.1"), types.StringValue("10.0.0.1"), nil},
		"another":       {types.StringValue("10.0.0.1"), types.StringValue("10.0.0.2"), types.StringValue("10.0.0.1"), []string{"ns/vm", "10.0.0.1", "10.0.0.2"}},
		"none before":   {types.StringNull(), types.StringValue("10.0.0.2"), types.StringNull(), []string{"10.0.0.2"}},
		"none any more": {types.StringValue("10.0.0.1"), types.StringNull(), types.StringValue("10.0.0.1"), []string{"10.0.0.1"}},
		"left open":     {types.StringUnknown(), types.StringValue("10.0.0.2"), types.StringValue("10.0.0.2"), nil},
	} {
		t.Run(name, func(t *testing.T) {
			model := applied(test.reported)
			diags := model.holdTo(Model{IPAddress: test.planned, LastRestartedAt: timetypes.NewRFC3339Null()})
			if !model.IPAddress.Equal(test.kept) || !model.LastRestartedAt.IsNull() {
				t.Errorf("state has %s and %s, want %s and null", model.IPAddress, model.LastRestartedAt, test.kept)
			}
			if len(diags) != min(1, len(test.warns)) || diags.HasError() {
				t.Fatalf("got %v", diags)
			}
			for _, part := range test.warns {
				if !strings.Contains(diags[0].Detail(), part) {
					t.Errorf("%q is not in %q", part, diags[0].Detail())
				}
			}
		})
	}
	model := applied(types.StringNull())
	model.HubIdentity = types.StringValue("uuid/place")
	model.holdTo(Model{HubIdentity: types.StringValue("uuid/org/create/delete")})
	if model.HubIdentity.ValueString() != "uuid/org/create/delete" {
		t.Errorf("the hub's identity is %s, and was planned as it was", model.HubIdentity)
	}
	model = applied(types.StringNull())
	model.HubIdentity = types.StringValue("uuid/place")
	model.holdTo(Model{HubIdentity: types.StringUnknown(), LastRestartedAt: timetypes.NewRFC3339Unknown()})
	if model.HubIdentity.ValueString() != "uuid/place" {
		t.Errorf("the hub's identity is %s", model.HubIdentity)
	}
	model.holdTo(Model{LastRestartedAt: timetypes.NewRFC3339Unknown()})
	if model.LastRestartedAt.ValueString() != "2026-08-22T12:00:00Z" {
		t.Errorf("the restart that the job has done is forgotten: %s", model.LastRestartedAt)
	}
}
