package transport

import (
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// TestProxyRefuses requests https through proxies that refuse. A permanent refusal is an error at once, and no error
// shows the proxy's password.
func TestProxyRefuses(t *testing.T) {
	t.Parallel()
	for status, says := range map[int]string{
		407: "HTTPS_PROXY", 403: "NO_PROXY", 502: "502 Bad Gateway",
	} {
		var asked atomic.Int32
		proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked.Add(1)
			if got := r.Header.Get("Proxy-Authorization"); got != "Basic "+base64.StdEncoding.EncodeToString([]byte("eve:pr0xy-s3cret")) {
				t.Errorf("%s got %q", r.Method, got)
			}
			w.WriteHeader(status)
			_, _ = w.Write([]byte("pr0xy-s3cret"))
		}))
		t.Cleanup(proxy.Close)
		for _, method := range []string{"GET", "POST"} {
			asked.Store(0)
			_, err := throughProxy(t, proxy.URL).Do(deadline(t, 2*time.Second), Request{Method: method, URL: "https://aap.test/x/", Body: []byte("{}")})
			if err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), proxy.URL) || !strings.Contains(err.Error(), "aap.test:443") {
				t.Errorf("%d, %s: %v", status, method, err)
				continue
			}
			if strings.Contains(err.Error(), "s3cret") || errors.Is(err, ErrOutcomeUnknown) {
				t.Errorf("%d, %s: %v", status, method, err)
			}
			if final := status < 500; errors.Is(err, ErrProxy) != final || (asked.Load() == 1) != final {
				t.Errorf("%d, %s: %v after %d requests", status, method, err, asked.Load())
			}
		}
	}
}

func TestProxyIsGone(t *testing.T) {
	t.Parallel()
	proxy := httptest.NewServer(http.NotFoundHandler())
	proxy.Close()
	for _, target := range []string{"https://aap.test/x/", "http://aap.test/x/"} {
		_, err := throughProxy(t, proxy.URL).Do(deadline(t, 2*time.Second), Request{Method: "POST", URL: target, Body: []byte("{}")})
		if err == nil || !strings.Contains(err.Error(), "proxyconnect") || strings.Contains(err.Error(), "s3cret") || errors.Is(err, ErrOutcomeUnknown) {
			t.Errorf("%s: %v", target, err)
		}
	}
}

// throughProxy is a client with a proxy that wants a password. A process reads the proxies in the environment only
// once; that is tested with the whole provider.
func throughProxy(t *testing.T, proxy string) *Client {
	t.Helper()
	address, err := url.Parse(strings.Replace(proxy, "http://", "http://eve:pr0xy-s3cret@", 1))
	if err != nil {
		t.Fatal(err)
	}
	built, err := newRoundTripper(Settings{})
	if err != nil {
		t.Fatal(err)
	}
	built.Proxy = http.ProxyURL(address)
	return newTestClient(t, Settings{RoundTripper: built})
}
