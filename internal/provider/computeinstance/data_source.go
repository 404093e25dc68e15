package computeinstance

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/osac-project/terraform-provider-osac/internal/osac"
	"github.com/osac-project/terraform-provider-osac/internal/provider/diagnose"
	"github.com/osac-project/terraform-provider-osac/internal/provider/hubs"
	"github.com/osac-project/terraform-provider-osac/internal/provider/validate"
)

var _ datasource.DataSourceWithConfigure = (*computeInstanceDataSource)(nil)

const computeInstanceDataDescription = "Reads one compute instance, whoever manages it, from the jobs that its hub has kept: what the newest successful run of the create template was given, what it has put out, and what the newest jobs are doing. An instance whose jobs were all purged, by default after 120 days, can't be read. Extra vars are not shown."

// computeInstanceDataSource is the data source osac_compute_instance.
type computeInstanceDataSource struct {
	hubs.Reader
}

// NewDataSource returns the data source osac_compute_instance.
func NewDataSource() datasource.DataSource { return &computeInstanceDataSource{} }

// Metadata names the data source.
func (d *computeInstanceDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_compute_instance"
}

// Schema describes the data source.
func (d *computeInstanceDataSource) Schema(ctx context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := dataAttributes(shownAttributes(ctx))
	attributes["hub"] = hubs.DataSourceAttribute()
	attributes["name"] = schema.StringAttribute{MarkdownDescription: "Name of the instance.", Required: true, Validators: validate.LabelValidators()}
	attributes["namespace"] = schema.StringAttribute{
		MarkdownDescription: "Namespace of the instance on the hub. Left out, it is the hub's `namespace`.",
		Optional:            true,
		Computed:            true,
		Validators:          validate.LabelValidators(),
	}
	attributes["jobs"] = schema.ListNestedAttribute{
		MarkdownDescription: "The newest jobs of the instance, newest first: up to the hub's `max_job_history`, 10 by default.",
		Computed:            true,
		NestedObject:        schema.NestedAttributeObject{Attributes: dataAttributes(jobAttributes())},
	}
	resp.Schema = schema.Schema{MarkdownDescription: computeInstanceDataDescription, Attributes: attributes}
}

// Read finds the instance as an import does.
func (d *computeInstanceDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var name, namespace, hubKey types.String
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("name"), &name)...)
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("namespace"), &namespace)...)
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("hub"), &hubKey)...)
	hub := d.Hub(&hubKey, diagnose.Find, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	if namespace.IsNull() {
		configured, _ := d.Hubs.Find(hubKey.ValueString())
		namespace = configured.Namespace
	}
	found, err := hub.Import(ctx, osac.Key{Namespace: namespace.ValueString(), Name: name.ValueString()})
	diagnose.AppendWarnings(&resp.Diagnostics, found.Warnings)
	if err != nil {
		resp.Diagnostics.Append(diagnose.Error(diagnose.Find, err, false))
		return
	}
	model, diags := NewModel(ctx, hubKey.ValueString(), *found.Record)
	resp.Diagnostics.Append(diags...)
	shown, diags := model.shownAs(ctx, resp.State.Schema.Type().TerraformType(ctx))
	resp.Diagnostics.Append(diags...)
	jobs, diags := jobList(ctx, found.History)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.State.Raw = shown
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("jobs"), jobs)...)
}

// shownAs returns the part of the resource's state that an object type shows. Attributes that the resource lacks are
// null.
func (m *Model) shownAs(ctx context.Context, typ tftypes.Type) (tftypes.Value, diag.Diagnostics) {
	whole := computeInstanceSchema(ctx)
	state := tfsdk.State{Schema: whole, Raw: tftypes.NewValue(whole.Type().TerraformType(ctx), nil)}
	diags := state.Set(ctx, m)
	all, shown := map[string]tftypes.Value{}, map[string]tftypes.Value{}
	object, ok := typ.(tftypes.Object)
	if err := state.Raw.As(&all); err != nil || !ok {
		diags.AddError("The instance can't be shown", "This is a bug of the provider: its schema for reading is not part of the resource's.")
		return tftypes.Value{}, diags
	}
	for name, attribute := range object.AttributeTypes {
		value, known := all[name]
		if !known {
			value = tftypes.NewValue(attribute, nil)
		}
		shown[name] = value
	}
	return tftypes.NewValue(typ, shown), diags
}
