package sandbox

import (
	"context"
	"net/http"
	"regexp"
	"time"
)

// Fault disturbs the requests that it matches. Without Status, Reset and Hang it only delays them.
type Fault struct {
	// Method and Path choose requests; empty: all. Path is a Request's Route, such as "launch", or else a regular
	// expression for the path with its query.
	Method string `json:"method,omitempty"`
	Path   string `json:"path,omitempty"`
	// Skip lets that many matching requests pass first. Times is how many requests are then disturbed, 0: all.
	Skip  int `json:"skip,omitempty"`
	Times int `json:"times,omitempty"`
	// For bounds the fault in time, from the moment when it is set; 0: until it is cleared.
	For time.Duration `json:"for,omitempty"`
	// Answer names an answer of AAP's gateway, or of a proxy around it, that is sent instead.
	Answer Answer `json:"answer,omitempty"`
	// Status, Header and Body are sent instead.
	Status int         `json:"status,omitempty"`
	Header http.Header `json:"header,omitempty"`
	Body   string      `json:"body,omitempty"`
	// Delay precedes the answer. It also precedes the handling of the request unless AfterHandling is set.
	Delay time.Duration `json:"delay,omitempty"`
	// Reset cuts the connection, Hang never answers. Behind AAP's gateway, the client gets a time-out after 30 s.
	Reset bool `json:"reset,omitempty"`
	Hang  bool `json:"hang,omitempty"`
	// AfterHandling carries the request out first: only its answer is delayed, replaced or lost.
	AfterHandling bool `json:"after_handling,omitempty"`
	// Late carries the request out that long after its arrival, whatever the answer, which is 504 unless another is set.
	// A launch's job then gets its id late, or at once with ReserveID: jobs that are made in between have higher ids.
	// Late is not for requests to EDA, which has its own faults.
	Late      time.Duration `json:"late,omitempty"`
	ReserveID bool          `json:"reserve_id,omitempty"`

	path    *regexp.Regexp
	expires time.Time
}

// Fault sets a fault. A path that is not a regular expression matches only as a Route.
func (s *Sandbox) Fault(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f.path, _ = regexp.Compile(f.Path) // nil matches nothing
	if f.Answer != "" {
		canned := f.Answer.fault()
		f.Status, f.Header, f.Body = canned.Status, canned.Header, canned.Body
	}
	if f.For > 0 {
		f.expires = time.Now().Add(f.For)
	}
	s.faults = append(s.faults, &f)
}

// ClearFaults removes all faults. Requests that hang continue to hang.
func (s *Sandbox) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// takeFault returns the first matching fault, and counts the match.
func (s *Sandbox) takeFault(in *incoming, kind string, now time.Time) *Fault {
	for i, f := range s.faults {
		if !f.matches(in, kind, now) {
			continue
		}
		if f.Skip > 0 {
			f.Skip--
			continue
		}
		taken := *f
		if f.Times == 1 {
			s.faults = append(s.faults[:i:i], s.faults[i+1:]...)
		} else if f.Times > 1 {
			f.Times--
		}
		return &taken
	}
	return nil
}

func (f *Fault) matches(in *incoming, kind string, now time.Time) bool {
	if f.Method != "" && f.Method != in.method || !f.expires.IsZero() && now.After(f.expires) {
		return false
	}
	if f.Path == "" || f.Path == kind {
		return true
	}
	target := in.path
	if in.rawQuery != "" {
		target += "?" + in.rawQuery
	}
	return f.path != nil && f.path.MatchString(target)
}

// disturbed answers a request, with the fault if there is one.
func (s *Sandbox) disturbed(ctx context.Context, in *incoming, logged *Request, f *Fault) (*answer, error) {
	if f == nil {
		return s.serve(ctx, in, logged)
	}
	var reply *answer
	var err error
	if f.Late > 0 {
		s.postpone(in, f)
	}
	if f.AfterHandling {
		if reply, err = s.serve(ctx, in, logged); err != nil {
			return nil, err
		}
	}
	if s.outlasts(in, f) {
		return s.timeOut(ctx, in, logged, f)
	}
	if err := pause(ctx, f.Delay); err != nil {
		return nil, err
	}
	switch {
	case f.Hang:
		<-ctx.Done()
		return nil, ctx.Err()
	case f.Reset:
		return nil, errCut
	case f.Status != 0:
		return f.answer(), nil
	case reply == nil:
		return s.serve(ctx, in, logged)
	}
	return reply, nil
}

// postpone carries a request out later, without an answer.
func (s *Sandbox) postpone(in *incoming, f *Fault) {
	defer s.change()()
	reserved := s.nextJob
	if f.ReserveID {
		s.nextJob++
	}
	s.schedule(s.now().Add(f.Late), func(at time.Time) {
		if f.ReserveID {
			next := s.nextJob
			s.nextJob = reserved
			defer func() { s.nextJob = max(next, s.nextJob) }()
		}
		s.answerAt(in, &Request{Time: at, Method: in.method, Path: in.path}, at)
	})
	switch {
	case f.Status != 0 || f.Reset || f.Hang:
	case s.behindEnvoy(in):
		canned := AnswerTimeout.fault()
		f.Status, f.Header, f.Body = canned.Status, canned.Header, canned.Body
	default:
		f.Status = http.StatusGatewayTimeout
	}
}

func (f *Fault) answer() *answer {
	header := f.Header.Clone()
	if header == nil {
		header = http.Header{}
	}
	if header.Get("Content-Type") == "" && f.Body != "" {
		header.Set("Content-Type", "application/json")
	}
	return &answer{status: f.Status, header: header, body: []byte(f.Body)}
}

// pause waits, without holding any lock.
func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Down refuses every connection for that long, or until Up if it is zero.
func (s *Sandbox) Down(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down, s.downUntil = true, time.Time{}
	if d > 0 {
		s.downUntil = time.Now().Add(d)
	}
}

// Up ends Down.
func (s *Sandbox) Up() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down = false
}

func (s *Sandbox) isDown(now time.Time) bool {
	return s.down && (s.downUntil.IsZero() || now.Before(s.downUntil))
}
