package computeinstance

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/osac-project/terraform-provider-osac/internal/provider/diagnose"
	"github.com/osac-project/terraform-provider-osac/internal/provider/hubs"
	"github.com/osac-project/terraform-provider-osac/internal/provider/tfvalue"
	"github.com/osac-project/terraform-provider-osac/internal/provisioning"
)

var (
	_ resource.ResourceWithConfigure   = (*Resource)(nil)
	_ resource.ResourceWithModifyPlan  = (*Resource)(nil)
	_ resource.ResourceWithImportState = (*Resource)(nil)
	_ resource.ResourceWithIdentity    = (*Resource)(nil)
	_ resource.ResourceWithMoveState   = (*Resource)(nil)
)

// The default time-outs. They include the wait in the controller's queue.
const (
	defaultCreateTimeout = 60 * time.Minute
	defaultUpdateTimeout = 60 * time.Minute
	defaultDeleteTimeout = 30 * time.Minute
)

// Resource is osac_compute_instance.
type Resource struct {
	hubs *hubs.Configured
}

// NewResource returns the resource osac_compute_instance.
func NewResource() resource.Resource { return &Resource{} }

// Metadata names the resource. Its identity changes if its hub is renamed; this does not replace the resource.
func (r *Resource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_compute_instance"
	resp.ResourceBehavior.MutableIdentity = true
}

// Configure sets the provider's hubs. There are none while Terraform only validates.
func (r *Resource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.hubs = hubs.DataOf[*hubs.Configured](req.ProviderData, &resp.Diagnostics)
}

// Create creates an instance.
func (r *Resource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan, config Model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	timeout, diags := plan.Timeouts.Create(ctx, defaultCreateTimeout)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	applied, diags := r.apply(ctx, application{operation: diagnose.Create, plan: plan, config: config, timeout: timeout})
	resp.Diagnostics.Append(diags...)
	if applied != nil {
		resp.Diagnostics.Append(resp.State.Set(ctx, applied)...)
		resp.Diagnostics.Append(resp.Identity.Set(ctx, applied.identity())...)
		resp.Diagnostics.Append(applied.writeWatermark(ctx, resp.Private)...)
	}
}

// Update changes an instance in place, or finishes an earlier run.
func (r *Resource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, config, state Model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	resp.Diagnostics.Append(state.readWatermark(ctx, req.Private)...)
	timeout, diags := plan.Timeouts.Update(ctx, defaultUpdateTimeout)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	applied, diags := r.apply(ctx, application{operation: diagnose.Update, plan: plan, config: config, prior: &state, timeout: timeout})
	resp.Diagnostics.Append(diags...)
	if applied != nil {
		resp.Diagnostics.Append(resp.State.Set(ctx, applied)...)
		resp.Diagnostics.Append(resp.Identity.Set(ctx, applied.identity())...)
		resp.Diagnostics.Append(applied.writeWatermark(ctx, resp.Private)...)
		resp.Diagnostics.Append(resp.Private.SetKey(ctx, plannedKey, nil)...) // it is of no use in state
	}
}

// application is the common part of create and update: bring an instance to the desired inputs.
type application struct {
	operation    diagnose.Operation
	plan, config Model
	prior        *Model
	timeout      time.Duration
}

// apply returns what to keep in state, also alongside errors; nil means to leave state unchanged.
func (r *Resource) apply(ctx context.Context, a application) (*Model, diag.Diagnostics) {
	hub, diags := r.hubs.Use(a.plan.Hub.ValueString(), a.operation)
	if diags.HasError() {
		return nil, diags
	}
	// Only the configuration has write-only values. They must not stay in the returned state: alongside an error, the
	// framework does not remove them.
	a.plan.ExtraVarsWO = a.config.ExtraVarsWO
	desired, read := a.plan.instance(ctx)
	a.plan.ExtraVarsWO = types.StringNull()
	desired.ExtraVars = a.prior.writtenAs(desired)
	diags.Append(read...)
	request := provisioning.ApplyRequest{Desired: desired, TakeOver: a.plan.TakeOver.ValueBool(), Timeout: a.timeout}
	if a.prior != nil {
		prior, read := a.prior.record(ctx)
		diags.Append(read...)
		request.Prior = &prior
	}
	if diags.HasError() {
		return nil, diags
	}
	result, err := hub.Apply(ctx, request)
	diagnose.AppendWarnings(&diags, result.Warnings)
	if err != nil {
		diags.Append(diagnose.Error(a.operation, err, result.Record != nil))
	}
	if result.Record == nil {
		return nil, diags
	}
	applied := a.plan
	diags.Append(applied.setComputed(ctx, *result.Record)...)
	diags.Append(applied.holdTo(a.plan)...)
	return &applied, diags
}

