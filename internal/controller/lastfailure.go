package controller

import (
	"sync"
	"time"
)

// lastFailure is the failure of the last request that failed, for any caller, even if a retry succeeded.
type lastFailure struct {
	mu  sync.Mutex
	at  time.Time
	err error
}

func (l *lastFailure) note(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.at, l.err = time.Now(), err
}

// LastFailure returns the failure of the last request that failed in a way that may pass, if it failed after a moment;
// else it returns nil. A caller needs it if its time is up while a shared request goes on: that request has not
// reported its failures yet.
func (c *Client) LastFailure(after time.Time) error {
	c.failed.mu.Lock()
	defer c.failed.mu.Unlock()
	if c.failed.at.Before(after) {
		return nil
	}
	return c.failed.err
}
