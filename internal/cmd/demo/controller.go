package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
)

// The templates that the sandbox is made with.
const (
	createTemplate = "osac-create-compute-instance"
	deleteTemplate = "osac-delete-compute-instance"
)

// controller is the sandbox, served on a free port of this machine.
type controller struct {
	*sandbox.Sandbox
	url    string
	server *http.Server
	ended  chan error
}

// startController serves a new sandbox.
func startController(ctx context.Context) (*controller, error) {
	simulated := newSandbox()
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start the simulated controller: %w", err)
	}
	c := &controller{
		Sandbox: simulated,
		url:     "http://" + listener.Addr().String(),
		server:  &http.Server{Handler: simulated, ReadHeaderTimeout: 10 * time.Second},
		ended:   make(chan error, 1),
	}
	go func() { c.ended <- c.server.Serve(listener) }()
	return c, nil
}

// stop closes all connections and waits until nothing is served any more.
func (c *controller) stop() error {
	err := c.server.Close()
	if served := <-c.ended; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

// failNext lets the next create job fail.
func (c *controller) failNext() {
	c.BehaveNext(createTemplate, sandbox.Behavior{
		Outcome: "failed", Task: failedTask, Host: failedHost, Message: failedMessage,
	})
}

// restarts are how often the machine has been restarted.
func (c *controller) restarts(name string) int {
	for _, instance := range c.Instances() {
		if instance.Name == name {
			return len(instance.Restarts)
		}
	}
	return 0
}

// newSandbox makes a controller in the shape of AAP 2.5 whose jobs take two seconds.
func newSandbox() *sandbox.Sandbox {
	return sandbox.New(sandbox.Options{JobDuration: 2 * time.Second, Gateway: true})
}
