package lifetime

import (
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// process is one whose end is noted.
type process struct {
	calls    Calls
	signals  chan os.Signal
	orphaned bool
	status   int
	ended    bool
}

// start watches for the end of a process, which each test brings about.
func start() *process {
	p := &process{signals: make(chan os.Signal, 1)}
	go p.calls.watch(p.signals, idleGrace, func() bool { return p.orphaned }, func(status int) { p.status, p.ended = status, true })
	return p
}

func (p *process) wantEnded(t *testing.T, want bool, status int) {
	t.Helper()
	synctest.Wait()
	if p.ended != want || p.status != status {
		t.Fatalf("ended: %v with status %d, want %v with %d", p.ended, p.status, want, status)
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
		p.orphaned = true
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
		p.orphaned = true
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
		p.orphaned = true
		p.signals <- syscall.SIGTERM
		p.wantEnded(t, true, 143)
	})
}
