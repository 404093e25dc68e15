package eda

import (
	"slices"
	"time"
)

// PostFault disturbs posts to the webhook and to event streams.
type PostFault struct {
	// Skip lets that many posts pass first. Times is how many are then disturbed, 0: all.
	Skip  int `json:"skip,omitempty"`
	Times int `json:"times,omitempty"`
	// Status and Body are sent instead.
	Status int    `json:"status,omitempty"`
	Body   string `json:"body,omitempty"`
	// Delay precedes the answer.
	Delay time.Duration `json:"delay,omitempty"`
	// Reset cuts the connection, Hang never answers.
	Reset bool `json:"reset,omitempty"`
	Hang  bool `json:"hang,omitempty"`
	// AfterAccepting accepts the event first: only its answer is replaced or lost.
	AfterAccepting bool `json:"after_accepting,omitempty"`
}

// EventFault disturbs accepted events.
type EventFault struct {
	Skip  int `json:"skip,omitempty"`
	Times int `json:"times,omitempty"`
	// Delay precedes the start of its actions.
	Delay time.Duration `json:"delay,omitempty"`
	// Duplicate delivers it twice, each with an id of its own; Drop does not deliver it.
	Duplicate bool `json:"duplicate,omitempty"`
	Drop      bool `json:"drop,omitempty"`
	// OmitVars are top-level extra vars that the rulebook does not pass on, for instance because it was written without
	// osac_job_vars.
	OmitVars []string `json:"omit_vars,omitempty"`
}

// FaultPosts disturbs posts.
func (s *Server) FaultPosts(f PostFault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.postFaults = append(s.postFaults, &f)
}

// FaultEvents disturbs events.
func (s *Server) FaultEvents(f EventFault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.eventFaults = append(s.eventFaults, &f)
}

// DelayNext delays the actions of the next events.
func (s *Server) DelayNext(events int, delay time.Duration) {
	s.FaultEvents(EventFault{Times: events, Delay: delay})
}

// DuplicateNext delivers the next event twice.
func (s *Server) DuplicateNext() { s.FaultEvents(EventFault{Times: 1, Duplicate: true}) }

// DropNext does not deliver the next event, which is accepted all the same.
func (s *Server) DropNext() { s.FaultEvents(EventFault{Times: 1, Drop: true}) }

// OmitVars simulates a rulebook that does not pass on these top-level extra vars.
func (s *Server) OmitVars(names ...string) { s.FaultEvents(EventFault{OmitVars: names}) }

// DisableRule switches a rule off, or on again.
func (s *Server) DisableRule(name string, disabled bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.book.Rules = slices.Clone(s.book.Rules)
	for i := range s.book.Rules {
		if s.book.Rules[i].Name == name {
			s.book.Rules[i].Disabled = disabled
		}
	}
}

// ClearFaults removes all faults. Posts that hang continue to hang; disabled rules stay disabled.
func (s *Server) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.postFaults, s.eventFaults = nil, nil
}

func (s *Server) takePostFault() PostFault {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, f := range s.postFaults {
		if f.Skip > 0 {
			f.Skip--
			continue
		}
		taken := *f
		if f.Times == 1 {
			s.postFaults = slices.Delete(s.postFaults, i, i+1)
		} else if f.Times > 1 {
			f.Times--
		}
		return taken
	}
	return PostFault{}
}

// takeEventFault combines the faults of the next event.
func (s *Server) takeEventFault() EventFault {
	var sum EventFault
	s.eventFaults = slices.DeleteFunc(s.eventFaults, func(f *EventFault) bool {
		if f.Skip > 0 {
			f.Skip--
			return false
		}
		sum.Delay += f.Delay
		sum.Duplicate = sum.Duplicate || f.Duplicate
		sum.Drop = sum.Drop || f.Drop
		sum.OmitVars = append(sum.OmitVars, f.OmitVars...)
		f.Times--
		return f.Times == 0
	})
	return sum
}
