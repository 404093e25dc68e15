package eda

import (
	"context"
	"slices"
	"sync"
	"time"
)

// run is the life of one ansible-rulebook process. Events go from the sources through a queue of one to the rules, from
// there as matches to the plan, and from the plan to the actions. Because of that chain, a sequential rulebook answers
// thirteen posts at once and lets the others hang (F63): one runs, eleven are planned, one is in the queue.
type run struct {
	server     *Server
	ctx        context.Context //nolint:containedctx // it is the process's life, which outlives every call
	cancel     context.CancelFunc
	group      sync.WaitGroup
	controller *controller
	monitor    *monitor
	source     chan *event
	ready      chan struct{} // closed once the controller has answered

	// The server's lock guards these.
	plan    []*match
	active  []*match
	backlog []*event // of sources that never wait: event streams
	stopped bool
}

// planned is how many matches may wait before the next event is taken from the queue.
const planned = 10

// event is a source's event.
type event struct {
	uuid   string
	data   object // payload and meta
	fault  EventFault
	record *Event
}

// match is a rule that an event has fired.
type match struct {
	event  *event
	rule   Rule
	ranAt  time.Time
	jobURL string // of a job that is launched and not yet seen to end
}

// kept is what persistence keeps over a restart.
type kept struct {
	matches []*match
	events  []*event
}

// live first requests the controller's config; without an answer, the process ends (eda 12).
func (r *run) live() {
	s := r.server
	s.logf("job_template_runner", "INFO", "Attempting to connect to Controller %s", r.controller.host)
	patient := r.controller.attempts
	r.controller.attempts = 1
	_, err := r.controller.get(r.ctx, r.controller.prefix+"config/")
	r.controller.attempts = patient
	if err != nil {
		if r.ctx.Err() == nil {
			s.logf("cli", "ERROR", "Terminating: %s", err)
			r.end(err)
		}
		return
	}
	close(r.ready)
	r.group.Go(r.feed)
	r.group.Go(r.act)
	r.matchEvents()
}

// end ends a process by itself.
func (r *run) end(err error) {
	s := r.server
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.run == r {
		s.run, s.err = nil, err
	}
	r.stopped = true
	r.cancel()
	s.wake()
}

// put puts an event into the queue, and waits while the queue is full.
func (r *run) put(e *event) error {
	select {
	case <-r.ready:
	case <-r.ctx.Done():
		return r.ctx.Err()
	}
	select {
	case r.source <- e:
		return nil
	case <-r.ctx.Done():
		return r.ctx.Err()
	}
}

// feed passes on the events of event streams.
func (r *run) feed() {
	for {
		var next *event
		if r.server.await(r.ctx, func() bool {
			if len(r.backlog) > 0 {
				next, r.backlog = r.backlog[0], r.backlog[1:]
			}
			return next != nil
		}) != nil {
			return
		}
		if err := r.put(next); err != nil {
			r.server.mu.Lock()
			r.backlog = slices.Insert(r.backlog, 0, next)
			r.server.mu.Unlock()
			return
		}
	}
}

// matchEvents takes events from the queue. A parallel rulebook stops at 25 actions, and checks every second whether one
// has ended (F62). Any rulebook stops while more than ten matches wait (F63).
func (r *run) matchEvents() {
	s := r.server
	for {
		for r.load() >= s.options.MaxConcurrentActions {
			if pause(r.ctx, time.Second) != nil {
				return
			}
		}
		select {
		case <-r.ctx.Done():
			return
		case e := <-r.source:
			r.fire(e)
		}
		if s.await(r.ctx, func() bool { return len(r.plan) <= planned }) != nil {
			return
		}
	}
}

func (r *run) load() int {
	r.server.mu.Lock()
	defer r.server.mu.Unlock()
	return len(r.plan) + len(r.active)
}

// fire plans the rules that the event matches: the first one, unless all may.
func (r *run) fire(e *event) {
	s := r.server
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.wake()
	e.record.State = Unmatched
	for i, rule := range s.book.Rules {
		if rule.Disabled || !matches(s.conditions[i], e.data) {
			continue
		}
		e.record.State, e.record.Rule = Queued, rule.Name
		s.fired++
		r.plan = append(r.plan, &match{event: e, rule: rule})
		if !s.book.MatchMultipleRules {
			return
		}
	}
}

// act runs the planned matches: one after the other, or in parallel.
func (r *run) act() {
	s := r.server
	for {
		var next *match
		if s.await(r.ctx, func() bool {
			if len(r.plan) == 0 || len(r.active) >= s.options.MaxConcurrentActions {
				return false
			}
			next, r.plan = r.plan[0], r.plan[1:]
			r.active = append(r.active, next)
			s.wake()
			return true
		}) != nil {
			return
		}
		if s.book.Parallel {
			r.group.Go(func() { r.perform(next) })
		} else {
			r.perform(next)
		}
	}
}

// perform runs the actions of a match, and keeps its place until the poll has seen the last job end.
func (r *run) perform(m *match) {
	s := r.server
	if err := pause(r.ctx, m.event.fault.Delay); err != nil {
		return
	}
	m.event.fault.Delay = 0
	if m.ranAt.IsZero() {
		m.ranAt = now()
	}
	s.update(m.event, func(e *Event) { e.State, e.Started = Running, m.ranAt })
	for _, a := range m.rule.Actions {
		o, err := r.runAction(m, a)
		if err != nil {
			return // the process ends: nothing is audited
		}
		s.update(m.event, func(e *Event) { e.State, e.Status, e.Message, e.Ended = Ended, o.status, o.message, now() })
		s.audited(m, a, o)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r.active = slices.DeleteFunc(r.active, func(other *match) bool { return other == m })
	s.wake()
}

// launched records the job.
func (m *match) launched(s *Server, job object) {
	m.jobURL = job.text("url")
	s.update(m.event, func(e *Event) { e.Jobs = append(e.Jobs, job.number("id")) })
}

// leave drops the accepted events, or keeps them: unfinished ones first, each with the job that it waits for.
func (r *run) leave() {
	s := r.server
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.wake()
	left := kept{matches: slices.Concat(r.active, r.plan)}
	select {
	case e := <-r.source:
		left.events = append(left.events, e)
	default:
	}
	left.events = append(left.events, r.backlog...)
	if s.options.Persistence {
		s.kept = left
		return
	}
	for _, m := range left.matches {
		if m.event.record.State != Ended && len(m.event.record.Jobs) == 0 {
			m.event.record.State = Lost
		}
	}
	for _, e := range left.events {
		e.record.State = Lost
	}
}
