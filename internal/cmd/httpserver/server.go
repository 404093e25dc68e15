// Package httpserver listens for the commands that serve a simulated controller, or something that stands before one.
package httpserver

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"
)

const (
	// Loopback is the address of a free port of this machine.
	Loopback = "127.0.0.1:0"
	// headerTimeout bounds how long a client may take for a request's head.
	headerTimeout = 10 * time.Second
	// grace is how long requests that are on their way may take to be answered in the end: some hang on purpose.
	grace = 3 * time.Second
)

// Server is an address that is listened at, and what is served there. Its URL is known before anything is.
type Server struct {
	URL string
	// Connection, where it is set before Start, is told of the states that connections come to.
	Connection func(net.Conn, http.ConnState)

	listener net.Listener
	server   *http.Server
	ended    chan error
}

// Listen listens at an address. Requests wait for Start.
func Listen(ctx context.Context, address string) (*Server, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	return &Server{URL: "http://" + listener.Addr().String(), listener: listener, ended: make(chan error, 1)}, nil
}

// Start has a handler answer the requests.
func (s *Server) Start(handler http.Handler) {
	s.server = &http.Server{Handler: handler, ReadHeaderTimeout: headerTimeout, ConnState: s.Connection}
	go func() { s.ended <- s.server.Serve(s.listener) }()
}

// Stop finishes the requests that are on their way, ends those that hang, and waits until nothing is served any more. It
// has its time although ctx may have ended.
func (s *Server) Stop(ctx context.Context) error {
	if s.server == nil {
		return s.listener.Close()
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	err := s.server.Shutdown(ctx)
	if err != nil {
		err = s.server.Close()
	}
	if served := <-s.ended; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

// Serve has a handler answer requests until the context ends.
func (s *Server) Serve(ctx context.Context, handler http.Handler) error {
	s.Start(handler)
	select {
	case err := <-s.ended:
		return err
	case <-ctx.Done():
		return s.Stop(ctx)
	}
}
