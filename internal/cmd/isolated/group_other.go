//go:build !unix

package isolated

import "os/exec"

// Separate does nothing, since there are no process groups.
func Separate(*exec.Cmd) {}

// Terminate ends the command alone, which can't be asked to end.
func Terminate(cmd *exec.Cmd) { EndGroup(cmd) }

// EndGroup ends the command alone.
func EndGroup(cmd *exec.Cmd) {
	if cmd.Process != nil {
		_ = cmd.Process.Kill() // usually it has ended
	}
}
