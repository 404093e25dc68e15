package workaround

import (
	"context"
	"testing"
	"time"
)

type testKey struct{}

// A context that is kept after its call says that the call is over, and holds nothing of the caller's.
func TestContextIsReleased(t *testing.T) {
	t.Parallel()
	deadline := time.Now().Add(time.Hour)
	ctx, cancel := context.WithDeadline(context.WithValue(t.Context(), testKey{}, "value"), deadline)
	defer cancel()
	kept, err := ReleaseContext(ctx, "request", func(ctx context.Context, request string) (context.Context, error) {
		if until, ok := ctx.Deadline(); request != "request" || ctx.Err() != nil || ctx.Value(testKey{}) != "value" || !ok || !until.Equal(deadline) {
			t.Error("the call's context is not the caller's")
		}
		return ctx, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if kept.Err() == nil || kept.Value(testKey{}) != nil {
		t.Error("the context outlives its call")
	}
	select {
	case <-kept.Done():
	default:
		t.Error("whoever waits for the end of the context still waits after its call")
	}
}
