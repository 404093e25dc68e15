// Command aap stands in for the provider ansible/aap while states are moved from it: Terraform asks it for its schema, and
// for nothing else. Its aap_job has the attributes of the real one (1.5), and does nothing.
package main

import (
	"context"
	"log"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func main() {
	err := providerserver.Serve(context.Background(), func() provider.Provider { return aap{} },
		providerserver.ServeOpts{Address: "registry.terraform.io/ansible/aap"})
	if err != nil {
		log.Fatal(err)
	}
}

type aap struct{}

func (aap) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "aap"
}

func (aap) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse)          {}
func (aap) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {}
func (aap) DataSources(context.Context) []func() datasource.DataSource                        { return nil }
func (aap) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{func() resource.Resource { return job{} }}
}

type job struct{}

func (job) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "aap_job"
}

func (job) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{Attributes: map[string]schema.Attribute{
		"job_template_id":                     schema.Int64Attribute{Required: true},
		"inventory_id":                        schema.Int64Attribute{Optional: true, Computed: true},
		"extra_vars":                          schema.StringAttribute{Optional: true},
		"triggers":                            schema.MapAttribute{Optional: true, ElementType: types.StringType},
		"wait_for_completion":                 schema.BoolAttribute{Optional: true},
		"wait_for_completion_timeout_seconds": schema.Int64Attribute{Optional: true},
		"job_type":                            schema.StringAttribute{Computed: true},
		"url":                                 schema.StringAttribute{Computed: true},
		"status":                              schema.StringAttribute{Computed: true},
		"ignored_fields":                      schema.ListAttribute{Computed: true, ElementType: types.StringType},
	}}
}

func (job) Create(context.Context, resource.CreateRequest, *resource.CreateResponse) {}
func (job) Read(context.Context, resource.ReadRequest, *resource.ReadResponse)       {}
func (job) Update(context.Context, resource.UpdateRequest, *resource.UpdateResponse) {}
func (job) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}
