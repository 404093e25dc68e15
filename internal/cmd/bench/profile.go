package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/osac-project/terraform-provider-osac/internal/cmd/isolated"
	"github.com/osac-project/terraform-provider-osac/internal/provider"
	"github.com/osac-project/terraform-provider-osac/internal/provider/workaround"
)

// profilesWanted is the environment variable that tells a process of the benchmark's to serve the provider, and where
// to write the profiles.
const profilesWanted = "OSAC_BENCH_PROFILES"

// serveProfiled serves the provider of this source tree until it is interrupted, and writes profiles: of CPU and of
// allocations, as path.cpu.pprof and path.allocs.pprof.
func serveProfiled(path, address string) error {
	runtime.MemProfileRate = 16 << 10
	cpu, err := os.Create(path + ".cpu.pprof") //nolint:gosec // the benchmark names the file
	if err != nil {
		return err
	}
	if err := pprof.StartCPUProfile(cpu); err != nil {
		return err
	}
	workaround.TuneProcess()
	err = tf6server.Serve(address, provider.NewServer("bench", nil), tf6server.WithManagedDebug())
	pprof.StopCPUProfile()
	allocations, failed := os.Create(path + ".allocs.pprof") //nolint:gosec // the benchmark names the file
	if failed == nil {
		failed = errors.Join(pprof.Lookup("allocs").WriteTo(allocations, 0), allocations.Close())
	}
	return errors.Join(err, cpu.Close(), failed)
}

// profiled runs commands with the provider of this source tree, in a process that writes profiles.
type profiled struct {
	workspace    *workspace
	source, path string
}

// profilePath is the path of a measurement's profiles, without their extensions.
func (b *bench) profilePath(m measurement) string {
	return filepath.Join(b.results, strings.ReplaceAll(m.id(), "/", "_"))
}

func (p profiled) run(ctx context.Context, arguments ...string) (usage, error) {
	server, err := isolated.Serve(ctx, append(slices.Clip(p.workspace.environment),
		profilesWanted+"="+p.path, "OSAC_BENCH_ADDRESS=registry.terraform.io/"+p.source))
	if err != nil {
		return usage{}, err
	}
	w := *p.workspace
	w.environment = append(slices.Clip(w.environment), "TF_REATTACH_PROVIDERS="+server.Reattach)
	used, err := w.run(ctx, arguments...)
	p.workspace.runs = w.runs
	err = errors.Join(err, server.Stop())
	if state := server.ProcessState; state != nil {
		used.provider, used.memory = state.UserTime()+state.SystemTime(), peakOf(state)
	}
	return used, err
}
