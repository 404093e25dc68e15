//go:build unix

// Command soak lets one process of the provider work for half an hour: hundreds of instances go through create, change,
// refresh and destroy, again and again, while the controller misbehaves. It looks at what the process holds whenever nothing
// is asked of it, and fails if that grows, if an instance gets a job too many, or if a connection is left.
//
//	make soak                             # 30 minutes, 500 instances
//	make soak SOAKFLAGS='-for 3m -instances 50'
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	if path := os.Getenv(samplesWanted); path != "" {
		exit(serve(path))
	}
	var s soak
	length := flag.Duration("for", 30*time.Minute, "how long it goes on; the round that is under way is finished")
	flag.IntVar(&s.instances, "instances", 500, "how many instances there are")
	flag.IntVar(&s.parallelism, "parallelism", 100, "how many Terraform works on at once")
	seed := flag.Uint64("seed", 1, "of the faults")
	flag.Parse()
	s.random = rand.New(rand.NewPCG(*seed, 0)) //nolint:gosec // it is to be repeated
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	exit(s.run(ctx, *length))
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "soak:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// soak is one run.
type soak struct {
	instances, parallelism int
	random                 *rand.Rand

	controller *controller
	provider   *provider
	terraform  *terraform
	samples    []sample
	commands   int
}

func (s *soak) run(ctx context.Context, length time.Duration) (err error) {
	if s.controller, err = startController(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.controller.stop(ctx)) }()
	if s.terraform, err = newTerraform(s.controller, s.instances, s.parallelism); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.terraform.remove()) }()
	if s.provider, err = startProvider(ctx, s.terraform); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.provider.Stop()) }()
	fmt.Println("  minute  step                  seconds  jobs  requests  faults  heap MiB  resident MiB  goroutines  connections")
	until := time.Now().Add(length)
	for round := 1; round == 1 || time.Now().Before(until); round++ {
		if err := s.round(ctx, round); err != nil {
			return err
		}
	}
	// Idle connections are kept for a while: http.Transport's IdleConnTimeout is 90 s.
	if err := wait(ctx, 2*time.Minute); err != nil {
		return err
	}
	if err := s.look("at the end"); err != nil {
		return err
	}
	return s.judge()
}

// round creates the instances, changes them, refreshes them twice and destroys them.
func (s *soak) round(ctx context.Context, round int) error {
	for _, each := range []struct {
		step  string
		jobs  int
		label string
		args  []string
	}{
		{"create", s.instances, "one", []string{"apply", "-auto-approve"}},
		{"refresh", 0, "one", []string{"plan", "-detailed-exitcode"}},
		{"change", s.instances, "two", []string{"apply", "-auto-approve"}},
		{"refresh", 0, "two", []string{"plan", "-detailed-exitcode"}},
		{"destroy", s.instances, "two", []string{"destroy", "-auto-approve"}},
	} {
		before, began := s.controller.counts(), time.Now()
		disturbed, quiet := context.WithCancel(ctx)
		go s.controller.misbehave(disturbed, s.random)
		err := s.terraform.run(ctx, s.provider.Reattach, each.label, each.args...)
		quiet()
		s.commands++
		if err != nil {
			return fmt.Errorf("%s in round %d: %w", each.step, round, err)
		}
		took, counted := time.Since(began), s.controller.counts().minus(before)
		if counted.jobs != each.jobs {
			return fmt.Errorf("%s in round %d: %d jobs for %d instances, want %d", each.step, round, counted.jobs, s.instances, each.jobs)
		}
		if err := s.look(fmt.Sprintf("%-8s (round %d) %8.0f %6d %8d %7d", each.step, round, took.Seconds(), counted.jobs, counted.requests, counted.faults)); err != nil {
			return err
		}
	}
	return nil
}

// look takes a sample while the provider has no calls.
func (s *soak) look(what string) error {
	taken, err := s.provider.sample()
	if err != nil {
		return err
	}
	taken.connections = s.controller.open.Load()
	s.samples = append(s.samples, taken)
	fmt.Printf("  %6.1f  %-50s %9.1f %13.1f %11d %12d\n", taken.at.Minutes(), what, mib(taken.Heap), mib(taken.Resident), taken.Goroutines, taken.connections)
	return nil
}

func mib(bytes uint64) float64 { return float64(bytes) / (1 << 20) }

// judge compares the last round with the second: in the first, caches fill.
func (s *soak) judge() error {
	last := s.samples[len(s.samples)-1]
	fmt.Printf("\n%d commands in one process\n", s.commands)
	var problems error
	if last.connections > 0 {
		problems = errors.Join(problems, fmt.Errorf("%d connections are left open", last.connections))
	}
	steps := s.samples[:len(s.samples)-1]
	const perRound = 5
	if len(steps) < 3*perRound {
		fmt.Println("too few rounds to tell whether anything grows")
		return problems
	}
	early, late := mean(steps[perRound:2*perRound]), mean(steps[len(steps)-perRound:])
	fmt.Printf("second round and last round, means: heap %.1f and %.1f MiB, goroutines %d and %d; at the end %.1f MiB and %d\n",
		mib(early.Heap), mib(late.Heap), early.Goroutines, late.Goroutines, mib(last.Heap), last.Goroutines)
	// The framework keeps the cancelling of each call for as long as its process lives (proto6server's registerContext):
	// some 250 bytes, of which an instance has five or six a command.
	const kept, mayGrow = 6 * 300, 4 << 20
	between := len(steps) - 2*perRound
	if grown := int64(late.Heap) - int64(early.Heap); grown > int64(kept*between*s.instances+mayGrow) { //nolint:gosec // no heap is that large
		problems = errors.Join(problems, errors.New("the heap grows"))
	}
	if late.Goroutines > early.Goroutines+early.Goroutines/5+20 {
		problems = errors.Join(problems, errors.New("goroutines are left"))
	}
	return problems
}

func mean(samples []sample) sample {
	var sum sample
	for _, each := range samples {
		sum.Heap += each.Heap
		sum.Goroutines += each.Goroutines
	}
	return sample{Heap: sum.Heap / uint64(len(samples)), Goroutines: sum.Goroutines / len(samples)}
}

func wait(ctx context.Context, length time.Duration) error {
	select {
	case <-time.After(length):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
