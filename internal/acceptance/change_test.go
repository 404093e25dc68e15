package acceptance

import (
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
)

func TestAcc6_changeReprovisions(t *testing.T) {
	t.Parallel()
	site := StartSandbox(t)
	name := site.newName()
	site.steps(
		resource.TestStep{ConfigFile: instanceFile(), ConfigVariables: site.variables(vars{"name": name})},
		resource.TestStep{
			ConfigFile:      instanceFile(),
			ConfigVariables: site.variables(vars{"name": name, "instance": vars{"run_strategy": "Halted"}}),
			ConfigPlanChecks: resource.ConfigPlanChecks{
				PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate),
					plancheck.ExpectUnknownValue(address, tfjsonpath.New("reconciled_config_version")),
					plancheck.ExpectUnknownValue(address, tfjsonpath.New("last_job")),
				},
				PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
			},
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(address, tfjsonpath.New("phase"), knownvalue.StringExact("Stopped")),
				statecheck.ExpectKnownValue(address, tfjsonpath.New("last_job").AtMapKey("state"), knownvalue.StringExact("Succeeded")),
				statecheck.ExpectKnownValue(address, tfjsonpath.New("open_runs"), knownvalue.ListSizeExact(0)),
			},
			Check: checks(t, func() {
				jobs := site.wantLaunches(name, "create", "create")
				before, after := jobs[0].resource(t).Status.DesiredConfigVersion, jobs[1].resource(t).Status.DesiredConfigVersion
				if before == after || jobs[1].resource(t).Spec["runStrategy"] != "Halted" {
					t.Errorf("config versions %s and %s, second spec %v", before, after, jobs[1].resource(t).Spec)
				}
			}),
		},
	)
	site.wantLaunches(name, "create", "create", "delete")
}

// TestAccAddressOfAnUpdate changes a machine in place, and its job reports another address.
func TestAccAddressOfAnUpdate(t *testing.T) {
	t.Parallel()
	site := StartSandbox(t)
	w, name := site.instance(nil)
	reports := func(address string) { w.simulate(vars{"artifacts": vars{"ip_address": address}}) }
	reports("10.0.0.1")
	w.write("address.tf", "resource \"terraform_data\" \"dependent\" {\n  triggers_replace = [osac_compute_instance.this.ip_address]\n}\n")
	w.apply()
	reports("10.0.0.2")
	w.change(vars{"labels": vars{"a": "1"}})
	w.apply().says("address has changed", "10.0.0.1", "10.0.0.2", "0 added, 1 changed, 0 destroyed")
	w.inState().wantText("ip_address", "10.0.0.1").wantReconciled(true)
	w.apply().says("1 added, 0 changed, 1 destroyed")
	w.inState().wantText("ip_address", "10.0.0.2")
	w.wantNoWork()
	site.wantLaunches(name, "create", "create")
}

func TestAcc7_nothingToDo(t *testing.T) {
	t.Parallel()
	site := StartSandbox(t)
	w, name := site.instance(vars{"template_parameters": `{ "b": [1, 2.50], "a": "<&>" }`})
	w.apply()
	w.apply().says("No changes")
	w.wantNoWork()
	site.wantLaunches(name, "create")
}

func TestAcc17_restart(t *testing.T) {
	t.Parallel()
	site := StartSandbox(t)
	w, name := site.instance(nil)
	w.apply()
	// The playbook compares whole seconds: a request within the second of the creation would be no later than it.
	moment := time.Now().Add(2 * time.Second)
	w.change(vars{"restart_requested_at": moment.In(time.FixedZone("", 3600)).Format(time.RFC3339Nano)})
	w.apply()
	want := moment.UTC().Truncate(time.Second).Format(time.RFC3339)
	given := site.wantLaunches(name, "create", "create")[1].resource(t)
	if given.Spec["restartRequestedAt"] != want || given.Status.LastRestartedAt != "" {
		t.Errorf("the job was given restart %v, last restart %q; want %s and none", given.Spec["restartRequestedAt"], given.Status.LastRestartedAt, want)
	}
	w.inState().wantText("last_restarted_at", want).wantReconciled(true)
	w.wantNoWork()
	site.wantRestarts(name, want)
}

// wantRestarts checks for which requests the playbook would have restarted the machine.
func (s *Site) wantRestarts(name string, want ...string) {
	s.t.Helper()
	if s.simulated == nil {
		return // a real controller keeps no such book
	}
	for _, instance := range s.simulated.Instances() {
		if instance.Name == name && len(instance.Restarts) != len(want) {
			s.t.Errorf("the machine was restarted for %v, want %v", instance.Restarts, want)
		}
	}
}

func TestAccX32_onlyTimeoutsOrWriteOnlyVersion(t *testing.T) {
	t.Parallel()
	site := StartSandbox(t)
	w, name := site.instance(vars{"extra_vars_wo_version": 1})
	w.apply()
	w.change(vars{"timeouts": vars{"create": "7m", "delete": "8m"}})
	w.wantPlan("update")
	w.apply()
	site.wantLaunches(name, "create")
	w.inState().wantReconciled(true).wantLastJob("provision Succeeded")
	w.wantNoWork()

	secret := site.plant("extra_vars_wo", nowhere)
	w.set(vars{"extra_vars_wo": `{"written_only":"` + secret + `"}`})
	w.wantNoWork()
	w.change(vars{"extra_vars_wo_version": 2})
	w.apply()
	jobs := site.wantLaunches(name, "create", "create")
	if got := jobs[1].vars(t)["written_only"]; got != secret {
		t.Error("the second job was not given the new write-only variable")
	}
	w.inState().wantReconciled(true)
	w.wantNoWork()
}
