package eda

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
)

// cut ends a connection without an answer: by a reset if there is a network.
func cut(w http.ResponseWriter) {
	if hijacker, ok := w.(http.Hijacker); ok {
		if connection, _, err := hijacker.Hijack(); err == nil {
			if wrapper, ok := connection.(*tls.Conn); ok {
				connection = wrapper.NetConn()
			}
			if tcp, ok := connection.(*net.TCPConn); ok {
				_ = tcp.SetLinger(0) // then Close resets
			}
			_ = connection.Close() // it is to break
			return
		}
	}
	panic(http.ErrAbortHandler)
}

// WebhookTransport passes requests to the webhook in memory, without a network: for tests in testing/synctest.
func (s *Server) WebhookTransport() http.RoundTripper {
	return memory{s, s.WebhookHandler(), func() bool { return s.Err() != nil }}
}

// APITransport does the same for the API and the event streams.
func (s *Server) APITransport() http.RoundTripper {
	return memory{s, s.APIHandler(), func() bool { return false }}
}

type memory struct {
	server  *Server
	handler http.Handler
	refuses func() bool
}

// RoundTrip lets the handler answer in a goroutine of its own, which continues when the client leaves.
func (m memory) RoundTrip(r *http.Request) (*http.Response, error) {
	var content []byte
	if r.Body != nil {
		var err error
		content, err = io.ReadAll(r.Body)
		_ = r.Body.Close() // it is read
		if err != nil {
			return nil, err
		}
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	if m.refuses() {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	}
	served := r.Clone(r.Context())
	served.Body = io.NopCloser(bytes.NewReader(content))
	if served.Host == "" {
		served.Host = r.URL.Host
	}
	if agents, given := served.Header["User-Agent"]; !given {
		served.Header.Set("User-Agent", "Go-http-client/1.1") // as Go's transport does
	} else if len(agents) == 0 || agents[0] == "" {
		served.Header.Del("User-Agent")
	}
	served.RemoteAddr = "127.0.0.1:1"
	w := &written{header: http.Header{}, done: make(chan error, 1)}
	go w.serve(m.handler, served)
	select {
	case err := <-w.done:
		if err != nil {
			return nil, &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)}
		}
		return w.response(r), nil
	case <-r.Context().Done():
		return nil, context.Cause(r.Context())
	}
}

// written collects an answer.
type written struct {
	header http.Header
	status int
	reason string
	body   bytes.Buffer
	done   chan error
}

func (w *written) serve(handler http.Handler, r *http.Request) {
	defer func() {
		if cause := recover(); cause != nil {
			if err, ok := cause.(error); !ok || !errors.Is(err, http.ErrAbortHandler) {
				panic(cause)
			}
			w.done <- errCut
		}
	}()
	handler.ServeHTTP(w, r)
	w.done <- nil
}

func (w *written) Header() http.Header { return w.header }

func (w *written) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
}

func (w *written) Write(content []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.body.Write(content)
}

func (w *written) setReason(reason string) { w.reason = reason }

func (w *written) response(r *http.Request) *http.Response {
	w.WriteHeader(http.StatusOK)
	body := w.body.String()
	if r.Method == http.MethodHead {
		body = ""
	}
	reason := w.reason
	if reason == "" {
		reason = http.StatusText(w.status)
	}
	return &http.Response{
		Status: fmt.Sprintf("%d %s", w.status, reason), StatusCode: w.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: w.header, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)), Request: r,
	}
}
