package computeinstance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/osac-project/terraform-provider-osac/internal/jobs"
	"github.com/osac-project/terraform-provider-osac/internal/osac"
	"github.com/osac-project/terraform-provider-osac/internal/provider/diagnose"
	"github.com/osac-project/terraform-provider-osac/internal/provider/tfvalue"
	"github.com/osac-project/terraform-provider-osac/internal/provisioning"
)

// checkExtra warns of keys in spec_extra that have attributes. It refuses keys that are set twice, and values that the
// attributes would refuse.
func (p *planning) checkExtra(ctx context.Context) diag.Diagnostics {
	if p.plan.SpecExtra.IsNull() || !tfvalue.Known(ctx, append(p.plan.specValues(), p.plan.SpecExtra)...) {
		return nil
	}
	spec, diags := p.plan.spec(ctx)
	keys, err := spec.CheckExtra()
	if err != nil {
		diags.AddAttributeError(path.Root("spec_extra"), "A key of the spec is set twice", diagnose.Printable(fmt.Sprintf(
			"spec_extra can't be sent: %s. Take it out of spec_extra, which is for keys that have no attribute.", err)))
		return diags
	}
	if len(keys) == 0 {
		return diags
	}
	diags.AddAttributeWarning(path.Root("spec_extra"), "Keys of spec_extra have attributes", diagnose.Printable(fmt.Sprintf(
		"These keys are sent as they are, and have attributes of their own by now: %s. Set those in their place. Until then an import of the instance plans a change.", strings.Join(keys, ", "))))
	for _, problem := range refusedExtra(ctx, spec.Extra, keys) {
		diags.AddAttributeError(path.Root("spec_extra"), "A value that its attribute refuses", diagnose.Printable("spec_extra can't be sent: "+problem))
	}
	return diags
}

// refusedExtra returns the attributes' errors about the keys of spec_extra.
func refusedExtra(ctx context.Context, extra json.RawMessage, keys []string) []string {
	var all, chosen map[string]json.RawMessage
	if err := json.Unmarshal(extra, &all); err != nil {
		return []string{"it is no JSON object."}
	}
	chosen = map[string]json.RawMessage{}
	for _, key := range keys {
		if strings.EqualFold(key, "restartRequestedAt") {
			return []string{"a restart is asked for by restart_requested_at; here, each run would restart the machine once more."}
		}
		if value := string(all[key]); value == "0" || value == `""` { // which a spec takes for nothing at all
			return []string{fmt.Sprintf("%s is %s, which its attribute does not take.", key, value)}
		}
		chosen[key] = all[key]
	}
	document, _ := json.Marshal(chosen) // it was JSON
	spec, err := osac.ReadComputeInstanceSpec(document)
	if other, isType := errors.AsType[*json.UnmarshalTypeError](err); isType {
		return []string{fmt.Sprintf("%s is of another type (%s) than its attribute.", other.Field, other.Value)}
	}
	if err != nil {
		return []string{err.Error() + "."}
	}
	return refusedSpec(ctx, spec)
}

// refusedSpec returns the errors of the attributes' validators about a spec.
func refusedSpec(ctx context.Context, spec osac.Spec) []string {
	model, diags := NewModel(ctx, provisioning.DefaultHub, jobs.Record{Instance: osac.Instance{Key: osac.Key{Name: "name"}, Spec: spec}})
	described := computeInstanceSchema(ctx)
	typ := described.Type().TerraformType(ctx)
	state := tfsdk.State{Schema: described, Raw: tftypes.NewValue(typ, nil)}
	diags.Append(state.Set(ctx, model)...)
	var values map[string]tftypes.Value
	if diags.HasError() || state.Raw.As(&values) != nil {
		return nil // what can't be read is told of the attributes themselves
	}
	for name, attribute := range described.Attributes {
		if _, ofSpec := specAttributes()[name]; !ofSpec && name != "name" {
			values[name] = tftypes.NewValue(attribute.GetType().TerraformType(ctx), nil)
		}
	}
	config, err := tfprotov6.NewDynamicValue(typ, tftypes.NewValue(typ, values))
	if err != nil {
		return nil
	}
	resp, err := providerserver.NewProtocol6(alone{})().ValidateResourceConfig(ctx, &tfprotov6.ValidateResourceConfigRequest{TypeName: "_compute_instance", Config: &config})
	if err != nil {
		return nil
	}
	var said []string
	for _, each := range resp.Diagnostics {
		if each.Severity == tfprotov6.DiagnosticSeverityError {
			said = append(said, each.Detail)
		}
	}
	return said
}

// alone is a provider with nothing but the resource: the framework runs the validators of attributes only within a
// provider.
type alone struct{}

func (alone) Metadata(context.Context, provider.MetadataRequest, *provider.MetadataResponse)    {}
func (alone) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse)          {}
func (alone) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {}
func (alone) DataSources(context.Context) []func() datasource.DataSource                        { return nil }

func (alone) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{NewResource}
}
