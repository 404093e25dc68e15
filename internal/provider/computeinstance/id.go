package computeinstance

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

var _ validator.String = instanceID{}

// instanceID accepts an instance's id.
type instanceID struct{}

// Description says what is accepted.
func (instanceID) Description(context.Context) string {
	return "value must have the form namespace/name or hub/namespace/name"
}

// MarkdownDescription says what is accepted.
func (v instanceID) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateString checks a value.
func (instanceID) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if _, err := parseImportID(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Not an instance's id", err.Error())
	}
}
