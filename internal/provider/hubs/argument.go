package hubs

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/osac-project/terraform-provider-osac/internal/provider/tfvalue"
	"github.com/osac-project/terraform-provider-osac/internal/provider/validate"
)

// HubOf reads a function's argument with attributes of the provider block.
func HubOf(ctx context.Context, argument types.Dynamic) (HubModel, error) {
	var model Model
	described := Schema()
	raw, err := tfvalue.Conformed(ctx, argument, described.Type().TerraformType(ctx))
	if err != nil {
		return model.HubModel, err
	}
	config := tfsdk.Config{Schema: described, Raw: raw}
	if diags := config.Get(ctx, &model); diags.HasError() {
		return model.HubModel, tfvalue.FirstError(diags)
	}
	if _, err := validate.DecodeObject(model.ExtraVars.ValueString()); err != nil && !model.ExtraVars.IsNull() {
		return model.HubModel, fmt.Errorf("the attribute extra_vars must be a JSON object: %w", err)
	}
	return model.HubModel, nil
}
