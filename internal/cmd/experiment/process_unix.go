//go:build unix

package main

import (
	"os/exec"
	"syscall"
)

// separate starts the command in a process group of its own: Ctrl-C reaches it once, from here.
func separate(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// terminate asks the command, and what it has started, to end.
func terminate(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) } // it may have ended

// endGroup ends what the command may have left behind.
func endGroup(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) } // usually there is nothing left
