package main

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/action"
	actionschema "github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	datasourceschema "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/list"
	listschema "github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	providerschema "github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	resourceschema "github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// sampleProvider has one of everything that the converter handles. testdata/sample.json is Terraform 1.14.9's output
// for it, with the provider's address shortened to "osac".
type sampleProvider struct{ provider.Provider }

func (sampleProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "osac"
}

func (sampleProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = providerschema.Schema{
		MarkdownDescription: "Runs *things*.",
		Attributes: map[string]providerschema.Attribute{
			"token": providerschema.StringAttribute{Optional: true, Sensitive: true, Description: "In plain words."},
			"hubs": providerschema.MapNestedAttribute{
				Optional: true,
				NestedObject: providerschema.NestedAttributeObject{Attributes: map[string]providerschema.Attribute{
					"url": providerschema.StringAttribute{Required: true, MarkdownDescription: "`https://…`"},
				}},
			},
		},
	}
}

func (sampleProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{func() resource.Resource { return sampleResource{} }}
}

func (sampleProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{func() datasource.DataSource { return sampleDataSource{} }}
}

func (sampleProvider) Functions(context.Context) []func() function.Function {
	return []func() function.Function{func() function.Function { return sampleFunction{} }}
}

func (sampleProvider) ListResources(context.Context) []func() list.ListResource {
	return []func() list.ListResource{func() list.ListResource { return sampleList{} }}
}

func (sampleProvider) Actions(context.Context) []func() action.Action {
	return []func() action.Action{func() action.Action { return sampleAction{} }}
}

type sampleResource struct{ resource.Resource }

func (sampleResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "osac_thing"
}

func (sampleResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	leaf := map[string]resourceschema.Attribute{"size": resourceschema.Int64Attribute{Required: true}}
	resp.Schema = resourceschema.Schema{
		Version:             2,
		MarkdownDescription: "A thing.",
		DeprecationMessage:  "take another",
		Attributes: map[string]resourceschema.Attribute{
			"id":     resourceschema.StringAttribute{Computed: true},
			"name":   resourceschema.StringAttribute{Optional: true, Computed: true, DeprecationMessage: "gone soon"},
			"secret": resourceschema.StringAttribute{Optional: true, WriteOnly: true},
			"labels": resourceschema.MapAttribute{Optional: true, ElementType: types.StringType},
			"rows":   resourceschema.ListAttribute{Optional: true, ElementType: types.ListType{ElemType: types.NumberType}},
			"image":  resourceschema.SingleNestedAttribute{Optional: true, Attributes: leaf},
			"disks": resourceschema.ListNestedAttribute{
				Optional: true,
				NestedObject: resourceschema.NestedAttributeObject{Attributes: map[string]resourceschema.Attribute{
					"parts": resourceschema.SetNestedAttribute{
						Computed:     true,
						NestedObject: resourceschema.NestedAttributeObject{Attributes: leaf},
					},
				}},
			},
		},
		Blocks: map[string]resourceschema.Block{
			"timeouts": resourceschema.SingleNestedBlock{Attributes: leaf, Description: "How long."},
			"rule": resourceschema.ListNestedBlock{
				NestedObject: resourceschema.NestedBlockObject{
					Attributes: leaf,
					Blocks: map[string]resourceschema.Block{
						"match": resourceschema.SetNestedBlock{
							NestedObject: resourceschema.NestedBlockObject{Attributes: leaf},
						},
					},
				},
			},
		},
	}
}

func (sampleResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{
		Version: 1,
		Attributes: map[string]identityschema.Attribute{
			"name": identityschema.StringAttribute{RequiredForImport: true, Description: "What it is called."},
			"hub":  identityschema.StringAttribute{OptionalForImport: true},
		},
	}
}

type sampleDataSource struct{ datasource.DataSource }

func (sampleDataSource) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = "osac_thing"
}

func (sampleDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = datasourceschema.Schema{Attributes: map[string]datasourceschema.Attribute{
		"anything": datasourceschema.DynamicAttribute{Computed: true},
		"pair": datasourceschema.ObjectAttribute{
			Computed:       true,
			AttributeTypes: map[string]attr.Type{"left": types.BoolType, "right": types.StringType},
		},
	}}
}

type sampleFunction struct{ function.Function }

func (sampleFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "join"
}

func (sampleFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary:             "Joins",
		MarkdownDescription: "Joins *all*.",
		Parameters: []function.Parameter{
			function.StringParameter{Name: "by", Description: "What goes between.", AllowNullValue: true},
		},
		VariadicParameter: function.SetParameter{Name: "parts", ElementType: types.StringType},
		Return:            function.StringReturn{},
	}
}

type sampleList struct{ list.ListResource }

func (sampleList) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "osac_thing"
}

func (sampleList) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = listschema.Schema{Attributes: map[string]listschema.Attribute{
		"prefix": listschema.StringAttribute{Optional: true},
	}}
}

type sampleAction struct{ action.Action }

func (sampleAction) Metadata(_ context.Context, _ action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = "osac_act"
}

func (sampleAction) Schema(_ context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = actionschema.Schema{
		Description: "Acts.",
		Attributes:  map[string]actionschema.Attribute{"message": actionschema.StringAttribute{Required: true}},
	}
}
