package hubs

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/osac-project/terraform-provider-osac/internal/provider/diagnose"
	"github.com/osac-project/terraform-provider-osac/internal/provider/validate"
	"github.com/osac-project/terraform-provider-osac/internal/provisioning"
)

// Reader is the common part of all data sources: each reads from one hub.
type Reader struct {
	Hubs *Configured
}

// Configure sets the provider's hubs. There are none while Terraform only validates.
func (r *Reader) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	r.Hubs = DataOf[*Configured](req.ProviderData, &resp.Diagnostics)
}

// Hub returns the named hub, or the default if the configuration names none; it returns nil alongside an error.
func (r *Reader) Hub(key *types.String, o diagnose.Operation, diags *diag.Diagnostics) *provisioning.Hub {
	if diags.HasError() {
		return nil
	}
	*key = OrDefault(*key)
	hub, used := r.Hubs.Use(key.ValueString(), o)
	diags.Append(used...)
	return hub
}

// OrDefault returns the named hub, or else the default.
func OrDefault(hub types.String) types.String {
	if hub.IsNull() {
		return types.StringValue(provisioning.DefaultHub)
	}
	return hub
}

// DataSourceAttribute is the attribute with a data source's hub.
func DataSourceAttribute() schema.StringAttribute {
	return schema.StringAttribute{
		MarkdownDescription: "The hub to ask: a key of the provider's `hubs`, or `default`, which is the default.",
		Optional:            true,
		Computed:            true,
		Validators:          validate.HubKeyValidators(),
	}
}
