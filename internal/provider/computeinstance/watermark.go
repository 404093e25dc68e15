package computeinstance

import (
	"context"
	"encoding/json"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/osac-project/terraform-provider-osac/internal/jobs"
)

// WatermarkKey holds, in private state, the watermark of the newest lookup of the instance's jobs. It only saves requests:
// where private state is lost (internal/sandbox/FACTS.md F45), the next lookup goes back further. An attribute would show
// as changed outside of Terraform at every refresh.
const WatermarkKey = "watermark"

// privateReader and privateWriter are the framework's private state, in requests and responses.
type privateReader interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}

type privateWriter interface {
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

// readWatermark reads the watermark from private state.
func (m *Model) readWatermark(ctx context.Context, private privateReader) diag.Diagnostics {
	value, diags := private.GetKey(ctx, WatermarkKey)
	var text string
	if json.Unmarshal(value, &text) == nil {
		m.seen = jobs.ParseWatermark(text)
	}
	return diags
}

// writeWatermark writes the watermark to private state.
func (m *Model) writeWatermark(ctx context.Context, private privateWriter) diag.Diagnostics {
	value, err := json.Marshal(m.seen.String())
	if err != nil {
		return nil // a string can always be written
	}
	return private.SetKey(ctx, WatermarkKey, value)
}
