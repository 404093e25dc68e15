package controller

import (
	"context"
	"errors"
	"sync"

	"golang.org/x/sync/errgroup"
)

// Bounds for reading what lists leave out, from the jobs' details.
const (
	maxDetails     = pageSize
	detailsAtOnce  = 4
	maxVarsKept    = 16 << 20
	maxVarsPerKept = 1 << 20
)

// whole completes rows of a list that lack extra vars or artifacts, if these are wanted, since absent is not empty.
// Builds of 2026 leave artifacts out of lists (https://github.com/ansible/awx/pull/16230); forks leave extra vars out,
// too. It reads the jobs' details, several at a time and as many as a page has. Extra vars never change, so they are
// read once. Artifacts are read only of jobs that have ended. If a detail is not found, or this user may not read it,
// the row stays unchanged.
func (c *Client) whole(ctx context.Context, rows []listed, vars, artifacts, once bool) ([]listed, error) {
	var lacking []int
	for i := range rows {
		c.vars.complete(&rows[i].Job)
		if vars && rows[i].ExtraVarsAbsent || artifacts && rows[i].ArtifactsAbsent && rows[i].Terminal() {
			lacking = append(lacking, i)
		}
	}
	if len(lacking) == 0 {
		return rows, nil
	}
	group, bounded := errgroup.WithContext(ctx)
	group.SetLimit(detailsAtOnce)
	for _, i := range lacking[:min(len(lacking), maxDetails)] {
		group.Go(func() error {
			detail, err := c.single(bounded, rows[i].Ref, once)
			if errors.Is(err, ErrNotFound) || errors.Is(err, ErrForbidden) {
				return nil
			}
			if err != nil {
				return err
			}
			c.vars.keep(detail.Job)
			rows[i] = detail
			return nil
		})
	}
	return rows, group.Wait()
}

// varsMemory keeps extra vars that lists leave out. When it is full, it starts anew.
type varsMemory struct {
	mu    sync.Mutex
	known map[varsKey]string
	bytes int
}

// varsKey identifies a job, also after a restored database has assigned an id anew.
type varsKey struct {
	ref     Ref
	created int64
}

func (m *varsMemory) complete(j *Job) {
	if !j.ExtraVarsAbsent {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if vars, known := m.known[varsKey{j.Ref, j.Created.UnixNano()}]; known {
		j.ExtraVars, j.ExtraVarsAbsent = vars, false
	}
}

func (m *varsMemory) keep(j Job) {
	if j.ExtraVarsAbsent || len(j.ExtraVars) > maxVarsPerKept {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.known == nil || m.bytes+len(j.ExtraVars) > maxVarsKept {
		m.known, m.bytes = map[varsKey]string{}, 0
	}
	m.known[varsKey{j.Ref, j.Created.UnixNano()}] = j.ExtraVars
	m.bytes += len(j.ExtraVars)
}
