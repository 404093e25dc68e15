package sandbox

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Conditions are what a controller, or what stands before it, is like at the moment. The zero value is the recorded AWX,
// without what its answers cost.
type Conditions struct {
	// RowsLackArtifacts leaves artifacts out of the rows of lists, as AWX of early 2026 did
	// (https://github.com/ansible/awx/issues/16230).
	RowsLackArtifacts bool `json:"rows_lack_artifacts,omitempty"`
	// RowsLackPayload leaves artifacts and extra_vars out of the rows of lists, unless ?include= names them, as the fork
	// ctrliq/ascender does since July 2026.
	RowsLackPayload bool `json:"rows_lack_payload,omitempty"`
	// PageCap is the most rows that a page has, whatever is asked for, where it is below AWX's own 200.
	PageCap int `json:"page_cap,omitempty"`
	// RequestCost is what every answer takes, and RowCost what each row of a list takes besides. A page of 200 rows took
	// 2 s of an idle AWX, and 12 to 20 s of a loaded one.
	RequestCost time.Duration `json:"request_cost,omitempty"`
	RowCost     time.Duration `json:"row_cost,omitempty"`
	// ReplicaLag has GETs answered by a replica that is so far behind: it has no younger jobs, and their states are as old.
	// What was purged is gone from it at once.
	ReplicaLag time.Duration `json:"replica_lag,omitempty"`
	// ClockSkew is how far the controller's clock is ahead, or behind where it is negative.
	ClockSkew time.Duration `json:"clock_skew,omitempty"`
	// ActivityStreamOff stops the recording of what is launched from now on.
	ActivityStreamOff bool `json:"activity_stream_off,omitempty"`
}

// SetConditions sets what the controller is like from now on.
func (s *Sandbox) SetConditions(c Conditions) {
	defer s.change()()
	s.conditions = c
}

// Conditions returns what the controller is like.
func (s *Sandbox) Conditions() Conditions {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.conditions
}

// DisableActivityStream stops the recording of what is launched from now on, or resumes it.
func (s *Sandbox) DisableActivityStream(disabled bool) {
	defer s.change()()
	s.conditions.ActivityStreamOff = disabled
}

// change takes the lock for a change from outside, once everything has happened that is due: it must not change the past.
// It returns what gives the lock back.
func (s *Sandbox) change() func() {
	s.mu.Lock()
	s.advance(s.now())
	return s.mu.Unlock
}

// charge takes the time that an answer costs, and returns what is answered then: behind AAP's gateway Envoy's time-out
// where it costs more than Envoy waits.
func (s *Sandbox) charge(ctx context.Context, in *incoming, reply *answer) (*answer, error) {
	s.mu.Lock()
	cost := s.conditions.RequestCost + time.Duration(reply.rows)*s.conditions.RowCost
	s.mu.Unlock()
	if s.behindEnvoy(in) && cost > routeLimit {
		return AnswerTimeout.fault().answer(), pause(ctx, routeLimit)
	}
	return reply, pause(ctx, cost)
}

// lag is how old the state is that the request is answered from.
func (s *Sandbox) lag(method string) time.Duration {
	if method != http.MethodGet && method != http.MethodHead {
		return 0
	}
	return s.conditions.ReplicaLag
}

// sees reports whether the user may read the job, which must not be younger than the state that is shown.
func (c *call) sees(j *job) bool { return !j.created.After(c.now) && c.user.sees(j) }

// maxPage is the most rows that a page has.
func (c *call) maxPage() int {
	if limit := c.conditions.PageCap; limit > 0 {
		return min(limit, maxPage)
	}
	return maxPage
}

// thinned leaves out of a list's row what the rows lack.
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

// includes reports whether the key of a query is the one that RowsLackPayload brings.
func (c *call) includes(key string) bool { return key == "include" && c.conditions.RowsLackPayload }
