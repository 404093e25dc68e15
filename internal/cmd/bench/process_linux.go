package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// tick is the unit of times in /proc: 100 a second on every Linux that Go runs on.
	tick = 10 * time.Millisecond
	// sampling is how often the providers' memory is sampled. The kernel keeps the peak, so only the time from the last
	// sample to a process's end is missed.
	sampling = 50 * time.Millisecond
)

// observer watches Terraform and the providers that it starts, without intercepting anything.
type observer struct {
	pid   int
	found chan usage
	// exited is closed when Terraform has ended.
	exited chan struct{}
}

// observe begins to watch.
func observe(pid int) *observer {
	o := &observer{pid: pid, found: make(chan usage, 1), exited: make(chan struct{})}
	go o.awaitEnd()
	go o.watch()
	return o
}

// awaitEnd waits for Terraform's end without reaping the process: until then, /proc has the CPU time of its children,
// the providers.
func (o *observer) awaitEnd() {
	defer close(o.exited)
	for {
		err := unix.Waitid(unix.P_PID, o.pid, nil, unix.WEXITED|unix.WNOWAIT, nil)
		if err != unix.EINTR {
			return
		}
	}
}

func (o *observer) watch() {
	var used usage
	ticker := time.NewTicker(sampling)
	defer ticker.Stop()
	for ended := false; !ended; {
		select {
		case <-ticker.C:
		case <-o.exited:
			ended = true
		}
		used.memory = max(used.memory, o.peak())
		if own, children, ok := times(o.pid); ok {
			used.terraform, used.provider = max(used.terraform, own), max(used.provider, children)
		}
	}
	o.found <- used
}

// finish waits for Terraform's end, and returns the usage. Only then may the process be reaped.
func (o *observer) finish() usage { return <-o.found }

// peak is the largest peak among Terraform's children.
func (o *observer) peak() int64 {
	var most int64
	for _, pid := range childrenOf(o.pid) {
		status, err := os.ReadFile(filepath.Join("/proc", pid, "status")) //nolint:gosec // a process's own
		// Between its fork and its exec a child still has Terraform's name, and Terraform's memory.
		if err != nil || !bytes.HasPrefix(status, []byte("Name:\tterraform-provi")) {
			continue
		}
		_, after, _ := bytes.Cut(status, []byte("VmHWM:"))
		if fields := bytes.Fields(after); len(fields) > 0 {
			kilobytes, _ := strconv.ParseInt(string(fields[0]), 10, 64)
			most = max(most, kilobytes<<10)
		}
	}
	return most
}

// childrenOf checks all threads of a process: Go starts children from any of them.
func childrenOf(pid int) []string {
	tasks := filepath.Join("/proc", strconv.Itoa(pid), "task")
	threads, _ := os.ReadDir(tasks) // none when it has ended
	var all []string
	for _, each := range threads {
		if text, err := os.ReadFile(filepath.Join(tasks, each.Name(), "children")); err == nil { //nolint:gosec // a process's own
			all = append(all, strings.Fields(string(text))...)
		}
	}
	return all
}

// times are the CPU time of a process, and that of its ended children.
func times(pid int) (time.Duration, time.Duration, bool) {
	stat, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return 0, 0, false
	}
	// pid (name) state ppid …: the name may hold anything, so count from its end.
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	const userTime = 11
	if len(fields) < userTime+4 {
		return 0, 0, false
	}
	var all [4]time.Duration
	for i := range all {
		ticks, _ := strconv.ParseInt(fields[userTime+i], 10, 64)
		all[i] = time.Duration(ticks) * tick
	}
	return all[0] + all[1], all[2] + all[3], true
}

// ownCPU is this process's CPU time.
func ownCPU() time.Duration {
	var used unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &used) != nil {
		return 0
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// peakOf is the peak resident size of an ended process.
func peakOf(state *os.ProcessState) int64 {
	if used, ok := state.SysUsage().(*syscall.Rusage); ok {
		return used.Maxrss << 10
	}
	return 0
}
