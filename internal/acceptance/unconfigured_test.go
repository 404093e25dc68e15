package acceptance

import (
	"slices"
	"testing"
)

func TestAccX34_configurationUnknownAtPlan(t *testing.T) {
	t.Parallel()
	t.Run("nothing exists", func(t *testing.T) { t.Parallel(); unknownTokenAtFirst(t) })
	t.Run("an instance exists", func(t *testing.T) { t.Parallel(); unknownTokenLater(t, nil, "create") })
	t.Run("an instance is to change", func(t *testing.T) {
		t.Parallel()
		unknownTokenLater(t, vars{"run_strategy": "Halted"}, "create", "create")
	})
}

// tokenFromResource takes the provider's token from a resource. Terraform shows what such a resource holds, hence the
// encoding.
func (w *workspace) tokenFromResource() {
	w.t.Helper()
	w.write("token.tf", "resource \"terraform_data\" \"token\" {\n  input = strrev(var.token)\n}\n")
	w.write("token_override.tf", "provider \"osac\" {\n  token = strrev(terraform_data.token.output)\n}\n")
}

func unknownTokenAtFirst(t *testing.T) {
	site := StartSandbox(t)
	w, name := site.instance(nil)
	w.tokenFromResource()
	w.wantPlan("create")
	w.apply()
	site.wantLaunches(name, "create")
	w.inState().wantTainted(false).wantReconciled(true)
	w.wantNoWork()
}

// unknownTokenLater makes the token unknown when the instance exists: by a resource that is new, then by one replaced.
func unknownTokenLater(t *testing.T, change vars, launches ...string) {
	site := StartSandbox(t)
	w, name := site.instance(nil)
	w.apply()
	w.tokenFromResource()
	w.change(change)
	w.keepsInstance()
	w.inState().wantTainted(false).wantReconciled(true)
	w.apply()
	site.wantLaunches(name, launches...)
	w.inState().wantTainted(false).wantReconciled(true)
	w.wantNoWork()
	w.keepsInstance("-replace=terraform_data.token")
	w.apply("-replace=terraform_data.token")
	site.wantLaunches(name, launches...)
	w.inState().wantTainted(false).wantReconciled(true)
	w.wantNoWork()
}

// keepsInstance plans, and wants the instance neither made nor deleted.
func (w *workspace) keepsInstance(arguments ...string) {
	w.t.Helper()
	w.run(append([]string{"plan", "-no-color", "-out=plan.tfplan"}, arguments...)...).want(0)
	for _, change := range w.planned() {
		if change.Address == address && (slices.Contains(change.Actions, "create") || slices.Contains(change.Actions, "delete")) {
			w.t.Fatalf("planned %v", change.Actions)
		}
	}
}
