package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/osac-project/terraform-provider-osac/internal/lifetime"
	"github.com/osac-project/terraform-provider-osac/internal/provider/computeinstance"
	"github.com/osac-project/terraform-provider-osac/internal/provider/tfvalue"
	"github.com/osac-project/terraform-provider-osac/internal/provider/workaround"
)

// frameworkServer has the optional methods of the framework's server.
type frameworkServer interface {
	tfprotov6.ProviderServer
	tfprotov6.ListResourceServer
	tfprotov6.ActionServer
}

// served is the framework's server with the workarounds that a plan of a thousand instances needs.
type served struct {
	frameworkServer
	provider *osacProvider
	// unchanged plans unchanged instances without the framework; its zero value plans none.
	unchanged workaround.Unchanged
	// calls counts the calls in flight that must not be cut off; nil if nobody wants to know.
	calls *lifetime.Calls
}

// NewServer returns the provider as Terraform sees it. The version goes into the user agent. calls, unless it is nil,
// counts the calls that must end by themselves.
func NewServer(version string, calls *lifetime.Calls) func() tfprotov6.ProviderServer {
	return func() tfprotov6.ProviderServer {
		provider := &osacProvider{version: version}
		framework, ok := providerserver.NewProtocol6(provider)().(frameworkServer)
		if !ok {
			panic("the framework serves neither lists nor actions: it is older than go.mod says")
		}
		unchanged := computeinstance.NewUnchanged(context.Background(), providerName, provider.hubs.Load)
		return &served{frameworkServer: framework, provider: provider, unchanged: unchanged, calls: calls}
	}
}

// answer handles a call that Terraform makes for each instance.
func answer[Q, A any](ctx context.Context, calls *lifetime.Calls, request Q, handle func(context.Context, Q) (A, error)) (A, error) {
	defer calls.Begin()()
	return workaround.ReleaseContext(ctx, request, handle)
}

// ValidateProviderConfig checks a provider block.
func (s *served) ValidateProviderConfig(ctx context.Context, req *tfprotov6.ValidateProviderConfigRequest) (*tfprotov6.ValidateProviderConfigResponse, error) {
	resp, err := s.frameworkServer.ValidateProviderConfig(ctx, req)
	if err == nil {
		schema := func() *tfprotov6.Schema { return s.schemas(ctx).Provider }
		resp.Diagnostics = workaround.Blamed{Config: req.Config, Schema: schema, Fractions: tfvalue.FractionsIn}.Explain(resp.Diagnostics)
	}
	return resp, err
}

// ValidateResourceConfig checks the configuration of a resource.
func (s *served) ValidateResourceConfig(ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	resp, err := answer(ctx, s.calls, req, s.frameworkServer.ValidateResourceConfig)
	if err == nil {
		schema := func() *tfprotov6.Schema { return s.schemas(ctx).ResourceSchemas[req.TypeName] }
		resp.Diagnostics = workaround.Blamed{Config: req.Config, Schema: schema, Fractions: tfvalue.FractionsIn}.Explain(resp.Diagnostics)
	}
	return resp, err
}

// schemas returns the schemas of the provider; none if the framework has failed to make them.
func (s *served) schemas(ctx context.Context) *tfprotov6.GetProviderSchemaResponse {
	all, err := s.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		return &tfprotov6.GetProviderSchemaResponse{}
	}
	return all
}

// UpgradeResourceState reads the state of an earlier release, or of this one.
func (s *served) UpgradeResourceState(ctx context.Context, req *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	return answer(ctx, s.calls, req, s.frameworkServer.UpgradeResourceState)
}

// UpgradeResourceIdentity does the same for an identity.
func (s *served) UpgradeResourceIdentity(ctx context.Context, req *tfprotov6.UpgradeResourceIdentityRequest) (*tfprotov6.UpgradeResourceIdentityResponse, error) {
	return answer(ctx, s.calls, req, s.frameworkServer.UpgradeResourceIdentity)
}

// ReadResource refreshes state.
func (s *served) ReadResource(ctx context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return answer(ctx, s.calls, req, s.frameworkServer.ReadResource)
}

// PlanResourceChange plans. Unchanged instances skip the framework's planner.
func (s *served) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	return answer(ctx, s.calls, req, func(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
		if planned := s.unchanged.Plan(ctx, req); planned != nil {
			return planned, nil
		}
		return s.frameworkServer.PlanResourceChange(ctx, req)
	})
}

// ApplyResourceChange creates, changes and deletes.
func (s *served) ApplyResourceChange(ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	if configured := s.provider.hubs.Load(); configured != nil {
		configured.Claims.Close()
	}
	return answer(ctx, s.calls, req, s.frameworkServer.ApplyResourceChange)
}

// InvokeAction runs an action. The call is in flight until its last event was taken.
func (s *served) InvokeAction(ctx context.Context, req *tfprotov6.InvokeActionRequest) (*tfprotov6.InvokeActionServerStream, error) {
	stream, err := s.frameworkServer.InvokeAction(ctx, req)
	if err != nil || stream == nil {
		return stream, err
	}
	events := stream.Events
	stream.Events = func(yield func(tfprotov6.InvokeActionEvent) bool) {
		defer s.calls.Begin()()
		events(yield)
	}
	return stream, nil
}
