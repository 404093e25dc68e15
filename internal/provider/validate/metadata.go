package validate

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/osac-project/terraform-provider-osac/internal/osac"
)

var _ validator.Map = UnreservedKeys{}

// UnreservedKeys refuses the keys that the provider writes itself and finds jobs by.
type UnreservedKeys struct{}

// Description says what is accepted.
func (UnreservedKeys) Description(context.Context) string {
	return "keys must not be among those that the provider sets itself"
}

// MarkdownDescription says what is accepted.
func (v UnreservedKeys) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateMap checks a value.
func (UnreservedKeys) ValidateMap(_ context.Context, req validator.MapRequest, resp *validator.MapResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	for key := range req.ConfigValue.Elements() {
		if slices.Contains(osac.ReservedAnnotations(), key) {
			detail := fmt.Sprintf("%s is set by the provider itself: jobs are found by it.", key)
			if key == osac.AnnotationTenant {
				detail = fmt.Sprintf("%s is set by the provider itself: use the attribute tenant.", key)
			}
			resp.Diagnostics.AddAttributeError(req.Path.AtMapKey(key), "Reserved key", detail)
		}
	}
}
