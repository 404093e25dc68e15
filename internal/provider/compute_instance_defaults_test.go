package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"
)

func TestPlanTakesTheNamespaceFromTheHub(t *testing.T) {
	hubs := &configuredHubs{byKey: map[string]configuredHub{"default": {namespace: types.StringValue("from-the-hub")}}}
	p := planning{hubs: hubs}
	if diags := p.fillDefaults(); diags.HasError() || p.plan.Namespace.ValueString() != "from-the-hub" {
		t.Errorf("got %s, %v", p.plan.Namespace, diags)
	}
	p = planning{hubs: hubs, state: &computeInstanceModel{}}
	p.plan.Hub, p.plan.Namespace = types.StringValue("default"), types.StringValue("as-it-was")
	if diags := p.fillDefaults(); diags.HasError() || p.plan.Namespace.ValueString() != "as-it-was" {
		t.Errorf("a default replaced what is in state: %s, %v", p.plan.Namespace, diags)
	}
}

func TestPlanTakesTheTenantFromTheHub(t *testing.T) {
	hubs := &configuredHubs{byKey: map[string]configuredHub{"default": {tenant: types.StringValue("from-the-hub")}}}
	p := planning{hubs: hubs}
	if diags := p.fillDefaults(); diags.HasError() || p.plan.Tenant.ValueString() != "from-the-hub" {
		t.Errorf("got %s, %v", p.plan.Tenant, diags)
	}
	for _, before := range []types.String{types.StringNull(), types.StringValue("as-it-was")} {
		p = planning{hubs: hubs, state: &computeInstanceModel{Tenant: before}}
		p.plan.Hub, p.plan.Tenant = types.StringValue("default"), types.StringUnknown()
		if diags := p.fillDefaults(); diags.HasError() || !p.plan.Tenant.Equal(before) {
			t.Errorf("a default replaced what is in state: %s, %v", p.plan.Tenant, diags)
		}
	}
}
