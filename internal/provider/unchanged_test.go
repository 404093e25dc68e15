package provider

import (
	"context"
	"encoding/json"
	"maps"
	"net/http/httptest"
	"reflect"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/osac-project/terraform-provider-osac/internal/jobs"
	"github.com/osac-project/terraform-provider-osac/internal/jobs/jobstest"
	"github.com/osac-project/terraform-provider-osac/internal/osac"
	"github.com/osac-project/terraform-provider-osac/internal/provider/computeinstance"
	"github.com/osac-project/terraform-provider-osac/internal/provider/planclaim"
	"github.com/osac-project/terraform-provider-osac/internal/provisioning"
	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
)

// countedFramework counts the plans that the framework makes.
type countedFramework struct {
	frameworkServer
	plans atomic.Int64
}

func (c *countedFramework) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	c.plans.Add(1)
	return c.frameworkServer.PlanResourceChange(ctx, req)
}

// twoServers are the same provider twice, equally configured: as it is served, and as the framework serves it alone.
type twoServers struct {
	*server
	counted *countedFramework
	plain   *server
}

func newTwoServers(t *testing.T, block map[string]tftypes.Value) *twoServers {
	t.Helper()
	two := &twoServers{server: newServer(t).configured(t, block), plain: newServer(t).configured(t, block)}
	quick, plain := two.served(t), (&twoServers{server: two.plain}).served(t)
	for _, each := range []*served{quick, plain} {
		claims := planclaim.New()
		claims.Plan = "this plan" // it is in the private data that are compared
		each.provider.hubs.Load().Claims = claims
	}
	two.counted = &countedFramework{frameworkServer: quick.frameworkServer}
	quick.frameworkServer = two.counted
	two.plain.ProviderServer = plain.frameworkServer
	return two
}

func (s *twoServers) served(t *testing.T) *served {
	t.Helper()
	made, ok := s.ProviderServer.(*served)
	if !ok {
		t.Fatalf("the provider is served as %T", s.ProviderServer)
	}
	return made
}

