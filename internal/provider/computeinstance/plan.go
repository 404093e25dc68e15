package computeinstance

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/osac-project/terraform-provider-osac/internal/osac"
	"github.com/osac-project/terraform-provider-osac/internal/provider/diagnose"
	"github.com/osac-project/terraform-provider-osac/internal/provider/hubs"
	"github.com/osac-project/terraform-provider-osac/internal/provider/tfvalue"
	"github.com/osac-project/terraform-provider-osac/internal/provisioning"
)

// ModifyPlan decides what Terraform is told of all computed attributes. If no job needs to run, they keep their values. If
// one does, they are unknown until it has run. Unknown values plan an update in place, even of an unchanged configuration
// (internal/sandbox/FACTS.md F44): so the next apply finishes a failed or interrupted run.
func (r *Resource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if r.hubs == nil {
		return
	}
	if req.Plan.Raw.IsNull() {
		resp.Diagnostics.Append(r.claimDestroy(ctx, req)...)
		return
	}
	p := planning{hubs: r.hubs}
	resp.Diagnostics.Append(req.Config.Get(ctx, &p.config)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, &p.plan)...)
	if !req.State.Raw.IsNull() {
		p.state = &Model{}
		resp.Diagnostics.Append(req.State.Get(ctx, p.state)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	replace, diags := p.decide(ctx)
	resp.Diagnostics.Append(diags...)
	resp.RequiresReplace = append(resp.RequiresReplace, replace...)
	resp.Diagnostics.Append(r.claim(ctx, &p, resp.Private)...)
	resp.Diagnostics.Append(resp.Plan.Set(ctx, &p.plan)...)
}

// planning is the plan of one instance.
type planning struct {
	hubs         *hubs.Configured
	config, plan Model
	// state is nil if the plan creates an instance.
	state *Model
	// staysInPlace is set if another hub's key is the same place.
	staysInPlace bool
}

func (p *planning) decide(ctx context.Context) (path.Paths, diag.Diagnostics) {
	needsRun, replace, diags := p.settle(ctx)
	if !needsRun || diags.HasError() {
		return replace, diags
	}
	p.leaveOpen()
	if p.state == nil {
		diags.Append(warnFurtherNetworks(p.plan.NetworkAttachments)...)
	}
	diags.Append(p.checkHub(ctx)...)
	return replace, diags
}

// settle reports whether the plan takes a job, and plans that nothing changes if it takes none. Unchanged instances are
// planned by it alone.
func (p *planning) settle(ctx context.Context) (bool, path.Paths, diag.Diagnostics) {
	diags := p.fillDefaults()
	if diags.HasError() {
		return false, nil, diags
	}
	p.planID()
	diags.Append(p.planVersions(ctx)...)
	diags.Append(p.checkRestart()...)
	diags.Append(p.checkExtra(ctx)...)
	replace, moved := p.planMove(ctx)
	diags.Append(moved...)
	if diags.HasError() {
		return false, replace, diags
	}
	needsRun, read := p.needsRun(ctx)
	diags.Append(read...)
	if !needsRun && !diags.HasError() {
		p.keepComputed()
	}
	return needsRun, replace, diags
}

// fillDefaults sets the defaults of a new instance. An existing one keeps its values: a default that changes later must
// not replace it.
func (p *planning) fillDefaults() diag.Diagnostics {
	var diags diag.Diagnostics
	fill := func(configured types.String, planned *types.String, value types.String) {
		if p.state == nil && configured.IsNull() {
			*planned = value
		}
	}
	fill(p.config.Hub, &p.plan.Hub, types.StringValue(provisioning.DefaultHub))
	fill(p.config.TemplateID, &p.plan.TemplateID, types.StringValue(osac.DefaultTemplateID))
	p.fillTenant()
	fill(p.config.RunStrategy, &p.plan.RunStrategy, types.StringValue(osac.RunAlways))
	namespace := types.StringUnknown()
	if !p.plan.Hub.IsUnknown() {
		configured, exists := p.hubs.Find(p.plan.Hub.ValueString())
		if !exists {
			diags.AddAttributeError(path.Root("hub"), "Unknown hub", p.hubs.Missing(p.plan.Hub.ValueString()))
		}
		namespace = configured.Namespace
	}
	fill(p.config.Namespace, &p.plan.Namespace, namespace)
	return diags
}

// fillTenant sets the hub's tenant for a new instance, and keeps that of an existing one.
func (p *planning) fillTenant() {
	switch target, _ := p.hubs.Find(p.plan.Hub.ValueString()); {
	case !p.config.Tenant.IsNull():
	case p.state != nil:
		p.plan.Tenant = p.state.Tenant
	case p.plan.Hub.IsUnknown():
		p.plan.Tenant = types.StringUnknown()
	default:
		p.plan.Tenant = target.Tenant
	}
}

func (p *planning) planID() {
	p.plan.ID = types.StringUnknown()
	if !p.plan.Hub.IsUnknown() && !p.plan.Namespace.IsUnknown() && !p.plan.Name.IsUnknown() {
		p.plan.ID = types.StringValue(provisioning.InstanceID(p.plan.Hub.ValueString(), p.plan.key()))
	}
}

// planVersions computes the planned versions, each as soon as all its inputs are known.
func (p *planning) planVersions(ctx context.Context) diag.Diagnostics {
	p.plan.DesiredConfigVersion, p.plan.InputsVersion = types.StringUnknown(), types.StringUnknown()
	if !tfvalue.Known(ctx, p.plan.specValues()...) {
		return nil
	}
	spec, diags := p.plan.spec(ctx)
	p.plan.DesiredConfigVersion = types.StringValue(spec.ConfigVersion())
	if !tfvalue.Known(ctx, p.plan.inputValues()...) {
		return diags
	}
	instance, read := p.desired(ctx)
	diags.Append(read...)
	p.plan.InputsVersion = types.StringValue(instance.InputsVersion())
	return diags
}

// desired returns the planned instance.
func (p *planning) desired(ctx context.Context) (osac.Instance, diag.Diagnostics) {
	instance, diags := p.plan.instance(ctx)
	instance.ExtraVars = p.state.writtenAs(instance)
	return instance, diags
}

func (p *planning) checkRestart() diag.Diagnostics {
	restart, diags := timestamp(p.plan.RestartRequestedAt)
	err := provisioning.CheckRestart(osac.ComputeInstanceSpec{
		RestartRequestedAt: restart,
		RunStrategy:        p.plan.RunStrategy.ValueString(),
	}, time.Now())
	if err != nil {
		diags.Append(diagnose.Error(diagnose.Plan, err, false))
	}
	return diags
}

// planMove decides what a change of the instance's hub means. The same key at another place is an error. Another key at
// another place replaces the instance. Another key of the same place changes nothing. If the places aren't known, the
// apply decides, which refuses to go on with another controller.
func (p *planning) planMove(ctx context.Context) (path.Paths, diag.Diagnostics) {
	if p.state == nil || p.plan.Hub.IsUnknown() || p.state.ControllerUUID.IsNull() && p.state.HubIdentity.IsNull() {
		return nil, nil
	}
	target, _ := p.hubs.Find(p.plan.Hub.ValueString())
	if !target.Usable() {
		return nil, nil
	}
	same, err := target.Hub.SamePlace(ctx, p.state.HubIdentity.ValueString(), p.state.ControllerUUID.ValueString())
	renamed := !p.plan.Hub.Equal(p.state.Hub)
	switch {
	case err != nil && renamed:
		return nil, diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("hub"), "The hub did not answer", diagnose.Printable(fmt.Sprintf(
			"Whether hub %q leads to where the instance runs, and nothing needs to be done, or to another place, where it would have to be replaced, is not known: %s",
			p.plan.Hub.ValueString(), err)))}
	case err != nil:
		return nil, nil // whatever needs the hub tells it
	case same:
		p.staysInPlace = true
		return nil, nil
	case renamed:
		return path.Paths{path.Root("hub")}, nil
	}
	return nil, diag.Diagnostics{p.otherPlace(ctx, target)}
}

