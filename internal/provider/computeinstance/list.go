package computeinstance

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"

	"github.com/osac-project/terraform-provider-osac/internal/provider/diagnose"
	"github.com/osac-project/terraform-provider-osac/internal/provider/hubs"
	"github.com/osac-project/terraform-provider-osac/internal/provider/validate"
	"github.com/osac-project/terraform-provider-osac/internal/provisioning"
)

var _ list.ListResourceWithConfigure = (*Resource)(nil)

const computeInstanceListDescription = "Lists the live compute instances of a hub for `terraform query`, whoever manages them, to import them in bulk. They are those of the data source `osac_compute_instances`."

// NewList returns the list resource osac_compute_instance.
func NewList() list.ListResource { return &Resource{} }

// ListResourceConfigSchema describes a list block.
func (r *Resource) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: computeInstanceListDescription,
		Attributes: map[string]schema.Attribute{
			"hub": schema.StringAttribute{
				MarkdownDescription: "The hub to ask: a key of the provider's `hubs`, or `default`, which is the default.",
				Optional:            true,
				Validators:          validate.HubKeyValidators(),
			},
			"namespace":   schema.StringAttribute{MarkdownDescription: namespaceFilter, Optional: true, Validators: validate.LabelValidators()},
			"tenant":      schema.StringAttribute{MarkdownDescription: tenantFilter, Optional: true},
			"template_id": schema.StringAttribute{MarkdownDescription: templateFilter, Optional: true, Validators: validate.TemplateIDValidators()},
		},
	}
}

// List lists instances.
func (r *Resource) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	found, hub, diags := r.inventory(ctx, req)
	stream.Results = func(push func(list.ListResult) bool) {
		// An error ends the query, so all diagnostics are sent at once.
		if len(diags) > 0 && !push(list.ListResult{Diagnostics: diags}) {
			return
		}
		for i, each := range found {
			if int64(i) >= req.Limit || !push(r.result(ctx, req, hub, each)) {
				return
			}
		}
	}
}

// inventory returns the instances that can be imported, their hub's key, and the diagnostics.
func (r *Resource) inventory(ctx context.Context, req list.ListRequest) ([]provisioning.Listed, string, diag.Diagnostics) {
	var wanted instanceFilterModel
	diags := req.Config.Get(ctx, &wanted)
	if diags.HasError() {
		return nil, "", diags
	}
	key := hubs.OrDefault(wanted.Hub).ValueString()
	hub, used := r.hubs.Use(key, diagnose.List)
	diags.Append(used...)
	if diags.HasError() {
		return nil, key, diags
	}
	found, err := hub.Inventory(ctx, wanted.filter())
	diagnose.AppendWarnings(&diags, found.Warnings)
	if err != nil {
		diags.Append(diagnose.Error(diagnose.List, err, false))
	}
	var readable []provisioning.Listed
	for _, each := range found.Instances {
		if each.Err != nil {
			diags.AddWarning("An instance is not listed", diagnose.Printable(each.Err.Error()))
			continue
		}
		readable = append(readable, each)
	}
	return readable, key, diags
}

func (r *Resource) result(ctx context.Context, req list.ListRequest, hub string, listed provisioning.Listed) list.ListResult {
	result := req.NewListResult(ctx)
	result.DisplayName = listed.ID
	model, diags := NewModel(ctx, hub, *listed.Record)
	result.Diagnostics.Append(diags...)
	result.Diagnostics.Append(result.Identity.Set(ctx, model.identity())...)
	if req.IncludeResource {
		result.Diagnostics.Append(result.Resource.Set(ctx, &model)...)
	}
	return result
}
