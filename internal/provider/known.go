package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
)

// known tells whether values are known down to their last element.
func known(ctx context.Context, values ...attr.Value) bool {
	for _, value := range values {
		raw, err := value.ToTerraformValue(ctx)
		if err != nil || !raw.IsFullyKnown() {
			return false
		}
	}
	return true
}

// elements returns the elements of a known list or set; null gives nil, empty gives an empty slice.
func elements[T any](ctx context.Context, list interface {
	attr.Value
	ElementsAs(ctx context.Context, target any, allowUnhandled bool) diag.Diagnostics
},
) ([]T, diag.Diagnostics) {
	if list.IsNull() || list.IsUnknown() {
		return nil, nil
	}
	read := []T{}
	diags := list.ElementsAs(ctx, &read, false)
	return read, diags
}

// object returns what a known object holds; null gives nil.
func object[T any](ctx context.Context, value types.Object) (*T, diag.Diagnostics) {
	if value.IsNull() || value.IsUnknown() {
		return nil, nil
	}
	read := new(T)
	diags := value.As(ctx, read, basetypes.ObjectAsOptions{})
	return read, diags
}

// textMap returns the entries of a known map; null gives nil, empty gives an empty map.
func textMap(ctx context.Context, value types.Map) (map[string]string, diag.Diagnostics) {
	if value.IsNull() || value.IsUnknown() {
		return nil, nil
	}
	read := map[string]string{}
	diags := value.ElementsAs(ctx, &read, false)
	return read, diags
}

// textOrNull is a string that the domain leaves empty where there is none.
func textOrNull(text string) types.String {
	if text == "" {
		return types.StringNull()
	}
	return types.StringValue(text)
}

// firstError returns the first error among diagnostics, of which there must be one.
func firstError(diags diag.Diagnostics) error {
	first := diags.Errors()[0]
	return fmt.Errorf("%s: %s", first.Summary(), first.Detail())
}

// trimmed is a text setting without the white space around it.
func trimmed(text types.String) string { return strings.TrimSpace(text.ValueString()) }
