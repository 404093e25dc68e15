package computeinstance

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/osac-project/terraform-provider-osac/internal/provider/hubs"
)

func TestPlanTakesTheNamespaceFromTheHub(t *testing.T) {
	configured := &hubs.Configured{ByKey: map[string]hubs.Hub{"default": {Namespace: types.StringValue("from-the-hub")}}}
	p := planning{hubs: configured}
	if diags := p.fillDefaults(); diags.HasError() || p.plan.Namespace.ValueString() != "from-the-hub" {
		t.Errorf("got %s, %v", p.plan.Namespace, diags)
	}
	p = planning{hubs: configured, state: &Model{}}
	p.plan.Hub, p.plan.Namespace = types.StringValue("default"), types.StringValue("as-it-was")
	if diags := p.fillDefaults(); diags.HasError() || p.plan.Namespace.ValueString() != "as-it-was" {
		t.Errorf("a default replaced what is in state: %s, %v", p.plan.Namespace, diags)
	}
}

func TestPlanTakesTheTenantFromTheHub(t *testing.T) {
	configured := &hubs.Configured{ByKey: map[string]hubs.Hub{"default": {Tenant: types.StringValue("from-the-hub")}}}
	p := planning{hubs: configured}
	if diags := p.fillDefaults(); diags.HasError() || p.plan.Tenant.ValueString() != "from-the-hub" {
		t.Errorf("got %s, %v", p.plan.Tenant, diags)
	}
	for _, before := range []types.String{types.StringNull(), types.StringValue("as-it-was")} {
		p = planning{hubs: configured, state: &Model{Tenant: before}}
		p.plan.Hub, p.plan.Tenant = types.StringValue("default"), types.StringUnknown()
		if diags := p.fillDefaults(); diags.HasError() || !p.plan.Tenant.Equal(before) {
			t.Errorf("a default replaced what is in state: %s, %v", p.plan.Tenant, diags)
		}
	}
}
