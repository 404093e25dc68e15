package eda

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// Post is one request to the webhook or to an event stream, as it was received.
type Post struct {
	Time   time.Time   `json:"time"`
	Source string      `json:"source"` // webhook, or the event stream's name
	Method string      `json:"method"`
	Path   string      `json:"path"`
	Header http.Header `json:"header"`
	Body   string      `json:"body"`
	// Status is 0 while the post hangs, or if the connection was cut.
	Status   int       `json:"status"`
	Answered time.Time `json:"answered"`
	// Event is the uuid of the post's event; empty if the post was refused.
	Event string `json:"event"`
}

// States of an Event.
const (
	Accepted  = "accepted"  // in the queue of the rulebook, or of a post that hangs
	Unmatched = "unmatched" // no rule fired
	Queued    = "queued"    // a rule has fired, its actions wait
	Running   = "running"   // until the poll sees the job end
	Ended     = "ended"
	Dropped   = "dropped" // by a fault
	Lost      = "lost"    // with the process
)

// Event is an accepted post's event.
type Event struct {
	UUID     string    `json:"uuid"`
	Source   string    `json:"source"`
	Received time.Time `json:"received"`
	State    string    `json:"state"`
	Rule     string    `json:"rule"` // that fired
	Jobs     []int64   `json:"jobs"` // that were launched, by id
	Started  time.Time `json:"started"`
	Ended    time.Time `json:"ended"`
	// Status and Message are those of the last action, as in rule audit.
	Status  string `json:"status"`
	Message string `json:"message"`
}

// Requests returns the log of all posts, oldest first.
func (s *Server) Requests() []Post {
	s.mu.Lock()
	defer s.mu.Unlock()
	result := make([]Post, len(s.posts))
	for i, post := range s.posts {
		result[i] = *post
	}
	return result
}

// ClearRequests empties the log of posts.
func (s *Server) ClearRequests() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.posts = nil
}

// Events returns all events, oldest first.
func (s *Server) Events() []Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	result := make([]Event, len(s.events))
	for i, e := range s.events {
		result[i] = e.copy()
	}
	return result
}

func (e *Event) copy() Event {
	result := *e
	result.Jobs = append([]int64{}, e.Jobs...)
	return result
}

// WaitForEvent waits for an event that meets the condition.
func (s *Server) WaitForEvent(ctx context.Context, met func(Event) bool) (Event, error) {
	var found Event
	err := s.await(ctx, func() bool {
		for _, e := range s.events {
			if found = e.copy(); met(found) {
				return true
			}
		}
		return false
	})
	return found, err
}

// Log returns the lines that ansible-rulebook has logged.
func (s *Server) Log() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string{}, s.lines...)
}

// logf writes a line in ansible-rulebook's form (eda 05).
func (s *Server) logf(logger, level, format string, arguments ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := time.Now().UTC()
	s.lines = append(s.lines, fmt.Sprintf("%s,%03d - ansible_rulebook.%s - %s - %s",
		at.Format("2006-01-02 15:04:05"), at.Nanosecond()/1e6, logger, level, fmt.Sprintf(format, arguments...)))
}

// receive logs a post.
func (s *Server) receive(source string, r *http.Request, body []byte) *Post {
	s.mu.Lock()
	defer s.mu.Unlock()
	post := &Post{
		Time: time.Now(), Source: source, Method: r.Method, Path: r.URL.RequestURI(), Header: r.Header.Clone(), Body: string(body),
	}
	s.posts = append(s.posts, post)
	s.wake()
	return post
}

// answered logs the answer to a post.
func (s *Server) answered(post *Post, status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	post.Status, post.Answered = status, time.Now()
	s.wake()
}

func (s *Server) update(e *event, change func(*Event)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(e.record)
	s.wake()
}
