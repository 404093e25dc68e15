package controller

import (
	"sync"
	"time"
)

// lastFailure is what the last request met that failed, whoever it was for, and whether or not another attempt fared better.
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

// LastFailure returns what the last request met that failed in a way that may pass, if that was after a moment; else nil.
// It is for callers whose time is up while a request for several of them goes on: its failures are nobody's yet.
func (c *Client) LastFailure(after time.Time) error {
	c.failed.mu.Lock()
	defer c.failed.mu.Unlock()
	if c.failed.at.Before(after) {
		return nil
	}
	return c.failed.err
}
