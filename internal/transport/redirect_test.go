package transport

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// TestRedirectsCarryNoCredentials redirects to another host, to plain HTTP and to another port. Nothing arrives there:
// no header, no body, and no client certificate.
func TestRedirectsCarryNoCredentials(t *testing.T) {
	t.Parallel()
	var arrived atomic.Int32
	count := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { arrived.Add(1) })
	plain, encrypted := httptest.NewServer(count), httptest.NewTLSServer(count)
	t.Cleanup(plain.Close)
	t.Cleanup(encrypted.Close)
	target, status := "", http.StatusFound
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "session", Value: "s3cret"})
		http.Redirect(w, r, target, status)
	}))
	t.Cleanup(server.Close)
	certificate, key := clientPair(t)
	c := newTestClient(t, Settings{InsecureSkipVerify: true, ClientCertificate: certificate, ClientKey: key})
	header := http.Header{"Authorization": {"Bearer t0ken"}, "X-Hub-Signature-256": {"sha256=0a"}}
	for name, to := range map[string]string{
		"plain HTTP":             strings.Replace(server.URL, "https:", "http:", 1),
		"plain HTTP, other port": plain.URL,
		"other port":             encrypted.URL,
		"other name":             strings.Replace(server.URL, "127.0.0.1", "localhost", 1),
		"with credentials":       strings.Replace(encrypted.URL, "https://", "https://eve:s3cret@", 1),
	} {
		for _, status = range []int{301, 302, 303, 307, 308} {
			for _, method := range []string{"GET", "POST", "DELETE"} {
				target = to + "/else/?token=s3cret"
				_, err := c.Do(deadline(t, 20*time.Second), Request{Method: method, URL: server.URL + "/x/", Header: header, Body: []byte("{}")})
				if !errors.Is(err, ErrRedirect) || errors.Is(err, ErrOutcomeUnknown) {
					t.Fatalf("%s, %d, %s: %v", name, status, method, err)
				}
				shown, _ := url.Parse(target)
				if !strings.Contains(err.Error(), shown.Scheme+"://"+shown.Host+"/else/") || strings.Contains(err.Error(), "s3cret") {
					t.Errorf("%s, %d, %s: %v", name, status, method, err)
				}
			}
		}
	}
	if arrived.Load() > 0 {
		t.Errorf("%d requests followed", arrived.Load())
	}
}

// TestRedirectedPost redirects to the same host, which may have the credentials. It is still an error that says which
// URL to use, whatever the redirect's status, and the request isn't sent again.
func TestRedirectedPost(t *testing.T) {
	t.Parallel()
	for _, status := range []int{301, 302, 303, 307, 308} {
		for _, method := range []string{"POST", "DELETE"} {
			var asked atomic.Int32
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if asked.Add(1); r.Header.Get("Cookie") != "" {
					t.Errorf("a cookie was sent: %v", r.Header)
				}
				http.SetCookie(w, &http.Cookie{Name: "session", Value: "s3cret"})
				http.Redirect(w, r, "/cancel/", status)
			}))
			_, err := newTestClient(t, Settings{}).Do(deadline(t, 20*time.Second), Request{Method: method, URL: server.URL + "/cancel", Body: []byte("{}")})
			if !errors.Is(err, ErrRedirect) || errors.Is(err, ErrOutcomeUnknown) || !strings.Contains(err.Error(), server.URL+"/cancel/, which is the URL to use") {
				t.Errorf("%s, %s: %v", method, strconv.Itoa(status), err)
			}
			if asked.Load() != 1 {
				t.Errorf("%d requests", asked.Load())
			}
			server.Close()
		}
	}
}

// TestRedirectIsNoAttempt follows a redirect to an answer that is worth a retry: the error counts one attempt, not two
// requests.
func TestRedirectIsNoAttempt(t *testing.T) {
	t.Parallel()
	server := &script{steps: []step{{status: 302, header: http.Header{"Location": {"/y/"}}}, {status: 503}}}
	_, err := newTestClient(t, Settings{RoundTripper: server}).Do(t.Context(), Request{Method: "GET", URL: "https://aap/x/", Once: true})
	failed, ok := errors.AsType[*Error](err)
	if !ok || failed.Attempts != 1 || failed.Answer.Status != 503 || len(server.at) != 2 {
		t.Errorf("error %v after %d requests", err, len(server.at))
	}
}

// TestFailureKeepsConnections lets one request fail while another's connection is idle. go-retryablehttp then closes
// its client's idle connections, which many requests share.
func TestFailureKeepsConnections(t *testing.T) {
	t.Parallel()
	var connections atomic.Int32
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	refuses := httptest.NewServer(http.NotFoundHandler())
	refuses.Close()
	c := newTestClient(t, Settings{})
	for _, url := range []string{server.URL, refuses.URL, server.URL} {
		_, err := c.Do(t.Context(), Request{Method: "GET", URL: url, Once: true})
		if (err != nil) != (url == refuses.URL) {
			t.Errorf("%s: %v", url, err)
		}
	}
	if connections.Load() != 1 {
		t.Errorf("%d connections", connections.Load())
	}
}
