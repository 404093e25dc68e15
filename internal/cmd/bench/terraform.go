package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/cmd/isolated"
)

// usage is the resources that a command used.
type usage struct {
	wall time.Duration
	// terraform and provider are CPU times, user and system. The provider's is the sum over all its processes: Terraform
	// starts one for the schema and one for each walk.
	terraform, provider time.Duration
	// memory is the peak resident size, in bytes, of the provider's processes.
	memory int64
	exit   int
	output string
}

// run runs a command of Terraform to its end, and measures it. The error means that it could not be run; the exit code
// says how it ended.
func (w *workspace) run(ctx context.Context, arguments ...string) (usage, error) {
	if w.vars != "" {
		arguments = append(arguments[:1:1], append([]string{"-var-file=" + w.vars}, arguments[1:]...)...)
	}
	w.runs++
	path := filepath.Join(w.folder, fmt.Sprintf("output-%02d.txt", w.runs))
	out, err := os.Create(path) //nolint:gosec // in our own folder
	if err != nil {
		return usage{}, err
	}
	defer func() { _ = out.Close() }() // Terraform has its own

	cmd := isolated.Terraform(ctx, w.folder, w.environment, arguments...)
	cmd.Stdout, cmd.Stderr = out, out
	started := time.Now()
	if err := cmd.Start(); err != nil {
		return usage{}, err
	}
	used := observe(cmd.Process.Pid).finish()
	used.exit, err = isolated.Wait(ctx, cmd)
	used.wall = time.Since(started)
	if errors.Is(err, isolated.ErrInterrupted) {
		return used, err
	}
	text, unread := os.ReadFile(path) //nolint:gosec // in our own folder
	used.output = string(text)
	return used, errors.Join(err, unread)
}

// must runs a command that has to succeed before the measured one.
func (w *workspace) must(ctx context.Context, arguments ...string) (usage, error) {
	used, err := w.run(ctx, arguments...)
	if err == nil && used.exit != 0 {
		err = fmt.Errorf("terraform %s ended with %d:\n%s", arguments[0], used.exit, isolated.Ending(used.output))
	}
	return used, err
}
