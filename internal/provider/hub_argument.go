package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// hubOf reads an argument that has attributes of the provider block.
func hubOf(ctx context.Context, argument types.Dynamic) (hubModel, error) {
	var model providerModel
	described := providerSchema()
	raw, err := conformed(ctx, argument, described.Type().TerraformType(ctx))
	if err != nil {
		return model.hubModel, err
	}
	config := tfsdk.Config{Schema: described, Raw: raw}
	if diags := config.Get(ctx, &model); diags.HasError() {
		return model.hubModel, firstError(diags)
	}
	if _, err := decodeObject(model.ExtraVars.ValueString()); err != nil && !model.ExtraVars.IsNull() {
		return model.hubModel, fmt.Errorf("the attribute extra_vars must be a JSON object: %w", err)
	}
	return model.hubModel, nil
}
