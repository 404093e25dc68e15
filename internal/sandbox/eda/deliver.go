package eda

import (
	"crypto/rand"
	"fmt"
	"slices"
)

// newEvent makes an event from a post, with the meta data that ansible-rulebook adds (eda 01, 24).
func (s *Server) newEvent(payload any, meta object, sourceName, sourceType string, fault EventFault) *event {
	uuid, received := randomUUID(), now()
	meta = append(slices.Clip(meta),
		member{"source", object{{"name", sourceName}, {"type", sourceType}}},
		member{"received_at", stamp(received)}, member{"uuid", uuid})
	record := &Event{UUID: uuid, Source: sourceName, Received: received, State: Accepted}
	s.events = append(s.events, record)
	return &event{uuid: uuid, data: object{{"payload", payload}, {"meta", meta}}, fault: fault, record: record}
}

// accept makes the events of a post, and returns the event that the client must wait for, if any.
func (s *Server) accept(r *run, post *Post, waits bool, payload any, meta object, sourceName, sourceType string) *event {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.wake()
	fault := s.takeEventFault()
	e := s.newEvent(payload, meta, sourceName, sourceType, fault)
	post.Event = e.uuid
	switch {
	case fault.Drop:
		e.record.State = Dropped
		return nil
	case r == nil || r.stopped: // an event stream that nobody listens to (eda 22)
		e.record.State = Lost
		return nil
	}
	if !waits {
		r.backlog = append(r.backlog, e)
	}
	if fault.Duplicate {
		r.backlog = append(r.backlog, s.newEvent(payload, meta, sourceName, sourceType, fault))
	}
	if waits {
		return e
	}
	return nil
}

func randomUUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
