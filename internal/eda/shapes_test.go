package eda

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/osac-project/terraform-provider-osac/internal/transport"
)

// exchange is a request and its answer in a recording.
type exchange struct {
	Request  struct{ Method, Path string }
	Response struct {
		Status int
		Body   json.RawMessage
	}
}

// TestShapesAreRecorded checks each shape against its recordings. Its path must have been requested and answered, and
// so must each key of its query but the page's number, which every answer has.
func TestShapesAreRecorded(t *testing.T) {
	t.Parallel()
	for _, form := range Shapes() {
		missing := map[string]bool{"the path": true}
		for _, key := range form.Query {
			missing[key] = true
		}
		if len(form.Recordings) == 0 {
			t.Errorf("%s names no recording", form)
		}
		for _, number := range form.Recordings {
			for _, each := range recorded(t, number) {
				seen, _ := shapeOf(each.Request.Method, each.Request.Path)
				if seen.Method != form.Method || seen.Path != form.Path || each.Response.Status != http.StatusOK {
					continue
				}
				delete(missing, "the path")
				for _, key := range seen.Query {
					delete(missing, key)
				}
				if strings.Contains(string(each.Response.Body), `"page"`) {
					delete(missing, "page")
				}
			}
		}
		if len(missing) > 0 {
			t.Errorf("%s: recordings %v don't show %v", form, form.Recordings, missing)
		}
	}
}

func recorded(t *testing.T, number string) []exchange {
	t.Helper()
	files, err := filepath.Glob("../sandbox/eda/testdata/eda/" + number + "-*.json")
	if err != nil || len(files) != 1 {
		t.Fatalf("recording %s: %v, %v", number, files, err)
	}
	content, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Exchanges []exchange }
	if err := json.Unmarshal(content, &file); err != nil {
		t.Fatalf("%s: %v", files[0], err)
	}
	return file.Exchanges
}

func TestNothingElseIsSent(t *testing.T) {
	t.Parallel()
	for target, want := range map[string]string{
		"https://aap/api/eda/v1/audit-rules/?order_by=-fired_at": "24", "/api/eda/v1/audit-rules/7/events/": "24+26",
		"/api/eda/v1/audit-rules/?order_by=-fired_at&page=2": "24", "/api/eda/v1/audit-rules/?fired_at__gt=x": "", "/api/eda/v1/activations/": "", "%zz": "",
	} {
		if got, ok := Witnessed(http.MethodGet, target); got != want || ok != (want != "") {
			t.Errorf("%s: %s, %v", target, got, ok)
		}
	}
	s := replies(json200(emptyList))
	a, err := NewAPI(APISettings{URL: "https://aap.example", Transport: transport.Settings{RoundTripper: s}})
	if err != nil {
		t.Fatal(err)
	}
	err = a.get(t.Context(), "audit-rules/?name=x", func([]byte) error { return nil })
	if err == nil || !strings.Contains(err.Error(), "GET audit-rules/?name") || len(s.requests()) != 0 {
		t.Errorf("after %d requests: %v", len(s.requests()), err)
	}
}