// otherPlace is the error of a hub's key that leads to another place than before.
func (p *planning) otherPlace(ctx context.Context, target hubs.Hub) diag.Diagnostic {
	made := p.state.HubIdentity.ValueString()
	if made == "" {
		made = "controller " + p.state.ControllerUUID.ValueString()
	}
	now, err := target.Hub.Identity(ctx)
	if err != nil || now == "" {
		now = "another controller"
	}
	return diag.NewAttributeErrorDiagnostic(path.Root("hub"), "The hub is another place", diagnose.Printable(fmt.Sprintf(
		"Instance %s was made on hub %q when that was %s. Now it is %s. Nothing was planned for the instance.\n\n"+
			"Restore the hub's settings; where only its templates or its organization have another name now, confirm that it is the same place by the hub's setting place. "+
			"For another place, add a hub under a key of its own. To leave the instance behind, use a removed block with lifecycle { destroy = false }.",
		p.state.ID.ValueString(), p.plan.Hub.ValueString(), made, now)))
}

// needsRun reports whether the plan needs a job. Unknown values may need one.
func (p *planning) needsRun(ctx context.Context) (bool, diag.Diagnostics) {
	if p.state == nil || p.plan.InputsVersion.IsUnknown() {
		return true, nil
	}
	desired, diags := p.desired(ctx)
	record, read := p.state.record(ctx)
	diags.Append(read...)
	return record.NeedsRun(desired, p.hubStorageClasses()), diags
}

// hubStorageClasses are those of the instance's hub; while its settings are unknown, they are not empty.
func (p *planning) hubStorageClasses() []osac.StorageClass {
	if target, _ := p.hubs.Find(p.plan.Hub.ValueString()); target.Usable() {
		return target.Hub.StorageClasses()
	}
	return []osac.StorageClass{{}}
}

// checkHub asks the hub whether it can run the instance, once all inputs are known.
func (p *planning) checkHub(ctx context.Context) diag.Diagnostics {
	needed := []attr.Value{p.plan.Hub, p.plan.Namespace, p.plan.Name, p.plan.InputsVersion, p.config.ExtraVarsWO}
	if !tfvalue.Known(ctx, needed...) {
		return nil
	}
	target, _ := p.hubs.Find(p.plan.Hub.ValueString())
	if !target.Usable() {
		return nil
	}
	desired, diags := p.desired(ctx)
	desired.WriteOnlyExtraVars = hubs.RawJSON(p.config.ExtraVarsWO)
	if diags.HasError() {
		return diags
	}
	warnings, err := target.Hub.Check(ctx, desired)
	diagnose.AppendWarnings(&diags, warnings)
	unmet, isUnmet := errors.AsType[*provisioning.UnmetError](err)
	switch {
	case isUnmet:
		for _, each := range unmet.Unmet {
			single := &provisioning.UnmetError{Instance: unmet.Instance, Template: unmet.Template, Unmet: []osac.Unmet{each}}
			diags.AddAttributeError(path.Root(each.Attribute), "OSAC's playbook needs more", diagnose.Printable(single.Error()))
		}
	case err != nil:
		diags.Append(diagnose.Error(diagnose.Plan, err, false))
	case p.state == nil:
		diags.Append(p.hubs.WarnNoOwner(target.Hub)...)
		if p.config.Namespace.IsNull() {
			diags.Append(p.hubs.WarnNoNamespace(ctx, target)...)
		}
	}
	return diags
}