// Read refreshes state from the hub's jobs. Configured attributes keep their text.
func (r *Resource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state Model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	resp.Diagnostics.Append(state.readWatermark(ctx, req.Private)...)
	record, diags := state.record(ctx)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	// Terraform 1.11 and a killed provider leave no identity behind (internal/sandbox/FACTS.md F43, F47).
	resp.Diagnostics.Append(resp.Identity.Set(ctx, state.identity())...)
	if state.isMoved() {
		r.readMoved(ctx, state, record, resp)
		return
	}
	hub, diags := r.hubOfRecord(ctx, state.Hub.ValueString(), record, diagnose.Read)
	resp.Diagnostics.Append(diags...)
	if hub == nil {
		return
	}
	inState := record
	// An update in place keeps the planned address, even if its job has reported another.
	record.IPAddress = record.ReportedAddress()
	result, err := hub.Refresh(ctx, record)
	diagnose.AppendWarnings(&resp.Diagnostics, result.Warnings)
	switch {
	case err != nil:
		resp.Diagnostics.Append(diagnose.Error(diagnose.Read, err, false))
	case result.Record == nil:
		resp.State.RemoveResource(ctx)
	case reflect.DeepEqual(*result.Record, inState):
		// State does not change.
	default:
		if result.OtherMachine {
			state.Tenant = tfvalue.TextOrNull(result.Record.Tenant)
			resp.Diagnostics.Append(state.setSpec(ctx, result.Record.Spec)...)
		}
		resp.Diagnostics.Append(state.setComputed(ctx, *result.Record)...)
		resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
		resp.Diagnostics.Append(state.writeWatermark(ctx, resp.Private)...)
	}
}

// Delete deletes the instance. Without an error, the framework drops the instance from state, whatever else is returned
// (internal/sandbox/FACTS.md F42).
func (r *Resource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state Model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	resp.Diagnostics.Append(state.readWatermark(ctx, req.Private)...)
	record, diags := state.record(ctx)
	resp.Diagnostics.Append(diags...)
	timeout, diags := state.Timeouts.Delete(ctx, defaultDeleteTimeout)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	superseded, diags := req.Private.GetKey(ctx, supersededKey)
	resp.Diagnostics.Append(diags...)
	if superseded != nil {
		resp.Diagnostics.AddWarning("An object was dropped from state", supersededDetail(state.ID.ValueString()))
		return
	}
	if state.SkipDestroy.ValueBool() {
		tflog.Info(ctx, "skip_destroy: the instance is dropped from state, and no job is launched", map[string]any{"id": state.ID.ValueString()})
		return
	}
	hub, diags := r.hubOfRecord(ctx, state.Hub.ValueString(), record, diagnose.Delete)
	resp.Diagnostics.Append(diags...)
	if hub == nil {
		return
	}
	result, err := hub.Destroy(ctx, provisioning.DestroyRequest{Record: record, Timeout: timeout})
	diagnose.AppendWarnings(&resp.Diagnostics, result.Warnings)
	if err == nil {
		return
	}
	if result.Record != nil {
		resp.Diagnostics.Append(state.setComputed(ctx, *result.Record)...)
		resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
		resp.Diagnostics.Append(state.writeWatermark(ctx, resp.Private)...)
	}
	if refused, ok := errors.AsType[*provisioning.Error](err); ok && refused.Reason == provisioning.ReasonMadeHere {
		resp.Diagnostics.Append(resp.Private.SetKey(ctx, supersededKey, []byte("true"))...)
	}
	resp.Diagnostics.Append(diagnose.Error(diagnose.Delete, err, true))
}

// supersededKey marks, in private state, an object whose instance was taken over by another object: create_before_destroy
// has replaced it under an unchanged name, and its delete was refused. Later commands must refuse, too, and their processes
// do not remember who made the instance. Private state that is set alongside an error is saved (internal/sandbox/FACTS.md
// F45).
const supersededKey = "superseded"

func supersededDetail(id string) string {
	return fmt.Sprintf("Instance %s now belongs to the object that replaced this one under the same name (create_before_destroy). "+
		"This object was dropped from state, and no delete job was launched: the machine stays.", id)
}
