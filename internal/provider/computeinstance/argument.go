package computeinstance

import (
	"context"
	"fmt"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/osac-project/terraform-provider-osac/internal/osac"
	"github.com/osac-project/terraform-provider-osac/internal/provider/tfvalue"
	"github.com/osac-project/terraform-provider-osac/internal/provider/validate"
)

// instanceArgument describes the argument that instanceOf reads.
const instanceArgument = "An object with attributes of `osac_compute_instance`, by the same names; all others count as unset. The resource itself will do; what is computed of it is sensitive, since it has sensitive attributes, which `nonsensitive()` takes away. Left out, `template_id` and `run_strategy` are the resource's defaults."

// instanceOf reads an argument with attributes of the resource. It fills in the defaults that don't depend on a hub.
func instanceOf(ctx context.Context, argument types.Dynamic) (Model, error) {
	var model Model
	described := computeInstanceSchema(ctx)
	value, err := argument.UnderlyingValue().ToTerraformValue(ctx)
	if err != nil {
		return model, err
	}
	raw, err := tfvalue.Conform(withoutHistory(value), described.Type().TerraformType(ctx), "")
	if err != nil {
		return model, err
	}
	config := tfsdk.Config{Schema: described, Raw: raw}
	if diags := config.Get(ctx, &model); diags.HasError() {
		return model, tfvalue.FirstError(diags)
	}
	for name, text := range map[string]types.String{
		"template_parameters": model.TemplateParameters, "extra_vars": model.ExtraVars, "extra_vars_wo": model.ExtraVarsWO,
	} {
		if _, err := validate.DecodeObject(text.ValueString()); err != nil && !text.IsNull() {
			return model, fmt.Errorf("the attribute %s must be a JSON object: %w", name, err)
		}
	}
	if model.TemplateID.IsNull() {
		model.TemplateID = types.StringValue(osac.DefaultTemplateID)
	}
	if model.RunStrategy.IsNull() {
		model.RunStrategy = types.StringValue(osac.RunAlways)
	}
	return model, nil
}

// withoutHistory removes an instance's jobs, which the data source has and the resource doesn't.
func withoutHistory(value tftypes.Value) tftypes.Value {
	var attributes map[string]tftypes.Value
	typ, isObject := value.Type().(tftypes.Object)
	if !isObject || value.As(&attributes) != nil || attributes["jobs"].Type() == nil {
		return value
	}
	kept := maps.Clone(typ.AttributeTypes)
	delete(kept, "jobs")
	delete(attributes, "jobs")
	return tftypes.NewValue(tftypes.Object{AttributeTypes: kept}, attributes)
}
