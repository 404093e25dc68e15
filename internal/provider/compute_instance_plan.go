package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-jsontypes/jsontypes"
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/osac-project/terraform-provider-osac/internal/provisioning"
)

// ModifyPlan decides as a whole what Terraform is told of the computed attributes: that nothing changes where nothing
// needs to run, and that the job will tell where something does. The latter plans an update in place also where the
// configuration did not change, which is how a failed or interrupted run is finished (contract/terraform/README.md, e).
func (r *computeInstanceResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() || r.hubs == nil {
		return
	}
	p := planning{hubs: r.hubs}
	resp.Diagnostics.Append(req.Config.Get(ctx, &p.config)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, &p.plan)...)
	if !req.State.Raw.IsNull() {
		p.state = &computeInstanceModel{}
		resp.Diagnostics.Append(req.State.Get(ctx, p.state)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	replace, diags := p.decide(ctx)
	resp.Diagnostics.Append(diags...)
	resp.RequiresReplace = append(resp.RequiresReplace, replace...)
	resp.Diagnostics.Append(resp.Plan.Set(ctx, &p.plan)...)
}

// planning is the plan of one instance.
type planning struct {
	hubs         *configuredHubs
	config, plan computeInstanceModel
	// state is nil where an instance is to be created.
	state *computeInstanceModel
}

func (p *planning) decide(ctx context.Context) (path.Paths, diag.Diagnostics) {
	diags := p.fillDefaults()
	if diags.HasError() {
		return nil, diags
	}
	p.planID()
	diags.Append(p.planVersions(ctx)...)
	diags.Append(p.checkRestart()...)
	replace, moved := p.planMove(ctx)
	diags.Append(moved...)
	if diags.HasError() {
		return replace, diags
	}
	needsRun, read := p.needsRun(ctx)
	diags.Append(read...)
	if diags.HasError() {
		return replace, diags
	}
	if !needsRun {
		p.keepComputed()
		return replace, diags
	}
	p.leaveComputedOpen()
	diags.Append(p.checkHub(ctx)...)
	return replace, diags
}

// fillDefaults fills in what is not configured, but only while there is no state: a default that changes later must
// not replace an instance.
func (p *planning) fillDefaults() diag.Diagnostics {
	var diags diag.Diagnostics
	fill := func(configured types.String, planned *types.String, value types.String) {
		if p.state == nil && configured.IsNull() {
			*planned = value
		}
	}
	fill(p.config.Hub, &p.plan.Hub, types.StringValue(provisioning.DefaultHub))
	fill(p.config.TemplateID, &p.plan.TemplateID, types.StringValue(provisioning.DefaultTemplateID))
	fill(p.config.RunStrategy, &p.plan.RunStrategy, types.StringValue(provisioning.RunAlways))
	namespace := types.StringUnknown()
	if !p.plan.Hub.IsUnknown() {
		configured, exists := p.hubs.find(p.plan.Hub.ValueString())
		if !exists {
			diags.AddAttributeError(path.Root("hub"), "Unknown hub", p.hubs.missing(p.plan.Hub.ValueString()))
		}
		namespace = configured.namespace
	}
	fill(p.config.Namespace, &p.plan.Namespace, namespace)
	return diags
}

func (p *planning) planID() {
	p.plan.ID = types.StringUnknown()
	if !p.plan.Hub.IsUnknown() && !p.plan.Namespace.IsUnknown() && !p.plan.Name.IsUnknown() {
		p.plan.ID = types.StringValue(provisioning.InstanceID(p.plan.Hub.ValueString(), p.plan.key()))
	}
}

// planVersions computes the versions of what is planned, each as soon as all that it covers is known.
func (p *planning) planVersions(ctx context.Context) diag.Diagnostics {
	p.plan.DesiredConfigVersion, p.plan.InputsVersion = types.StringUnknown(), types.StringUnknown()
	if !known(ctx, p.plan.specValues()...) {
		return nil
	}
	spec, diags := p.plan.spec(ctx)
	p.plan.DesiredConfigVersion = types.StringValue(spec.ConfigVersion())
	if !known(ctx, p.plan.inputValues()...) {
		return diags
	}
	instance, read := p.plan.instance(ctx)
	diags.Append(read...)
	p.plan.InputsVersion = types.StringValue(instance.InputsVersion())
	return diags
}

func (p *planning) checkRestart() diag.Diagnostics {
	restart, diags := timestamp(p.plan.RestartRequestedAt)
	err := provisioning.CheckRestart(provisioning.Spec{
		RestartRequestedAt: restart,
		RunStrategy:        p.plan.RunStrategy.ValueString(),
	}, time.Now())
	if err != nil {
		diags.Append(errorDiagnostic(operationPlan, err, false))
	}
	return diags
}

// planMove decides what another hub means: another controller replaces the instance, and another name of the same one
// is nothing. Where that isn't known, it is left to the apply, which refuses to go on with another controller.
func (p *planning) planMove(ctx context.Context) (path.Paths, diag.Diagnostics) {
	var diags diag.Diagnostics
	if p.state == nil || p.plan.Hub.IsUnknown() || p.plan.Hub.Equal(p.state.Hub) || p.state.ControllerUUID.IsNull() {
		return nil, nil
	}
	target, _ := p.hubs.find(p.plan.Hub.ValueString())
	if !target.usable() {
		return nil, nil
	}
	same, err := target.hub.Runs(ctx, p.state.ControllerUUID.ValueString())
	switch {
	case err != nil:
		diags.AddAttributeError(path.Root("hub"), "The hub did not answer", printable(fmt.Sprintf(
			"Whether hub %q leads to the controller that runs the instance, and nothing needs to be done, or to another one, where it would have to be replaced, is not known: %s",
			p.plan.Hub.ValueString(), err)))
	case !same:
		return path.Paths{path.Root("hub")}, nil
	}
	return nil, diags
}

// needsRun tells whether the plan takes a job. What isn't known yet may.
func (p *planning) needsRun(ctx context.Context) (bool, diag.Diagnostics) {
	if p.state == nil || p.plan.InputsVersion.IsUnknown() {
		return true, nil
	}
	desired, diags := p.plan.instance(ctx)
	record, read := p.state.record(ctx)
	diags.Append(read...)
	return record.NeedsRun(desired), diags
}

// keepComputed plans that nothing changes: the framework marks computed attributes unknown on any difference, that of
// timeouts included.
func (p *planning) keepComputed() {
	p.plan.ReconciledConfigVersion = p.plan.DesiredConfigVersion
	p.plan.Phase = p.state.Phase
	p.plan.LastRestartedAt = p.state.LastRestartedAt
	p.plan.Jobs = p.state.Jobs
	p.plan.IPAddress = p.state.IPAddress
	p.plan.Artifacts = p.state.Artifacts
	p.plan.ControllerUUID = p.state.ControllerUUID
}

// leaveComputedOpen plans that the job will tell. Unknown and not what is hoped for: a known value that a run does not
// reach is an error of the provider's in Terraform's eyes.
func (p *planning) leaveComputedOpen() {
	p.plan.Phase = types.StringUnknown()
	p.plan.ReconciledConfigVersion = types.StringUnknown()
	p.plan.LastRestartedAt = timetypes.NewRFC3339Unknown()
	p.plan.Jobs = types.ListUnknown(jobType)
	p.plan.IPAddress = types.StringUnknown()
	p.plan.Artifacts = jsontypes.NewNormalizedUnknown()
	p.plan.ControllerUUID = types.StringUnknown()
	if p.state != nil && !p.state.ControllerUUID.IsNull() {
		p.plan.ControllerUUID = p.state.ControllerUUID
	}
}

// checkHub asks the hub whether it can run the instance, once all that it is to be given is known.
func (p *planning) checkHub(ctx context.Context) diag.Diagnostics {
	needed := []attr.Value{p.plan.Hub, p.plan.Namespace, p.plan.Name, p.plan.InputsVersion, p.config.ExtraVarsWO}
	if !known(ctx, needed...) {
		return nil
	}
	target, _ := p.hubs.find(p.plan.Hub.ValueString())
	if !target.usable() {
		return nil
	}
	desired, diags := p.plan.instance(ctx)
	desired.WriteOnlyExtraVars = rawJSON(p.config.ExtraVarsWO)
	if diags.HasError() {
		return diags
	}
	warnings, err := target.hub.Check(ctx, desired)
	appendWarnings(&diags, warnings)
	switch {
	case err != nil:
		diags.Append(errorDiagnostic(operationPlan, err, false))
	case p.state == nil:
		diags.Append(p.hubs.warnNoOwner(target.hub)...)
	}
	return diags
}
