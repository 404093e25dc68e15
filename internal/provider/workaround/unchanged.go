package workaround

import (
	"bytes"
	"context"
	"encoding/json"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// PrivateData is the private data of a plan: JSON by key.
type PrivateData map[string][]byte

// StaysAsItIs reports whether the resource's ModifyPlan, called with a plan that equals the state, would return that
// plan, no diagnostics and no replacement. It puts what ModifyPlan would put into the private data. In doubt it returns
// false, has no effect that a call of ModifyPlan afterwards would see, and the framework plans.
type StaysAsItIs func(ctx context.Context, state tfsdk.State, private PrivateData) bool

// Unchanged plans the objects of one resource that stay as they are, which are most of a large plan.
//
// Works around: terraform-plugin-framework@v1.19.0 internal/fwserver Server.PlanResourceChange. It walks all attributes
// for defaults and for write-only ones, and all attributes again for plan modifiers, and looks each up by its path from
// the root of configuration, plan and state. For an unchanged object the outcome is the state that it was given.
// See https://github.com/hashicorp/terraform-plugin-framework/issues/775.
//
// Without it: 94 % more CPU time at 300 instances, 88 % more at 1,000.
//
// Can go when: the framework plans an object whose proposed state equals its prior state without a look at each
// attribute, or BenchmarkPlanUnchanged is less than twice as slow without it.
//
// The resource's schema must have no defaults, and no plan modifier that changes or refuses a value which is equal to
// that in state: neither is run.
type Unchanged struct {
	typeName    string
	hasIdentity bool
	state       tfsdk.State
	stays       StaysAsItIs
}

// NewUnchanged returns the planner of the unchanged objects of a resource.
func NewUnchanged(ctx context.Context, providerName string, of resource.Resource, stays StaysAsItIs) Unchanged {
	var metadata resource.MetadataResponse
	of.Metadata(ctx, resource.MetadataRequest{ProviderTypeName: providerName}, &metadata)
	var described resource.SchemaResponse
	of.Schema(ctx, resource.SchemaRequest{}, &described)
	_, hasIdentity := of.(resource.ResourceWithIdentity)
	null := tftypes.NewValue(described.Schema.Type().TerraformType(ctx), nil)
	return Unchanged{typeName: metadata.TypeName, hasIdentity: hasIdentity, state: tfsdk.State{Schema: described.Schema, Raw: null}, stays: stays}
}

// Plan returns the framework's answer for an unchanged object, and nil if the framework must plan. All that is wrong
// with a request is for the framework to say.
func (u Unchanged) Plan(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) *tfprotov6.PlanResourceChangeResponse {
	if u.stays == nil || req.TypeName != u.typeName || req.PriorState == nil || req.ProposedNewState == nil ||
		len(req.PriorState.MsgPack) == 0 || !bytes.Equal(req.PriorState.MsgPack, req.ProposedNewState.MsgPack) {
		return nil
	}
	state := u.state
	var err error
	state.Raw, err = req.PriorState.Unmarshal(u.state.Raw.Type())
	if err != nil || state.Raw.IsNull() {
		return nil
	}
	private, ok := readPrivate(req.PriorPrivate)
	if !ok || !u.stays(ctx, state, private) {
		return nil
	}
	return &tfprotov6.PlanResourceChangeResponse{
		PlannedState: req.PriorState, PlannedPrivate: private.bytes(), PlannedIdentity: u.identity(req.PriorIdentity),
	}
}

// identity returns the planned identity, which is the prior one, or null where the object has none yet.
func (u Unchanged) identity(prior *tfprotov6.ResourceIdentityData) *tfprotov6.ResourceIdentityData {
	if !u.hasIdentity || prior != nil && prior.IdentityData != nil {
		return prior
	}
	null, err := tfprotov6.NewDynamicValue(tftypes.Object{}, tftypes.NewValue(tftypes.Object{}, nil))
	if err != nil {
		return nil
	}
	return &tfprotov6.ResourceIdentityData{IdentityData: &null}
}

// readPrivate reads private data as the framework's internal/privatestate does. It returns false for data that the
// framework refuses or passes over.
func readPrivate(data []byte) (PrivateData, bool) {
	private := PrivateData{}
	if len(data) == 0 {
		return private, true
	}
	if json.Unmarshal(data, &private) != nil || private == nil {
		return nil, false
	}
	for _, value := range private {
		if !utf8.Valid(value) || !json.Valid(value) {
			return nil, false
		}
	}
	return private, true
}

// bytes returns the private data as the framework writes it.
func (d PrivateData) bytes() []byte {
	if len(d) == 0 {
		return nil
	}
	written, _ := json.Marshal(map[string][]byte(d)) // texts and bytes can always be written
	return written
}
