package acceptance

import "testing"

// TestAccImport_generatedConfiguration: Terraform writes the configuration of an imported instance, and has nothing to do
// for it.
func TestAccImport_generatedConfiguration(t *testing.T) {
	t.Parallel()
	for what, importing := range map[string]struct {
		minor  int
		target func(name string) string
	}{
		"id": {11, func(name string) string { return `id = "osac-system/` + name + `"` }},
		"identity": {12, func(name string) string {
			return `identity = {
    namespace = "osac-system"
    name      = "` + name + `"
  }`
		}},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			site := StartSandbox(t)
			_, name := importable(site)
			other := site.workspace("hub.tf", nil)
			other.needsTerraform(1, importing.minor, "imports by "+what)
			other.write("import.tf", "import {\n  to = "+address+"\n  "+importing.target(name)+"\n}\n")
			other.run("plan", "-no-color", "-generate-config-out=generated.tf").want(0).
				says("1 to import, 0 to add, 0 to change, 0 to destroy")
			other.apply().says("1 imported, 0 added, 0 changed, 0 destroyed")
			other.wantNoWork()
			site.wantLaunches(name, "create")
		})
	}
}
