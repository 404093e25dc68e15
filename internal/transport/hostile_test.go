package transport

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

// hostileBound is the bound of the answers in these tests; a connection's own buffers hold a little more.
const hostileBound = 1 << 20

// zeros is a body without an end.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// raw answers with bytes that are not proper HTTP, and hangs up.
func raw(answer string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		hijacker, ok := w.(http.Hijacker)
		if !ok {
			return
		}
		connection, _, err := hijacker.Hijack()
		if err != nil {
			return
		}
		_, _ = io.WriteString(connection, answer)
		_ = connection.Close()
	}
}

func endless(status int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.Copy(w, zeros{})
	}
}

// TestHostileAnswers lets a server misbehave. GET and POST are sent once each. The answer is bounded, or an error names
// the URL.
func TestHostileAnswers(t *testing.T) {
	t.Parallel()
	bomb := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		_, _ = io.Copy(z, io.LimitReader(zeros{}, 1<<30))
		_ = z.Close()
	}
	for name, test := range map[string]struct {
		handler http.HandlerFunc
		// says is part of the error; empty for an answer that is cut.
		says string
	}{
		"endless body":                 {endless(http.StatusOK), "the answer is too large: more than 1048576 bytes"},
		"gzip bomb":                    {bomb, "the answer is too large"},
		"endless body of an error":     {endless(http.StatusBadRequest), ""},
		"body shorter than its length": {raw("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"), "unexpected EOF"},
		"body cut in a chunk":          {raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\n{"), "unexpected EOF"},
		"negative length":              {raw("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n{}"), "Content-Length"},
		"two lengths":                  {raw("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}"), "Content-Length"},
		"gzip that is none":            {raw("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}"), "EOF"},
		"no HTTP":                      {raw("220 mail.example.com ESMTP\r\n"), "malformed HTTP"},
		"nothing":                      {raw(""), "EOF"},
		"endless headers":              {raw("HTTP/1.1 200 OK\r\n" + strings.Repeat("X: "+strings.Repeat("y", 1000)+"\r\n", 12<<10)), "exceeded"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var sent atomic.Int64
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				sent.Add(1)
				test.handler(w, r)
			}))
			t.Cleanup(server.Close)
			for _, method := range []string{http.MethodGet, http.MethodPost} {
				// One client for each: the next request must not use a connection that the server is about to close.
				client, err := New(Settings{})
				if err != nil {
					t.Fatal(err)
				}
				sent.Store(0)
				answer, err := client.Do(t.Context(), Request{Method: method, URL: server.URL + "/api/", Once: true, MaxBytes: hostileBound})
				if err := hostileOutcome(server.URL, method, test.says, answer, err); err != nil {
					t.Errorf("%s: %v", method, err)
				}
				if sent.Load() != 1 {
					t.Errorf("%s was sent %d times", method, sent.Load())
				}
			}
		})
	}
}

func hostileOutcome(url, method, says string, answer *Response, err error) error {
	if says == "" {
		if err != nil || len(answer.Body) > MaxErrorBody {
			return fmt.Errorf("want an answer of %d bytes at most, got %d: %w", MaxErrorBody, len(answer.Body), err)
		}
		return nil
	}
	switch {
	case err == nil:
		return fmt.Errorf("%d bytes were taken", len(answer.Body))
	case !strings.Contains(err.Error(), says), !strings.Contains(err.Error(), url), len(err.Error()) > 1000:
		return fmt.Errorf("it doesn't say %q, or not shortly: %w", says, err)
	case method == http.MethodPost && !errors.Is(err, ErrOutcomeUnknown):
		return fmt.Errorf("a POST that may have been carried out: %w", err)
	}
	return nil
}
