package sandbox

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Conditions are the present state of a controller, or of the proxies in front of it. The zero value is the recorded
// AWX, with answers that take no time.
type Conditions struct {
	// RowsLackArtifacts leaves artifacts out of the rows of lists, as AWX of early 2026 did
	// (https://github.com/ansible/awx/issues/16230).
	RowsLackArtifacts bool `json:"rows_lack_artifacts,omitempty"`
	// RowsLackPayload leaves artifacts and extra_vars out of the rows of lists, unless ?include= names them, as the fork
	// ctrliq/ascender does since July 2026.
	RowsLackPayload bool `json:"rows_lack_payload,omitempty"`
	// PageCap is the most rows of a page, whatever is asked for, if it is below AWX's own 200.
	PageCap int `json:"page_cap,omitempty"`
	// RequestCost is the time of every answer, and RowCost the additional time of each row of a list. A page of 200 rows
	// took 2 s on an idle AWX, and 12 to 20 s on a loaded one.
	RequestCost time.Duration `json:"request_cost,omitempty"`
	RowCost     time.Duration `json:"row_cost,omitempty"`
	// ReplicaLag lets a replica that is so far behind answer GETs: it has no younger jobs, and their states are as old.
	// A purged job is gone from it at once.
	ReplicaLag time.Duration `json:"replica_lag,omitempty"`
	// ClockSkew is how far the controller's clock is ahead, or behind if it is negative.
	ClockSkew time.Duration `json:"clock_skew,omitempty"`
	// ActivityStreamOff stops the recording of launches from now on.
	ActivityStreamOff bool `json:"activity_stream_off,omitempty"`
}

// SetConditions sets the controller's conditions from now on.
func (s *Sandbox) SetConditions(c Conditions) {
	defer s.change()()
	s.conditions = c
}

// Conditions returns the controller's conditions.
func (s *Sandbox) Conditions() Conditions {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.conditions
}

// DisableActivityStream stops the recording of launches from now on, or resumes it.
func (s *Sandbox) DisableActivityStream(disabled bool) {
	defer s.change()()
	s.conditions.ActivityStreamOff = disabled
}

// change takes the lock for a change from outside, after all due events: the change must not alter the past. It returns
// the function that releases the lock.
func (s *Sandbox) change() func() {
	s.mu.Lock()
	s.advance(s.now())
	return s.mu.Unlock
}

// charge waits for the time of an answer, and returns the answer. Behind AAP's gateway, this is Envoy's time-out if the
// time is longer than Envoy waits.
func (s *Sandbox) charge(ctx context.Context, in *incoming, reply *answer) (*answer, error) {
	s.mu.Lock()
	cost := s.conditions.RequestCost + time.Duration(reply.rows)*s.conditions.RowCost
	s.mu.Unlock()
	if s.behindEnvoy(in) && cost > routeLimit {
		return AnswerTimeout.fault().answer(), pause(ctx, routeLimit)
	}
	return reply, pause(ctx, cost)
}

// lag is the age of the state that answers the request.
func (s *Sandbox) lag(method string) time.Duration {
	if method != http.MethodGet && method != http.MethodHead {
		return 0
	}
	return s.conditions.ReplicaLag
}

// sees reports whether the user may read the job, which must not be younger than the shown state.
func (c *call) sees(j *job) bool { return !j.created.After(c.now) && c.user.sees(j) }

// maxPage is the most rows of a page.
func (c *call) maxPage() int {
	if limit := c.conditions.PageCap; limit > 0 {
		return min(limit, maxPage)
	}
	return maxPage
}

// thinned removes from a list's row the fields that rows lack.
func (c *call) thinned(row document) document {
	var lacking []string
	switch {
	case c.conditions.RowsLackPayload:
		included := strings.Split(c.query.Get("include"), ",")
		lacking = slices.DeleteFunc([]string{"artifacts", "extra_vars"}, func(key string) bool { return slices.Contains(included, key) })
	case c.conditions.RowsLackArtifacts:
		lacking = []string{"artifacts"}
	}
	return slices.DeleteFunc(row, func(m member) bool { return slices.Contains(lacking, m.key) })
}

// includes reports whether a query's key brings back what RowsLackPayload removes.
func (c *call) includes(key string) bool { return key == "include" && c.conditions.RowsLackPayload }
