package provider

import (
	"context"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/osac-project/terraform-provider-osac/internal/provider/tfvalue"
)

// providersFault is what the framework says of a configuration that it can't read, such as of a number that is not whole. All
// numbers of the schemas are.
const providersFault = "This is always an error in the provider"

// ValidateProviderConfig checks a provider block.
func (s *served) ValidateProviderConfig(ctx context.Context, req *tfprotov6.ValidateProviderConfigRequest) (*tfprotov6.ValidateProviderConfigResponse, error) {
	resp, err := s.frameworkServer.ValidateProviderConfig(ctx, req)
	if err == nil {
		resp.Diagnostics = s.explained(ctx, resp.Diagnostics, req.Config, func(all *tfprotov6.GetProviderSchemaResponse) *tfprotov6.Schema { return all.Provider })
	}
	return resp, err
}

// validateResource checks the configuration of a resource.
func (s *served) validateResource(ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	resp, err := s.frameworkServer.ValidateResourceConfig(ctx, req)
	if err == nil {
		resp.Diagnostics = s.explained(ctx, resp.Diagnostics, req.Config, func(all *tfprotov6.GetProviderSchemaResponse) *tfprotov6.Schema {
			return all.ResourceSchemas[req.TypeName]
		})
	}
	return resp, err
}

// explained says in place of the framework which numbers are not whole.
func (s *served) explained(
	ctx context.Context, said []*tfprotov6.Diagnostic, config *tfprotov6.DynamicValue, of func(*tfprotov6.GetProviderSchemaResponse) *tfprotov6.Schema,
) []*tfprotov6.Diagnostic {
	if !slices.ContainsFunc(said, func(d *tfprotov6.Diagnostic) bool { return strings.Contains(d.Detail, providersFault) }) {
		return said
	}
	all, err := s.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil || of(all) == nil {
		return said
	}
	value, err := config.Unmarshal(of(all).ValueType())
	if err != nil {
		return said
	}
	if fractions := tfvalue.FractionsIn(value); len(fractions) > 0 {
		return fractions
	}
	return said
}