// planAlike plans on both servers, wants the same answer, and returns it with whether the framework was left out.
func (s *twoServers) planAlike(t *testing.T, request *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, bool) {
	t.Helper()
	want, err := s.plain.PlanResourceChange(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	before := s.counted.plans.Load()
	got, err := s.PlanResourceChange(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("other than the framework (-) plans it:\n%s", diff)
	}
	return got, s.counted.plans.Load() == before
}

// unchangedRequest asks for the plan of a state that is also what is proposed.
func (s *server) unchangedRequest(t *testing.T, state tftypes.Value) *tfprotov6.PlanResourceChangeRequest {
	t.Helper()
	values, config := attributesOf(t, state), map[string]tftypes.Value{}
	for name, attribute := range s.schema.Attributes {
		if !attribute.IsComputed() {
			config[name] = values[name]
		}
	}
	identity := tftypes.NewValue(identityType(), map[string]tftypes.Value{"hub": values["hub"], "namespace": values["namespace"], "name": values["name"]})
	prior := dynamic(t, s.instance, state)
	return &tfprotov6.PlanResourceChangeRequest{
		TypeName: instanceType, PriorState: prior, ProposedNewState: prior, Config: dynamic(t, s.instance, objectOf(s.instance, config)),
		PriorPrivate:  []byte(`{"watermark":"IjEyQDIwMjYi"}`),
		PriorIdentity: &tfprotov6.ResourceIdentityData{IdentityData: dynamic(t, identityType(), identity)},
	}
}

// restartDue asks for a restart that no run has done yet.
func restartDue(r *jobs.Record) {
	now := osac.NewTimestamp(time.Now().Add(-time.Hour))
	jobstest.Change(&r.Instance, func(s *osac.ComputeInstanceSpec) { s.RestartRequestedAt = &now })
	r.DesiredConfigVersion = r.Spec.ConfigVersion()
	r.ReconciledConfigVersion, r.InputsVersion = r.DesiredConfigVersion, r.Instance.InputsVersion()
}

// extraWithAnAttribute puts a key into spec_extra that an attribute stands for, and a run has applied it.
func extraWithAnAttribute(r *jobs.Record) {
	jobstest.Change(&r.Instance, func(s *osac.ComputeInstanceSpec) { s.UserDataSecretRef = nil })
	jobstest.Change(&r.Instance, func(s *osac.ComputeInstanceSpec) {
		s.Extra = json.RawMessage(`{"userDataSecretRef":{"name":"user-data"}}`)
	})
	r.DesiredConfigVersion = r.Spec.ConfigVersion()
	r.ReconciledConfigVersion, r.InputsVersion = r.DesiredConfigVersion, r.Instance.InputsVersion()
}

// A plan that is answered without the framework says what the framework would have said.
func TestUnchangedIsPlannedAlike(t *testing.T) {
	t.Parallel()
	skipping := func(m *computeinstance.Model) { m.SkipDestroy = types.BoolValue(true) }
	for name, test := range map[string]struct {
		hub     string             // the only hub of the provider block; "default" if it is empty
		change  func(*jobs.Record) // what state has on record
		written func(*computeinstance.Model)
		request func(*tfprotov6.PlanResourceChangeRequest)
		// quick is set if the framework is left out.
		quick bool
		// says is the summary of the only diagnostic.
		says string
	}{
		"reconciled":         {quick: true},
		"its jobs purged":    {change: func(r *jobs.Record) { r.LastJob, r.OpenRuns = nil, nil }, quick: true},
		"stopped":            {change: func(r *jobs.Record) { r.Phase = jobs.PhaseStopped }, quick: true},
		"skip_destroy":       {written: skipping, quick: true},
		"no private data":    {request: func(r *tfprotov6.PlanResourceChangeRequest) { r.PriorPrivate = nil }, quick: true},
		"empty private data": {request: func(r *tfprotov6.PlanResourceChangeRequest) { r.PriorPrivate = []byte(`{}`) }, quick: true},
		"an empty private value": {
			request: func(r *tfprotov6.PlanResourceChangeRequest) { r.PriorPrivate = []byte(`{"watermark":""}`) },
			says:    "Error Decoding Private State",
		},
		"private data that are broken": {
			request: func(r *tfprotov6.PlanResourceChangeRequest) { r.PriorPrivate = []byte(`{"watermark":"bm8ganNvbg=="}`) },
			says:    "Error Decoding Private State",
		},
		"private data of the framework": {
			request: func(r *tfprotov6.PlanResourceChangeRequest) {
				r.PriorPrivate = []byte(`{".own":"dHJ1ZQ==","watermark":"IjEyQDIwMjYi"}`)
			}, quick: true,
		},
		"marked by an earlier plan": {
			request: func(r *tfprotov6.PlanResourceChangeRequest) {
				r.PriorPrivate = []byte(`{"planned":"eyJwbGFuIjoiYW5vdGhlciIsImFkZHJlc3MiOjF9"}`)
			}, quick: true,
		},
		"no identity":                {request: func(r *tfprotov6.PlanResourceChangeRequest) { r.PriorIdentity = nil }, quick: true},
		"an empty identity":          {request: func(r *tfprotov6.PlanResourceChangeRequest) { r.PriorIdentity = &tfprotov6.ResourceIdentityData{} }, quick: true},
		"hub gone":                   {hub: "east", says: "Unknown hub"},
		"outcome unknown":            {change: func(r *jobs.Record) { r.ReconciledConfigVersion = "" }},
		"other spec applied":         {change: func(r *jobs.Record) { r.ReconciledConfigVersion = "0123456789abcdef" }},
		"other inputs":               {change: func(r *jobs.Record) { r.InputsVersion = "0123456789abcdef" }},
		"restart due":                {change: restartDue},
		"restart asked for long ago": {written: func(m *computeinstance.Model) { m.LastRestartedAt = m.RestartRequestedAt }, quick: true},
		"spec_extra with a warning":  {change: extraWithAnAttribute, says: "Keys of spec_extra have attributes"},
		"moved, and not read yet": {change: func(r *jobs.Record) {
			r.ControllerUUID, r.HubIdentity, r.UID, r.InputsVersion, r.ReconciledConfigVersion = "", "", "", "", ""
		}},
		"version of another release": {change: func(r *jobs.Record) {
			r.DesiredConfigVersion, r.ReconciledConfigVersion = "0123456789abcdef", "0123456789abcdef"
		}},
		"id of another form": {written: func(m *computeinstance.Model) { m.ID = types.StringValue("web-1") }},
		"another type":       {request: func(r *tfprotov6.PlanResourceChangeRequest) { r.TypeName = "osac_virtual_network" }, says: "Resource Type Not Found"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t)
			var block map[string]tftypes.Value
			if test.hub != "" {
				block = map[string]tftypes.Value{"hubs": s.hubs(t, map[string]map[string]tftypes.Value{
					test.hub: {"url": text("https://aap.example.com"), "token": tftypes.NewValue(tftypes.String, tftypes.UnknownValue)},
				})}
			}
			record := jobstest.FullRecord(t)
			if test.change != nil {
				test.change(&record)
			}
			model, diags := computeinstance.NewModel(t.Context(), provisioning.DefaultHub, record)
			if diags.HasError() {
				t.Fatal(diags)
			}
			if test.written != nil {
				test.written(&model)
			}
			request := s.unchangedRequest(t, *s.state(t, model))
			if test.request != nil {
				test.request(request)
			}
			answer, quick := newTwoServers(t, block).planAlike(t, request)
			if quick != test.quick {
				t.Errorf("planned without the framework: %t, want %t", quick, test.quick)
			}
			wantSummary(t, answer.Diagnostics, test.says)
		})
	}
}

