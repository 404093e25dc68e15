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

// ErrInterrupted is what an interrupt makes of a run.
var ErrInterrupted = errors.New("interrupted: Terraform has ended")

// Terraform makes a command of the Terraform on PATH.
func Terraform(ctx context.Context, folder string, environment []string, arguments ...string) *exec.Cmd {
	return Command(ctx, "terraform", folder, environment, arguments...)
}

// Command makes a command of Terraform, or of OpenTofu, that runs in a folder, in a process group of its own. It is
// interrupted when ctx ends, as by Ctrl-C. In the terminal's group it would get Ctrl-C twice, from there and from here, and
// give up at once.
func Command(ctx context.Context, program, folder string, environment []string, arguments ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, program, arguments...) //nolint:gosec // the arguments are those of our commands
	cmd.Dir, cmd.Env = folder, environment
	Separate(cmd)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = patience
	return cmd
}

// Run runs a command to its end, as Wait has it.
func Run(ctx context.Context, cmd *exec.Cmd) (int, error) {
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	return Wait(ctx, cmd)
}

// Wait waits for a command that was started, and ends what it may have left behind: a provider, where Terraform had to be
// killed. How it ended is the exit code; the error is one of running it at all, or ErrInterrupted once ctx has ended.
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

// Ending is the last lines of what a command has printed.
func Ending(output string) string {
	const most = 40
	lines := strings.Split(strings.TrimSpace(output), "\n")
	return strings.Join(lines[max(0, len(lines)-most):], "\n")
}
