// Package httpserver listens for the commands that serve a simulated controller, or a proxy in front of one.
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
	// headerTimeout bounds the time for reading a request's headers.
	headerTimeout = 10 * time.Second
	// grace is how long requests in flight may take to be answered at the end: some hang on purpose.
	grace = 3 * time.Second
)

// Server is a listening address, and its handler. Its URL is known before it serves anything.
type Server struct {
	URL string
	// Connection, if it is set before Start, is called with the states of connections.
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

// Start answers the requests with a handler.
func (s *Server) Start(handler http.Handler) {
	s.server = &http.Server{Handler: handler, ReadHeaderTimeout: headerTimeout, ConnState: s.Connection}
	go func() { s.ended <- s.server.Serve(s.listener) }()
}

// Stop finishes the requests in flight, ends those that hang, and waits until nothing is served any more. It takes its
// time even if ctx has ended.
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

// Serve answers requests with a handler until the context ends.
func (s *Server) Serve(ctx context.Context, handler http.Handler) error {
	s.Start(handler)
	select {
	case err := <-s.ended:
		return err
	case <-ctx.Done():
		return s.Stop(ctx)
	}
}
