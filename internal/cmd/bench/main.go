// Command bench measures the provider: real Terraform runs it against a simulated controller, which counts requests and
// knows exactly when jobs end.
//
//	make bench                                      the scenarios that the targets are about
//	make bench BENCHFLAGS='-list -all'                   the names of all scenarios
//	make bench BENCHFLAGS='-run apply/50/.*,plan/300'    some of them
//	make bench BENCHFLAGS='-run plan/300 -profile'       with profiles of CPU and allocations
//
// Another provider is measured beside it with a configuration that makes it run the sandbox's templates as often as the
// variable "instances" says:
//
//	make bench BENCHFLAGS='-run apply/50/20s -against provider=./terraform-provider-aap,source=ansible/aap,config=./aap'
//
// The configuration gets the variables url, token, instances, create_template_id and delete_template_id.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
)

// settings are the command's flags.
type settings struct {
	subjects  []*subject
	run       string
	out       string
	port      int
	all, list bool
	profile   bool
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if path := os.Getenv(profilesWanted); path != "" {
		exit(serveProfiled(path, os.Getenv("OSAC_BENCH_ADDRESS")))
		return
	}
	own, other := &subject{}, &subject{}
	var s settings
	flag.StringVar(&own.binary, "provider", "bin/terraform-provider-osac", "the provider's binary")
	flag.StringVar(&own.source, "source", "osac-project/osac", "the provider's `address` in required_providers")
	flag.StringVar(&own.config, "config", "", "`folder` of the configuration (one of our own where it is empty)")
	flag.StringVar(&own.vars, "vars", "", "`file` with variables of the configuration")
	flag.StringVar(&own.name, "name", "", "what the report calls the provider")
	flag.Var(other, "against", "a second provider: provider=`PATH`,source=ADDRESS,config=FOLDER,vars=FILE,name=NAME")
	flag.StringVar(&s.run, "run", "", "`names` of the scenarios to run, or patterns of whole names, with commas; those of the targets where it is empty")
	flag.BoolVar(&s.all, "all", false, "run all scenarios, which takes hours")
	flag.BoolVar(&s.list, "list", false, "list the scenarios")
	flag.StringVar(&s.out, "out", ".cache/bench", "`folder` for bench.md, bench.json and profiles")
	flag.IntVar(&s.port, "port", 18052, "port of the simulated controller; fleets are kept for each")
	flag.BoolVar(&s.profile, "profile", false, "write profiles of the provider of this source tree, served by the benchmark")
	flag.Parse()
	s.subjects = []*subject{own}
	if other.binary != "" {
		s.subjects = append(s.subjects, other)
	}
	exit(s.play(ctx))
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// chosen are the scenarios to run.
func (s settings) chosen() ([]scenario, error) {
	pattern, err := regexp.Compile("^(" + strings.ReplaceAll(s.run, ",", "|") + ")$")
	if err != nil {
		return nil, err
	}
	all := targets()
	return slices.DeleteFunc(scenarios(), func(one scenario) bool {
		aimed := slices.ContainsFunc(all, func(t target) bool {
			return t.measurement == one.name || strings.HasPrefix(t.measurement, one.name+"/") && one.verb == planning &&
				strings.Count(t.measurement, "/") == strings.Count(one.name, "/")+1
		})
		if s.run != "" {
			return !pattern.MatchString(one.name)
		}
		return !s.all && !aimed
	}), nil
}

func (s settings) play(ctx context.Context) error {
	chosen, err := s.chosen()
	if err != nil {
		return err
	}
	if s.list {
		for _, one := range chosen {
			fmt.Println(one.name)
		}
		return nil
	}
	for _, each := range s.subjects {
		err = errors.Join(err, each.complete())
	}
	if err != nil {
		return err
	}
	b, err := s.bench(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = errors.Join(b.controller.stop(ctx), os.RemoveAll(b.scratch)) }() // the results are there
	for _, one := range chosen {
		for _, each := range s.subjects {
			if failed := b.play(ctx, one, each); failed != nil {
				err = errors.Join(err, fmt.Errorf("%s with %s: %w", one.name, each.name, failed))
			}
			if ctx.Err() != nil {
				return err
			}
		}
	}
	r := newReport(b.measured, s.subjects)
	fmt.Print("\n", r.markdown())
	return errors.Join(err, r.write(b.results))
}

func (s settings) bench(ctx context.Context) (*bench, error) {
	b := &bench{out: os.Stdout, profiled: s.profile, floors: map[int]float64{}}
	var err error
	if b.results, err = filepath.Abs(s.out); err != nil {
		return nil, err
	}
	b.cache = filepath.Join(b.results, "fleets")
	if err := os.MkdirAll(b.cache, 0o750); err != nil {
		return nil, err
	}
	if b.controller, err = startController(ctx, s.port); err != nil {
		return nil, err
	}
	b.scratch, err = os.MkdirTemp("", "osac-bench-")
	return b, err
}
