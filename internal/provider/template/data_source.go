package template

import (
	"context"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/osac-project/terraform-provider-osac/internal/controller"
	"github.com/osac-project/terraform-provider-osac/internal/osac"
	"github.com/osac-project/terraform-provider-osac/internal/provider/diagnose"
	"github.com/osac-project/terraform-provider-osac/internal/provider/hubs"
	"github.com/osac-project/terraform-provider-osac/internal/provider/tfvalue"
	"github.com/osac-project/terraform-provider-osac/internal/provisioning"
)

var _ datasource.DataSourceWithConfigure = (*templatesDataSource)(nil)

const templatesDescription = "Reads the two templates that run the instances of a hub: where they are, what they ask for at launch, and whether their jobs may run side by side. A template that is missing, or has its name in common with others, is an error."

// templatesDataSource is osac_templates.
type templatesDataSource struct {
	hubs.Reader
}

// NewDataSource returns the data source osac_templates.
func NewDataSource() datasource.DataSource { return &templatesDataSource{} }

// templatesModel is the data source's state.
type templatesModel struct {
	Hub    types.String   `tfsdk:"hub"`
	Create *templateModel `tfsdk:"create"`
	Delete *templateModel `tfsdk:"delete"`
}

type templateModel struct {
	ID                   types.String    `tfsdk:"id"`
	Name                 types.String    `tfsdk:"name"`
	Kind                 types.String    `tfsdk:"kind"`
	Organization         types.String    `tfsdk:"organization"`
	URL                  types.String    `tfsdk:"url"`
	AskVariablesOnLaunch types.Bool      `tfsdk:"ask_variables_on_launch"`
	AllowSimultaneous    types.Bool      `tfsdk:"allow_simultaneous"`
	Survey               []questionModel `tfsdk:"survey"`
}

type questionModel struct {
	Variable    types.String   `tfsdk:"variable"`
	Question    types.String   `tfsdk:"question"`
	Description types.String   `tfsdk:"description"`
	Type        types.String   `tfsdk:"type"`
	Required    types.Bool     `tfsdk:"required"`
	Default     types.String   `tfsdk:"default"`
	Choices     []types.String `tfsdk:"choices"`
}

// Metadata names the data source.
func (d *templatesDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_templates"
}

// Schema describes the data source.
func (d *templatesDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: templatesDescription,
		Attributes: map[string]schema.Attribute{
			"hub":    hubs.DataSourceAttribute(),
			"create": templateAttribute("The template that creates and changes instances."),
			"delete": templateAttribute("The template that deletes instances."),
		},
	}
}

func templateAttribute(description string) schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{
		MarkdownDescription: description,
		Computed:            true,
		Attributes: map[string]schema.Attribute{
			"id":           tfvalue.ComputedText("Number of the template at the controller."),
			"name":         tfvalue.ComputedText("Name of the template."),
			"kind":         tfvalue.ComputedText("What its launch makes: `job`, or `workflow_job` if it is a workflow template."),
			"organization": tfvalue.ComputedText("The organization that the template belongs to."),
			"url":          tfvalue.ComputedText("Address of the template at the controller."),
			"ask_variables_on_launch": schema.BoolAttribute{
				MarkdownDescription: "Whether the template takes variables at launch (\"prompt on launch\"). Without it, it takes those alone that its survey asks for, and its jobs would not know what instance they are for.",
				Computed:            true,
			},
			"allow_simultaneous": schema.BoolAttribute{
				MarkdownDescription: "Whether jobs of the template may run side by side (\"concurrent jobs\"). Without it, instances are worked on one after the other.",
				Computed:            true,
			},
			"survey": schema.ListNestedAttribute{
				MarkdownDescription: "The questions of the template's survey; none where it is off. Answers are given as `extra_vars` of an instance or of the hub.",
				Computed:            true,
				NestedObject:        schema.NestedAttributeObject{Attributes: questionAttributes()},
			},
		},
	}
}

func questionAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"variable":    tfvalue.ComputedText("The extra var that holds the answer."),
		"question":    tfvalue.ComputedText("What is asked."),
		"description": tfvalue.ComputedText("What is said about it."),
		"type":        tfvalue.ComputedText("`text`, `textarea`, `password`, `integer`, `float`, `multiplechoice` or `multiselect`."),
		"required":    schema.BoolAttribute{MarkdownDescription: "Whether an answer must be given, by a default at least.", Computed: true},
		"default":     tfvalue.ComputedText("The answer where none is given, several of a `multiselect` a line each; null where there is none, and always for a `password`."),
		"choices":     schema.ListAttribute{MarkdownDescription: "The answers to choose from, of `multiplechoice` and `multiselect`; else null.", ElementType: types.StringType, Computed: true},
	}
}

// Read reads the templates.
func (d *templatesDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model templatesModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	hub := d.Hub(&model.Hub, diagnose.ReadTemplates, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	reports, err := hub.Templates(ctx)
	if err != nil {
		resp.Diagnostics.Append(diagnose.Error(diagnose.ReadTemplates, err, false))
		return
	}
	model.Create, model.Delete = newTemplateModel(reports[osac.Provision]), newTemplateModel(reports[osac.Deprovision])
	resp.Diagnostics.Append(resp.State.Set(ctx, model)...)
}

func newTemplateModel(report provisioning.TemplateReport) *templateModel {
	model := &templateModel{
		ID: types.StringValue(strconv.FormatInt(report.ID, 10)), Name: types.StringValue(report.Name),
		Kind: types.StringValue(string(report.Kind)), Organization: tfvalue.TextOrNull(report.Organization), URL: types.StringValue(report.URL),
		AskVariablesOnLaunch: types.BoolValue(report.AsksVariables), AllowSimultaneous: types.BoolValue(report.AllowSimultaneous),
		Survey: []questionModel{},
	}
	for _, question := range report.Survey {
		model.Survey = append(model.Survey, newQuestionModel(question))
	}
	return model
}

func newQuestionModel(question controller.Question) questionModel {
	model := questionModel{
		Variable: types.StringValue(question.Variable), Question: tfvalue.TextOrNull(question.Text), Description: tfvalue.TextOrNull(question.Description),
		Type: types.StringValue(question.Type), Required: types.BoolValue(question.Required), Default: tfvalue.TextOrNull(question.Default),
	}
	for _, choice := range question.Choices {
		model.Choices = append(model.Choices, types.StringValue(choice))
	}
	return model
}
