package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/cmd/isolated"
	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
)

// bench runs scenarios with subjects.
type bench struct {
	out        io.Writer
	controller *controller
	// scratch is the folder for this run's workspaces, cache for fleets, and results for the report.
	scratch, cache, results string
	// profiled adds profiles to the measurements; a process of the benchmark's then serves the provider.
	profiled bool
	floors   map[int]float64
	measured []measurement
}

// play runs a scenario with a subject, and keeps the measurements.
func (b *bench) play(ctx context.Context, one scenario, s *subject) error {
	switch one.verb {
	case planning:
		return b.plan(ctx, one, s)
	case destroying:
		return b.destroy(ctx, one, s)
	default:
		return b.create(ctx, one, s)
	}
}

// create measures an apply of new instances, including its plan.
func (b *bench) create(ctx context.Context, one scenario, s *subject) error {
	files, err := s.files()
	if err != nil {
		return err
	}
	box := b.controller.renew()
	box.SeedJobs(earlier(one.others, one.length))
	box.BehaveNext(createTemplate, behaviors(one.count, one.length)...)
	w, err := newWorkspace(b.scratch, files, s, b.controller, one.count)
	if err != nil {
		return err
	}
	defer func() { _ = w.remove() }() // the whole scratch folder is removed in the end
	if one.verb == overloaded {
		overload(box)
	}
	parallelism := fmt.Sprintf("-parallelism=%d", max(one.count, 10))
	m, err := b.measure(ctx, w, box, one, s, "", "apply", "-auto-approve", "-no-color", parallelism)
	if err != nil {
		return err
	}
	m.wantLaunches(one.count)
	b.keep(m)
	return nil
}

// overload makes the controller take 5 s for each answer, and refuse some requests, including launches.
func overload(box *sandbox.Sandbox) {
	header := http.Header{"Retry-After": {"3"}}
	refused := sandbox.Fault{Status: http.StatusTooManyRequests, Header: header, Body: `{"detail": "Request was throttled."}`}
	launch, read := refused, refused
	launch.Path, launch.Method, launch.Skip, launch.Times = "launch", http.MethodPost, 5, 5
	read.Path, read.Method, read.Skip, read.Times = "jobs list", http.MethodGet, 4, 6
	box.Fault(launch)
	box.Fault(read)
	box.Fault(sandbox.Fault{Delay: 5 * time.Second})
}

// behaviors are those of as many jobs.
func behaviors(count int, length time.Duration) []sandbox.Behavior {
	random := randomness()
	all := make([]sandbox.Behavior, count)
	for i := range all {
		all[i].Duration = around(length, random)
	}
	return all
}

// plan measures a plan without changes twice: with the apply's state, and after a refresh, whose state may make the
// next plan cheaper.
func (b *bench) plan(ctx context.Context, one scenario, s *subject) error {
	f, err := b.fleet(ctx, s, one.count)
	if err != nil {
		return err
	}
	floor, err := b.floor(ctx, one.count)
	if err != nil {
		return err
	}
	w, box, err := b.settle(s, f, one.count, one.others, one.place)
	if err != nil {
		return err
	}
	defer func() { _ = w.remove() }() // the whole scratch folder is removed in the end
	box.Fault(sandbox.Fault{Delay: one.delay})
	plan := []string{"plan", "-detailed-exitcode", "-no-color"}
	for _, step := range []struct {
		name      string
		arguments []string
	}{{"first", plan}, {"refresh", []string{"apply", "-refresh-only", "-auto-approve", "-no-color"}}, {"refreshed", plan}} {
		m, err := b.measure(ctx, w, box, one, s, step.name, step.arguments...)
		if err != nil {
			return err
		}
		m.Floor = floor
		m.wantLaunches(0)
		b.keep(m)
	}
	return nil
}

// floor is Terraform's time to plan so many resources without any provider.
func (b *bench) floor(ctx context.Context, count int) (float64, error) {
	if known := b.floors[count]; known > 0 {
		return known, nil
	}
	files, err := builtIn("floor")
	if err != nil {
		return 0, err
	}
	w, err := newWorkspace(b.scratch, files, nil, b.controller, count)
	if err != nil {
		return 0, err
	}
	defer func() { _ = w.remove() }() // the whole scratch folder is removed in the end
	for _, arguments := range [][]string{{"init", "-no-color"}, {"apply", "-auto-approve", "-no-color"}} {
		if _, err := w.must(ctx, arguments...); err != nil {
			return 0, err
		}
	}
	used, err := w.must(ctx, "plan", "-no-color")
	b.floors[count] = used.wall.Seconds()
	return b.floors[count], err
}

// destroy measures a destroy, including its refresh and plan.
func (b *bench) destroy(ctx context.Context, one scenario, s *subject) error {
	f, err := b.fleet(ctx, s, one.count)
	if err != nil {
		return err
	}
	w, box, err := b.settle(s, f, one.count, one.others, one.place)
	if err != nil {
		return err
	}
	defer func() { _ = w.remove() }() // the whole scratch folder is removed in the end
	box.Fault(sandbox.Fault{Delay: one.delay})
	box.BehaveNext(deleteTemplate, behaviors(one.count, one.length)...)
	parallelism := fmt.Sprintf("-parallelism=%d", max(one.count, 10))
	m, err := b.measure(ctx, w, box, one, s, "", "destroy", "-auto-approve", "-no-color", parallelism)
	if err != nil {
		return err
	}
	m.wantLaunches(one.count)
	b.keep(m)
	return nil
}

// measure runs a command and measures it. A failure is part of the measurement.
func (b *bench) measure(ctx context.Context, w *workspace, box *sandbox.Sandbox, one scenario, s *subject, step string, arguments ...string) (measurement, error) {
	m := measurement{Scenario: one.name, Step: step, Provider: s.name, Instances: one.count, Load: load()}
	run := w.run
	if b.profiled {
		run = profiled{workspace: w, source: s.source, path: b.profilePath(m)}.run
	}
	box.ClearRequests()
	from, own := box.NextJobID(), ownCPU()
	used, err := run(ctx, arguments...)
	if err != nil {
		return m, err
	}
	m.BenchCPU = (ownCPU() - own).Seconds()
	m.take(used, box, from)
	if used.exit != 0 {
		m.Problem = fmt.Sprintf("exit code %d", used.exit)
		_, _ = fmt.Fprintln(b.out, isolated.Ending(used.output)) // nothing to be done about it
	}
	return m, nil
}

// wantLaunches records a wrong number of launches.
func (m *measurement) wantLaunches(count int) {
	if m.Launches != count {
		m.Problem = strings.TrimPrefix(fmt.Sprintf("%s, %d jobs were launched instead of %d", m.Problem, m.Launches, count), ", ")
	}
}

func (b *bench) keep(m measurement) {
	b.measured = append(b.measured, m)
	_, _ = fmt.Fprintln(b.out, m.line()) // nothing to be done about it
}

// load is the machine's one-minute load average.
func load() float64 {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(text), " ")
	value, _ := strconv.ParseFloat(first, 64)
	return value
}
