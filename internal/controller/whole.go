package controller

import (
	"context"
	"errors"
	"sync"

	"golang.org/x/sync/errgroup"
)

// Bounds of reading what lists leave out, from the jobs' details.
const (
	maxDetails     = pageSize
	detailsAtOnce  = 4
	maxVarsKept    = 16 << 20
	maxVarsPerKept = 1 << 20
)

// whole completes rows of a list that lack extra vars or artifacts, as they are wanted, since absent is not empty: builds of 2026 leave artifacts
// out of lists (https://github.com/ansible/awx/pull/16230), forks extra vars, too. It reads them from the jobs' details,
// several at a time and as many as a page has; extra vars never change, and are read once. Artifacts are read of jobs
// that have ended. Where a detail is not found, or is not for this user, the row stays as it is.
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

// varsMemory keeps extra vars that lists leave out. It never ends up large: when it is full it starts anew.
type varsMemory struct {
	mu    sync.Mutex
	known map[varsKey]string
	bytes int
}

// varsKey tells jobs apart, also after a restored database has given an id out anew.
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