// wantSummary expects one diagnostic of that summary, or none if it is empty.
func wantSummary(t *testing.T, said []*tfprotov6.Diagnostic, summary string) {
	t.Helper()
	var got []string
	for _, each := range said {
		got = append(got, each.Summary)
	}
	var want []string
	if summary != "" {
		want = []string{summary}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("diagnostics (-want +got):\n%s", diff)
	}
}

// Where the hub can be asked, its answer counts: whether it is still the place where the instance was made.
func TestUnchangedOnAHubIsPlannedAlike(t *testing.T) {
	s := newStage(t)
	made := s.apply(t, smallest(nil), nil)
	noErrors(t, made.diagnostics)
	other := sandbox.New(sandbox.Options{Token: "t0ken"})
	listener := httptest.NewServer(other)
	t.Cleanup(listener.Close)
	elsewhere := maps.Clone(s.access())
	elsewhere["url"] = text(listener.URL)
	renamedTemplates := maps.Clone(s.access())
	renamedTemplates["template_prefix"] = text("other")
	unknown := maps.Clone(s.access())
	unknown["token"] = tftypes.NewValue(tftypes.String, tftypes.UnknownValue)
	withClasses := maps.Clone(s.access())
	withClasses["storage_classes"] = nested(t, s.provider.AttributeTypes["storage_classes"], []any{map[string]any{"name": "lvms", "tier": "local"}})

	for name, test := range map[string]struct {
		block map[string]tftypes.Value
		quick bool
		says  string
	}{
		"the same place":            {block: s.access(), quick: true},
		"settings unknown":          {block: unknown, quick: true},
		"other storage classes":     {block: withClasses, quick: true},
		"another controller":        {block: elsewhere, says: "The hub is another place"},
		"other templates":           {block: renamedTemplates, says: "The hub is another place"},
		"renamed on one controller": {block: map[string]tftypes.Value{"hubs": s.hubs(t, map[string]map[string]tftypes.Value{"east": s.access()})}, says: "Unknown hub"},
		"gone, another is left":     {block: map[string]tftypes.Value{"hubs": s.hubs(t, map[string]map[string]tftypes.Value{"east": elsewhere})}, says: "Unknown hub"},
		"all hubs unknown":          {block: map[string]tftypes.Value{"hubs": tftypes.NewValue(s.provider.AttributeTypes["hubs"], tftypes.UnknownValue)}, quick: true},
	} {
		t.Run(name, func(t *testing.T) {
			answer, quick := newTwoServers(t, test.block).planAlike(t, s.unchangedRequest(t, made.state))
			if quick != test.quick {
				t.Errorf("planned without the framework: %t, want %t", quick, test.quick)
			}
			wantSummary(t, answer.Diagnostics, test.says)
		})
	}
	t.Run("renamed, and named anew", func(t *testing.T) {
		two := newTwoServers(t, map[string]tftypes.Value{"hubs": s.hubs(t, map[string]map[string]tftypes.Value{"east": s.access()})})
		request := s.unchangedRequest(t, made.state)
		config := objectOf(s.instance, smallest(map[string]tftypes.Value{"hub": text("east")}))
		request.Config, request.ProposedNewState = dynamic(t, s.instance, config), dynamic(t, s.instance, s.proposed(t, config, made.state))
		answer, quick := two.planAlike(t, request)
		noErrors(t, answer.Diagnostics)
		if quick || len(answer.RequiresReplace) > 0 {
			t.Errorf("planned without the framework: %t; replaced for %v", quick, answer.RequiresReplace)
		}
	})
}

