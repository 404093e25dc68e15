package provider

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/osac-project/terraform-provider-osac/internal/jobs"
	"github.com/osac-project/terraform-provider-osac/internal/jobs/jobstest"
	"github.com/osac-project/terraform-provider-osac/internal/osac"
)

// A plan that is answered without the framework says what the framework would have said, and none is that takes a job.
func TestUnchangedIsPlannedAlike(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	quick, ok := s.ProviderServer.(*served)
	if !ok {
		t.Fatalf("the provider is served as %T", s.ProviderServer)
	}
	identity := &tfprotov6.ResourceIdentityData{IdentityData: dynamic(t, identityType(), tftypes.NewValue(identityType(), map[string]tftypes.Value{
		"hub": text("default"), "namespace": text("osac-system"), "name": text("web-1"),
	}))}
	cases := map[string]struct {
		change    func(*jobs.Record)
		unchanged bool
	}{
		"reconciled":         {unchanged: true},
		"its jobs purged":    {func(r *jobs.Record) { r.LastJob, r.OpenRuns = nil, nil }, true},
		"stopped":            {func(r *jobs.Record) { r.Phase = jobs.PhaseStopped }, true},
		"outcome unknown":    {func(r *jobs.Record) { r.ReconciledConfigVersion = "" }, false},
		"other spec applied": {func(r *jobs.Record) { r.ReconciledConfigVersion = "0123456789abcdef" }, false},
		"other inputs":       {func(r *jobs.Record) { r.InputsVersion = "0123456789abcdef" }, false},
		"version of another release": {func(r *jobs.Record) {
			r.DesiredConfigVersion, r.ReconciledConfigVersion = "0123456789abcdef", "0123456789abcdef"
		}, false},
		"restart due": {func(r *jobs.Record) {
			now := osac.NewTimestamp(time.Now())
			jobstest.Change(&r.Instance, func(s *osac.ComputeInstanceSpec) { s.RestartRequestedAt = &now })
			r.DesiredConfigVersion = r.Spec.ConfigVersion()
		}, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			prior := dynamic(t, s.instance, *reconciledState(t, s, c.change))
			config := dynamic(t, s.instance, objectOf(s.instance, everything(t, s, nil)))
			request := &tfprotov6.PlanResourceChangeRequest{
				TypeName: instanceType, PriorState: prior, ProposedNewState: prior, Config: config,
				PriorPrivate: []byte(`{"watermark":"IjEyQDIwMjYi"}`), PriorIdentity: identity,
			}
			if got := quick.unchanged.Plan(t.Context(), request, nil) != nil; got != c.unchanged {
				t.Errorf("planned without the framework: %v, want %v", got, c.unchanged)
			}
			want, err := quick.frameworkServer.PlanResourceChange(t.Context(), request)
			if err != nil {
				t.Fatal(err)
			}
			got, err := s.PlanResourceChange(t.Context(), request)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("other than the framework (-) plans it:\n%s", diff)
			}
		})
	}
}
