package eda

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// monitor polls all of a rulebook's jobs in flight: up to 25 in a request, when there is a first job, and then every
// RefreshDelay. A job that starts in between waits for the next round, so that sequential events cost one request each
// (F61: ten events took ten polls).
type monitor struct {
	controller *controller
	delay      time.Duration
	log        func(logger, level, format string, arguments ...any)

	mu      sync.Mutex
	jobs    []*watched // in the order of registration
	running bool
}

type watched struct {
	id, list string // "101", "jobs"
	ended    chan object
}

// pollSize is the number of jobs in one request (max_batch_job_polling_size).
const pollSize = 25

// await returns the job once the poll has seen it end. It waits forever for a job that no answer has any more.
func (m *monitor) await(ctx context.Context, start func(func()), jobURL string) (object, error) {
	w := &watched{ended: make(chan object, 1)}
	segments := strings.Split(strings.Trim(jobURL, "/"), "/")
	if len(segments) < 2 {
		return nil, fmt.Errorf("job URL %q is not understood", jobURL)
	}
	w.list, w.id = segments[len(segments)-2], segments[len(segments)-1]
	m.mu.Lock()
	m.jobs = append(m.jobs, w)
	first := !m.running
	m.running = true
	m.mu.Unlock()
	if first {
		start(func() { m.loop(ctx) })
	}
	select {
	case job := <-w.ended:
		return job, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (m *monitor) loop(ctx context.Context) {
	for {
		m.mu.Lock()
		jobs := slices.Clone(m.jobs)
		m.running = len(jobs) > 0
		m.mu.Unlock()
		if len(jobs) == 0 {
			return
		}
		delay := m.delay
		if err := m.poll(ctx, jobs); err != nil {
			m.log("shared_job_monitor", "ERROR", "Transient error in shared job monitor loop: %s", err)
			delay = 5 * time.Second
		}
		if err := pause(ctx, delay); err != nil {
			return
		}
	}
}

// poll sends one request for each 25 jobs of a kind.
func (m *monitor) poll(ctx context.Context, jobs []*watched) error {
	for _, list := range []string{"jobs", "workflow_jobs"} {
		ofKind := slices.DeleteFunc(slices.Clone(jobs), func(w *watched) bool { return w.list != list })
		for chunk := range slices.Chunk(ofKind, pollSize) {
			ids := make([]string, len(chunk))
			for i, w := range chunk {
				ids[i] = w.id
			}
			path := fmt.Sprintf("%s%s/?id__in=%s&page_size=%d", m.controller.prefix, list, escape(strings.Join(ids, ",")), len(ids))
			_, page, err := m.controller.ask(ctx, "GET", m.controller.resolve(path), nil)
			if err != nil {
				return err
			}
			for _, row := range page.rows() {
				m.settle(chunk, row)
			}
		}
	}
	return nil
}

func (m *monitor) settle(chunk []*watched, job object) {
	status, id := job.text("status"), fmt.Sprint(job.number("id"))
	if !slices.Contains([]string{"successful", "failed", "error", "canceled"}, status) {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, w := range chunk {
		if w.id != id {
			continue
		}
		m.jobs = slices.DeleteFunc(m.jobs, func(other *watched) bool { return other == w })
		w.ended <- job
		switch status {
		case "failed", "error":
			m.log("shared_job_monitor", "ERROR", "Job %s completed with status: %s (%d jobs remaining)", id, status, len(m.jobs))
		case "canceled":
			m.log("shared_job_monitor", "WARNING", "Job %s was canceled (%d jobs remaining)", id, len(m.jobs))
		}
	}
}
