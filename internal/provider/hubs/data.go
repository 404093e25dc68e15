package hubs

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// DataOf returns the result of the provider's Configure for its types. It is zero before Configure was called, as in
// validation.
func DataOf[T any](data any, diags *diag.Diagnostics) T {
	made, ok := data.(T)
	if !ok && data != nil {
		diags.AddError("Unexpected provider data", fmt.Sprintf("This is a bug of the provider: it configured %T.", data))
	}
	return made
}
