package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"

	osac "github.com/osac-project/terraform-provider-osac/internal/provider"
)

func TestWriteEqualsTerraform(t *testing.T) {
	t.Parallel()
	recorded, err := os.ReadFile("testdata/sample.json")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(decode(t, recorded), decode(t, written(t, sampleProvider{}))); diff != "" {
		t.Errorf("the schemas differ from Terraform's (-) in ours (+):\n%s", diff)
	}
}

func TestWriteOwnProvider(t *testing.T) {
	t.Parallel()
	got := written(t, osac.New("test")())
	if !bytes.Contains(got, []byte(`"osac_compute_instance"`)) {
		t.Errorf("osac_compute_instance is missing in:\n%s", got)
	}
}

// brokenProvider has an attribute with a name that Terraform reserves, which makes an error diagnostic.
type brokenProvider struct{ sampleProvider }

func (brokenProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{Attributes: map[string]schema.Attribute{"version": schema.StringAttribute{Optional: true}}}
}

func TestWriteReportsErrors(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	err := write(t.Context(), &out, brokenProvider{})
	if err == nil || !strings.Contains(err.Error(), "version") {
		t.Errorf("got error %v, want one that names the attribute", err)
	}
	if out.Len() > 0 {
		t.Errorf("wrote a schema beside the error:\n%s", out.String())
	}
}

func written(t *testing.T, p provider.Provider) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := write(t.Context(), &out, p); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func decode(t *testing.T, data []byte) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	return v
}
