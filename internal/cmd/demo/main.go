// Command demo shows the provider at work: real Terraform or OpenTofu creates, changes, restarts, repairs and destroys
// compute instances on a simulated controller. Nothing is left behind, and nothing outside of this machine is needed.
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

// interruptedCode is what shells take for "ended by Ctrl-C".
const interruptedCode = 130

func main() {
	provider := flag.String("provider", "bin/terraform-provider-osac", "the provider's binary")
	flag.Parse()

	// SIGPIPE comes when nobody reads on, as in "make demo | head".
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

// run plays all steps. What it has started has ended when it returns, and what it has made is removed.
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

// isTerminal reports whether colours are welcome.
func isTerminal(out io.Writer) bool {
	file, ok := out.(*os.File)
	if !ok || os.Getenv("NO_COLOR") != "" {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
