package controller

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/transport"
)

const (
	// leastAtOnce is the fewest rows that a request is cut down to: what takes a controller too long then is not the rows.
	leastAtOnce = 12
	// fewerBy is how much less a request asks for than the one that was not answered in time. Two tries fit into the minute
	// that a refresh has for a page.
	fewerBy = 8
)

// atOnce is how many rows a request may ask for so that the controller answers in time. A loaded AWX took 12 to 20 s for
// a page of 200, more loaded ones took more than an attempt has: asked again for the same, they never get done.
type atOnce struct {
	// allowed is the time that an attempt has.
	allowed time.Duration

	mu   sync.Mutex
	rows int
}

// most returns how many rows a request may ask for.
func (a *atOnce) most() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.rows
}

// late takes a request into account that was not answered in time.
func (a *atOnce) late(asked int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.rows = min(a.rows, max(leastAtOnce, asked/fewerBy))
}

// came takes an answer into account: a full page that came quickly may be followed by a larger one.
func (a *atOnce) came(rows int, took time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if rows >= a.rows && took*fewerBy < a.allowed {
		a.rows = min(pageSize, 2*a.rows)
	}
}

// isLate reports whether an error tells that an answer did not come in time, though the request was sent: as far as the
// server is concerned, or a gateway before it, or the caller's patience.
func isLate(err error) bool {
	if failed, ok := errors.AsType[*Error](err); ok && failed.Status == http.StatusGatewayTimeout {
		return true
	}
	failed, ok := errors.AsType[*transport.Error](err)
	if !ok || failed.Answer != nil {
		return false
	}
	return errors.Is(failed.Err, transport.ErrNoAnswer) || failed.Err == nil && errors.Is(failed.Ended, context.DeadlineExceeded)
}
