package validate

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

var _ validator.String = LongEnough{}

// LeastTimeout is the shortest time-out in which a controller can answer.
const LeastTimeout = time.Second

// LongEnough accepts time-outs in which a request can succeed. Another check makes sure that the text is a duration.
type LongEnough struct{}

// Description says what is accepted.
func (LongEnough) Description(context.Context) string {
	return fmt.Sprintf("value must be at least %s", LeastTimeout)
}

// MarkdownDescription says what is accepted.
func (v LongEnough) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateString checks a value.
func (LongEnough) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if value, err := time.ParseDuration(req.ConfigValue.ValueString()); err == nil && value < LeastTimeout {
		resp.Diagnostics.AddAttributeError(req.Path, "A time-out that is too short", fmt.Sprintf(
			"%s is %s, and must be at least %s: whatever takes a job would fail at once. Leave it out for the default.", req.Path, value, LeastTimeout))
	}
}
