package acceptance

import (
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
	if lists, ok := registered.(fwprovider.ProviderWithListResources); ok {
		for _, newList := range lists.ListResources(t.Context()) {
			var resp resource.MetadataResponse
			newList().Metadata(t.Context(), resource.MetadataRequest{ProviderTypeName: meta.TypeName}, &resp)
			wanted = append(wanted, filepath.Join("list-resources", resp.TypeName, "list-resource.tfquery.hcl"))
		}
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

	t.Run("import by identity", func(t *testing.T) {
		again := site.within(t).example(provider, filepath.Join(instance, "resource.tf"), filepath.Join(instance, "import-by-identity.tf"))
		again.needsTerraform(1, 12, "imports by identity")
		again.apply().says("1 imported, 0 added, 0 changed, 0 destroyed")
	})
	launches := []string{"create"}
	t.Run("action", func(t *testing.T) {
		w := site.within(t).example(provider, filepath.Join(instance, "resource.tf"),
			filepath.Join(instance, "import-by-string-id.tf"), filepath.Join(examples, "actions", "osac_restart_compute_instance", "action.tf"))
		w.needsTerraform(1, 14, "actions")
		w.apply()
		w.apply("-invoke=action.osac_restart_compute_instance.web")
		launches = append(launches, "create")
	})
	other.destroy()
	site.wantLaunches("web-1", append(launches, "delete")...)
}

// within is the site as a part of its test sees it.
func (s *Site) within(t *testing.T) *Site {
	t.Helper()
	part := *s
	part.t = t
	return &part
}
