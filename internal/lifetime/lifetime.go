// Package lifetime ends the process once nobody needs it, and not earlier.
//
// CI systems send SIGTERM to the whole process group. Terraform receives it as well, cancels the running calls through
// StopProvider, and saves their results: a provider that dies at once would lose the objects that it is making. A
// provider that survives every signal would stay behind after Terraform was killed.
package lifetime

import (
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"
)

// parentCheck is how often the process checks whether its parent lives.
const parentCheck = time.Second

// idleGrace is how long an idle process outlives a signal while its parent lives. Terraform says "Destroying..." a
// moment before it calls the provider. A provider that a signal to the whole group ends in that moment "did not
// respond". Terraform ends its providers itself when it is done.
const idleGrace = 5 * time.Second

// Calls counts the calls in flight. The zero value is ready for use; a nil one counts nothing.
type Calls struct{ inFlight atomic.Int64 }

// Begin counts a call in. The function that it returns counts the call out.
func (c *Calls) Begin() func() {
	if c == nil {
		return func() {}
	}
	c.inFlight.Add(1)
	return func() { c.inFlight.Add(-1) }
}

// Govern lets the process survive SIGTERM and SIGHUP while a call is in flight and its parent lives. On such a signal,
// an orphan ends at once, and an idle process ends if no call comes for a few seconds. If follow is set, the process
// also ends once its parent is gone and the last call has ended. If it is not set, nobody waits for the process, and an
// idle one ends at once.
func (c *Calls) Govern(follow bool) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGHUP)
	parent := os.Getppid()
	grace := time.Duration(0)
	if follow {
		grace = idleGrace
	}
	orphaned := func() bool { return follow && os.Getppid() != parent }
	go c.watch(signals, grace, orphaned, os.Exit)
}

// watch calls exit, with the status that a shell would show, when the process must end.
func (c *Calls) watch(signals <-chan os.Signal, grace time.Duration, orphaned func() bool, exit func(status int)) {
	check := time.NewTicker(parentCheck)
	defer check.Stop()
	var leave <-chan time.Time
	status := 0
	idle := func() bool { return c.inFlight.Load() == 0 }
	for {
		select {
		case received := <-signals:
			status = statusOf(received)
			switch {
			case orphaned(), idle() && grace == 0:
				exit(status)
				return
			case idle():
				leave = time.After(grace)
			}
		case <-leave:
			if idle() {
				exit(status)
				return
			}
			leave = nil
		case <-check.C:
			if idle() && orphaned() {
				exit(status)
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
