//go:build unix

package isolated

import (
	"os/exec"
	"syscall"
)

// Separate starts the command in a process group of its own, so that Ctrl-C reaches it once, from here.
func Separate(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// Terminate asks the command, and everything that it has started, to end.
func Terminate(cmd *exec.Cmd) { signal(cmd, syscall.SIGTERM) }

// EndGroup ends the processes that the command may have left behind.
func EndGroup(cmd *exec.Cmd) { signal(cmd, syscall.SIGKILL) }

func signal(cmd *exec.Cmd, which syscall.Signal) {
	if cmd.Process != nil {
		_ = syscall.Kill(-cmd.Process.Pid, which) // usually there is nothing left
	}
}
