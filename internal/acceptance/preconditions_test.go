package acceptance

import "testing"

// TestAccX55_stockPreconditions plans an instance that lacks what OSAC's own playbook reads without a default.
func TestAccX55_stockPreconditions(t *testing.T) {
	t.Parallel()
	site := StartSimulated(t).stock()
	w, name := site.instance(nil)
	refused := w.tryApply().want(1)
	for _, attribute := range []string{"tenant", "network_attachments", "storage_classes"} {
		refused.says("OSAC's playbook needs more", "set "+attribute)
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
