package main

import (
	"context"
	"fmt"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/cmd/httpserver"
	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
)

// The sandbox's templates.
const (
	createTemplate = "osac-create-compute-instance"
	deleteTemplate = "osac-delete-compute-instance"
)

// controller is the sandbox, served on a free port of this machine.
type controller struct {
	*sandbox.Sandbox
	url  string
	stop func(context.Context) error
}

// startController serves a new sandbox.
func startController(ctx context.Context) (*controller, error) {
	server, err := httpserver.Listen(ctx, httpserver.Loopback)
	if err != nil {
		return nil, fmt.Errorf("start the simulated controller: %w", err)
	}
	simulated := newSandbox()
	server.Start(simulated)
	return &controller{Sandbox: simulated, url: server.URL, stop: server.Stop}, nil
}

// failNext lets the next create job fail.
func (c *controller) failNext() {
	c.BehaveNext(createTemplate, sandbox.Behavior{
		Outcome: "failed", Task: failedTask, Host: failedHost, Message: failedMessage,
	})
}

// restarts is how often the machine was restarted.
func (c *controller) restarts(name string) int {
	for _, instance := range c.Instances() {
		if instance.Name == name {
			return len(instance.Restarts)
		}
	}
	return 0
}

// newSandbox makes a controller in the form of AAP 2.7 whose jobs take two seconds.
func newSandbox() *sandbox.Sandbox {
	return sandbox.New(sandbox.Options{JobDuration: 2 * time.Second, Gateway: sandbox.AAP27})
}
