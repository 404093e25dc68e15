package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/osac-project/terraform-provider-osac/internal/jobs"
	"github.com/osac-project/terraform-provider-osac/internal/osac"
	"github.com/osac-project/terraform-provider-osac/internal/provider/computeinstance"
	"github.com/osac-project/terraform-provider-osac/internal/provider/planclaim"
	"github.com/osac-project/terraform-provider-osac/internal/provisioning"
)

// benchmarkRequest is a request to plan an instance whose configuration is what was applied, and the server to ask.
func benchmarkRequest(b *testing.B) (tfprotov6.ProviderServer, *tfprotov6.PlanResourceChangeRequest) {
	b.Helper()
	protocol := NewServer("test", nil)()
	var schema resource.SchemaResponse
	(&computeinstance.Resource{}).Schema(b.Context(), resource.SchemaRequest{}, &schema)
	typ, _ := schema.Schema.Type().TerraformType(b.Context()).(tftypes.Object)

	instance := osac.Instance{
		Key: osac.Key{Namespace: "osac-computeinstance", Name: "web-1"},
		Spec: osac.ComputeInstanceSpec{
			TemplateID: "osac.templates.ocp_virt_vm", Cores: 2, MemoryGiB: 8, RunStrategy: osac.RunAlways,
			Image:              &osac.Image{SourceType: "registry", SourceRef: "quay.io/containerdisks/fedora:latest"},
			BootDisk:           &osac.Disk{SizeGiB: 20},
			NetworkAttachments: []osac.NetworkAttachment{{SubnetRef: "subnet-a"}},
		},
	}
	record := jobs.Record{
		Instance: instance, Phase: jobs.PhaseRunning, InputsVersion: instance.InputsVersion(),
		DesiredConfigVersion: instance.Spec.ConfigVersion(), ReconciledConfigVersion: instance.Spec.ConfigVersion(),
		ControllerUUID: "00000000-1111-2222-3333-444444444444",
	}
	model, diags := computeinstance.NewModel(b.Context(), provisioning.DefaultHub, record)
	state := tfsdk.State{Schema: schema.Schema, Raw: tftypes.NewValue(typ, nil)}
	if diags.Append(state.Set(b.Context(), &model)...); diags.HasError() {
		b.Fatal(diags)
	}
	prior, err := tfprotov6.NewDynamicValue(typ, state.Raw)
	if err != nil {
		b.Fatal(err)
	}
	values := map[string]tftypes.Value{} // the state's own, from here on the configuration's
	if err := state.Raw.As(&values); err != nil {
		b.Fatal(err)
	}
	for name, attribute := range schema.Schema.Attributes {
		if attribute.IsComputed() {
			values[name] = tftypes.NewValue(typ.AttributeTypes[name], nil)
		}
	}
	config, err := tfprotov6.NewDynamicValue(typ, tftypes.NewValue(typ, values))
	if err != nil {
		b.Fatal(err)
	}
	return protocol, &tfprotov6.PlanResourceChangeRequest{TypeName: instanceType, PriorState: &prior, ProposedNewState: &prior, Config: &config}
}

// BenchmarkPlanUnchanged is what the plan of an instance without changes costs, from the protocol inwards, as the
// provider is served and by the framework alone. Nothing is asked of a controller: the hub's token isn't known.
func BenchmarkPlanUnchanged(b *testing.B) {
	server, request := benchmarkRequest(b)
	own, ok := server.(*served)
	if !ok {
		b.Fatalf("the provider is served as %T", server)
	}
	schemas, err := server.GetProviderSchema(b.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		b.Fatal(err)
	}
	typ, _ := schemas.Provider.ValueType().(tftypes.Object)
	block, err := tfprotov6.NewDynamicValue(typ, objectOf(typ, map[string]tftypes.Value{
		"url": text("https://aap.example.com"), "token": tftypes.NewValue(tftypes.String, tftypes.UnknownValue),
	}))
	if err != nil {
		b.Fatal(err)
	}
	if resp, err := server.ConfigureProvider(b.Context(), &tfprotov6.ConfigureProviderRequest{Config: &block}); err != nil || len(resp.Diagnostics) > 0 {
		b.Fatal(resp.Diagnostics, err)
	}
	for name, planner := range map[string]tfprotov6.ProviderServer{"served": server, "framework": own.frameworkServer} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				own.provider.hubs.Load().Claims = planclaim.New() // each plan is the first of the instance
				if answer, err := planner.PlanResourceChange(b.Context(), request); err != nil || len(answer.Diagnostics) > 0 {
					b.Fatal(answer.Diagnostics, err)
				}
			}
		})
	}
}

// BenchmarkValidate is what checking an instance's configuration costs; Terraform has each checked in every command.
func BenchmarkValidate(b *testing.B) {
	server, request := benchmarkRequest(b)
	check := &tfprotov6.ValidateResourceConfigRequest{TypeName: instanceType, Config: request.Config}
	b.ReportAllocs()
	for b.Loop() {
		if answer, err := server.ValidateResourceConfig(b.Context(), check); err != nil || len(answer.Diagnostics) > 0 {
			b.Fatal(answer.Diagnostics, err)
		}
	}
}
