package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
)

// fleet is the result of an apply: a state that the provider wrote, and the jobs that the controller ran for it. It is
// kept on disk, by provider and configuration, since a plan of a thousand instances takes less time than their apply.
type fleet struct {
	State []byte        `json:"state"`
	Jobs  []sandbox.Job `json:"jobs"`
}

// fleet applies so many instances, or reuses the fleet of an earlier run with the same files.
func (b *bench) fleet(ctx context.Context, s *subject, count int) (fleet, error) {
	files, err := s.files()
	if err != nil {
		return fleet{}, err
	}
	key, err := fingerprint(s, files, b.controller.url)
	if err != nil {
		return fleet{}, err
	}
	path := filepath.Join(b.cache, fmt.Sprintf("fleet-%d-%s.json", count, key))
	var kept fleet
	if text, err := os.ReadFile(path); err == nil && json.Unmarshal(text, &kept) == nil { //nolint:gosec // our own cache
		return kept, nil
	}
	kept, err = b.apply(ctx, s, files, count)
	if err != nil {
		return fleet{}, fmt.Errorf("apply %d instances to plan: %w", count, err)
	}
	text, err := json.Marshal(kept)
	if err != nil {
		return fleet{}, err
	}
	return kept, os.WriteFile(path, text, 0o600)
}

// apply makes a fleet. Its jobs take no time, and have room for other jobs between them.
func (b *bench) apply(ctx context.Context, s *subject, files map[string][]byte, count int) (fleet, error) {
	box := b.controller.renew()
	box.SetNextJobID(firstOwn)
	b.controller.spread.Store(gap)
	w, err := newWorkspace(b.scratch, files, s, b.controller, count)
	if err != nil {
		return fleet{}, err
	}
	defer func() { _ = w.remove() }() // the whole scratch folder is removed in the end
	if _, err := w.must(ctx, "apply", "-auto-approve", "-no-color", fmt.Sprintf("-parallelism=%d", min(count, 200))); err != nil {
		return fleet{}, err
	}
	state, err := os.ReadFile(w.state())
	return fleet{State: state, Jobs: box.AllJobs()}, err
}

// fingerprint distinguishes fleets by their inputs.
func fingerprint(s *subject, files map[string][]byte, url string) (string, error) {
	hash := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(files)) {
		_, _ = fmt.Fprintf(hash, "%s\n%s\n", name, files[name]) // never fails
	}
	_, _ = fmt.Fprintln(hash, url, s.source)
	for _, path := range []string{s.binary, s.vars} {
		if path == "" {
			continue
		}
		file, err := os.Open(path) //nolint:gosec // the user names the files
		if err != nil {
			return "", err
		}
		_, err = io.Copy(hash, file)
		_ = file.Close() // it was only read
		if err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(hash.Sum(nil)[:8]), nil
}

// settle makes a workspace with the fleet's state, and a new sandbox with the fleet's jobs among others.
func (b *bench) settle(s *subject, f fleet, count, othersCount int, where place) (*workspace, *sandbox.Sandbox, error) {
	box := b.controller.renew()
	box.SeedJobs(func(yield func(sandbox.Seed) bool) {
		for _, j := range f.Jobs {
			seed := sandbox.Seed{
				ID: j.ID, Template: j.Template, ExtraVars: j.ExtraVars, Created: j.Created, Length: j.Finished.Sub(j.Created),
				Outcome: j.Status,
			}
			if !yield(seed) {
				return
			}
		}
	})
	box.SeedJobs(others(f.Jobs, othersCount, where))
	files, err := s.files()
	if err != nil {
		return nil, nil, err
	}
	w, err := newWorkspace(b.scratch, files, s, b.controller, count)
	if err != nil {
		return nil, nil, err
	}
	return w, box, w.write("terraform.tfstate", f.State)
}
