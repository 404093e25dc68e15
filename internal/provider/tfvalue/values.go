package tfvalue

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
)

// Known reports whether values are known, down to their last element.
func Known(ctx context.Context, values ...attr.Value) bool {
	for _, value := range values {
		raw, err := value.ToTerraformValue(ctx)
		if err != nil || !raw.IsFullyKnown() {
			return false
		}
	}
	return true
}

// Elements returns the elements of a known list or set; null gives nil, empty gives an empty slice.
func Elements[T any](ctx context.Context, list interface {
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

// Object returns the content of a known object; null gives nil.
func Object[T any](ctx context.Context, value types.Object) (*T, diag.Diagnostics) {
	if value.IsNull() || value.IsUnknown() {
		return nil, nil
	}
	read := new(T)
	diags := value.As(ctx, read, basetypes.ObjectAsOptions{})
	return read, diags
}

// TextMap returns the entries of a known map; null gives nil, empty gives an empty map.
func TextMap(ctx context.Context, value types.Map) (map[string]string, diag.Diagnostics) {
	if value.IsNull() || value.IsUnknown() {
		return nil, nil
	}
	read := map[string]string{}
	diags := value.ElementsAs(ctx, &read, false)
	return read, diags
}

// TextOrNull returns a string; a text that the domain leaves empty becomes null.
func TextOrNull(text string) types.String {
	if text == "" {
		return types.StringNull()
	}
	return types.StringValue(text)
}

// FirstError returns the first error among diagnostics, of which there must be one.
func FirstError(diags diag.Diagnostics) error {
	first := diags.Errors()[0]
	return fmt.Errorf("%s: %s", first.Summary(), first.Detail())
}

// Trimmed returns a text setting without the white space around it.
func Trimmed(text types.String) string { return strings.TrimSpace(text.ValueString()) }
