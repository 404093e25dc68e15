package sandbox

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Limits of the part of a request that is read and logged.
const (
	bodyLimit = 8 << 20
	logLimit  = 64 << 10
)

// Request is one request as the controller saw it.
type Request struct {
	Time   time.Time `json:"time"`
	Method string    `json:"method"`
	Path   string    `json:"path"`
	Query  string    `json:"query,omitempty"`
	// Route is the kind of request, and "" for an unknown path. POSTs: "launch", "cancel", "relaunch", "create label",
	// "create token", "create user", "grant role", "create template". Others: "ping", "root", "version root", "me", "config", "settings", "templates", "template",
	// "launch form", "survey", "template jobs", "jobs list", "workflow jobs list", "unified jobs list", "job",
	// "workflow job", "nodes", "cancel form", "relaunch form", "events", "host summaries", "stdout",
	// "activity", "job activity", "labels", "users", "tokens", "organizations", "login" ...
	// AAP's gateway: "gateway root", "gateway ping", "gateway tokens", "create gateway token", "eda", "event stream" ...
	Route string `json:"route"`
	// Status is 0 until the request is answered, and stays 0 if no answer is sent: see Fault.
	Status   int           `json:"status"`
	User     string        `json:"user,omitempty"`
	Body     string        `json:"body,omitempty"`
	Duration time.Duration `json:"duration"`
	// Size is the length of the answer's body in bytes, and Rows the number of a list's rows in it.
	Size   int         `json:"size"`
	Rows   int         `json:"rows"`
	Header http.Header `json:"-"`
	// Answered reports whether the sandbox is done with the request.
	Answered bool `json:"answered"`

	// ended are jobs whose end no answer had shown before.
	ended []*job
}

// incoming is a request on its way through the sandbox.
type incoming struct {
	method, path, rawQuery string
	host                   string
	secure                 bool // TLS
	header                 http.Header
	body                   []byte
	// direct is set for a request to the controller's own host, without AAP's gateway.
	direct bool
}

// answer is an HTTP answer.
type answer struct {
	status int
	header http.Header
	body   []byte
	rows   int // of a list
}

// errRefused and errCut mean a connection that is not accepted, and one that is cut.
var (
	errRefused = errors.New("connection refused")
	errCut     = errors.New("connection cut")
)

// ServeHTTP serves the API, and the sandbox's own pages under /sandbox/.
func (s *Sandbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// A browser requests an icon by itself; that is no request to the API.
	if r.URL.Path == "/" || r.URL.Path == "/favicon.ico" || strings.HasPrefix(r.URL.Path, "/sandbox") {
		s.serveAdmin(w, r)
		return
	}
	s.serveAPI(w, r, false)
}

// serveAPI serves the API, or the API of a controller's own host if the request came without the gateway.
func (s *Sandbox) serveAPI(w http.ResponseWriter, r *http.Request, direct bool) {
	in, err := read(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
		return
	}
	in.direct = direct
	reply, err := s.exchange(r.Context(), in)
	if err != nil {
		cut(w)
		return
	}
	maps.Copy(w.Header(), reply.header)
	w.Header().Set("Date", s.date())
	w.Header().Set("Content-Length", strconv.Itoa(len(reply.body)))
	w.WriteHeader(reply.status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(reply.body) // the client may be gone
	}
}

// cut closes the connection with a reset, so that the client sees an error and no answer.
func cut(w http.ResponseWriter) {
	if hijacker, ok := w.(http.Hijacker); ok {
		if connection, _, err := hijacker.Hijack(); err == nil {
			if wrapper, ok := connection.(interface{ NetConn() net.Conn }); ok {
				connection = wrapper.NetConn()
			}
			if tcp, ok := connection.(*net.TCPConn); ok {
				_ = tcp.SetLinger(0) // then Close resets
			}
			_ = connection.Close()
			return
		}
	}
	panic(http.ErrAbortHandler)
}

