package computeinstance

import (
	"bytes"
	"context"
	"encoding/json"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/osac-project/terraform-provider-osac/internal/provider/planclaim"
)

// Unchanged plans the instances that stay as they are, which are most of a large plan. The framework would go through all
// attributes for each attribute, to come to the same: that took half of the CPU time of a plan of 300 instances.
// TestUnchangedIsPlannedAlike holds the two together.
type Unchanged struct {
	typeName string
	schema   schema.Schema
	typ      tftypes.Type
}

// NewUnchanged returns what plans unchanged instances of a provider of this name.
func NewUnchanged(providerName string) Unchanged {
	var metadata resource.MetadataResponse
	(&Resource{}).Metadata(context.Background(), resource.MetadataRequest{ProviderTypeName: providerName}, &metadata)
	described := computeInstanceSchema(context.Background())
	return Unchanged{typeName: metadata.TypeName, schema: described, typ: described.Type().TerraformType(context.Background())}
}

// Plan returns nil for whatever is not certainly the state as it is, takes a job, or has an instance that another address
// claims, too: that is for the framework and ModifyPlan, and so is all that is wrong with it. There are no claims before
// the provider is configured.
func (u Unchanged) Plan(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest, claimed *planclaim.Claims) *tfprotov6.PlanResourceChangeResponse {
	if req.TypeName != u.typeName || req.PriorState == nil || req.ProposedNewState == nil ||
		len(req.PriorState.MsgPack) == 0 || !bytes.Equal(req.PriorState.MsgPack, req.ProposedNewState.MsgPack) {
		return nil
	}
	raw, err := req.PriorState.Unmarshal(u.typ)
	if err != nil || raw.IsNull() {
		return nil
	}
	var state Model
	if (tfsdk.State{Raw: raw, Schema: u.schema}).Get(ctx, &state).HasError() || !state.staysAsItIs(ctx) {
		return nil
	}
	planned := &tfprotov6.PlanResourceChangeResponse{
		PlannedState: req.PriorState, PlannedPrivate: req.PriorPrivate, PlannedIdentity: req.PriorIdentity,
	}
	if claimed != nil && !keeps(claimed, &state, planned) {
		return nil
	}
	return planned
}

// keeps notes that an instance stays as it is, and marks the plan as ModifyPlan does. It returns false if the instance is
// claimed by another address as well.
func keeps(claimed *planclaim.Claims, state *Model, planned *tfprotov6.PlanResourceChangeResponse) bool {
	private := map[string][]byte{}
	if len(planned.PlannedPrivate) > 0 && json.Unmarshal(planned.PlannedPrivate, &private) != nil {
		return false
	}
	object := state.claimed()
	claim := &planclaim.Claim{From: &object, To: &object}
	if !claimed.TryEnter(claim) {
		return false
	}
	private[plannedKey] = plannedMark{Plan: claimed.Plan, Address: claim.Address, SkipDestroy: state.SkipDestroy.ValueBool()}.bytes()
	var err error
	planned.PlannedPrivate, err = json.Marshal(private)
	return err == nil
}

// staysAsItIs reports whether planning the state as it is takes no job.
func (m *Model) staysAsItIs(ctx context.Context) bool {
	p := planning{plan: *m, state: m}
	versions := p.planVersions(ctx)
	restart := p.checkRestart()
	needsRun, read := p.needsRun(ctx)
	return !versions.HasError() && !restart.HasError() && !read.HasError() && !needsRun &&
		p.plan.DesiredConfigVersion.Equal(m.DesiredConfigVersion) && p.plan.InputsVersion.Equal(m.InputsVersion)
}
