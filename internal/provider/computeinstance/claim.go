package computeinstance

import (
	"context"
	"encoding/json"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/osac-project/terraform-provider-osac/internal/provider/diagnose"
	"github.com/osac-project/terraform-provider-osac/internal/provider/planclaim"
	"github.com/osac-project/terraform-provider-osac/internal/provider/tfvalue"
)

// plannedKey holds, in the private data of a plan, the message of an address's first planning call to its second one.
// Terraform plans a replacement in two calls, one with the state and one without, and passes the first call's private
// data to the second. The private data of state can't distinguish the two calls: there is none after an import, and
// none after the provider was killed.
const plannedKey = "planned"

// plannedMark is the message of the planning call of an object in state.
type plannedMark struct {
	// Plan is that of the claims: a message of another process does not count.
	Plan    string `json:"plan"`
	Address int    `json:"address"`
	// SkipDestroy is set if the object, or its configuration, forbids a delete job.
	SkipDestroy bool `json:"skip_destroy,omitempty"`
}

// bytes returns the mark in the form of private data.
func (m plannedMark) bytes() []byte {
	written, _ := json.Marshal(m) // texts, numbers and booleans can always be written
	return written
}

// readMark returns the message of the first planning call for the address, or nil if this is the first one.
func readMark(ctx context.Context, private privateReader, plan string) (*plannedMark, diag.Diagnostics) {
	value, diags := private.GetKey(ctx, plannedKey)
	var mark plannedMark
	if json.Unmarshal(value, &mark) != nil || mark.Plan != plan {
		return nil, diags
	}
	return &mark, diags
}

// claimed returns the instance in state as an object of the plan's claims.
func (m *Model) claimed() planclaim.Object {
	return planclaim.Object{
		Place: planclaim.Place{Hub: m.Hub.ValueString(), Identity: m.HubIdentity.ValueString()}, Key: m.key(), UID: m.UID.ValueString(),
	}
}

// claimDestroy enters the destruction of an instance, unless that launches no delete job.
func (r *Resource) claimDestroy(ctx context.Context, req resource.ModifyPlanRequest) diag.Diagnostics {
	var state Model
	diags := req.State.Get(ctx, &state)
	diags.Append(state.readWatermark(ctx, req.Private)...)
	superseded, read := req.Private.GetKey(ctx, supersededKey)
	diags.Append(read...)
	if diags.HasError() || superseded != nil || state.SkipDestroy.ValueBool() {
		return diags
	}
	from := state.claimed()
	return append(diags, planclaim.Explained(r.hubs.Claims.Enter(ctx, &planclaim.Claim{From: &from, Gone: r.isGone(state)}))...)
}

// claim enters what a plan does with an instance. Instances with unknown names can't be distinguished.
func (r *Resource) claim(ctx context.Context, p *planning, private interface {
	privateReader
	privateWriter
},
) diag.Diagnostics {
	if !tfvalue.Known(ctx, p.plan.Hub, p.plan.Namespace, p.plan.Name) {
		return nil
	}
	claimed := r.hubs.Claims
	if p.state == nil {
		to := planclaim.Object{Place: r.hubs.PlaceOf(ctx, p.plan.Hub.ValueString()), Key: p.plan.key()}
		mark, diags := readMark(ctx, private, claimed.Plan)
		if mark == nil {
			return append(diags, planclaim.Explained(claimed.Enter(ctx, &planclaim.Claim{To: &to}))...)
		}
		if mark.SkipDestroy {
			diags.Append(refuseSkippedReplacement(p.plan.ID))
		}
		return append(diags, planclaim.Explained(claimed.Replaces(ctx, mark.Address, to))...)
	}
	claim := p.claim(ctx)
	claim.Gone = r.isGone(*p.state)
	diags := planclaim.Explained(claimed.Enter(ctx, claim))
	mark := plannedMark{Plan: claimed.Plan, Address: claim.Address, SkipDestroy: p.state.SkipDestroy.ValueBool() || p.plan.SkipDestroy.ValueBool()}
	return append(diags, private.SetKey(ctx, plannedKey, mark.bytes())...)
}

// claim returns the claim of a plan for an instance in state.
func (p *planning) claim(ctx context.Context) *planclaim.Claim {
	from := p.state.claimed()
	to := planclaim.Object{Place: from.Place, Key: p.plan.key()}
	if !p.plan.Hub.Equal(p.state.Hub) && !p.staysInPlace {
		to.Place = p.hubs.PlaceOf(ctx, p.plan.Hub.ValueString())
	}
	if to.Is(from) {
		to.UID = from.UID
	}
	return &planclaim.Claim{From: &from, To: &to}
}

// isGone returns a function that checks whether an instance was deleted since it was last read, or taken by another
// life: then its delete is refused, and nobody loses a machine. Terraform 1.11 plans the destruction of an unconfigured
// instance before it reads the instance. If the check fails, the instance counts as there.
func (r *Resource) isGone(state Model) func(context.Context) bool {
	return func(ctx context.Context) bool {
		record, diags := state.record(ctx)
		if diags.HasError() || state.isMoved() {
			return false
		}
		hub, diags := r.hubOfRecord(ctx, state.Hub.ValueString(), record, diagnose.Read)
		if hub == nil || diags.HasError() {
			return false
		}
		result, err := hub.Refresh(ctx, record)
		return err == nil && (result.Record == nil || result.Taken)
	}
}

// refuseSkippedReplacement says why an instance with skip_destroy can't be replaced.
func refuseSkippedReplacement(id types.String) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root("skip_destroy"), "An instance that is not to be deleted can't be replaced",
		"Instance "+diagnose.Printable(id.ValueString())+" has skip_destroy, and this plan replaces it: no delete job would run for the old machine, and there would be two, or the new one "+
			"could not be made. Take the change back that replaces it. Or, to have the old machine deleted: set skip_destroy = false, apply that alone, and then this change. "+
			"Or, to leave the old machine behind: run terraform state rm, and give the new one another name.")
}
