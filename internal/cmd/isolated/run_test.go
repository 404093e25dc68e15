//go:build unix

package isolated

import (
	"context"
	"errors"
	"strings"
	"testing"
)

func TestRunReturnsTheExitCode(t *testing.T) {
	var out strings.Builder
	cmd := Command(t.Context(), "/bin/sh", t.TempDir(), nil, "-c", "echo no; exit 2")
	cmd.Stdout = &out
	exit, err := Run(t.Context(), cmd)
	if exit != 2 || err != nil || out.String() != "no\n" {
		t.Errorf("Run = %d, %v with output %q; want 2 and no", exit, err, out.String())
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
	cmd := Command(ctx, "/bin/sh", t.TempDir(), nil, "-c", script)
	cmd.Stdout = out
	if _, err := Run(ctx, cmd); !errors.Is(err, ErrInterrupted) {
		t.Errorf("Run = %v; want ErrInterrupted", err)
	}
	if got, want := out.String(), "working\ninterrupted\nsaved\n"; got != want {
		t.Errorf("output %q; want %q", got, want)
	}
}

func TestEndingIsTheLastLines(t *testing.T) {
	printed := strings.Repeat("on the way\n", 60) + "Error: at last\n\n"
	if got := Ending(printed); !strings.HasSuffix(got, "on the way\nError: at last") || strings.Count(got, "\n") != 39 {
		t.Errorf("Ending = %q", got)
	}
	if got := Ending("one\ntwo\n"); got != "one\ntwo" {
		t.Errorf("Ending = %q", got)
	}
}
