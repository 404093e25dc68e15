//go:build unix

package sandbox

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// leadGroup puts the process and its children into a process group of their own.
func leadGroup(command *exec.Cmd) { command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// interruptGroup asks the group to end: on SIGINT, ansible-playbook stops its workers and cleans up.
func interruptGroup(command *exec.Cmd) { _ = syscall.Kill(-command.Process.Pid, syscall.SIGINT) } // it may have ended

// killGroup ends the group.
func killGroup(command *exec.Cmd) { _ = syscall.Kill(-command.Process.Pid, syscall.SIGKILL) } // it may have ended

// killMarked ends all processes with the variable in their environment, and waits for their end. Without /proc,
// processes that have left the group stay.
func killMarked(mark string) {
	for range 100 { // what is killed takes a moment to end, and may just be starting something
		if !signalMarked(mark) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// signalMarked kills the processes with the variable in their environment, and reports whether there were any.
func signalMarked(mark string) bool {
	found := false
	environments, _ := filepath.Glob("/proc/[0-9]*/environ") // the pattern is right
	for _, file := range environments {
		environment, err := os.ReadFile(file) //nolint:gosec // a file of /proc
		if err != nil || !bytes.Contains(environment, []byte(mark)) {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file))); err == nil && pid != os.Getpid() {
			found = true
			_ = syscall.Kill(pid, syscall.SIGKILL) // it may have ended
		}
	}
	return found
}
