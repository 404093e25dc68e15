package computeinstance

import (
	"context"
	"reflect"

	"github.com/hashicorp/terraform-plugin-framework/tfsdk"

	"github.com/osac-project/terraform-provider-osac/internal/provider/hubs"
	"github.com/osac-project/terraform-provider-osac/internal/provider/planclaim"
	"github.com/osac-project/terraform-provider-osac/internal/provider/workaround"
)

// NewUnchanged returns the planner of the instances that stay as they are. configured returns nil until the provider has
// been configured.
func NewUnchanged(ctx context.Context, providerName string, configured func() *hubs.Configured) workaround.Unchanged {
	return workaround.NewUnchanged(ctx, providerName, &Resource{}, func(ctx context.Context, state tfsdk.State, private workaround.PrivateData) bool {
		current := configured()
		return current != nil && staysAsItIs(ctx, current, state, private)
	})
}

// staysAsItIs reports whether ModifyPlan has nothing to say about an instance whose plan equals its state, and claims
// the instance as ModifyPlan does. It is false for an instance that another address claims as well.
//
// ModifyPlan reads the configuration only where this returns false: for a new instance, and for one that needs a job.
func staysAsItIs(ctx context.Context, configured *hubs.Configured, state tfsdk.State, private workaround.PrivateData) bool {
	var before Model
	if state.Get(ctx, &before).HasError() {
		return false
	}
	p := planning{hubs: configured, config: before, plan: before, state: &before}
	needsRun, replace, diags := p.settle(ctx)
	if needsRun || len(replace) > 0 || len(diags) > 0 || !reflect.DeepEqual(p.plan, before) {
		return false
	}
	object := before.claimed()
	claim := &planclaim.Claim{From: &object, To: &object}
	if !configured.Claims.TryEnter(claim) {
		return false
	}
	private[plannedKey] = plannedMark{Plan: configured.Claims.Plan, Address: claim.Address, SkipDestroy: before.SkipDestroy.ValueBool()}.bytes()
	return true
}
