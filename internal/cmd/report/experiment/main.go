// Command experiment compares the ways in which runs can be started: AAP Direct, and events to a real ansible-rulebook
// that handles them in parallel or one after the other. Real Terraform applies and destroys the same instances with each,
// at a simulated controller whose jobs take the same times.
//
//	make experiment                                        all three, in about twelve minutes
//	make experiment EXPERIMENTFLAGS='-arms direct,parallel'  in two
//	make experiment EXPERIMENTFLAGS='-from .cache/experiment/experiment.json'  the report of an earlier run again
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// settings are the command's flags.
type settings struct {
	arms                string
	instances           int
	length              time.Duration
	seed                uint64
	provider, programs  string
	rulebook, out, from string
}

// repository is seen from this module's folder, where go run -C starts the command. Flags name files relative to it.
const repository = "../../.."

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var s settings
	flag.StringVar(&s.arms, "arms", "direct,parallel,sequential", "what to compare, by commas")
	flag.IntVar(&s.instances, "instances", 10, "`number` of instances")
	flag.DurationVar(&s.length, "length", 20*time.Second, "how long a job takes, 15 % more or less")
	flag.Uint64Var(&s.seed, "seed", 7, "`seed` of the jobs' lengths")
	flag.StringVar(&s.provider, "provider", "bin/terraform-provider-osac", "the provider's binary")
	flag.StringVar(&s.programs, "ansible", ".cache/ansible/bin", "`folder` of ansible-rulebook")
	flag.StringVar(&s.rulebook, "rulebook", "examples/rulebooks/webhook.yml", "the rulebook")
	flag.StringVar(&s.out, "out", ".cache/experiment", "`folder` for experiment.md, experiment.svg and experiment.json")
	flag.StringVar(&s.from, "from", "", "`file` of an earlier run, whose report is made again")
	flag.Parse()
	err := os.Chdir(repository)
	if err == nil {
		err = s.run(ctx)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "experiment:", err)
		os.Exit(1) //nolint:gocritic // the signals need not be restored before the end
	}
}

func (s settings) run(ctx context.Context) error {
	if s.from != "" {
		done, err := readExperiment(s.from)
		if err != nil {
			return err
		}
		return done.report(s.out)
	}
	chosen, err := armsOf(s.arms)
	if err != nil {
		return err
	}
	for _, path := range []*string{&s.provider, &s.programs, &s.rulebook} {
		if *path, err = filepath.Abs(*path); err != nil {
			return err
		}
		if _, err := os.Stat(*path); err != nil {
			return err
		}
	}
	scratch, err := os.MkdirTemp("", "osac-experiment-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(scratch) }() // the results are elsewhere
	done := experiment{Time: time.Now(), Machine: machine(), Instances: s.instances, Length: s.length.Seconds(), Seed: s.seed}
	for _, each := range chosen {
		played, failed := s.play(ctx, each, filepath.Join(scratch, each.name))
		if failed != nil {
			err = errors.Join(err, fmt.Errorf("%s: %w", each.title, failed))
			break
		}
		done.Arms = append(done.Arms, played)
		err = errors.Join(err, done.write(s.out)) // the last one takes long: what there is should not be lost with it
	}
	if len(done.Arms) == 0 {
		return err
	}
	return errors.Join(err, done.report(s.out))
}

// arm is a way to start runs.
type arm struct {
	name, title string
	// strategy is the rulebook's execution_strategy; empty: runs are launched directly.
	strategy string
}

// armsOf are the arms with the names.
func armsOf(names string) ([]arm, error) {
	known := map[string]arm{
		"direct":     {name: "direct", title: "AAP Direct"},
		"parallel":   {name: "parallel", title: "EDA parallel", strategy: "parallel"},
		"sequential": {name: "sequential", title: "EDA sequential", strategy: "sequential"},
	}
	var chosen []arm
	for name := range strings.SplitSeq(names, ",") {
		found, ok := known[strings.TrimSpace(name)]
		if !ok {
			return nil, fmt.Errorf("no such arm: %q; there are direct, parallel and sequential", name)
		}
		chosen = append(chosen, found)
	}
	return chosen, nil
}