func read(r *http.Request) (*incoming, error) {
	in := &incoming{
		method: r.Method, path: r.URL.Path, rawQuery: r.URL.RawQuery, header: r.Header, host: cmp.Or(r.Host, r.URL.Host),
		secure: r.TLS != nil || r.URL.Scheme == "https",
	}
	if r.Body == nil {
		return in, nil
	}
	defer func() { _ = r.Body.Close() }() // nothing is lost
	body, err := io.ReadAll(io.LimitReader(r.Body, bodyLimit+1))
	if err != nil {
		return nil, err
	}
	if len(body) > bodyLimit {
		return nil, errors.New("request body too large")
	}
	in.body = body
	return in, nil
}

// exchange logs a request, applies its faults, and answers.
func (s *Sandbox) exchange(ctx context.Context, in *incoming) (*answer, error) {
	logged, fault, refused := s.receive(in)
	if refused {
		return nil, errRefused
	}
	reply, err := s.disturbed(ctx, in, logged, fault)
	if err == nil {
		reply, err = s.charge(ctx, in, reply)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	logged.Answered = true
	logged.Duration = time.Since(logged.Time)
	if err == nil {
		logged.Status, logged.Size, logged.Rows = reply.status, len(reply.body), reply.rows
		logged.notice(time.Now())
	}
	s.wake()
	return reply, err
}

// date is the Date header, by the controller's clock.
func (s *Sandbox) date() string {
	return time.Now().Add(s.Conditions().ClockSkew).UTC().Format(http.TimeFormat)
}

// notice records when the ends of jobs became known, unless a fault has replaced the answer.
func (r *Request) notice(now time.Time) {
	for _, j := range r.ended {
		if j.noticed.IsZero() && r.Status == http.StatusOK {
			j.noticed = now
		}
	}
	r.ended = nil
}

// receive logs the request and chooses its fault.
func (s *Sandbox) receive(in *incoming) (*Request, *Fault, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if s.isDown(now) {
		return nil, nil, true
	}
	found, _ := s.match(in)
	kind := s.edaRoute(in)
	if found != nil {
		kind = found.kind(in.method)
	}
	logged := &Request{
		Time: now, Method: in.method, Path: in.path, Query: in.rawQuery, Route: kind, Header: in.header.Clone(),
		Body: string(in.body[:min(len(in.body), logLimit)]),
	}
	s.requests = append(s.requests, logged)
	s.wake()
	return logged, s.takeFault(in, kind, now), false
}

// Requests returns the log of all API requests, oldest first.
func (s *Sandbox) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	result := make([]Request, len(s.requests))
	for i, logged := range s.requests {
		result[i] = *logged
	}
	return result
}

// ClearRequests empties the log.
func (s *Sandbox) ClearRequests() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = nil
}

// RoundTripper returns a transport that passes requests to the sandbox in memory, without a network: for tests in
// testing/synctest. A connection that is cut or refused gives a network's errors.
func (s *Sandbox) RoundTripper() http.RoundTripper { return roundTripper{s, false} }

type roundTripper struct {
	sandbox *Sandbox
	direct  bool
}

// RoundTrip answers the request in the caller's goroutine.
func (t roundTripper) RoundTrip(r *http.Request) (*http.Response, error) {
	in, err := read(r)
	if err != nil {
		return nil, err
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	in.direct = t.direct
	reply, err := t.sandbox.exchange(r.Context(), in)
	switch {
	case errors.Is(err, errRefused):
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	case errors.Is(err, errCut):
		return nil, &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)}
	case err != nil:
		return nil, err
	}
	reply.header.Set("Date", t.sandbox.date())
	body := reply.body
	if r.Method == http.MethodHead {
		body = nil
	}
	return &http.Response{
		Status: http.StatusText(reply.status), StatusCode: reply.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: reply.header, Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)), Request: r,
	}, nil
}
