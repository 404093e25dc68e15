package acceptance

import (
	"os"
	"path/filepath"
	"testing"
)

// otherOwner is that of a second state.
const otherOwner = "somebody else"

// neighbour makes a workspace with the same configuration for another owner.
func (w *workspace) neighbour(attributes vars) *workspace {
	variables := vars{"hub": vars{"owner": otherOwner}, "instance": attributes}
	for _, name := range []string{"name", "hub_extra_vars", "extra_vars", "extra_vars_wo"} {
		if value, set := w.variables[name]; set {
			variables[name] = value
		}
	}
	return w.site.workspace("instance.tf", variables)
}

func TestAccS4_takenByAnother(t *testing.T) {
	t.Parallel()
	t.Run("made anew", func(t *testing.T) { t.Parallel(); madeAnewByAnother(t) })
	t.Run("taken over", func(t *testing.T) { t.Parallel(); takenOver(t) })
	t.Run("relaunched", func(t *testing.T) { t.Parallel(); relaunchedFormerLife(t) })
	t.Run("without uid", func(t *testing.T) { t.Parallel(); killedWithoutUID(t) })
}

// madeAnewByAnother has plans of yesterday applied when another owner has deleted the machine, and made one of its own.
func madeAnewByAnother(t *testing.T) {
	site := StartAdministered(t)
	w, name := site.instance(nil)
	w.apply()
	w.change(vars{"labels": vars{"planned": "yes"}})
	w.run("plan", "-no-color", "-out=update.tfplan").want(0)
	w.run("plan", "-no-color", "-destroy", "-out=destroy.tfplan").want(0)
	made := site.jobsOf(name)[0]
	site.operator.launch(site.template("delete"), made.extraVars)
	site.awaitEnd(name)
	other := w.neighbour(nil)
	other.apply()
	others := site.wantLaunches(name, "create", "delete", "create")[2]

	state := w.stateFile()
	w.run("apply", "-no-color", "update.tfplan").want(1).says("was destroyed", "job "+text(others.id-1))
	site.wantLaunches(name, "create", "delete", "create")
	w.write("terraform.tfstate", state) // else the other plan is stale
	w.run("apply", "-no-color", "destroy.tfplan").want(0).says("gone already")
	site.wantLaunches(name, "create", "delete", "create")
	site.wantExists(name, true)
	other.wantNoWork()
	other.destroy()
}

// takenOver has another owner run the create template on the machine.
func takenOver(t *testing.T) {
	site := StartAdministered(t)
	w, name := site.instance(nil)
	w.apply()
	w.change(vars{"labels": vars{"planned": "yes"}})
	w.run("plan", "-no-color", "-out=update.tfplan").want(0)
	w.run("plan", "-no-color", "-destroy", "-out=destroy.tfplan").want(0)
	other := w.neighbour(vars{"take_over": true})
	other.apply()
	taker := site.wantLaunches(name, "create", "create")[1]
	state := w.stateFile()
	for _, arguments := range [][]string{
		{"apply", "-no-color", "update.tfplan"},
		{"apply", "-no-color", "destroy.tfplan"},
		applyWith(), applyWith("-refresh=false"),
		destroyWith(), destroyWith("-refresh=false"),
	} {
		w.run(arguments...).want(1).says("was taken by job "+text(taker.id), otherOwner)
		w.write("terraform.tfstate", state) // else a saved plan is stale
	}
	site.wantLaunches(name, "create", "create")
	if w.stateOf(address) == nil {
		t.Error("the instance was dropped from state, and is there")
	}
	other.wantNoWork()
	other.destroy()
}

// relaunchedFormerLife has an administrator relaunch a job of a machine that is gone: it runs on the one that is there.
func relaunchedFormerLife(t *testing.T) {
	site := StartSimulated(t)
	w, name := site.instance(nil)
	w.apply()
	w.destroy()
	w.change(vars{"cores": 4})
	w.apply()
	former := site.wantLaunches(name, "create", "delete", "create")[0]
	site.faults().Relaunch(former.id, "admin")
	site.awaitEnd(name)
	w.wantPlan("update").says("changed outside of Terraform", "cores")
	w.apply()
	site.wantLaunches(name, "create", "delete", "create", "create", "create")
	w.inState().wantReconciled(true)
	w.wantNoWork()
	w.destroy()
	site.wantExists(name, false)
}

// killedWithoutUID kills the first update of a state that knows no uid, as those of older releases.
func killedWithoutUID(t *testing.T) {
	site := StartSimulated(t)
	w, name := site.instance(nil)
	w.apply()
	w.editState(func(attributes vars) { attributes["uid"], attributes["hub_identity"] = nil, nil })
	w.change(with(creating(lasting()), vars{"run_strategy": "Halted"}))
	w.kill(kills()[0], func() { site.awaitStatus(name, 2, "running") })
	w.apply()
	site.wantLaunches(name, "create", "create")
	w.inState().wantReconciled(true).wantText("phase", "Stopped")
	w.wantNoWork()
	w.destroy()
	site.wantExists(name, false)
}

// stateFile is the content of the state file.
func (w *workspace) stateFile() string {
	w.t.Helper()
	content, err := os.ReadFile(filepath.Join(w.directory, "terraform.tfstate"))
	if err != nil {
		w.t.Fatal(err)
	}
	return string(content)
}

// editState changes the attributes of the instance in the state file.
func (w *workspace) editState(change func(attributes vars)) {
	w.t.Helper()
	state := decode[vars](w.t, w.stateFile())
	resources, _ := state["resources"].([]any)
	for _, each := range resources {
		resource, _ := each.(map[string]any)
		instances, _ := resource["instances"].([]any)
		for _, instance := range instances {
			if attributes, _ := instance.(map[string]any)["attributes"].(map[string]any); resource["type"] == resourceType {
				change(attributes)
			}
		}
	}
	w.write("terraform.tfstate", encode(w.t, state))
}

// TestAccS9_stateRolledBack pushes the state of yesterday: what is as configured stays, nothing is lost, and nothing is run
// twice.
func TestAccS9_stateRolledBack(t *testing.T) {
	t.Parallel()
	t.Run("changed since", func(t *testing.T) {
		t.Parallel()
		site, w, name := rolledBackAfter(t, func(w *workspace) { w.change(vars{"cores": 4}); w.apply() })
		w.wantPlan("update")
		w.apply()
		site.wantLaunches(name, "create", "create")
		w.inState().wantReconciled(true)
		w.wantNoWork()
	})
	t.Run("replaced since", func(t *testing.T) {
		t.Parallel()
		site, w, name := rolledBackAfter(t, func(w *workspace) { w.change(vars{"boot_disk": vars{"size_gib": 40}}); w.apply() })
		w.wantNoWork().says("was made anew")
		w.apply()
		site.wantLaunches(name, "create", "delete", "create")
		site.wantExists(name, true)
	})
	t.Run("destroyed since", func(t *testing.T) {
		t.Parallel()
		site, w, name := rolledBackAfter(t, func(w *workspace) { w.destroy() })
		w.destroy()
		site.wantLaunches(name, "create", "delete")
		w.wantGone()
	})
}

// rolledBackAfter makes an instance, goes on, and pushes the state of before.
func rolledBackAfter(t *testing.T, goOn func(w *workspace)) (*Site, *workspace, string) {
	t.Helper()
	site := StartSandbox(t)
	w, name := site.instance(nil)
	w.apply()
	older := w.stateFile()
	goOn(w)
	w.write("terraform.tfstate.older", older)
	w.run("state", "push", "-force", "terraform.tfstate.older").want(0)
	return site, w, name
}
