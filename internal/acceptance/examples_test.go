package acceptance

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/function"
	fwprovider "github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/osac-project/terraform-provider-osac/internal/provider"
)

const examples = "../../examples"

// exampleInstance is the example of the resource, to which others refer.
var exampleInstance = filepath.Join(examples, "resources", "osac_compute_instance", "resource.tf")

// TestExamples_complete fails for a registered type that has no example.
func TestExamples_complete(t *testing.T) {
	t.Parallel()
	registered := provider.New("test")()
	var meta fwprovider.MetadataResponse
	registered.Metadata(t.Context(), fwprovider.MetadataRequest{}, &meta)
	var wanted []string
	for _, newType := range registered.Resources(t.Context()) {
		var resp resource.MetadataResponse
		newType().Metadata(t.Context(), resource.MetadataRequest{ProviderTypeName: meta.TypeName}, &resp)
		wanted = append(wanted, filepath.Join("resources", resp.TypeName, "resource.tf"))
	}
	for _, newType := range registered.DataSources(t.Context()) {
		var resp datasource.MetadataResponse
		newType().Metadata(t.Context(), datasource.MetadataRequest{ProviderTypeName: meta.TypeName}, &resp)
		wanted = append(wanted, filepath.Join("data-sources", resp.TypeName, "data-source.tf"))
	}
	wanted = append(wanted, examplesOfActionsAndFunctions(t, registered, meta.TypeName)...)
	for _, file := range wanted {
		if _, err := os.Stat(filepath.Join(examples, file)); err != nil {
			t.Errorf("a registered type has no example: %v", err)
		}
	}
}

func examplesOfActionsAndFunctions(t *testing.T, registered fwprovider.Provider, typeName string) []string {
	t.Helper()
	var wanted []string
	if actions, ok := registered.(fwprovider.ProviderWithActions); ok {
		for _, newAction := range actions.Actions(t.Context()) {
			var resp action.MetadataResponse
			newAction().Metadata(t.Context(), action.MetadataRequest{ProviderTypeName: typeName}, &resp)
			wanted = append(wanted, filepath.Join("actions", resp.TypeName, "action.tf"))
		}
	}
	if functions, ok := registered.(fwprovider.ProviderWithFunctions); ok {
		for _, newFunction := range functions.Functions(t.Context()) {
			var resp function.MetadataResponse
			newFunction().Metadata(t.Context(), function.MetadataRequest{}, &resp)
			wanted = append(wanted, filepath.Join("functions", resp.Name, "function.tf"))
		}
	}
	return wanted
}

// exampleFiles are the configurations under examples/.
func exampleFiles(t *testing.T) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(examples, func(path string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(path, ".tf") {
			files = append(files, path)
		}
		return err
	})
	if err != nil || len(files) == 0 {
		t.Fatalf("there are no examples: %v", err)
	}
	return files
}

// TestExamples_valid validates each example for itself, with what it needs beside it.
func TestExamples_valid(t *testing.T) {
	t.Parallel()
	for _, file := range exampleFiles(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			w := StartSandbox(t).example(file)
			if strings.HasPrefix(filepath.Base(file), "import-by-") || strings.HasPrefix(file, filepath.Join(examples, "data-sources")) {
				w.copyExample(exampleInstance)
			}
			if strings.Contains(file, "identity") {
				w.needsTerraform(1, 12, "imports by identity")
			}
			if strings.HasPrefix(file, filepath.Join(examples, "actions")) {
				w.needsTerraform(1, 14, "actions")
			}
			w.run("validate", "-no-color").want(0)
		})
	}
}

// example makes a workspace with an example in it.
func (s *Site) example(files ...string) *workspace {
	s.t.Helper()
	w := s.workspace("versions.tf", nil)
	w.variables = vars{}
	w.remove(variablesFile)
	for _, file := range files {
		w.copyExample(file)
	}
	w.env("TF_VAR_aap_url="+s.url, "TF_VAR_aap_token="+s.token)
	return w
}

func (w *workspace) copyExample(file string) {
	w.t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		w.t.Fatal(err)
	}
	w.write(filepath.Base(file), string(content))
	if strings.Contains(string(content), "required_providers") {
		w.remove("versions.tf")
	}
}

// TestExamples_applied applies the example of the provider with that of the resource, and takes the instance over in
// another workspace by the example of an import.
func TestExamples_applied(t *testing.T) {
	t.Parallel()
	site := StartSimulated(t) // the names are fixed: they would be anybody's at a real controller
	provider := filepath.Join(examples, "provider", "provider.tf")
	instance := filepath.Join(examples, "resources", "osac_compute_instance")

	w := site.example(provider, filepath.Join(instance, "resource.tf"))
	w.apply().says("web_address")
	w.wantNoWork()
	site.wantLaunches("web-1", "create")

	other := site.example(provider, filepath.Join(instance, "resource.tf"), filepath.Join(instance, "import-by-string-id.tf"))
	other.apply().says("1 imported, 0 added, 0 changed, 0 destroyed")
	other.wantNoWork()
	other.destroy()
	site.wantLaunches("web-1", "create", "delete")
}

// TestExamples_read applies the examples of the data sources, each with those of the provider and of the resource.
func TestExamples_read(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(examples, "data-sources", "*", "data-source.tf"))
	if err != nil || len(files) == 0 {
		t.Fatalf("there are no examples of data sources: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(filepath.Dir(file)), func(t *testing.T) {
			t.Parallel()
			site := StartSimulated(t) // the names are fixed, as above
			w := site.example(filepath.Join(examples, "provider", "provider.tf"), exampleInstance, file)
			w.apply().says("Outputs:")
			w.wantNoWork()
			site.wantLaunches("web-1", "create")
		})
	}
}
