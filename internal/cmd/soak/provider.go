//go:build unix

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"syscall"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/osac-project/terraform-provider-osac/internal/cmd/isolated"
	osac "github.com/osac-project/terraform-provider-osac/internal/provider"
	"github.com/osac-project/terraform-provider-osac/internal/provider/workaround"
)

// samplesWanted is the environment variable that tells a process of this program to serve the provider, and where to
// write a sample of its memory on each signal USR1.
const samplesWanted = "OSAC_SOAK_SAMPLES"

const address = "registry.terraform.io/osac-project/osac"

// sample is the memory of the provider's process while it has no calls, in bytes: the live heap after a collection, and
// the resident size.
type sample struct {
	Heap, Resident uint64
	Goroutines     int

	at          time.Duration
	connections int64
}

// serve serves the provider until it is interrupted.
func serve(path string) error {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGUSR1)
	go func() {
		for range signals {
			if err := write(path); err != nil {
				fmt.Fprintln(os.Stderr, "soak:", err)
			}
		}
	}()
	workaround.TuneProcess()
	return tf6server.Serve(address, osac.NewServer("soak", nil), tf6server.WithManagedDebug())
}

func write(path string) error {
	runtime.GC()
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	text, err := json.Marshal(sample{Heap: memory.HeapAlloc, Resident: resident(), Goroutines: runtime.NumGoroutine()})
	if err != nil {
		return err
	}
	if err := os.WriteFile(path+".new", text, 0o600); err != nil { //nolint:gosec // this program names it
		return err
	}
	return os.Rename(path+".new", path) //nolint:gosec // as above
}

// resident is the process's resident size; zero if the system does not report it.
func resident() uint64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	_, after, _ := bytes.Cut(status, []byte("VmRSS:"))
	fields := bytes.Fields(after)
	if len(fields) == 0 {
		return 0
	}
	kilobytes, _ := strconv.ParseUint(string(fields[0]), 10, 64)
	return kilobytes << 10
}

// provider is the process that serves it.
type provider struct {
	*isolated.Served
	samples string
	began   time.Time
}

func startProvider(ctx context.Context, t *terraform) (*provider, error) {
	samples := filepath.Join(t.folder, "sample.json")
	began := time.Now()
	served, err := isolated.Serve(ctx, append(slices.Clip(t.environment), samplesWanted+"="+samples))
	return &provider{served, samples, began}, err
}

// sample asks the process for its memory.
func (p *provider) sample() (sample, error) {
	_ = os.Remove(p.samples) // the one before
	if err := p.Process.Signal(syscall.SIGUSR1); err != nil {
		return sample{}, err
	}
	for range 1000 {
		time.Sleep(10 * time.Millisecond)
		text, err := os.ReadFile(p.samples)
		if err != nil {
			continue
		}
		taken := sample{}
		err = json.Unmarshal(text, &taken)
		taken.at = time.Since(p.began)
		return taken, err
	}
	return sample{}, errors.New("the provider's process does not say what it holds")
}
