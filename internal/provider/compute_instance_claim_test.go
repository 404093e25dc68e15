package provider

import (
	"maps"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/osac-project/terraform-provider-osac/internal/jobs/jobstest"
	"github.com/osac-project/terraform-provider-osac/internal/provider/computeinstance"
	"github.com/osac-project/terraform-provider-osac/internal/provisioning"
)

// planCall is a plan call as Terraform makes it for an address.
type planCall struct {
	// from is the name in state, and to the one that is planned; empty for none.
	from, to string
	// uid is the life in state.
	uid string
	// more are further attributes of the configuration.
	more map[string]tftypes.Value
	// written changes the state.
	written func(*computeinstance.Model)
	private []byte
	// second is set for the call that follows a first one of the same address, and is given the private data of that.
	second bool
}

// planner makes plan calls, and remembers the private data of the last one.
type planner struct {
	*server
	private []byte
}

func newPlanner(t *testing.T) *planner {
	t.Helper()
	return &planner{server: newServer(t).configured(t, nil)}
}

// plans makes a plan call, and returns the errors.
func (p *planner) plans(t *testing.T, call planCall) string {
	t.Helper()
	prior, proposed, config := tftypes.NewValue(p.instance, nil), tftypes.NewValue(p.instance, nil), tftypes.NewValue(p.instance, nil)
	if call.from != "" {
		record := jobstest.FullRecord(t)
		record.Name, record.UID = call.from, call.uid
		model, diags := computeinstance.NewModel(t.Context(), provisioning.DefaultHub, record)
		if diags.HasError() {
			t.Fatal(diags)
		}
		if call.written != nil {
			call.written(&model)
		}
		prior = *p.state(t, model)
	}
	if call.to != "" {
		values := everything(t, p.server, map[string]tftypes.Value{"name": text(call.to)})
		maps.Copy(values, call.more)
		config = objectOf(p.instance, values)
		if prior.IsNull() {
			proposed = config
		} else {
			proposed = p.proposed(t, config, prior)
		}
		if call.from == call.to && call.more == nil { // in its normal form, as Terraform proposes what is in state
			proposed = prior
		}
	}
	private := call.private
	if call.second {
		private = p.private
	}
	resp, err := p.PlanResourceChange(t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: instanceType, PriorState: dynamic(t, p.instance, prior), ProposedNewState: dynamic(t, p.instance, proposed),
		Config: dynamic(t, p.instance, config), PriorPrivate: private,
	})
	if err != nil {
		t.Fatal(err)
	}
	p.private = resp.PlannedPrivate
	said := ""
	for _, d := range resp.Diagnostics {
		if d.Summary == "More than one network" {
			continue
		}
		said += d.Summary + "\n" + d.Detail + "\n"
	}
	return said
}

