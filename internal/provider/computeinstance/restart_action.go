package computeinstance

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/actionvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/osac-project/terraform-provider-osac/internal/osac"
	"github.com/osac-project/terraform-provider-osac/internal/provider/diagnose"
	"github.com/osac-project/terraform-provider-osac/internal/provider/hubs"
	"github.com/osac-project/terraform-provider-osac/internal/provider/tfvalue"
	"github.com/osac-project/terraform-provider-osac/internal/provider/validate"
	"github.com/osac-project/terraform-provider-osac/internal/provisioning"
)

var (
	_ action.ActionWithConfigure        = (*restartComputeInstanceAction)(nil)
	_ action.ActionWithConfigValidators = (*restartComputeInstanceAction)(nil)
	_ action.ActionWithModifyPlan       = (*restartComputeInstanceAction)(nil)
)

const restartDescription = "Restarts a compute instance, whoever manages it: runs the create template once more with everything that the instance's newest successful job was given, and with a restart requested for now. It ends when the job has ended, shows meanwhile what the job is doing, and fails if the job fails."

// restartComputeInstanceAction is osac_restart_compute_instance.
type restartComputeInstanceAction struct {
	instances Resource
}

// NewRestartAction returns the action osac_restart_compute_instance.
func NewRestartAction() action.Action { return &restartComputeInstanceAction{} }

// restartModel is the action's configuration.
type restartModel struct {
	ID        types.String         `tfsdk:"id"`
	Hub       types.String         `tfsdk:"hub"`
	Namespace types.String         `tfsdk:"namespace"`
	Name      types.String         `tfsdk:"name"`
	Timeout   timetypes.GoDuration `tfsdk:"timeout"`
}

// Metadata names the action.
func (a *restartComputeInstanceAction) Metadata(_ context.Context, req action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_restart_compute_instance"
}

// Schema describes the action.
func (a *restartComputeInstanceAction) Schema(_ context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: restartDescription,
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{
				MarkdownDescription: "Id of the instance, as the resource has it: `namespace/name`, on other hubs than `default` `hub/namespace/name`. Give either this or `name`.",
				Optional:            true,
				Validators:          []validator.String{instanceID{}},
			},
			"hub": schema.StringAttribute{
				MarkdownDescription: "The hub that runs the instance: a key of the provider's `hubs`, or `default`, which is the default.",
				Optional:            true,
				Validators:          append(validate.HubKeyValidators(), stringvalidator.ConflictsWith(path.MatchRoot("id"))),
			},
			"namespace": schema.StringAttribute{
				MarkdownDescription: "Namespace of the instance on the hub. Default: the hub's `namespace`.",
				Optional:            true,
				Validators:          append(validate.LabelValidators(), stringvalidator.ConflictsWith(path.MatchRoot("id"))),
			},
			"name": schema.StringAttribute{
				MarkdownDescription: "Name of the instance.",
				Optional:            true,
				Validators:          validate.LabelValidators(),
			},
			"timeout": schema.StringAttribute{
				MarkdownDescription: "How long the restart may take, the job's time in AAP's queue included, as a Go duration. Default `60m`. When the time is over, the job goes on at the controller.",
				CustomType:          timetypes.GoDurationType{},
				Optional:            true,
				Validators:          []validator.String{validate.DurationAtLeast{}},
			},
		},
	}
}

// ConfigValidators require that the instance is named in one way.
func (a *restartComputeInstanceAction) ConfigValidators(context.Context) []action.ConfigValidator {
	return []action.ConfigValidator{actionvalidator.ExactlyOneOf(path.MatchRoot("id"), path.MatchRoot("name"))}
}

// Configure sets the provider's hubs. There are none while Terraform only validates.
func (a *restartComputeInstanceAction) Configure(_ context.Context, req action.ConfigureRequest, resp *action.ConfigureResponse) {
	a.instances.hubs = hubs.DataOf[*hubs.Configured](req.ProviderData, &resp.Diagnostics)
}

// ModifyPlan checks that the hub exists before anything is done. The same apply may still create the instance.
func (a *restartComputeInstanceAction) ModifyPlan(ctx context.Context, req action.ModifyPlanRequest, resp *action.ModifyPlanResponse) {
	var config restartModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() || a.instances.hubs == nil || !tfvalue.Known(ctx, config.ID, config.Hub) {
		return
	}
	target, at, diags := config.target()
	resp.Diagnostics.Append(diags...)
	if _, exists := a.instances.hubs.Find(target.hub); !exists && !diags.HasError() {
		resp.Diagnostics.AddAttributeError(at, "Unknown hub", a.instances.hubs.Missing(target.hub))
	}
}

// Invoke restarts the instance. An interrupt is an error. Terraform may drop that error and exit with 0
// (internal/sandbox/FACTS.md F48); a provider can't change that.
func (a *restartComputeInstanceAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	var config restartModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	timeout, diags := config.timeout()
	resp.Diagnostics.Append(diags...)
	target, _, diags := config.target()
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	hub, diags := a.instances.hubs.Use(target.hub, diagnose.Restart)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	if target.key.Namespace == "" {
		configured, _ := a.instances.hubs.Find(target.hub)
		target.key.Namespace = configured.Namespace.ValueString()
	}
	result, err := hub.Restart(ctx, provisioning.RestartRequest{
		Key: target.key, Timeout: timeout,
		Observe: func(progress provisioning.Progress) {
			resp.SendProgress(action.InvokeProgressEvent{Message: progressMessage(progress)})
		},
	})
	diagnose.AppendWarnings(&resp.Diagnostics, result.Warnings)
	if err != nil {
		resp.Diagnostics.Append(diagnose.Error(diagnose.Restart, err, false))
	}
}

// target returns the instance to restart, and the attribute that names its hub.
func (m restartModel) target() (importTarget, path.Path, diag.Diagnostics) {
	var diags diag.Diagnostics
	if !m.ID.IsNull() {
		target, err := parseImportID(m.ID.ValueString())
		if err != nil {
			diags.AddAttributeError(path.Root("id"), "Not an instance's id", err.Error())
		}
		return target, path.Root("id"), diags
	}
	target := importTarget{
		hub: m.Hub.ValueString(),
		key: osac.Key{Namespace: m.Namespace.ValueString(), Name: m.Name.ValueString()},
	}
	if target.hub == "" {
		target.hub = provisioning.DefaultHub
	}
	return target, path.Root("hub"), diags
}

func (m restartModel) timeout() (time.Duration, diag.Diagnostics) {
	if m.Timeout.IsNull() {
		return defaultUpdateTimeout, nil
	}
	return m.Timeout.ValueGoDuration()
}

// progressMessage is one line about the job's progress, such as "job 12 of osac-system/web-1: Running, 1m20s, task Wait
// for it".
func progressMessage(progress provisioning.Progress) string {
	line := fmt.Sprintf("job %s of %s: %s, %s", progress.Job.ID, progress.Instance, progress.Job.State, progress.Elapsed.Round(time.Second))
	if progress.Task != "" {
		line += ", task " + progress.Task
	}
	return diagnose.Printable(line)
}
