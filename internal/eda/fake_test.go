package eda

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/transport"
)

// reply is an answer of a server in memory. err breaks the connection, hang never answers, and after delays the answer.
type reply struct {
	status int
	header http.Header
	body   string
	err    error
	hang   bool
	after  time.Duration
}

// request is a request to a server in memory.
type request struct {
	method, url, body string
	header            http.Header
	at                time.Time
}

// server answers in memory, request by request; the last reply of a list repeats.
type server struct {
	mu     sync.Mutex
	answer func(request) reply
	sent   []request
}

func replies(all ...reply) *server {
	s := &server{}
	s.answer = func(request) reply { return all[min(len(s.sent), len(all))-1] }
	return s
}

func (s *server) RoundTrip(req *http.Request) (*http.Response, error) {
	body := ""
	if req.Body != nil {
		read, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		body = string(read)
	}
	now := s.take(request{req.Method, req.URL.String(), body, req.Header.Clone(), time.Now()})
	if now.after > 0 {
		select {
		case <-time.After(now.after):
		case <-req.Context().Done():
			return nil, req.Context().Err()
		}
	}
	if now.hang {
		<-req.Context().Done()
		return nil, req.Context().Err()
	}
	if now.err != nil {
		return nil, now.err
	}
	header := now.header
	if header == nil {
		header = http.Header{}
	}
	return &http.Response{StatusCode: now.status, Header: header, Body: io.NopCloser(strings.NewReader(now.body)), Request: req}, nil
}

func (s *server) take(r request) reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sent = append(s.sent, r)
	return s.answer(r)
}

func (s *server) requests() []request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]request(nil), s.sent...)
}

const (
	webhookAddress = "http://eda.example:5000/create-compute-instance"
	streamAddress  = "https://aap.example/eda-event-streams/api/eda/v1/external_event_stream/bda19b89-a64c-4c0d-9d9d-bcdc79737ee6/post/"
	event          = `{"metadata":{"name":"vm-x"},"spec":{"userData":"planted-in-the-body"}}`
)

func newTestWebhook(t *testing.T, s *server, how Authentication) *Source {
	t.Helper()
	source, err := NewWebhook(Settings{URL: webhookAddress, Authentication: how, Transport: transport.Settings{RoundTripper: s}})
	if err != nil {
		t.Fatal(err)
	}
	return source
}

func newTestStream(t *testing.T, s *server, how Authentication) *Source {
	t.Helper()
	source, err := NewEventStream(Settings{URL: streamAddress, Authentication: how, Transport: transport.Settings{RoundTripper: s}})
	if err != nil {
		t.Fatal(err)
	}
	return source
}

func within(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

// detail is an EDA server's error.
func detail(status int, text string) reply {
	return reply{
		status: status, header: http.Header{"Content-Type": {"application/json"}, "X-Request-Id": {"c9b5f5d2-8015"}},
		body: `{"detail":"` + text + `"}`,
	}
}

// plainText is a webhook's answer.
func plainText(status int, text string) reply {
	return reply{status: status, header: http.Header{"Content-Type": {"text/plain; charset=utf-8"}}, body: text}
}

func htmlPage(status int, text string) reply {
	return reply{
		status: status, header: http.Header{"Content-Type": {"text/html; charset=utf-8"}},
		body: "\n<!doctype html>\n<html><title>" + text + "</title></html>\n",
	}
}
