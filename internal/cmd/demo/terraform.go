package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/osac-project/terraform-provider-osac/internal/cmd/isolated"
)

// terraform runs commands of a tool in a folder.
type terraform struct {
	tool        tool
	folder      string
	environment []string
}

// run runs a command to its end and returns its exit code.
func (t terraform) run(ctx context.Context, out io.Writer, arguments ...string) (int, error) {
	cmd := isolated.Command(ctx, t.tool.path, t.folder, t.environment, arguments...)
	cmd.Stdout, cmd.Stderr = out, out
	exit, err := isolated.Run(ctx, cmd)
	if errors.Is(err, isolated.ErrInterrupted) {
		err = fmt.Errorf("%w, and what it ran on is removed", err)
	}
	return exit, err
}
