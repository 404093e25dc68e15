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

	"github.com/osac-project/terraform-provider-osac/internal/provider/computeinstance"
	"github.com/osac-project/terraform-provider-osac/internal/provider/hubs"
	"github.com/osac-project/terraform-provider-osac/internal/provider/job"
	"github.com/osac-project/terraform-provider-osac/internal/provider/template"
)

var (
	_ provider.ProviderWithActions   = (*osacProvider)(nil)
	_ provider.ProviderWithFunctions = (*osacProvider)(nil)

	_ provider.ProviderWithListResources = (*osacProvider)(nil)
)

// providerName is the prefix of the names of all the provider's types.
const providerName = "osac"

// osacProvider is the provider "osac".
type osacProvider struct {
	version string
	// hubs are those of the last Configure, for requests that are answered without the framework.
	hubs atomic.Pointer[hubs.Configured]
}

// New returns the provider's constructor, in the form of Terraform's plugin server.
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
	resp.Schema = hubs.Schema()
}

// Configure makes the hubs. It sends nothing to them, and keeps nothing that is bound to ctx, which ends with this call
// (internal/sandbox/FACTS.md F46).
func (p *osacProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var config hubs.Model
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	userAgent := fmt.Sprintf("terraform-provider-osac/%s terraform/%s", p.version, req.TerraformVersion)
	configured, diags := hubs.Configure(ctx, config, hubs.ProcessEnvironment, userAgent)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	p.hubs.Store(configured)
	resp.ResourceData = configured
	resp.DataSourceData = configured
	resp.ActionData = configured
	resp.ListResourceData = configured
}

// Resources lists the managed resources.
func (p *osacProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{computeinstance.NewResource}
}

// ListResources lists the types that "terraform query" can list.
func (p *osacProvider) ListResources(context.Context) []func() list.ListResource {
	return []func() list.ListResource{computeinstance.NewList}
}

// DataSources lists the data sources.
func (p *osacProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{
		computeinstance.NewDataSource,
		computeinstance.NewInstancesDataSource,
		job.NewDataSource,
		template.NewDataSource,
	}
}

// Actions lists the actions.
func (p *osacProvider) Actions(context.Context) []func() action.Action {
	return []func() action.Action{computeinstance.NewRestartAction}
}

// Functions lists the functions.
func (p *osacProvider) Functions(context.Context) []func() function.Function {
	return []func() function.Function{computeinstance.NewConfigVersionFunction, computeinstance.NewPayloadFunction, computeinstance.NewParseIDFunction}
}
