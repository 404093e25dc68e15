package acceptance

import "testing"

// TestAccX55_stockPreconditions plans an instance that lacks what OSAC's own playbook reads without a default.
func TestAccX55_stockPreconditions(t *testing.T) {
	t.Parallel()
	site := StartSimulated(t).stock()
	w, name := site.instance(nil)
	refused := w.tryApply().want(1)
	for _, attribute := range []string{"tenant", "network_attachments", "storage_classes"} {
		refused.says("OSAC's playbook needs more", "set "+attribute, attribute+" = try(") // the line that Terraform points at
	}
	w.wantGone()
	w.set(vars{"hub": vars{"tenant": "tenant-a", "storage_classes": []any{vars{"name": "lvms", "tier": "local"}}}})
	w.change(attachments(attachment("one")))
	w.apply()
	w.inState().wantText("tenant", "tenant-a")
	w.wantNoWork()
	if status := site.wantLaunches(name, "create")[0].resource(t).Status; status.TenantReference["name"] != "tenant-a" {
		t.Errorf("the job was given the tenant %+v", status.TenantReference)
	}
}

// TestAccX57_stockAdvice plans what OSAC's own playbook may fail by, or leaves out: a namespace that nothing sets, disks without
// a tier, a second network. Each is a warning, and gone once it is mended; other playbooks are not judged but for the networks.
func TestAccX57_stockAdvice(t *testing.T) {
	t.Parallel()
	site := StartSimulated(t)
	instance := attachments(attachment("one"), attachment("two"))
	instance["boot_disk"] = vars{"size_gib": 20}
	w, _ := site.instance(instance)
	hub := vars{"namespace": nil, "tenant": "tenant-a", "storage_classes": []any{vars{"name": "lvms", "tier": "fast"}}}
	w.set(vars{"hub": hub})
	const namespace, tier, network = "A namespace that nothing sets", "Disks without a storage tier", "More than one network"
	w.run("plan", "-no-color").want(0).says(network).saysNot(namespace, tier)
	site.stock()
	w.run("plan", "-no-color").want(0).says(namespace, tier, network)
	hub["namespace"] = "osac"
	w.set(vars{"hub": hub})
	instance = attachments(attachment("one"))
	instance["boot_disk"] = vars{"size_gib": 20, "storage_tier": "fast"}
	w.change(instance)
	w.run("plan", "-no-color").want(0).saysNot(namespace, tier, network)
	hub["namespace"] = nil
	w.set(vars{"hub": hub})
	instance["namespace"] = "osac-computeinstance"
	w.change(instance)
	w.run("plan", "-no-color").want(0).saysNot(namespace)
}
