package eda

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// Options says which Server New makes. The zero value has a webhook without authentication and an empty rulebook.
type Options struct {
	// Controller sends the requests to the controller; nil: http.DefaultTransport. ControllerURL is its address, as for
	// ansible-rulebook: with a path, it is AAP 2.5's gateway, http://aap/api/controller/.
	Controller    http.RoundTripper
	ControllerURL string
	// Token is the token of EDA's own user on the controller; without one, Username and Password are used.
	Token, Username, Password string

	Rulebook Rulebook
	Webhook  Webhook
	Streams  []Stream

	// RefreshDelay is the time between two polls of the jobs (EDA_JOB_TEMPLATE_REFRESH_DELAY); zero: 10 s.
	RefreshDelay time.Duration
	// RetryAttempts is how often a request is tried while the controller is down (EDA_CONTROLLER_RETRY_ATTEMPTS); zero:
	// 5.
	RetryAttempts int
	// MaxConcurrentActions bounds a parallel rulebook; zero: 25.
	MaxConcurrentActions int
	// Persistence keeps accepted events over Stop and Start (F64).
	Persistence bool

	// API describes the EDA server's API.
	API API
}

func (o Options) withDefaults() Options {
	setDefault(&o.ControllerURL, "http://controller/")
	setDefault(&o.RefreshDelay, 10*time.Second)
	setDefault(&o.RetryAttempts, 5)
	setDefault(&o.MaxConcurrentActions, 25)
	o.Webhook = o.Webhook.withDefaults()
	o.API = o.API.withDefaults()
	if o.Controller == nil {
		o.Controller = http.DefaultTransport
	}
	return o
}

func setDefault[T comparable](value *T, usually T) {
	var zero T
	if *value == zero {
		*value = usually
	}
}

// Server is a simulated EDA. All its methods are safe for concurrent use.
type Server struct {
	options Options
	created time.Time
	closed  chan struct{} // ends what hangs

	mu          sync.Mutex
	changed     chan struct{} // closed and replaced whenever something below changes
	book        Rulebook
	conditions  [][]comparison // of the rules
	token       string
	run         *run // nil while it is stopped
	err         error
	ran         bool // it has run, or tried to
	kept        kept
	posts       []*Post
	events      []*Event
	lines       []string
	postFaults  []*PostFault
	eventFaults []*EventFault
	streams     []*stream
	streamIDs   int64
	credentials []*credential
	audit       []*auditRule
	fired       int
}

// errStopped is the error of a rulebook that was stopped.
var errStopped = errors.New("the rulebook is stopped")

// New returns a running EDA. A rulebook that can't start (see Err) refuses connections, as one whose process has ended
// does.
func New(options Options) *Server {
	options = options.withDefaults()
	s := &Server{
		options: options, created: now(), changed: make(chan struct{}), closed: make(chan struct{}), token: options.Token, book: options.Rulebook, err: errStopped,
	}
	s.addOptions()
	if !options.API.Disabled {
		s.Start()
	}
	return s
}

// Start starts the rulebook anew, unless it runs.
func (s *Server) Start() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.run != nil {
		return
	}
	defer s.wake()
	s.conditions, s.ran = nil, true
	for _, rule := range s.book.Rules {
		condition, err := parseCondition(rule.Condition)
		if err != nil {
			s.err = fmt.Errorf("rule %q: %w", rule.Name, err)
			return
		}
		s.conditions = append(s.conditions, condition)
	}
	if s.err = s.options.Webhook.check(); s.err != nil {
		return
	}
	client, err := newController(s.options, s.authorization, s.logf)
	if err != nil {
		s.err = err
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	r := &run{
		server: s, ctx: ctx, cancel: cancel, controller: client, source: make(chan *event, 1), ready: make(chan struct{}),
	}
	r.monitor = &monitor{controller: client, delay: s.options.RefreshDelay, log: s.logf}
	r.plan, r.backlog, s.kept = s.kept.matches, s.kept.events, kept{}
	s.run, s.err = r, nil
	r.group.Go(r.live)
}

// Stop ends the rulebook. Jobs go on unwatched. Events that were accepted but not launched are lost unless there is
// Persistence, whether the rulebook is killed or asked to end: neither drains them (eda 05).
func (s *Server) Stop(kill bool) {
	s.mu.Lock()
	r := s.run
	if r == nil {
		s.mu.Unlock()
		return
	}
	s.run, s.err = nil, errStopped
	r.stopped = true
	r.cancel()
	s.wake()
	s.mu.Unlock()
	r.group.Wait()
	if !kill {
		s.logf("app", "INFO", "Main task cancelled")
	}
	r.leave()
}

// Close ends everything. Posts that hang are cut off.
func (s *Server) Close() {
	s.Stop(true)
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.closed:
	default:
		close(s.closed)
	}
}

// Err returns the reason why the rulebook does not run; nil while it does.
func (s *Server) Err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// SetToken changes EDA's token for the controller, for instance to an unknown one, or to one whose user may not launch
// or see the template.
func (s *Server) SetToken(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.token = token
}

func (s *Server) authorization() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.token != "":
		return "Bearer " + s.token
	case s.options.Username != "":
		return "Basic " + base64.StdEncoding.EncodeToString([]byte(s.options.Username+":"+s.options.Password))
	}
	return ""
}

// wake lets all waits check again.
func (s *Server) wake() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// await waits until the condition holds. It is checked under the lock.
func (s *Server) await(ctx context.Context, met func() bool) error {
	for {
		s.mu.Lock()
		if met() {
			s.mu.Unlock()
			return nil
		}
		changed := s.changed
		s.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// now is the time in microseconds, as Python has it.
func now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000Z") }
