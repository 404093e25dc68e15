package acceptance

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
)

// imported is a second workspace with the same configuration, and without state.
func (w *workspace) imported() *workspace {
	w.t.Helper()
	other := w.site.workspace("instance.tf", nil)
	other.variables = vars{}
	other.set(w.variables)
	return other
}

// importable makes an instance as documented; extra vars are left out, since they are never read back.
func importable(site *Site) (*workspace, string) {
	site.t.Helper()
	attributes := with(documented(), vars{
		"template_parameters": `{"b": 1, "a": 2}`,
		"labels":              vars{"team": "a"},
		"annotations":         vars{"example.com/note": "x"},
		"additional_disks":    []any{vars{"size_gib": 10}},
		"network_attachments": []any{attachment("one", "web", "ssh"), attachment("two")},
	})
	w, name := site.instance(attributes)
	w.set(vars{"extra_vars": nil, "extra_vars_wo": nil, "hub_extra_vars": nil})
	w.apply()
	return w, name
}

func TestAccX26_import(t *testing.T) {
	t.Parallel()
	t.Run("command", func(t *testing.T) {
		t.Parallel()
		site := StartSandbox(t)
		w, name := importable(site)
		other := w.imported()
		other.run("import", "-no-color", address, "osac-system/"+name).want(0)
		other.inState().wantReconciled(true).wantLastJob("provision Succeeded").wantText("tenant", "tenant-a").
			wantText("desired_config_version", w.inState().text("desired_config_version")).
			wantText("inputs_version", w.inState().text("inputs_version"))
		other.wantNoWork()
		site.wantLaunches(name, "create")
		other.destroy()
		site.wantLaunches(name, "create", "delete")
	})
	t.Run("block", func(t *testing.T) {
		t.Parallel()
		site := StartSandbox(t)
		w, name := importable(site)
		other := w.imported()
		other.write("import.tf", `import {
  to = `+address+`
  id = "default/osac-system/`+name+`"
}`)
		other.apply().says("1 imported, 0 added, 0 changed, 0 destroyed")
		other.wantNoWork()
		site.wantLaunches(name, "create")
	})
	t.Run("identity", func(t *testing.T) {
		t.Parallel()
		site := StartSandbox(t)
		w, name := importable(site)
		w.needsTerraform(1, 12, "imports by identity")
		other := w.imported()
		other.write("import.tf", `import {
  to = `+address+`
  identity = {
    namespace = "osac-system"
    name      = "`+name+`"
  }
}`)
		other.apply().says("1 imported, 0 added, 0 changed, 0 destroyed")
		other.wantNoWork()
		site.wantLaunches(name, "create")
	})
	t.Run("verified", func(t *testing.T) {
		t.Parallel()
		site := StartSandbox(t)
		name := site.newName()
		given := site.variables(vars{"name": name, "instance": documented()})
		site.steps(
			resource.TestStep{ConfigFile: instanceFile(), ConfigVariables: given},
			resource.TestStep{
				ConfigFile: instanceFile(), ConfigVariables: given,
				ResourceName: address, ImportState: true, ImportStateVerify: true, ImportStateId: "osac-system/" + name,
			},
		)
	})
	t.Run("nothing there", func(t *testing.T) {
		t.Parallel()
		site := StartAdministered(t)
		w, name := importable(site)
		site.purgeAll(name)
		other := w.imported()
		other.run("import", "-no-color", address, "osac-system/"+name).want(1).says("can't be read from its jobs", "120 days")
		other.run("import", "-no-color", address, name).want(1).says("namespace/name")
		other.wantGone()
	})
}
