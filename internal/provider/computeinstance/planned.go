package computeinstance

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-jsontypes/jsontypes"
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/osac-project/terraform-provider-osac/internal/provider/diagnose"
)

// keepComputed plans that nothing changes: the framework marks computed attributes as unknown on any difference, even
// of timeouts.
func (p *planning) keepComputed() {
	p.keepStable()
	p.plan.ReconciledConfigVersion = p.plan.DesiredConfigVersion
	p.plan.Phase = p.state.Phase
	p.plan.LastJob = p.state.LastJob
	p.plan.OpenRuns = p.state.OpenRuns
	p.plan.Artifacts = p.state.Artifacts
}

// keepStable plans that the attributes that an update can't change stay as they are.
func (p *planning) keepStable() {
	p.plan.UID = p.state.UID
	p.plan.HubIdentity = p.state.HubIdentity
	p.plan.ControllerUUID = p.state.ControllerUUID
	p.plan.LastRestartedAt = p.state.LastRestartedAt
	p.plan.IPAddress = p.state.IPAddress
}

// leaveOpen plans the attributes that the job decides as unknown, and no others: an unknown attribute makes Terraform
// plan everything anew that depends on it. The expected values would not do, since Terraform reports an error of the
// provider if a run does not reach a planned value.
func (p *planning) leaveOpen() {
	p.plan.Phase = types.StringUnknown()
	p.plan.ReconciledConfigVersion = types.StringUnknown()
	p.plan.LastJob = types.ObjectUnknown(jobType.AttrTypes)
	p.plan.OpenRuns = types.ListUnknown(jobType)
	p.plan.Artifacts = jsontypes.NewNormalizedUnknown()
	if p.state == nil {
		p.plan.UID, p.plan.HubIdentity, p.plan.ControllerUUID = types.StringUnknown(), types.StringUnknown(), types.StringUnknown()
		p.plan.LastRestartedAt, p.plan.IPAddress = timetypes.NewRFC3339Unknown(), types.StringUnknown()
		return
	}
	p.keepStable()
	// States of older releases lack them, and the run sets them.
	for _, open := range []*types.String{&p.plan.UID, &p.plan.HubIdentity, &p.plan.ControllerUUID} {
		if open.IsNull() {
			*open = types.StringUnknown()
		}
	}
	if p.mayRestart() {
		p.plan.LastRestartedAt = timetypes.NewRFC3339Unknown()
	}
	if p.finishesCreation() {
		p.plan.IPAddress = types.StringUnknown()
	}
}

// mayRestart reports whether a run of the plan may restart the machine: a restart is requested, and state has no
// restart as late as that.
func (p *planning) mayRestart() bool {
	if p.plan.RestartRequestedAt.IsUnknown() {
		return true
	}
	requested, bad := timestamp(p.plan.RestartRequestedAt)
	done, worse := timestamp(p.state.LastRestartedAt)
	if bad.HasError() || worse.HasError() {
		return true
	}
	return requested != nil && (done == nil || requested.After(done.Time))
}

// finishesCreation reports whether the update continues the creation of a machine whose first run was interrupted, so
// that neither a success nor an address is known.
func (p *planning) finishesCreation() bool {
	return p.state.IPAddress.IsNull() && p.state.ReconciledConfigVersion.IsNull()
}

// holdTo restores planned values where the run has reported others, which Terraform would report as an error of the
// provider. The next refresh shows the run's values.
func (m *Model) holdTo(planned Model) diag.Diagnostics {
	var diags diag.Diagnostics
	if !planned.LastRestartedAt.IsUnknown() {
		m.LastRestartedAt = planned.LastRestartedAt
	}
	if !planned.HubIdentity.IsUnknown() {
		// With -refresh=false, the state still has the identity from before the hub's setting place confirmed another
		// one.
		m.HubIdentity = planned.HubIdentity
	}
	if !planned.IPAddress.IsUnknown() && !planned.IPAddress.Equal(m.IPAddress) {
		diags.AddWarning("The machine's address has changed", diagnose.Printable(fmt.Sprintf(
			"Instance %s had the address %s, and the job that has changed it reports %s. State still has the former, since an update in place "+
				"must not change what was planned: the next refresh shows the new one. Run terraform apply once more where something depends on the address.",
			m.ID.ValueString(), addressText(planned.IPAddress), addressText(m.IPAddress))))
		m.IPAddress = planned.IPAddress
	}
	return diags
}

func addressText(address types.String) string {
	if address.IsNull() {
		return "none"
	}
	return address.ValueString()
}
