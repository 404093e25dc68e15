package lifetime

import (
	"os"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// process is a process whose end the test records.
type process struct {
	calls    Calls
	signals  chan os.Signal
	orphaned atomic.Bool
	// ended is the status that the process ended with; nil while it lives.
	ended atomic.Pointer[int]
}

// start governs a process whose end the test brings about.
func start() *process {
	p := &process{signals: make(chan os.Signal, 1)}
	go p.calls.watch(p.signals, idleGrace, p.orphaned.Load, func(status int) { p.ended.Store(&status) })
	return p
}

func (p *process) wantEnded(t *testing.T, want bool, status int) {
	t.Helper()
	synctest.Wait()
	got := 0
	ended := p.ended.Load()
	if ended != nil {
		got = *ended
	}
	if (ended != nil) != want || got != status {
		t.Fatalf("ended: %v with status %d, want %v with %d", ended != nil, got, want, status)
	}
}

func TestASignalEndsAnIdleProcess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := start()
		p.signals <- syscall.SIGTERM
		p.wantEnded(t, false, 0)
		time.Sleep(idleGrace)
		p.wantEnded(t, true, 143)
	})
}

func TestACallThatComesAfterASignalIsAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := start()
		p.signals <- syscall.SIGTERM
		time.Sleep(idleGrace / 2)
		defer p.calls.Begin()()
		time.Sleep(time.Hour)
		p.wantEnded(t, false, 0)
		p.orphaned.Store(true)
		p.signals <- syscall.SIGTERM
		p.wantEnded(t, true, 143)
	})
}

func TestASignalDoesNotEndACall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := start()
		end := p.calls.Begin()
		p.signals <- syscall.SIGHUP
		time.Sleep(time.Hour)
		p.wantEnded(t, false, 0)
		end()
		p.signals <- syscall.SIGHUP
		time.Sleep(idleGrace)
		p.wantEnded(t, true, 129)
	})
}

func TestTheLastCallOfAnOrphanEndsIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := start()
		end := p.calls.Begin()
		p.orphaned.Store(true)
		time.Sleep(time.Hour)
		p.wantEnded(t, false, 0)
		end()
		time.Sleep(parentCheck)
		p.wantEnded(t, true, 0)
	})
}

func TestASignalEndsAnOrphanAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := start()
		defer p.calls.Begin()()
		p.orphaned.Store(true)
		p.signals <- syscall.SIGTERM
		p.wantEnded(t, true, 143)
	})
}
