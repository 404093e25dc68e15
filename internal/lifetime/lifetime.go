// Package lifetime ends the process when nobody needs it any more, and not before.
//
// CI systems send SIGTERM to the whole process group. Terraform gets it as well and cancels the running calls through
// StopProvider, and what they return is saved: a provider that dies would lose the objects that are being made. But one
// that survives every signal stays behind after Terraform was killed.
package lifetime

import (
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"
)

// parentCheck is how often the process looks whether its parent lives.
const parentCheck = time.Second

// Calls counts the calls that the process is answering. The zero value is ready for use; a nil one counts nothing.
type Calls struct{ inFlight atomic.Int64 }

// Begin notes that a call begins. The function that it returns notes its end.
func (c *Calls) Begin() func() {
	if c == nil {
		return func() {}
	}
	c.inFlight.Add(1)
	return func() { c.inFlight.Add(-1) }
}

// Govern lets the process survive SIGTERM and SIGHUP while a call is in flight and its parent lives. It ends the process
// on such a signal otherwise and, if follow is set, once the parent is gone and the last call has ended.
func (c *Calls) Govern(follow bool) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGHUP)
	parent := os.Getppid()
	orphaned := func() bool { return follow && os.Getppid() != parent }
	go c.watch(signals, orphaned, os.Exit)
}

// watch calls exit, with the status that a shell would show, when the process is to end.
func (c *Calls) watch(signals <-chan os.Signal, orphaned func() bool, exit func(status int)) {
	check := time.NewTicker(parentCheck)
	defer check.Stop()
	for {
		select {
		case received := <-signals:
			if c.inFlight.Load() == 0 || orphaned() {
				exit(statusOf(received))
				return
			}
		case <-check.C:
			if c.inFlight.Load() == 0 && orphaned() {
				exit(0)
				return
			}
		}
	}
}

func statusOf(received os.Signal) int {
	if number, ok := received.(syscall.Signal); ok {
		return 128 + int(number)
	}
	return 1
}