// The flows are those that real Terraform was seen to make: which calls, with which private data.
func TestPlansOfOneNameAtTwoAddresses(t *testing.T) {
	t.Parallel()
	changed := map[string]tftypes.Value{"guest_os_family": text("other")}
	skipping := func(m *computeinstance.Model) { m.SkipDestroy = types.BoolValue(true) }
	for name, test := range map[string]struct {
		calls []planCall
		says  []string
	}{
		"renamed":                     {[]planCall{{from: "a"}, {to: "a"}}, []string{"osac-system/a", "moved", "for_each", "-refresh=false"}},
		"renamed, the new one first":  {[]planCall{{to: "a"}, {from: "a"}}, []string{"osac-system/a", "moved"}},
		"shifted":                     {[]planCall{{from: "b", to: "c"}, {to: "c", second: true}, {from: "a", to: "b"}, {to: "b", second: true}, {from: "c"}}, []string{"for_each"}},
		"swapped":                     {[]planCall{{from: "a", to: "b"}, {to: "b", second: true}, {from: "b", to: "a"}, {to: "a", second: true}}, []string{"osac-system/a", "osac-system/b", "for_each"}},
		"imported without removed":    {[]planCall{{from: "a", to: "a", uid: "1"}, {from: "a", uid: "1"}}, []string{"terraform state rm", "destroy = false", "moved"}},
		"copied":                      {[]planCall{{from: "a", to: "a"}, {to: "a"}}, []string{"copied", "terraform state rm"}},
		"copied at once":              {[]planCall{{to: "a"}, {to: "a"}}, []string{"copied"}},
		"copied before":               {[]planCall{{from: "a", to: "a"}, {from: "a", to: "a"}}, []string{"terraform state rm"}},
		"copied before, and changed":  {[]planCall{{from: "a", to: "a"}, {from: "a", to: "a", more: changed}}, []string{"terraform state rm"}},
		"another":                     {[]planCall{{from: "a", to: "a"}, {to: "b"}, {from: "c"}}, nil},
		"replaced by -replace":        {[]planCall{{from: "a", to: "a"}, {to: "a", second: true}}, nil},
		"replaced for a change":       {[]planCall{{from: "a", to: "a", more: changed}, {to: "a", more: changed, second: true}}, nil},
		"tainted":                     {[]planCall{{to: "a"}}, nil},
		"renamed by its name":         {[]planCall{{from: "a", to: "b"}, {to: "b", second: true}}, nil},
		"left behind":                 {[]planCall{{from: "a", uid: "1"}, {from: "a", to: "a", uid: "2"}}, nil},
		"left behind and refused":     {[]planCall{{from: "a", private: []byte(`{"superseded":"dHJ1ZQ=="}`)}, {from: "a", to: "a"}}, nil},
		"to be forgotten":             {[]planCall{{from: "a", written: skipping}, {to: "a"}}, nil},
		"to be forgotten, replaced":   {[]planCall{{from: "a", to: "a", written: skipping, more: changed}, {to: "a", more: changed, second: true}}, []string{"skip_destroy", "osac-system/a"}},
		"to be forgotten, -replace":   {[]planCall{{from: "a", to: "a", written: skipping, more: map[string]tftypes.Value{"skip_destroy": tftypes.NewValue(tftypes.Bool, true)}}, {to: "a", second: true}}, []string{"skip_destroy"}},
		"stale mark":                  {[]planCall{{from: "a", to: "a"}, {to: "a", private: []byte(`{"planned":"eyJwbGFuIjoiYW5vdGhlciIsImFkZHJlc3MiOjF9"}`)}}, []string{"copied"}},
		"private data of an old life": {[]planCall{{from: "a", to: "a", private: []byte(`{"planned":"eyJwbGFuIjoiYW5vdGhlciIsImFkZHJlc3MiOjF9"}`)}, {to: "a", second: true}}, nil},
		"name not known yet":          {[]planCall{{from: "a"}, {to: "?", more: map[string]tftypes.Value{"name": tftypes.NewValue(tftypes.String, tftypes.UnknownValue)}}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlanner(t)
			said := ""
			for _, call := range test.calls {
				said += p.plans(t, call)
			}
			if (said != "") != (test.says != nil) {
				t.Fatalf("got %q, want %q", said, test.says)
			}
			for _, part := range test.says {
				if !strings.Contains(said, part) {
					t.Errorf("%q is not in:\n%s", part, said)
				}
			}
		})
	}
}

// A default of the hub may change before a replacement: the second call has another namespace than the first.
func TestPlanOfAReplacementInAnotherNamespace(t *testing.T) {
	t.Parallel()
	p := newPlanner(t)
	if said := p.plans(t, planCall{from: "a", to: "a"}); said != "" {
		t.Fatal(said)
	}
	elsewhere := map[string]tftypes.Value{"namespace": text("elsewhere")}
	if said := p.plans(t, planCall{to: "a", more: elsewhere, second: true}); said != "" {
		t.Fatal(said)
	}
	if said := p.plans(t, planCall{to: "a"}); !strings.Contains(said, "osac-system/a") {
		t.Errorf("what the replacement gives up is created: %q", said)
	}
	if said := p.plans(t, planCall{to: "a", more: elsewhere}); !strings.Contains(said, "elsewhere/a") {
		t.Errorf("what the replacement creates is created twice: %q", said)
	}
}

// Terraform plans once more what it applies, and what create_before_destroy has replaced after that.
func TestClaimsEndWithTheFirstApply(t *testing.T) {
	t.Parallel()
	p := newPlanner(t)
	if said := p.plans(t, planCall{to: "a"}); said != "" {
		t.Fatal(said)
	}
	null := dynamic(t, p.instance, tftypes.NewValue(p.instance, nil))
	if _, err := p.ApplyResourceChange(t.Context(), &tfprotov6.ApplyResourceChangeRequest{
		TypeName: instanceType, PriorState: null, PlannedState: null, Config: null,
	}); err != nil {
		t.Fatal(err)
	}
	if said := p.plans(t, planCall{from: "a"}); said != "" {
		t.Error(said)
	}
}

// Another configuration of the provider is another phase of a command, or an alias.
func TestClaimsEndWithTheNextConfigure(t *testing.T) {
	t.Parallel()
	p := newPlanner(t)
	p.plans(t, planCall{to: "a"})
	p.configured(t, nil)
	for _, call := range []planCall{{from: "a", to: "a"}, {to: "b"}} {
		if said := p.plans(t, call); said != "" {
			t.Error(said)
		}
	}
}
