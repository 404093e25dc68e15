package computeinstance

import (
	"cmp"
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/osac-project/terraform-provider-osac/internal/osac"
	"github.com/osac-project/terraform-provider-osac/internal/provider/hubs"
	"github.com/osac-project/terraform-provider-osac/internal/provider/tfvalue"
	"github.com/osac-project/terraform-provider-osac/internal/provisioning"
)

var _ function.Function = computeInstancePayloadFunction{}

// computeInstancePayloadFunction is provider::osac::compute_instance_payload.
type computeInstancePayloadFunction struct{}

// NewPayloadFunction returns provider::osac::compute_instance_payload.
func NewPayloadFunction() function.Function { return computeInstancePayloadFunction{} }

// Metadata names the function.
func (computeInstancePayloadFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "compute_instance_payload"
}

// Definition describes the function.
func (computeInstancePayloadFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "The extra vars that a run of a compute instance is launched with",
		MarkdownDescription: "Returns, as JSON, the extra vars that this provider launches a template with for an instance: to be read beside a playbook, or given to `ansible-playbook --extra-vars`. " +
			"Only what is made up anew is replaced: the run id by `" + osac.PreviewRunID + "`, and the life's id by `" + osac.PreviewUID + "`. `extra_vars_wo` count if they are given, which a resource in state does not do.",
		Parameters: []function.Parameter{
			function.DynamicParameter{Name: "instance", MarkdownDescription: instanceArgument + " A `name` is required."},
			function.StringParameter{Name: "verb", MarkdownDescription: "`provision` for what the create template is given, `deprovision` for the delete template."},
		},
		VariadicParameter: function.DynamicParameter{
			Name:                "hub",
			MarkdownDescription: "At most one object with settings of the provider block that go into a payload: `namespace`, `tenant`, `tenant_namespace`, `owner`, `payload_format`, `storage_classes`, `extra_vars`. A function does not know the provider's configuration.",
		},
		Return: function.StringReturn{},
	}
}

// Run builds the payload.
func (computeInstancePayloadFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var instance types.Dynamic
	var verb string
	var configured []types.Dynamic
	if resp.Error = req.Arguments.Get(ctx, &instance, &verb, &configured); resp.Error != nil {
		return
	}
	run := osac.Verb(verb)
	if run != osac.Provision && run != osac.Deprovision {
		resp.Error = function.NewArgumentFuncError(1, fmt.Sprintf("%q must be %q or %q.", verb, osac.Provision, osac.Deprovision))
		return
	}
	if len(configured) > 1 {
		resp.Error = function.NewArgumentFuncError(3, "There may be only one object with settings of a hub.")
		return
	}
	settings, defaults, err := previewSettings(ctx, configured)
	if err != nil {
		resp.Error = function.NewArgumentFuncError(2, err.Error())
		return
	}
	vars, err := previewPayload(ctx, instance, run, settings, defaults)
	if err != nil {
		resp.Error = function.NewArgumentFuncError(0, err.Error())
		return
	}
	resp.Error = resp.Result.Set(ctx, vars)
}

func previewPayload(
	ctx context.Context, argument types.Dynamic, verb osac.Verb, settings osac.PayloadSettings, defaults hubs.HubModel,
) (string, error) {
	model, err := instanceOf(ctx, argument)
	if err != nil {
		return "", err
	}
	if model.Name.ValueString() == "" {
		return "", fmt.Errorf("the attribute name is missing")
	}
	if model.Namespace.ValueString() == "" {
		model.Namespace = types.StringValue(cmp.Or(defaults.Namespace.ValueString(), provisioning.DefaultNamespace))
	}
	if model.Tenant.ValueString() == "" {
		model.Tenant = defaults.Tenant
	}
	if verb == osac.Deprovision {
		// A deletion is given no configuration.
		model.ExtraVarsWO = types.StringNull()
	}
	instance, diags := model.instance(ctx)
	last, read := timestamp(model.LastRestartedAt)
	diags.Append(read...)
	if diags.HasError() {
		return "", tfvalue.FirstError(diags)
	}
	vars, err := osac.Preview(settings, verb, instance, last)
	return string(vars), err
}

// previewSettings reads the settings of a hub that are part of a payload, and its defaults for instances.
func previewSettings(ctx context.Context, arguments []types.Dynamic) (osac.PayloadSettings, hubs.HubModel, error) {
	settings := osac.PayloadSettings{Kind: osac.ComputeInstance, Format: osac.FormatBoth}
	if len(arguments) == 0 {
		return settings, hubs.HubModel{}, nil
	}
	model, err := hubs.HubOf(ctx, arguments[0])
	if err != nil {
		return settings, hubs.HubModel{}, err
	}
	classes, diags := hubs.StorageClasses(ctx, model.StorageClasses)
	settings.StorageClasses = classes
	settings.Owner, settings.Place = tfvalue.Trimmed(model.Owner), tfvalue.Trimmed(model.Place)
	settings.ExtraVars, settings.TenantNamespace = hubs.RawJSON(model.ExtraVars), tfvalue.Trimmed(model.TenantNamespace)
	if format := osac.PayloadFormat(model.PayloadFormat.ValueString()); format != "" {
		settings.Format = format
	}
	if diags.HasError() {
		return settings, model, tfvalue.FirstError(diags)
	}
	return settings, model, nil
}
