package provisioning

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/jobs"
	"github.com/osac-project/terraform-provider-osac/internal/osac"
)

func TestOneOperationAtATimeWorksOnAnObject(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		all := newLocks()
		vm, other := object{"VM", "place", osac.Key{Namespace: "ns", Name: "vm"}}, object{"VM", "place", osac.Key{Namespace: "ns", Name: "other"}}
		first, err := all.lock(t.Context(), vm)
		if err != nil {
			t.Fatal(err)
		}
		if unlock, err := all.lock(t.Context(), other); err != nil {
			t.Fatalf("another object waits, too: %v", err)
		} else {
			unlock()
		}
		var order []string
		enter := func(name string) {
			unlock, err := all.lock(t.Context(), vm)
			if err != nil {
				t.Error(err)
				return
			}
			order = append(order, name)
			time.Sleep(time.Minute)
			unlock()
		}
		go enter("second")
		synctest.Wait()
		hurried, cancel := context.WithTimeoutCause(t.Context(), time.Second, jobs.ErrOutOfTime)
		defer cancel()
		if _, err := all.lock(hurried, vm); !errors.Is(err, jobs.ErrOutOfTime) {
			t.Errorf("who has no time left gets %v", err)
		}
		go enter("third")
		synctest.Wait()
		if len(order) > 0 {
			t.Errorf("%v got in while the first was at work", order)
		}
		first()
		time.Sleep(time.Hour)
		synctest.Wait()
		if len(order) != 2 || order[0] != "second" || order[1] != "third" {
			t.Errorf("got in: %v", order)
		}
		if len(all.held) > 0 {
			t.Errorf("still held: %v", all.held)
		}
	})
}
