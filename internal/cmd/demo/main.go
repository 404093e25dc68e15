// Command demo shows the provider at work: real Terraform or OpenTofu creates, changes, restarts, repairs and destroys
// compute instances on a simulated controller. It leaves nothing behind, and needs nothing outside of this machine.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// interruptedCode is the shells' exit code for "ended by Ctrl-C".
const interruptedCode = 130

func main() {
	provider := flag.String("provider", "bin/terraform-provider-osac", "the provider's binary")
	flag.Parse()

	// SIGPIPE comes when the reader stops, as in "make demo | head".
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE)
	err := run(ctx, os.Stdout, *provider)
	code := 1
	if ctx.Err() != nil {
		code = interruptedCode
	}
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "\ndemo:", err)
		os.Exit(code)
	}
}

// run plays all steps. When it returns, everything that it started has ended, and everything that it made is removed.
func run(ctx context.Context, out io.Writer, provider string) (err error) {
	tool, err := findTool(ctx, out)
	if err != nil {
		return err
	}
	controller, err := startController(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, controller.stop(ctx)) }()
	workspace, err := newWorkspace(provider)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, workspace.remove()) }()

	show := &show{
		out:        out,
		colored:    isTerminal(out),
		terraform:  terraform{tool: tool, folder: workspace.folder, environment: workspace.environment(controller)},
		workspace:  workspace,
		controller: controller,
	}
	return show.play(ctx)
}

// isTerminal reports whether the output is a terminal, and may have colours.
func isTerminal(out io.Writer) bool {
	file, ok := out.(*os.File)
	if !ok || os.Getenv("NO_COLOR") != "" {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
