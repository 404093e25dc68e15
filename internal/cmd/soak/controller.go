//go:build unix

package main

import (
	"context"
	"math/rand/v2"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/cmd/httpserver"
	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
)

// controller is a sandbox that misbehaves, and counts.
type controller struct {
	url, token string
	box        *sandbox.Sandbox
	stop       func(context.Context) error
	// open is the number of open connections, and faults the number of faults set.
	open, faults, requests atomic.Int64
}

func startController(ctx context.Context) (*controller, error) {
	server, err := httpserver.Listen(ctx, httpserver.Loopback)
	if err != nil {
		return nil, err
	}
	c := &controller{url: server.URL, stop: server.Stop, box: sandbox.New(sandbox.Options{JobDuration: 5 * time.Second})}
	c.token = c.box.Token()
	server.Connection = c.connection
	server.Start(c)
	return c, nil
}

// ServeHTTP counts the request, and passes it to the sandbox.
func (c *controller) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.requests.Add(1)
	c.box.ServeHTTP(w, r)
}

func (c *controller) connection(_ net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		c.open.Add(1)
	case http.StateClosed, http.StateHijacked:
		c.open.Add(-1)
	case http.StateActive, http.StateIdle:
	}
}

// counts are the totals of the controller so far.
type counts struct{ jobs, requests, faults int }

func (c *controller) counts() counts {
	return counts{len(c.box.Jobs()), int(c.requests.Load()), int(c.faults.Load())}
}

func (c counts) minus(other counts) counts {
	return counts{c.jobs - other.jobs, c.requests - other.requests, c.faults - other.faults}
}

// misbehave sets faults like the chaos test's, some eight in a minute, but none that ends a command: a refused token,
// or a launch that is refused for good. A fault that meets no request ends soon, since there are few requests.
func (c *controller) misbehave(ctx context.Context, random *rand.Rand) {
	defer c.box.ClearFaults()
	few := 1 + random.IntN(4)
	later := http.Header{"Retry-After": {"1"}}
	kinds := []sandbox.Fault{
		{Times: few, Status: http.StatusTooManyRequests, Header: later},
		{Times: few, Status: http.StatusBadGateway, Method: http.MethodGet},
		{Times: few, Status: http.StatusServiceUnavailable, Header: later},
		{Times: few, Status: http.StatusInternalServerError, Method: http.MethodGet},
		{Times: few, Reset: true},
		{Times: 1, Hang: true, Method: http.MethodGet},
		{Times: 4, Delay: 3 * time.Second},
		{Times: 1, Path: "launch", Method: http.MethodPost, AfterHandling: true, Reset: true},
		{Times: 1, Path: "launch", Method: http.MethodPost, AfterHandling: true, Status: http.StatusInternalServerError},
		{Times: 1, Path: "launch", Method: http.MethodPost, AfterHandling: true, Delay: 3 * time.Second},
	}
	for wait(ctx, time.Duration(4000+random.IntN(8000))*time.Millisecond) == nil {
		next := kinds[random.IntN(len(kinds))]
		next.For = 4 * time.Second
		c.box.Fault(next)
		c.faults.Add(1)
	}
}
