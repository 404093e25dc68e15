package provider

import (
	"context"
	"runtime"
	"testing"
	"weak"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// What a call's context holds is collected when the call has been answered, however long the process lives, and however many
// calls of it the framework remembers.
func TestContextsAreLetGoOf(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	state := dynamic(t, s.instance, *reconciledState(t, s, nil))
	config := dynamic(t, s.instance, objectOf(s.instance, everything(t, s, nil)))
	calls := map[string]func(context.Context) error{
		"validate": func(ctx context.Context) error {
			_, err := s.ValidateResourceConfig(ctx, &tfprotov6.ValidateResourceConfigRequest{TypeName: instanceType, Config: config})
			return err
		},
		"plan": func(ctx context.Context) error {
			_, err := s.PlanResourceChange(ctx, &tfprotov6.PlanResourceChangeRequest{TypeName: instanceType, PriorState: state, ProposedNewState: state, Config: config})
			return err
		},
	}
	for name, call := range calls {
		held, err := callHolding(t.Context(), call)
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			runtime.GC()
		}
		if held.Value() != nil {
			t.Errorf("%s: the context is still alive", name)
		}
	}
}

type heldKey struct{}

// callHolding makes a call with a context that holds something, and returns a weak pointer to that.
func callHolding(ctx context.Context, call func(context.Context) error) (weak.Pointer[[1 << 10]byte], error) {
	logger := new([1 << 10]byte)
	ctx, cancel := context.WithCancel(context.WithValue(ctx, heldKey{}, logger))
	defer cancel()
	return weak.Make(logger), call(ctx)
}
