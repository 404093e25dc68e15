package computeinstance

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/osac-project/terraform-provider-osac/internal/osac"
)

var _ planmodifier.String = keepEquivalent{}

// keepEquivalent plans the value in state if the configured one means the same in other words. For instance, an import
// only knows the normal form. Terraform allows that, and the framework's own semantic equality does not apply to plans.
type keepEquivalent struct {
	same func(a, b types.String) bool
}

// Description says what is planned.
func (keepEquivalent) Description(context.Context) string {
	return "A value that means the same as the one in state is not a change."
}

// MarkdownDescription says what is planned.
func (m keepEquivalent) MarkdownDescription(ctx context.Context) string { return m.Description(ctx) }

// PlanModifyString plans a value.
func (m keepEquivalent) PlanModifyString(_ context.Context, req planmodifier.StringRequest, resp *planmodifier.StringResponse) {
	if req.PlanValue.IsNull() || req.PlanValue.IsUnknown() || req.StateValue.IsNull() || req.StateValue.IsUnknown() {
		return
	}
	if m.same(req.PlanValue, req.StateValue) {
		resp.PlanValue = req.StateValue
	}
}

// sameJSON reports whether two texts are the same JSON document.
func sameJSON(a, b types.String) bool {
	left, leftErr := osac.CanonicalJSON([]byte(a.ValueString()))
	right, rightErr := osac.CanonicalJSON([]byte(b.ValueString()))
	return leftErr == nil && rightErr == nil && string(left) == string(right)
}

// sameKeys reports whether two texts differ only in white space that is no part of a key: around keys, such as a file's
// last line break, and between their parts.
func sameKeys(a, b types.String) bool {
	return slices.Equal(keyLines(a.ValueString()), keyLines(b.ValueString()))
}

// keyLines returns the lines of a text that are not blank, with a single blank between their words.
func keyLines(text string) []string {
	var lines []string
	for line := range strings.SplitSeq(strings.ReplaceAll(text, "\r", "\n"), "\n") {
		if words := strings.Fields(line); len(words) > 0 {
			lines = append(lines, strings.Join(words, " "))
		}
	}
	return lines
}

// sameSecond reports whether two texts name the same moment, to the precision of a restart.
func sameSecond(a, b types.String) bool {
	left, leftErr := parseTimestamp(a.ValueString())
	right, rightErr := parseTimestamp(b.ValueString())
	return leftErr == nil && rightErr == nil && left.Equal(right.Time)
}

func parseTimestamp(text string) (osac.Timestamp, error) {
	moment, err := time.Parse(time.RFC3339, text)
	return osac.NewTimestamp(moment), err
}
