package provider

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/osac-project/terraform-provider-osac/internal/lifetime"
	"github.com/osac-project/terraform-provider-osac/internal/provider/computeinstance"
	"github.com/osac-project/terraform-provider-osac/internal/provider/planclaim"
)

// frameworkServer is what the framework's server can do, beyond what tfprotov6 demands of each.
type frameworkServer interface {
	tfprotov6.ProviderServer
	tfprotov6.ListResourceServer
	tfprotov6.ActionServer
}

// served is the framework's server, with what a thousand instances need and it does not do.
type served struct {
	frameworkServer
	provider  *osacProvider
	unchanged computeinstance.Unchanged
	// calls counts the calls in flight that must not be cut off; nil if nobody wants to know.
	calls *lifetime.Calls
}

// NewServer returns the provider as Terraform talks to it. The version goes into the user agent. calls, if
// it isn't nil, is told of the calls that must come to their end.
func NewServer(version string, calls *lifetime.Calls) func() tfprotov6.ProviderServer {
	return func() tfprotov6.ProviderServer {
		provider := &osacProvider{version: version}
		framework, ok := providerserver.NewProtocol6(provider)().(frameworkServer)
		if !ok {
			panic("the framework serves neither lists nor actions: it is older than go.mod says")
		}
		return &served{frameworkServer: framework, provider: provider, unchanged: computeinstance.NewUnchanged(providerName), calls: calls}
	}
}

// The calls that Terraform makes for each instance are made with a context that is let go of afterwards.

// ValidateResourceConfig checks a configuration.
func (s *served) ValidateResourceConfig(ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return answer(ctx, s.calls, req, s.validateResource)
}

// UpgradeResourceState reads what an earlier release, or this one, has left in state.
func (s *served) UpgradeResourceState(ctx context.Context, req *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	return answer(ctx, s.calls, req, s.frameworkServer.UpgradeResourceState)
}

// UpgradeResourceIdentity does the same for an identity.
func (s *served) UpgradeResourceIdentity(ctx context.Context, req *tfprotov6.UpgradeResourceIdentityRequest) (*tfprotov6.UpgradeResourceIdentityResponse, error) {
	return answer(ctx, s.calls, req, s.frameworkServer.UpgradeResourceIdentity)
}

// ReadResource brings state up to date.
func (s *served) ReadResource(ctx context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return answer(ctx, s.calls, req, s.frameworkServer.ReadResource)
}

// PlanResourceChange plans, an instance with nothing to do by itself.
func (s *served) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	return answer(ctx, s.calls, req, func(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
		if planned := s.unchanged.Plan(ctx, req, s.claims()); planned != nil {
			return planned, nil
		}
		return s.frameworkServer.PlanResourceChange(ctx, req)
	})
}

// ApplyResourceChange creates, changes and deletes.
func (s *served) ApplyResourceChange(ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	if claimed := s.claims(); claimed != nil {
		claimed.Close()
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

// claims are those of the plan under way; nil before the provider is configured.
func (s *served) claims() *planclaim.Claims {
	if configured := s.provider.hubs.Load(); configured != nil {
		return configured.Claims
	}
	return nil
}

func answer[Q, A any](ctx context.Context, calls *lifetime.Calls, request Q, handle func(context.Context, Q) (A, error)) (A, error) {
	defer calls.Begin()()
	c := &call{}
	c.context.Store(&ctx)
	defer c.context.Store(&answered) //nolint:contextcheck // a call that is over has nothing of its caller's
	return handle(c, request)        //nolint:contextcheck // the call is the caller's context
}

// call is the context of one call, until that is answered. The framework keeps each call's context for as long as the
// process lives (proto6server's registerContext), and with it loggers of some 10 kB: after a plan of 1,000 instances
// these were 60 MiB, and looking through them at each collection a third of the plan's CPU time.
type call struct {
	context atomic.Pointer[context.Context]
}

// answered is what remains of a call's context.
var answered = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()

func (c *call) Deadline() (time.Time, bool) { return (*c.context.Load()).Deadline() }
func (c *call) Done() <-chan struct{}       { return (*c.context.Load()).Done() }
func (c *call) Err() error                  { return (*c.context.Load()).Err() }
func (c *call) Value(key any) any           { return (*c.context.Load()).Value(key) }
