package provider

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"
)

var (
	_ provider.ProviderWithActions   = (*osacProvider)(nil)
	_ provider.ProviderWithFunctions = (*osacProvider)(nil)

	_ provider.ProviderWithListResources = (*osacProvider)(nil)
)

// providerName is what the names of all that the provider has begin with.
const providerName = "osac"

// osacProvider is the provider "osac".
type osacProvider struct {
	version string
	// hubs are those of the last Configure, for what is answered without the framework.
	hubs atomic.Pointer[configuredHubs]
}

// New returns what makes the provider, as Terraform's plugin server wants it.
func New(version string) func() provider.Provider {
	return func() provider.Provider { return &osacProvider{version: version} }
}

// Metadata names the provider.
func (p *osacProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = providerName
	resp.Version = p.version
}

// Schema describes the provider block.
func (p *osacProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = providerSchema()
}

// Configure makes the hubs. Nothing is sent to them, and nothing is kept that is bound to ctx: it ends with this call
// (contract/terraform/README.md, h).
func (p *osacProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var config providerModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	userAgent := fmt.Sprintf("terraform-provider-osac/%s terraform/%s", p.version, req.TerraformVersion)
	hubs, diags := configureHubs(ctx, config, processEnvironment, userAgent)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	p.hubs.Store(hubs)
	resp.ResourceData = hubs
	resp.DataSourceData = hubs
	resp.ActionData = hubs
	resp.ListResourceData = hubs
}

// Resources lists the managed resources.
func (p *osacProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{newComputeInstanceResource}
}

// ListResources lists what "terraform query" can list.
func (p *osacProvider) ListResources(context.Context) []func() list.ListResource {
	return []func() list.ListResource{newComputeInstanceList}
}

// DataSources lists the data sources.
func (p *osacProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{
		newComputeInstanceDataSource,
		newComputeInstancesDataSource,
		newJobDataSource,
		newTemplatesDataSource,
	}
}

// Actions lists the actions.
func (p *osacProvider) Actions(context.Context) []func() action.Action {
	return []func() action.Action{newRestartComputeInstanceAction}
}

// Functions lists the functions.
func (p *osacProvider) Functions(context.Context) []func() function.Function {
	return []func() function.Function{newConfigVersionFunction, newComputeInstancePayloadFunction, newParseComputeInstanceIDFunction}
}
