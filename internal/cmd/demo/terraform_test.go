//go:build unix

package main

import (
	"context"
	"errors"
	"strings"
	"testing"
)

func TestRunReturnsTheExitCode(t *testing.T) {
	var out strings.Builder
	exit, err := terraform{tool: tool{path: "/bin/sh"}, folder: t.TempDir()}.run(t.Context(), &out, "-c", "echo no; exit 2")
	if exit != 2 || err != nil || out.String() != "no\n" {
		t.Errorf("run = %d, %v with output %q; want 2 and no", exit, err, out.String())
	}
}

// cancelling cancels a context at the first output.
type cancelling struct {
	strings.Builder
	cancel context.CancelFunc
}

func (c *cancelling) Write(text []byte) (int, error) {
	c.cancel()
	return c.Builder.Write(text)
}

func TestRunInterruptsOnceAndWaits(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	out := &cancelling{cancel: cancel}
	script := `trap 'echo interrupted; sleep 0.2; echo saved; exit 1' INT; echo working; while :; do sleep 0.05; done`
	_, err := terraform{tool: tool{path: "/bin/sh"}, folder: t.TempDir()}.run(ctx, out, "-c", script)
	if !errors.Is(err, errInterrupted) {
		t.Errorf("run = %v; want errInterrupted", err)
	}
	if got, want := out.String(), "working\ninterrupted\nsaved\n"; got != want {
		t.Errorf("output %q; want %q", got, want)
	}
}
