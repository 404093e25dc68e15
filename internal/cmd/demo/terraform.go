package main

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"time"
)

// patience is how long Terraform may take to end after an interrupt.
const patience = 20 * time.Second

// terraform runs commands of a tool in a folder.
type terraform struct {
	tool        tool
	folder      string
	environment []string
}

// errInterrupted is what Ctrl-C makes of a run.
var errInterrupted = errors.New("interrupted: Terraform has ended, and what it ran on is removed")

// run runs a command to its end and returns its exit code. If ctx ends before, Terraform is interrupted as by Ctrl-C,
// and waited for.
func (t terraform) run(ctx context.Context, out io.Writer, arguments ...string) (int, error) {
	cmd := exec.CommandContext(ctx, t.tool.path, arguments...) //nolint:gosec // the tool was found by findTool
	cmd.Dir = t.folder
	cmd.Env = t.environment
	cmd.Stdout, cmd.Stderr = out, out
	// Ctrl-C reaches all processes of the terminal's group. Terraform would then get it twice, from the terminal and
	// from here, and give up at once.
	separate(cmd)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = patience

	err := cmd.Run()
	endGroup(cmd)
	if ctx.Err() != nil {
		return 0, errInterrupted
	}
	if exit, failed := errors.AsType[*exec.ExitError](err); failed {
		return exit.ExitCode(), nil
	}
	return 0, err
}
