package validate

import (
	"context"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

var (
	_ validator.List = NoNulls{}
	_ validator.Set  = NoNulls{}
	_ validator.Map  = NoNulls{}
)

// NoNulls refuses null elements, each at its path.
type NoNulls struct{}

// Description says what is accepted.
func (NoNulls) Description(context.Context) string { return "elements must not be null" }

// MarkdownDescription says what is accepted.
func (v NoNulls) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateList checks a value, as far as it is known.
func (NoNulls) ValidateList(_ context.Context, req validator.ListRequest, resp *validator.ListResponse) {
	for i, element := range req.ConfigValue.Elements() {
		if element.IsNull() {
			resp.Diagnostics.Append(nullElement(req.Path.AtListIndex(i)))
		}
	}
}

// ValidateSet checks a value, as far as it is known. Elements of a set have no path, so the error is at the set.
func (NoNulls) ValidateSet(_ context.Context, req validator.SetRequest, resp *validator.SetResponse) {
	for _, element := range req.ConfigValue.Elements() {
		if element.IsNull() {
			resp.Diagnostics.Append(nullElement(req.Path))
		}
	}
}

// ValidateMap checks a value, as far as it is known.
func (NoNulls) ValidateMap(_ context.Context, req validator.MapRequest, resp *validator.MapResponse) {
	elements := req.ConfigValue.Elements()
	for _, key := range slices.Sorted(maps.Keys(elements)) {
		if elements[key].IsNull() {
			resp.Diagnostics.Append(nullElement(req.Path.AtMapKey(key)))
		}
	}
}

func nullElement(at path.Path) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(at, "A null element",
		"The null value at "+at.String()+" means nothing here. Leave the element out, as with [for x in list : x if x != null].")
}
