package hubs

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// DataOf returns what Configure of the provider has made for its types; zero before it was called, as in validation.
func DataOf[T any](data any, diags *diag.Diagnostics) T {
	made, ok := data.(T)
	if !ok && data != nil {
		diags.AddError("Unexpected provider data", fmt.Sprintf("This is a bug of the provider: it configured %T.", data))
	}
	return made
}
