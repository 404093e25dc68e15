package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/osac-project/terraform-provider-osac/internal/provisioning"
)

// readsHub is what all data sources have in common: each reads from one hub.
type readsHub struct {
	hubs *configuredHubs
}

// Configure takes the provider's hubs. There are none while Terraform only validates.
func (r *readsHub) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	r.hubs = configured[*configuredHubs](req.ProviderData, &resp.Diagnostics)
}

// hub returns the hub that is asked for, which is the default where the configuration names none; nil beside an error.
func (r *readsHub) hub(key *types.String, o operation, diags *diag.Diagnostics) *provisioning.Hub {
	if diags.HasError() {
		return nil
	}
	*key = hubOrDefault(*key)
	hub, used := r.hubs.use(key.ValueString(), o)
	diags.Append(used...)
	return hub
}

func hubOrDefault(hub types.String) types.String {
	if hub.IsNull() {
		return types.StringValue(provisioning.DefaultHub)
	}
	return hub
}

// hubOfDataSource is the hub that a data source reads from.
func hubOfDataSource() schema.StringAttribute {
	return schema.StringAttribute{
		MarkdownDescription: "The hub to ask: a key of the provider's `hubs`, or `default`, which is the default.",
		Optional:            true,
		Computed:            true,
		Validators:          hubKeyValidators(),
	}
}
