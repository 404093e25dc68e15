package transport

import (
	"net/http"
	"sync"
	"time"
)

// clock estimates how far the server's clock is ahead of ours. An answer's Date is a whole second within the time
// between the request and the answer. So each answer bounds the difference from both sides, and all answers together
// bound it more closely than a second.
type clock struct {
	mu          sync.Mutex
	known       bool
	least, most time.Duration
}

// learn uses an answer. A cached answer says its age, and is not used.
func (c *clock) learn(header http.Header, sent, received time.Time) {
	date, err := http.ParseTime(header.Get("Date"))
	if err != nil || header.Get("Age") != "" {
		return
	}
	// These are wall clocks: the server's time is not monotonic.
	least, most := date.Sub(received.Round(0)), date.Add(time.Second).Sub(sent.Round(0))
	c.mu.Lock()
	defer c.mu.Unlock()
	least, most = max(least, c.least), min(most, c.most)
	if !c.known || least > most { // the first answer, or one of the clocks was set
		least, most = date.Sub(received.Round(0)), date.Add(time.Second).Sub(sent.Round(0))
	}
	c.known, c.least, c.most = true, least, most
}

// ClockOffset returns how far the server's clock is ahead of this machine's, by the Date headers of its answers. It is
// negative if the clock is behind, and zero before the first answer.
func (c *Client) ClockOffset() time.Duration {
	c.clock.mu.Lock()
	defer c.clock.mu.Unlock()
	return (c.clock.least + c.clock.most) / 2
}
