package acceptance

import (
	"syscall"
	"testing"
)

// TestAccX42_inputsOutsideTheSpec changes one input after the other: each takes one run, in place, with the config
// version as it was.
func TestAccX42_inputsOutsideTheSpec(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(w *workspace){
		"labels":          func(w *workspace) { w.change(vars{"labels": vars{"a": "1"}}) },
		"annotations":     func(w *workspace) { w.change(vars{"annotations": vars{"example.com/a": "1"}}) },
		"triggers":        func(w *workspace) { w.change(vars{"triggers": vars{"a": "1"}}) },
		"storage classes": func(w *workspace) { w.change(vars{"storage_classes": []any{vars{"name": "fast", "tier": "local"}}}) },
		"extra vars":      func(w *workspace) { w.set(vars{"extra_vars": `{"another": true}`}) },
	} {
		t.Run(name, func(t *testing.T) { t.Parallel(); oneRunInPlace(t, change) })
	}
	t.Run("no storage classes", noStorageClasses)
	t.Run("crash", func(t *testing.T) { t.Parallel(); crashWithOtherInputs(t) })
	t.Run("old job active", func(t *testing.T) { t.Parallel(); otherInputsWhileActive(t) })
}

func oneRunInPlace(t *testing.T, change func(w *workspace)) {
	site := StartSandbox(t)
	w, name := site.instance(nil)
	w.apply()
	before := w.inState()
	change(w)
	w.wantPlan("update")
	w.apply()
	after := w.inState().wantReconciled(true).wantText("desired_config_version", before.text("desired_config_version"))
	if after.text("inputs_version") == before.text("inputs_version") {
		t.Error("the inputs version did not change")
	}
	w.wantNoWork()
	site.wantLaunches(name, "create", "create")
}

// noStorageClasses takes the hub's storage classes from an instance, and gives them back: each is another meaning, and a run,
// although neither is written into the inputs version. Where the hub has none, there is nothing to take.
func noStorageClasses(t *testing.T) {
	t.Parallel()
	site := StartSandbox(t)
	w, name := site.instance(nil)
	w.set(vars{"hub": vars{"storage_classes": []any{vars{"name": "lvms", "tier": "local"}}}})
	w.apply()
	none, unset := vars{"storage_classes": []any{}}, vars{"storage_classes": nil}
	for i, change := range []vars{none, unset} {
		w.change(change)
		w.wantPlan("update")
		w.apply()
		w.inState().wantReconciled(true)
		w.wantNoWork()
		jobVars, _ := site.wantLaunches(name, []string{"create", "create", "create"}[:i+2]...)[i+1].vars(t)["osac_job_vars"].(map[string]any)
		if _, sent := jobVars["tenant_storage_classes"]; sent != (i == 1) {
			t.Errorf("%v: storage classes are sent: %t", change, sent)
		}
	}
	w.set(vars{"hub": nil})
	w.change(none)
	w.apply()
	site.wantLaunches(name, "create", "create", "create")
}

// crashWithOtherInputs kills the run of a change of labels: the next apply goes on with its job.
func crashWithOtherInputs(t *testing.T) {
	site := StartSandbox(t)
	w, name := site.instance(nil)
	w.apply()
	w.simulate(vars{"seconds": lasting().Seconds()})
	w.change(vars{"labels": vars{"a": "1"}})
	w.kill(kills()[0], func() { site.awaitStatus(name, 2, "running") })
	w.apply()
	site.wantLaunches(name, "create", "create")
	w.inState().wantReconciled(true)
	w.wantNoWork()
}

// otherInputsWhileActive changes the labels once more while the job of the first change runs: that one is followed to
// its end, and not taken for the new one's.
func otherInputsWhileActive(t *testing.T) {
	site := StartSandbox(t)
	w, name := site.instance(nil)
	w.apply()
	w.simulate(vars{"seconds": lasting().Seconds()})
	w.change(vars{"labels": vars{"a": "1"}})
	applying := w.start(applyWith()...)
	site.awaitStatus(name, 2, "running")
	applying.signalGroup(syscall.SIGINT)
	applying.wait().want(1)
	w.simulate(nil)
	w.change(vars{"labels": vars{"a": "2"}})
	w.apply()
	jobs := site.wantLaunches(name, "create", "create", "create")
	if jobs[1].status != "successful" || jobs[2].resource(t).Metadata.Labels["a"] != "2" {
		t.Errorf("job 2 ended as %s, job 3 was given %v", jobs[1].status, jobs[2].resource(t).Metadata.Labels)
	}
	w.inState().wantReconciled(true)
	w.wantNoWork()
}

// TestAccX46_unknownAtPlan takes template parameters and labels from a resource of the same apply. What is unknown at
// plan turns out to be equal, or not.
func TestAccX46_unknownAtPlan(t *testing.T) {
	t.Parallel()
	site := StartSandbox(t)
	name := site.newName()
	w := site.workspace("unknown.tf", vars{"name": name, "value": "a", "generation": 1})
	w.apply()
	w.wantNoWork()
	site.wantLaunches(name, "create")

	w.set(vars{"generation": 2}) // the same value, but not known while Terraform plans
	w.wantPlan("update")
	w.apply()
	site.wantLaunches(name, "create")
	w.inState().wantReconciled(true).wantLastJob("provision Succeeded")
	w.wantNoWork()

	w.set(vars{"value": "b", "generation": 3})
	w.apply()
	jobs := site.wantLaunches(name, "create", "create")
	if given := jobs[1].resource(t); given.Metadata.Labels["value"] != "b" || given.Spec["templateParameters"] != `{"value":"b"}` {
		t.Errorf("the second job was given labels %v and parameters %v", given.Metadata.Labels, given.Spec["templateParameters"])
	}
	w.inState().wantReconciled(true)
	w.wantNoWork()
}
