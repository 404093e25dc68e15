package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/osac-project/terraform-provider-osac/internal/jobs"
)

// What state doesn't know, a run may bring; null would be a promise that it doesn't.
func TestPlanLeavesOpenWhatStateDoesNotKnow(t *testing.T) {
	s := newServer(t).configured(t, nil)
	state := reconciledState(t, s, func(r *jobs.Record) { r.UID, r.HubIdentity, r.ControllerUUID = "", "", "" })
	plan := s.plan(t, everything(t, s, map[string]tftypes.Value{"labels": texts(map[string]string{"app": "db"})}), state)
	noErrors(t, plan.diagnostics)
	wantOpen(t, plan, true, "uid", "hub_identity", "controller_uuid")
	plan = s.plan(t, everything(t, s, nil), state)
	noErrors(t, plan.diagnostics)
	if diff, err := plan.raw.Diff(*state); err != nil || len(diff) > 0 {
		t.Errorf("an unchanged instance differs by %v, %v", diff, err)
	}
}

func TestPlanOfAnAddress(t *testing.T) {
	s := newServer(t).configured(t, nil)
	for name, test := range map[string]struct {
		change func(*jobs.Record)
		open   []string
	}{
		"known": {func(r *jobs.Record) { r.ReconciledConfigVersion = "" }, nil},
		"never reported": {func(r *jobs.Record) {
			r.IPAddress, r.Phase = "", jobs.PhaseFailed
			r.InputsVersion = "0123456789abcdef"
		}, nil},
		"creation goes on":   {func(r *jobs.Record) { r.IPAddress, r.ReconciledConfigVersion = "", "" }, []string{"ip_address"}},
		"restart never done": {func(r *jobs.Record) { r.LastRestartedAt = nil }, []string{"last_restarted_at"}},
	} {
		t.Run(name, func(t *testing.T) {
			plan := s.plan(t, everything(t, s, nil), reconciledState(t, s, test.change))
			noErrors(t, plan.diagnostics)
			wantOpen(t, plan, true, test.open...)
		})
	}
}
