package hubs

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/osac-project/terraform-provider-osac/internal/redact"
	"github.com/osac-project/terraform-provider-osac/internal/transport"
)

// levelTrace is below slog's own levels, as TRACE is below Terraform's DEBUG.
const levelTrace = slog.Level(-8)

// logHandler writes to Terraform's log, with the logger in the call's context. It drops a line without the context of a
// call, since nothing identifies that line.
type logHandler struct {
	secrets []string
	// redactor also hides secrets in other forms, which servers' texts may have.
	redactor *redact.Redactor
	fields   map[string]any
	prefix   string
}

// newLogHandler returns a handler that hides the secrets anywhere in a line.
func newLogHandler(secrets ...string) *logHandler {
	secrets = slices.DeleteFunc(slices.Clone(secrets), func(secret string) bool { return secret == "" })
	return &logHandler{secrets: secrets, redactor: redact.New(redact.Credentials(secrets...))}
}

// Enabled returns true: TF_LOG decides which lines are shown.
func (h *logHandler) Enabled(context.Context, slog.Level) bool { return true }

// Handle writes a line.
func (h *logHandler) Handle(ctx context.Context, record slog.Record) error {
	ctx = tflog.MaskAllFieldValuesStrings(ctx, h.secrets...)
	ctx = tflog.MaskMessageStrings(ctx, h.secrets...)
	fields := make(map[string]any, len(h.fields)+record.NumAttrs())
	maps.Copy(fields, h.fields)
	record.Attrs(func(attribute slog.Attr) bool {
		h.addField(fields, h.prefix, attribute)
		return true
	})
	record.Message = h.redactor.Hide(record.Message)
	switch {
	case record.Level < slog.LevelDebug:
		tflog.Trace(ctx, record.Message, fields)
	case record.Level < slog.LevelInfo:
		tflog.Debug(ctx, record.Message, fields)
	case record.Level < slog.LevelWarn:
		tflog.Info(ctx, record.Message, fields)
	case record.Level < slog.LevelError:
		tflog.Warn(ctx, record.Message, fields)
	default:
		tflog.Error(ctx, record.Message, fields)
	}
	return nil
}

// WithAttrs returns a handler whose lines have the attributes.
func (h *logHandler) WithAttrs(attributes []slog.Attr) slog.Handler {
	fields := make(map[string]any, len(h.fields)+len(attributes))
	maps.Copy(fields, h.fields)
	for _, attribute := range attributes {
		h.addField(fields, h.prefix, attribute)
	}
	return &logHandler{secrets: h.secrets, redactor: h.redactor, fields: fields, prefix: h.prefix}
}

// WithGroup returns a handler whose further attributes are named under the group.
func (h *logHandler) WithGroup(name string) slog.Handler {
	return &logHandler{secrets: h.secrets, redactor: h.redactor, fields: h.fields, prefix: h.prefix + name + "."}
}

// addField adds an attribute as text, since only texts are searched for secrets; numbers and booleans have none.
func (h *logHandler) addField(fields map[string]any, prefix string, attribute slog.Attr) {
	value := attribute.Value.Resolve()
	switch value.Kind() {
	case slog.KindGroup:
		for _, each := range value.Group() {
			h.addField(fields, prefix+attribute.Key+".", each)
		}
	case slog.KindBool, slog.KindInt64, slog.KindUint64, slog.KindFloat64:
		fields[prefix+attribute.Key] = value.Any()
	default:
		// Servers' texts are among them, and people read a log in a terminal, too.
		fields[prefix+attribute.Key] = h.redactor.Hide(transport.Plain(fmt.Sprint(value.Any())))
	}
}
