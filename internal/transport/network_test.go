package transport

import (
	"compress/gzip"
	"crypto/tls"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// These tests use real connections, because they are about net/http's own behaviour.

func TestRedirects(t *testing.T) {
	t.Parallel()
	var elsewhereAsked atomic.Bool
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhereAsked.Store(true) }))
	defer elsewhere.Close()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/jobs", "/cancel":
			http.Redirect(w, r, r.URL.Path+"/?"+r.URL.RawQuery, http.StatusMovedPermanently)
		case "/jobs/":
			_, _ = w.Write([]byte(r.Header.Get("Authorization") + r.URL.RawQuery))
		case "/away":
			http.Redirect(w, r, elsewhere.URL+"/login", http.StatusFound)
		case "/circle":
			http.Redirect(w, r, "/circle", http.StatusFound)
		default:
			t.Errorf("%s %s was asked for", r.Method, r.URL)
		}
	}))
	defer server.Close()
	c := newTestClient(t, Settings{})
	ask := func(method, path string) (*Response, error) {
		return c.Do(deadline(t, 20*time.Second), Request{
			Method: method, URL: server.URL + path, Header: http.Header{"Authorization": {"Bearer t"}},
		})
	}
	if got, err := ask("GET", "/jobs?id=1"); err != nil || string(got.Body) != "Bearer tid=1" {
		t.Errorf("same host: %v, %v", got, err)
	}
	for path, method := range map[string]string{"/away": "GET", "/circle": "GET", "/cancel": "POST"} {
		_, err := ask(method, path)
		if !errors.Is(err, ErrRedirect) || errors.Is(err, ErrOutcomeUnknown) {
			t.Errorf("%s: %v", path, err)
		}
		want := map[string]string{"/away": elsewhere.URL + "/login", "/circle": "/circle", "/cancel": server.URL + "/cancel/"}[path]
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v does not name %s", path, err, want)
		}
	}
	if elsewhereAsked.Load() {
		t.Error("the other host was asked")
	}
}

func TestCertificates(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		_, _ = w.Write([]byte(r.Proto))
	}))
	server.EnableHTTP2 = true
	server.Config.ErrorLog = nil
	server.StartTLS()
	defer server.Close()
	authority := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))

	for name, settings := range map[string]Settings{"ca": {CACertificate: authority}, "insecure": {InsecureSkipVerify: true}} {
		c := newTestClient(t, settings)
		got, err := c.Do(deadline(t, 20*time.Second), Request{Method: "GET", URL: server.URL})
		if err != nil || string(got.Body) != "HTTP/2.0" {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	asked.Store(0)
	for _, method := range []string{"GET", "POST"} {
		began := time.Now()
		_, err := newTestClient(t, Settings{}).Do(deadline(t, 20*time.Second), Request{Method: method, URL: server.URL})
		if !errors.Is(err, ErrCertificate) || errors.Is(err, ErrOutcomeUnknown) ||
			!strings.Contains(err.Error(), "ca_certificate") || !strings.Contains(err.Error(), "insecure_skip_verify") {
			t.Errorf("%s: %v", method, err)
		}
		if time.Since(began) > 10*time.Second || asked.Load() != 0 {
			t.Errorf("%s: it was retried", method)
		}
	}
	otherName := strings.Replace(server.URL, "127.0.0.1", "localhost", 1)
	_, err := newTestClient(t, Settings{CACertificate: authority}).Do(deadline(t, 20*time.Second), Request{Method: "GET", URL: otherName})
	if !errors.Is(err, ErrCertificate) {
		t.Errorf("wrong name: %v", err)
	}
	if _, err := New(Settings{CACertificate: "/etc/ca.pem"}); err == nil || !strings.Contains(err.Error(), "file(") {
		t.Errorf("a file's name: %v", err)
	}
}

// TestOldTLS refuses, at once, servers that have nothing newer than TLS 1.1.
func TestOldTLS(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	for _, method := range []string{"GET", "POST"} {
		_, err := newTestClient(t, Settings{InsecureSkipVerify: true}).Do(deadline(t, 20*time.Second), Request{Method: method, URL: server.URL})
		var failed *Error
		if !errors.Is(err, ErrTLSVersion) || errors.Is(err, ErrOutcomeUnknown) || !errors.As(err, &failed) || failed.Attempts != 1 {
			t.Errorf("%s: %v", method, err)
		}
	}
}

// TestConnectionsAreKept guards net/http's defaults: one connection for many requests, and compression.
func TestConnectionsAreKept(t *testing.T) {
	t.Parallel()
	var connections atomic.Int32
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept-Encoding") != "gzip" {
			t.Errorf("Accept-Encoding is %q", r.Header.Get("Accept-Encoding"))
		}
		w.Header().Set("Content-Encoding", "gzip")
		packer := gzip.NewWriter(w)
		_, _ = packer.Write([]byte("unpacked"))
		_ = packer.Close()
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	c := newTestClient(t, Settings{})
	for range 5 {
		got, err := c.Do(deadline(t, 20*time.Second), Request{Method: "GET", URL: server.URL})
		if err != nil || string(got.Body) != "unpacked" {
			t.Fatal(got, err)
		}
	}
	if connections.Load() != 1 {
		t.Errorf("%d connections", connections.Load())
	}
}

func TestNoTLSThere(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	c := newTestClient(t, Settings{})
	_, err := c.Do(deadline(t, 20*time.Second), Request{Method: "GET", URL: strings.Replace(server.URL, "http:", "https:", 1)})
	if !errors.Is(err, http.ErrSchemeMismatch) || !strings.Contains(err.Error(), "does not speak TLS") {
		t.Errorf("error %v", err)
	}
}

func TestRealConnections(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := "http://" + listener.Addr().String()
	_ = listener.Close()
	c := newTestClient(t, Settings{})
	_, err = c.Do(deadline(t, 2*time.Second), Request{Method: "POST", URL: closed, Body: []byte("{}")})
	var failed *Error
	if !errors.As(err, &failed) || failed.OutcomeUnknown || failed.Attempts < 2 || !strings.Contains(err.Error(), "connection refused") {
		t.Errorf("refused: %v", err)
	}

	broken := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/half" {
			w.Header().Set("Content-Length", "100")
			w.WriteHeader(http.StatusCreated)
			_, _ = w.Write([]byte(`{"id":`))
		}
		panic(http.ErrAbortHandler)
	}))
	defer broken.Close()
	for _, path := range []string{"/", "/half"} {
		_, err = c.Do(deadline(t, 5*time.Second), Request{Method: "POST", URL: broken.URL + path, Body: []byte("{}")})
		if !errors.As(err, &failed) || !failed.OutcomeUnknown || failed.Attempts != 1 {
			t.Errorf("%s: %v", path, err)
		}
	}
}
