package main

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/cmd/httpserver"
	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
)

// The sandbox's templates.
const (
	createTemplate = "osac-create-compute-instance"
	deleteTemplate = "osac-delete-compute-instance"
)

// controller serves sandboxes at one address, one after the other: a state that was written with one of them fits the
// next.
type controller struct {
	url     string
	options sandbox.Options
	box     atomic.Pointer[sandbox.Sandbox]
	stop    func(context.Context) error
	// spread, if set, leaves that many ids free after each launch, for jobs that are seeded later.
	spread atomic.Int64
	launch sync.Mutex
}

// installUUID is the same for all sandboxes and all runs of the benchmark, since fleets are kept on disk.
const installUUID = "5eedbe9c-0000-4000-a000-000000000000"

// startController serves a new sandbox. The port is fixed, since fleets' states contain it.
func startController(ctx context.Context, port int) (*controller, error) {
	server, err := httpserver.Listen(ctx, fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return nil, fmt.Errorf("serve the simulated controller: %w", err)
	}
	c := &controller{
		url:     server.URL,
		options: sandbox.Options{JobDuration: time.Millisecond, InstallUUID: installUUID, Token: "bench"},
		stop:    server.Stop,
	}
	c.renew()
	server.Start(c)
	return c, nil
}

// renew replaces the sandbox by an empty one.
func (c *controller) renew() *sandbox.Sandbox {
	box := sandbox.New(c.options)
	c.box.Store(box)
	c.spread.Store(0)
	return box
}

// ServeHTTP passes the request to the present sandbox.
func (c *controller) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	box, spread := c.box.Load(), c.spread.Load()
	if spread == 0 || r.Method != http.MethodPost {
		box.ServeHTTP(w, r)
		return
	}
	c.launch.Lock()
	defer c.launch.Unlock()
	box.ServeHTTP(w, r)
	if next := box.NextJobID(); next%spread != 0 {
		box.SetNextJobID(next - next%spread + spread)
	}
}
