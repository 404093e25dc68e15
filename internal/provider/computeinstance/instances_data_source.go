package computeinstance

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	resourceschema "github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/osac-project/terraform-provider-osac/internal/provider/diagnose"
	"github.com/osac-project/terraform-provider-osac/internal/provider/hubs"
	"github.com/osac-project/terraform-provider-osac/internal/provider/tfvalue"
	"github.com/osac-project/terraform-provider-osac/internal/provider/validate"
	"github.com/osac-project/terraform-provider-osac/internal/provisioning"
)

var _ datasource.DataSourceWithConfigure = (*computeInstancesDataSource)(nil)

const computeInstancesDescription = "Lists the live compute instances of a hub, whoever manages them, as the jobs that the hub has kept tell of them: those that the create template has made, and the delete template has not deleted since. One whose creation has not succeeded yet is not among them. The newest 10,000 jobs of the two templates are read, in up to 50 requests; a warning says so where there are more."

// computeInstancesDataSource is osac_compute_instances.
type computeInstancesDataSource struct {
	hubs.Reader
}

// NewInstancesDataSource returns the data source osac_compute_instances.
func NewInstancesDataSource() datasource.DataSource { return &computeInstancesDataSource{} }

// instanceFilterModel selects instances of a hub.
type instanceFilterModel struct {
	Hub        types.String `tfsdk:"hub"`
	Namespace  types.String `tfsdk:"namespace"`
	Tenant     types.String `tfsdk:"tenant"`
	TemplateID types.String `tfsdk:"template_id"`
}

func (m instanceFilterModel) filter() provisioning.Filter {
	return provisioning.Filter{
		Namespace: m.Namespace.ValueString(), Tenant: m.Tenant.ValueString(), TemplateID: m.TemplateID.ValueString(),
	}
}

// computeInstancesModel is the data source's state.
type computeInstancesModel struct {
	instanceFilterModel
	Instances  []instanceSummaryModel    `tfsdk:"instances"`
	Unreadable []unreadableInstanceModel `tfsdk:"unreadable"`
}

type instanceSummaryModel struct {
	ID                      types.String `tfsdk:"id"`
	Namespace               types.String `tfsdk:"namespace"`
	Name                    types.String `tfsdk:"name"`
	Tenant                  types.String `tfsdk:"tenant"`
	TemplateID              types.String `tfsdk:"template_id"`
	Cores                   types.Int64  `tfsdk:"cores"`
	MemoryGiB               types.Int64  `tfsdk:"memory_gib"`
	RunStrategy             types.String `tfsdk:"run_strategy"`
	Labels                  types.Map    `tfsdk:"labels"`
	Phase                   types.String `tfsdk:"phase"`
	ReconciledConfigVersion types.String `tfsdk:"reconciled_config_version"`
	IPAddress               types.String `tfsdk:"ip_address"`
	LastJob                 types.Object `tfsdk:"last_job"`
}

type unreadableInstanceModel struct {
	ID     types.String `tfsdk:"id"`
	Reason types.String `tfsdk:"reason"`
}

// Metadata names the data source.
func (d *computeInstancesDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_compute_instances"
}

// Schema describes the data source.
func (d *computeInstancesDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	computed := computedAttributes()
	resp.Schema = schema.Schema{
		MarkdownDescription: computeInstancesDescription,
		Attributes: map[string]schema.Attribute{
			"hub":         hubs.DataSourceAttribute(),
			"namespace":   schema.StringAttribute{MarkdownDescription: namespaceFilter, Optional: true, Validators: validate.LabelValidators()},
			"tenant":      schema.StringAttribute{MarkdownDescription: tenantFilter, Optional: true, Validators: validate.SubdomainValidators()},
			"template_id": schema.StringAttribute{MarkdownDescription: templateFilter, Optional: true, Validators: validate.TemplateIDValidators()},
			"instances": schema.ListNestedAttribute{
				MarkdownDescription: "The instances, in the order of their namespaces and names.",
				Computed:            true,
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"id":                        computed["id"],
					"namespace":                 tfvalue.ComputedText("Namespace of the instance on the hub."),
					"name":                      tfvalue.ComputedText("Name of the instance."),
					"tenant":                    tfvalue.ComputedText(shownDescriptions["tenant"]),
					"template_id":               tfvalue.ComputedText(shownDescriptions["template_id"]),
					"cores":                     schema.Int64Attribute{MarkdownDescription: shownDescriptions["cores"], Computed: true},
					"memory_gib":                schema.Int64Attribute{MarkdownDescription: shownDescriptions["memory_gib"], Computed: true},
					"run_strategy":              tfvalue.ComputedText(shownDescriptions["run_strategy"]),
					"labels":                    schema.MapAttribute{MarkdownDescription: shownDescriptions["labels"], ElementType: types.StringType, Computed: true},
					"phase":                     computed["phase"],
					"reconciled_config_version": tfvalue.ComputedText("Hash of the spec that the newest provision job has applied; null while that is unknown."),
					"ip_address":                computed["ip_address"],
					"last_job": schema.SingleNestedAttribute{
						MarkdownDescription: "The newest job of the instance.", Computed: true, Attributes: dataAttributes(jobAttributes()),
					},
				}},
			},
			"unreadable": schema.ListNestedAttribute{
				MarkdownDescription: "Live instances of which no more can be said than that they are there, since their jobs' payload holds what this provider does not know.",
				Computed:            true,
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"id":     computed["id"],
					"reason": tfvalue.ComputedText("What it is."),
				}},
			},
		},
	}
}

// dataAttributes returns a resource's attributes as attributes of a data source.
func dataAttributes(attributes map[string]resourceschema.Attribute) map[string]schema.Attribute {
	all := map[string]schema.Attribute{}
	for name, attribute := range attributes {
		all[name] = attribute
	}
	return all
}

// The filters of instances, for the data source and the list resource.
const (
	namespaceFilter = "Only instances of this namespace."
	tenantFilter    = "Only instances of this tenant."
	templateFilter  = "Only instances whose template is this role."
)

// Read lists the instances.
func (d *computeInstancesDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model computeInstancesModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	hub := d.Hub(&model.Hub, diagnose.List, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	found, err := hub.Inventory(ctx, model.filter())
	diagnose.AppendWarnings(&resp.Diagnostics, found.Warnings)
	if err != nil {
		resp.Diagnostics.Append(diagnose.Error(diagnose.List, err, false))
		return
	}
	model.Instances, model.Unreadable = []instanceSummaryModel{}, []unreadableInstanceModel{}
	for _, each := range found.Instances {
		if each.Err != nil {
			model.Unreadable = append(model.Unreadable, unreadableInstanceModel{types.StringValue(each.ID), types.StringValue(diagnose.Printable(each.Err.Error()))})
			continue
		}
		full, diags := NewModel(ctx, model.Hub.ValueString(), *each.Record)
		resp.Diagnostics.Append(diags...)
		model.Instances = append(model.Instances, full.summary())
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, model)...)
}

func (m *Model) summary() instanceSummaryModel {
	return instanceSummaryModel{
		ID: m.ID, Namespace: m.Namespace, Name: m.Name, Tenant: m.Tenant, TemplateID: m.TemplateID, Cores: m.Cores, MemoryGiB: m.MemoryGiB,
		RunStrategy: m.RunStrategy, Labels: m.Labels, Phase: m.Phase, ReconciledConfigVersion: m.ReconciledConfigVersion, IPAddress: m.IPAddress,
		LastJob: m.LastJob,
	}
}
