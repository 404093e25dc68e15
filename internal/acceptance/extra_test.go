package acceptance

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestAccX54_specOfTomorrow imports what a newer operator has launched, with keys that the provider has no attribute for, and
// changes those keys.
func TestAccX54_specOfTomorrow(t *testing.T) {
	t.Parallel()
	site := StartSimulated(t)
	name := site.newName()
	site.faults().LaunchByHand(createTemplate, `{"osac_job_vars":{"resource":{"apiVersion":"osac.openshift.io/v1alpha1","kind":"ComputeInstance",
  "metadata":{"name":"`+name+`","namespace":"`+namespace+`","uid":"6f0c","generation":1,"finalizers":["osac.openshift.io/computeinstance"]},
  "spec":{"templateID":"osac.templates.ocp_virt_vm","instanceType":"standard-2-4","vcpus":2,"memoryGiB":4,
    "bootDisk":{"sizeGiB":20,"storageTier":"local","iops":500},"additionalDisks":[{"sizeGiB":5},{"sizeGiB":6,"wwn":"a1"}],"runStrategy":"Always","networkAttachments":[{"subnetRef":"one","securityGroupRefs":["b","a","b"]}],"hibernation":{"after":"1h","deep":true}}}}}`, "admin")
	site.jobOf(t, createTemplate, name, "successful")
	further := `{"additionalDisks":[{},{"wwn":"a1"}],"bootDisk":{"iops":500},"hibernation":{"after":"1h","deep":true},"instanceType":"standard-2-4"}`
	w := site.workspace("instance.tf", vars{"name": name, "instance": vars{
		"cores": 2, "memory_gib": 4, "boot_disk": vars{"size_gib": 20, "storage_tier": "local"},
		"additional_disks": []any{vars{"size_gib": 5}, vars{"size_gib": 6}}, "spec_extra": further,
		"network_attachments": []any{attachment("one", "a", "b")},
	}})
	w.run("import", "-no-color", address, namespace+"/"+name).want(0)
	w.inState().wantReconciled(true).wantText("spec_extra", further)
	w.wantPlan("update") // the operator's job has no inputs version
	w.apply()
	w.wantNoWork()
	w.change(vars{"spec_extra": strings.Replace(further, "500", "700", 1)})
	before := w.inState().text("desired_config_version")
	w.wantPlan("update")
	w.apply()
	w.inState().wantReconciled(true).wantText("desired_config_version", before)
	w.wantNoWork()

	spec := site.wantLaunches(name, "create", "create", "create")[2].resource(t).Spec
	disk, _ := spec["bootDisk"].(map[string]any)
	if disks, _ := json.Marshal(spec["additionalDisks"]); string(disks) != `[{"sizeGiB":5},{"sizeGiB":6,"wwn":"a1"}]` {
		t.Errorf("sent %s", disks)
	}
	if sent, _ := json.Marshal(spec["hibernation"]); string(sent) != `{"after":"1h","deep":true}` || disk["iops"] != 700.0 || disk["sizeGiB"] != 20.0 ||
		spec["instanceType"] != "standard-2-4" || spec["cores"] != 2.0 || spec["vcpus"] != 2.0 {
		t.Errorf("sent %v", spec)
	}
	w.change(vars{"spec_extra": `{"vcpus":4}`})
	w.tryApply().want(1).says("set twice", "vcpus")
	w.change(vars{"spec_extra": `{"guestOSFamily":"linux"}`})
	w.run("plan", "-no-color").want(0).says("have attributes", "guestOSFamily")
}
