package isolated

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"time"
)

// patience is how long Terraform may take to end after an interrupt.
const patience = 30 * time.Second

// ErrInterrupted is the error of an interrupted run.
var ErrInterrupted = errors.New("interrupted: Terraform has ended")

// Terraform returns a command of the Terraform on PATH.
func Terraform(ctx context.Context, folder string, environment []string, arguments ...string) *exec.Cmd {
	return Command(ctx, "terraform", folder, environment, arguments...)
}

// Command returns a command of Terraform, or of OpenTofu, that runs in a folder, in a process group of its own. The end
// of ctx interrupts it, as Ctrl-C does. In the terminal's group, it would get Ctrl-C twice, from there and from here,
// and would give up at once.
func Command(ctx context.Context, program, folder string, environment []string, arguments ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, program, arguments...) //nolint:gosec // the arguments are those of our commands
	cmd.Dir, cmd.Env = folder, environment
	Separate(cmd)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = patience
	return cmd
}

// Run runs a command to its end, as Wait does.
func Run(ctx context.Context, cmd *exec.Cmd) (int, error) {
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	return Wait(ctx, cmd)
}

// Wait waits for a started command, and ends the processes that it may have left behind, such as a provider if
// Terraform had to be killed. The exit code says how the command ended. The error means that it could not be run, or is
// ErrInterrupted once ctx has ended.
func Wait(ctx context.Context, cmd *exec.Cmd) (int, error) {
	err := cmd.Wait()
	EndGroup(cmd)
	if ctx.Err() != nil {
		return 0, ErrInterrupted
	}
	if exit, failed := errors.AsType[*exec.ExitError](err); failed {
		return exit.ExitCode(), nil
	}
	return 0, err
}

// Ending returns the last lines of a command's output.
func Ending(output string) string {
	const most = 40
	lines := strings.Split(strings.TrimSpace(output), "\n")
	return strings.Join(lines[max(0, len(lines)-most):], "\n")
}
