package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/cmd/isolated"
)

// step is something that was run for the report.
type step struct {
	Name string `json:"name"`
	// Command is what was run, or where its earlier results are from; empty: it was left out.
	Command string  `json:"command,omitempty"`
	Seconds float64 `json:"seconds"`
	// Problem is why it has failed, with the end of what it printed.
	Problem string `json:"problem,omitempty"`
}

// runner runs the steps of a day.
type runner struct {
	settings
	day    *day
	folder string // the day's
}

// testing runs the tests, in such a way that each counts for the coverage of every package.
func (r runner) testing(ctx context.Context) {
	s := step{Name: "tests"}
	path, coverage := r.tests, r.coverage
	switch {
	case path != "":
		s.Command = "results of " + path
	case r.wants("tests"):
		path, coverage = filepath.Join(r.work, "tests.json"), filepath.Join(r.work, "coverage.txt")
		s = r.test(ctx, path, coverage)
	default:
		r.day.Steps = append(r.day.Steps, s)
		return
	}
	read := func() error {
		file, err := os.Open(path) //nolint:gosec // the user names it
		if err != nil {
			return err
		}
		defer func() { _ = file.Close() }() // it was only read
		return r.day.takeTests(file)
	}
	s.add(read())
	if coverage != "" {
		text, err := os.ReadFile(coverage) //nolint:gosec // as above
		if s.add(err); err == nil {
			s.add(r.day.takeCoverage(string(text)))
		}
	}
	r.day.Steps = append(r.day.Steps, s)
}

// test runs go test into the one file, and what it has reached into the other.
func (r runner) test(ctx context.Context, path, coverage string) step {
	data, err := filepath.Abs(filepath.Join(r.work, "cover"))
	err = errors.Join(err, os.RemoveAll(data), os.RemoveAll(path), os.RemoveAll(coverage), os.MkdirAll(data, 0o750))
	arguments := []string{"test", "-json", "-count=1", "-timeout=60m", "-coverpkg=./internal/..."}
	if r.run != "" {
		arguments = append(arguments, "-run", r.run)
	}
	arguments = append(arguments, strings.Fields(r.packages)...)
	s := r.command(ctx, "tests", path, []string{"TF_ACC=1", "GOCOVERDIR=" + data}, "go", append(arguments, "-args", "-test.gocoverdir="+data)...)
	s.add(err)
	profile := filepath.Join(r.work, "cover.out")
	s.add(appendTo(ctx, coverage, "tool", "covdata", "percent", "-i="+data))
	s.add(appendTo(ctx, coverage, "tool", "covdata", "textfmt", "-i="+data, "-o="+profile))
	s.add(appendTo(ctx, coverage, "tool", "cover", "-func="+profile))
	return s
}

// appendTo runs go, and appends what it prints to a file.
func appendTo(ctx context.Context, path string, arguments ...string) error {
	var said strings.Builder
	cmd := exec.CommandContext(ctx, "go", arguments...) //nolint:gosec // our own arguments
	cmd.Stderr = &said
	printed, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("go %s: %w\n%s", strings.Join(arguments, " "), err, isolated.Ending(said.String()))
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600) //nolint:gosec // in our own folder
	if err != nil {
		return err
	}
	_, err = file.Write(printed)
	return errors.Join(err, file.Close())
}

func (r runner) benchmarking(ctx context.Context) {
	r.measure(ctx, "bench", "bench.json", r.bench, r.benchFlags, r.day.takeBench, "./internal/cmd/bench")
}

func (r runner) experimenting(ctx context.Context) {
	r.measure(ctx, "experiment", "experiment.json", r.experiment, r.experimentFlags, r.day.takeExperiment, "-C", "internal/cmd/report", "./experiment")
}

// measure runs one of the commands that measure, and keeps its results beside the page.
func (r runner) measure(ctx context.Context, name, file, earlier, flags string, take func([]byte) error, program ...string) {
	s := step{Name: name}
	path := earlier
	switch {
	case earlier != "":
		s.Command = "results of " + earlier
	case r.wants(name):
		out := filepath.Join(r.work, name)
		path = filepath.Join(out, file)
		err := os.RemoveAll(path) // an older one is not this day's
		s = r.command(ctx, name, filepath.Join(r.work, name+".txt"), nil,
			"go", append(append([]string{"run"}, program...), append([]string{"-out", out}, strings.Fields(flags)...)...)...)
		s.add(err)
	default:
		r.day.Steps = append(r.day.Steps, s)
		return
	}
	text, err := os.ReadFile(path) //nolint:gosec // the user names it, or it is in our own folder
	if err == nil {
		err = errors.Join(take(text), os.WriteFile(filepath.Join(r.folder, file), text, 0o600)) //nolint:gosec // one of two names
	}
	s.add(err)
	r.day.Steps = append(r.day.Steps, s)
}

// command runs a command to its end and writes what it prints to a file.
func (r runner) command(ctx context.Context, name, path string, environment []string, program string, arguments ...string) step {
	s := step{Name: name, Command: program + " " + strings.Join(arguments, " ")}
	began := time.Now()
	out, err := os.Create(path) //nolint:gosec // in our own folder
	if err != nil {
		s.add(err)
		return s
	}
	var said bytes.Buffer
	cmd := exec.CommandContext(ctx, program, arguments...) //nolint:gosec // our own commands
	cmd.Env = append(os.Environ(), environment...)
	cmd.Stdout, cmd.Stderr = out, io.MultiWriter(os.Stderr, &said)
	isolated.Separate(cmd)
	cmd.Cancel = func() error { isolated.Terminate(cmd); return nil }
	cmd.WaitDelay = time.Minute
	if err := cmd.Run(); err != nil {
		s.add(fmt.Errorf("%w\n%s", err, isolated.Ending(said.String())))
	}
	s.add(out.Close())
	s.Seconds = time.Since(began).Seconds()
	return s
}

// add notes a problem, if it is one.
func (s *step) add(err error) {
	if err != nil {
		s.Problem = strings.TrimSpace(s.Problem + "\n" + err.Error())
	}
}
