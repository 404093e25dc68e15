// Command report runs the tests, the benchmark and the experiment, and writes a page that shows how the project stands:
// scenarios by priority with their results on both backends, coverage, latencies, requests per instance, versions. Each
// day has a folder of its own beside those of earlier days. What fails is on the page, and the exit code is 1.
//
//	make report                                                       everything, in half an hour
//	make report REPORTFLAGS='-steps tests -run "TestAcc[1-9]_"'       some scenarios
//	make report REPORTFLAGS='-tests .cache/report-work/tests.json -bench .cache/bench/bench.json -steps ""'   of earlier results
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// settings are the command's flags.
type settings struct {
	out, work, scenarios string
	steps                string
	run, packages        string
	benchFlags           string
	experimentFlags      string
	// Finished results that are taken in place of running a step.
	tests, coverage, bench, experiment string
}

// errBad is what the command ends with where the page tells of a failure.
var errBad = errors.New("not all is well, see the page")

// repository is seen from this module's folder, where go run -C starts the command. Flags name files relative to it.
const repository = "../../.."

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var s settings
	flag.StringVar(&s.out, "out", ".cache/report", "`folder` of the page; each day has a folder in it")
	flag.StringVar(&s.work, "work", ".cache/report-work", "`folder` for what the steps print")
	flag.StringVar(&s.scenarios, "scenarios", "internal/acceptance/scenarios.md", "`file` with the table of scenarios")
	flag.StringVar(&s.steps, "steps", "tests,bench,experiment", "what to run, by commas")
	flag.StringVar(&s.run, "run", "", "`pattern` of the tests to run; all where it is empty")
	flag.StringVar(&s.packages, "packages", "./...", "packages to test")
	flag.StringVar(&s.benchFlags, "benchflags", "", "`flags` of the benchmark")
	flag.StringVar(&s.experimentFlags, "experimentflags", "", "`flags` of the experiment")
	flag.StringVar(&s.tests, "tests", "", "`file` that an earlier go test -json has written")
	flag.StringVar(&s.coverage, "coverage", "", "`file` with the coverage of an earlier run: coverage.txt of its -work")
	flag.StringVar(&s.bench, "bench", "", "`file` of an earlier benchmark: bench.json")
	flag.StringVar(&s.experiment, "experiment", "", "`file` of an earlier experiment: experiment.json")
	flag.Parse()
	err := os.Chdir(repository)
	if err == nil {
		err = s.play(ctx, time.Now())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "report:", err)
		os.Exit(1) //nolint:gocritic // the signals need not be restored before the end
	}
}

// play runs the steps, and writes the page whatever came of them.
func (s settings) play(ctx context.Context, now time.Time) error {
	if err := s.checkSteps(); err != nil {
		return err
	}
	now = now.UTC() // the day's name and its time are of one zone
	table, err := readScenarios(s.scenarios)
	if err != nil {
		return err
	}
	folder := filepath.Join(s.out, now.Format(time.DateOnly))
	if err := errors.Join(os.MkdirAll(s.work, 0o750), os.MkdirAll(folder, 0o750)); err != nil {
		return err
	}
	d := &day{Date: now.Format(time.DateOnly), Time: now.Truncate(time.Second), Subset: s.run, Scenarios: table}
	r := runner{settings: s, day: d, folder: folder}
	r.testing(ctx)
	r.benchmarking(ctx)
	r.experimenting(ctx)
	d.Versions = versions(ctx)
	d.judge()
	if err := write(s.out, d); err != nil {
		return err
	}
	fmt.Println(filepath.Join(s.out, "index.html") + ": " + d.Verdict)
	if !d.Good {
		return errBad
	}
	return nil
}

// checkSteps refuses names that would leave a step out for a typo.
func (s settings) checkSteps() error {
	for name := range strings.SplitSeq(s.steps, ",") {
		if !slices.Contains([]string{"", "tests", "bench", "experiment"}, name) {
			return fmt.Errorf("no such step: %q; there are tests, bench and experiment", name)
		}
	}
	return nil
}

// wants reports whether a step is to be run.
func (s settings) wants(step string) bool { return slices.Contains(strings.Split(s.steps, ","), step) }
