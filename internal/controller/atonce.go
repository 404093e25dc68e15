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
	// leastAtOnce is the least number of rows that a request is cut down to. If these are too slow as well, the number
	// of rows is not the reason.
	leastAtOnce = 12
	// fewerBy divides the number of rows after a request that was not answered in time. Two tries fit into the minute
	// that a refresh has for a page.
	fewerBy = 8
)

// atOnce is how many rows a request may ask for, so that the controller answers in time. A loaded AWX took 12 to 20 s
// for a page of 200. A more loaded one takes longer than the time of an attempt, and would never answer a request that
// is repeated unchanged.
type atOnce struct {
	// allowed is the time of an attempt.
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

// late records a request that was not answered in time.
func (a *atOnce) late(asked int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.rows = min(a.rows, max(leastAtOnce, asked/fewerBy))
}

// came records an answer: after a full page that came quickly, a larger one may follow.
func (a *atOnce) came(rows int, took time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if rows >= a.rows && took*fewerBy < a.allowed {
		a.rows = min(pageSize, 2*a.rows)
	}
}

// isLate reports whether an error means that the request was sent and the answer did not come in time: within the
// server's, a gateway's or the caller's limit.
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
