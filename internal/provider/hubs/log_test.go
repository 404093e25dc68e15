package hubs

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflogtest"
)

func TestLogGoesToTerraformWithoutSecrets(t *testing.T) {
	var output bytes.Buffer
	ctx := tflogtest.RootLogger(t.Context(), &output)
	logger := slog.New(newLogHandler("s3cret", "")).With("hub", "east").WithGroup("http")
	logger.Log(ctx, levelTrace, "body", "text", "token s3cret, or s3\\u0063ret")
	logger.DebugContext(ctx, "answer with s3cret, or s3%63ret", "status", 200, "took", time.Second)
	logger.InfoContext(ctx, "job", slog.Group("job", "id", 7))
	logger.WarnContext(ctx, "again", "error", errors.New("s3cret refused"))
	logger.ErrorContext(ctx, "given up")

	entries, err := tflogtest.MultilineJSONDecode(&output)
	if err != nil {
		t.Fatal(err)
	}
	var levels []string
	for _, entry := range entries {
		level, _ := entry["@level"].(string)
		levels = append(levels, level)
		if entry["hub"] != "east" {
			t.Errorf("no hub in %v", entry)
		}
		for key, value := range entry {
			if text, ok := value.(string); ok && (strings.Contains(text, "s3cret") || strings.Contains(text, "u0063") || strings.Contains(text, "%63")) {
				t.Errorf("%s shows the secret: %v", key, entry)
			}
		}
	}
	if got := strings.Join(levels, " "); got != "trace debug info warn error" {
		t.Errorf("levels are %s", got)
	}
	if entries[1]["http.status"] != float64(200) || entries[1]["http.took"] != "1s" || entries[2]["http.job.id"] != float64(7) {
		t.Errorf("got %v, %v", entries[1], entries[2])
	}
}