// An instance that two addresses hold is told of at the second one, whichever way each is planned.
func TestUnchangedAtTwoAddressesIsPlannedAlike(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	two := newTwoServers(t, nil)
	request := s.unchangedRequest(t, *reconciledState(t, s, nil))
	if answer, quick := two.planAlike(t, request); !quick || len(answer.Diagnostics) > 0 {
		t.Errorf("the first address: without the framework: %t; %v", quick, answer.Diagnostics)
	}
	answer, quick := two.planAlike(t, request)
	if quick || len(answer.Diagnostics) != 1 {
		t.Errorf("the second address: without the framework: %t; %v", quick, answer.Diagnostics)
	}
	elsewhere := s.unchangedRequest(t, *reconciledState(t, s, func(r *jobs.Record) { r.Name = "web-2" }))
	if answer, quick := two.planAlike(t, elsewhere); !quick || len(answer.Diagnostics) > 0 {
		t.Errorf("another instance: without the framework: %t; %v", quick, answer.Diagnostics)
	}
}

// A change and a destroy of an instance that takes no job otherwise are for the framework.
func TestChangedIsLeftToTheFramework(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	state := *reconciledState(t, s, nil)
	for name, config := range map[string]tftypes.Value{
		"changed":   objectOf(s.instance, everything(t, s, map[string]tftypes.Value{"cores": number(8)})),
		"destroyed": tftypes.NewValue(s.instance, nil),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			request := s.unchangedRequest(t, state)
			request.Config, request.ProposedNewState = dynamic(t, s.instance, config), dynamic(t, s.instance, config)
			if !config.IsNull() {
				request.ProposedNewState = dynamic(t, s.instance, s.proposed(t, config, state))
			}
			answer, quick := newTwoServers(t, nil).planAlike(t, request)
			noErrors(t, answer.Diagnostics)
			if quick {
				t.Error("it was planned without the framework")
			}
		})
	}
}

// The planner of unchanged instances runs no defaults; a schema that has one needs the framework.
func TestUnchangedSchemaHasNoDefaults(t *testing.T) {
	t.Parallel()
	found := 0
	var search func(name string, attributes map[string]schema.Attribute)
	search = func(name string, attributes map[string]schema.Attribute) {
		for key, attribute := range attributes {
			found++
			at := name + key
			if field := reflect.ValueOf(attribute).FieldByName("Default"); field.IsValid() && !field.IsNil() {
				t.Errorf("%s has a default", at)
			}
			switch nested := attribute.(type) {
			case schema.SingleNestedAttribute:
				search(at+".", nested.Attributes)
			case schema.ListNestedAttribute:
				search(at+".", nested.NestedObject.Attributes)
			}
		}
	}
	search("", instanceSchema(t).Attributes)
	if found < 50 {
		t.Errorf("only %d attributes were found", found)
	}
}
