package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"

	"github.com/osac-project/terraform-provider-osac/internal/provisioning"
)

var _ list.ListResourceWithConfigure = (*computeInstanceResource)(nil)

const computeInstanceListDescription = "Lists the live compute instances of a hub for `terraform query`, whoever manages them, to import them in bulk. They are those of the data source `osac_compute_instances`."

func newComputeInstanceList() list.ListResource { return &computeInstanceResource{} }

// ListResourceConfigSchema describes a list block.
func (r *computeInstanceResource) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: computeInstanceListDescription,
		Attributes: map[string]schema.Attribute{
			"hub": schema.StringAttribute{
				MarkdownDescription: "The hub to ask: a key of the provider's `hubs`, or `default`, which is the default.",
				Optional:            true,
				Validators:          hubKeyValidators(),
			},
			"namespace":   schema.StringAttribute{MarkdownDescription: namespaceFilter, Optional: true, Validators: labelValidators()},
			"tenant":      schema.StringAttribute{MarkdownDescription: tenantFilter, Optional: true},
			"template_id": schema.StringAttribute{MarkdownDescription: templateFilter, Optional: true, Validators: templateIDValidators()},
		},
	}
}

// List lists instances.
func (r *computeInstanceResource) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	found, hub, diags := r.inventory(ctx, req)
	stream.Results = func(push func(list.ListResult) bool) {
		// An error ends the query, so all that there is to say is said at once.
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

// inventory returns the instances that can be imported, their hub's key, and what there is to say.
func (r *computeInstanceResource) inventory(ctx context.Context, req list.ListRequest) ([]provisioning.Listed, string, diag.Diagnostics) {
	var wanted instanceFilterModel
	diags := req.Config.Get(ctx, &wanted)
	if diags.HasError() {
		return nil, "", diags
	}
	key := hubOrDefault(wanted.Hub).ValueString()
	hub, used := r.hubs.use(key, operationList)
	diags.Append(used...)
	if diags.HasError() {
		return nil, key, diags
	}
	found, err := hub.Inventory(ctx, wanted.filter())
	appendWarnings(&diags, found.Warnings)
	if err != nil {
		diags.Append(errorDiagnostic(operationList, err, false))
	}
	var readable []provisioning.Listed
	for _, each := range found.Instances {
		if each.Err != nil {
			diags.AddWarning("An instance is not listed", printable(each.Err.Error()))
			continue
		}
		readable = append(readable, each)
	}
	return readable, key, diags
}

func (r *computeInstanceResource) result(ctx context.Context, req list.ListRequest, hub string, listed provisioning.Listed) list.ListResult {
	result := req.NewListResult(ctx)
	result.DisplayName = listed.ID
	model, diags := newComputeInstanceModel(ctx, hub, *listed.Record)
	result.Diagnostics.Append(diags...)
	result.Diagnostics.Append(result.Identity.Set(ctx, model.identity())...)
	if req.IncludeResource {
		result.Diagnostics.Append(result.Resource.Set(ctx, &model)...)
	}
	return result
}
