package isolated

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
)

// Served is a process of this program that serves the provider for debugging, to a Terraform that knows its address.
type Served struct {
	*exec.Cmd
	// Reattach is the value of TF_REATTACH_PROVIDERS that makes Terraform use it.
	Reattach string

	out io.Reader
}

// Serve starts such a process in a process group of its own. The end of ctx interrupts it.
func Serve(ctx context.Context, environment []string) (*Served, error) {
	own, err := os.Executable()
	if err != nil {
		return nil, err
	}
	s := &Served{Cmd: exec.CommandContext(ctx, own)} //nolint:gosec // this very program
	s.Env = environment
	Separate(s.Cmd)
	s.Cancel = func() error { return s.Process.Signal(os.Interrupt) }
	if s.out, err = s.StdoutPipe(); err != nil {
		return nil, err
	}
	if err := s.Start(); err != nil {
		return nil, err
	}
	if s.Reattach, err = reattachment(s.out); err != nil {
		return nil, errors.Join(err, s.Process.Kill(), s.Wait())
	}
	return s, nil
}

// Stop interrupts the process and waits for its end.
func (s *Served) Stop() error {
	err := s.Process.Signal(os.Interrupt)
	_, _ = io.Copy(io.Discard, s.out) // what it says goodbye with
	return errors.Join(err, s.Wait())
}

// reattachment reads the address from the output of a provider that is served for debugging.
func reattachment(out io.Reader) (string, error) {
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if _, value, found := strings.Cut(lines.Text(), "TF_REATTACH_PROVIDERS='"); found {
			return strings.TrimSuffix(strings.TrimSpace(value), "'"), nil
		}
	}
	return "", fmt.Errorf("the provider was not served: %w", errors.Join(lines.Err(), io.ErrUnexpectedEOF))
}
