package acceptance

import (
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
)

// proxy forwards everything to one place, whatever it is asked for, to those who know its password.
type proxy struct {
	// to is the address that connections lead to.
	to       string
	password string
	// passed counts the requests that it let through.
	passed atomic.Int32
}

func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Proxy-Authorization") != "Basic "+base64.StdEncoding.EncodeToString([]byte("eve:"+p.password)) {
		w.WriteHeader(http.StatusProxyAuthRequired)
		return
	}
	p.passed.Add(1)
	if r.Method != http.MethodConnect {
		httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: p.to}).ServeHTTP(w, r)
		return
	}
	server, err := (&net.Dialer{}).DialContext(r.Context(), "tcp", p.to)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	client, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		_ = server.Close()
		return
	}
	_, _ = io.WriteString(client, "HTTP/1.1 200 Connection established\r\n\r\n")
	go func() {
		_, _ = io.Copy(server, client)
		_ = server.Close()
	}()
	_, _ = io.Copy(client, server)
	_ = client.Close()
}

// startProxy starts a proxy before the site, and returns the address with the password that the environment is given.
func (s *Site) startProxy() (*proxy, string) {
	s.t.Helper()
	p := &proxy{to: hostOf(s.url), password: s.plant("proxy", nowhere)}
	return p, strings.Replace(s.serve(p), "http://", "http://eve:"+p.password+"@", 1)
}

func hostOf(address string) string {
	_, host, _ := strings.Cut(address, "://")
	return host
}

func TestAccProxy(t *testing.T) {
	t.Parallel()
	t.Run("plain HTTP", func(t *testing.T) {
		t.Parallel()
		site := StartSimulated(t)
		proxy, address := site.startProxy()
		site.url = "http://aap.invalid"
		w, name := site.instance(nil)
		w.env("HTTP_PROXY="+address, "NO_PROXY=")
		w.apply().says("Credentials travel over plain HTTP", "url (to aap.invalid)")
		site.wantLaunches(name, "create")
		if proxy.passed.Load() == 0 {
			t.Error("the proxy was passed by")
		}
	})
	t.Run("TLS", func(t *testing.T) {
		t.Parallel()
		site, certificate := startTLS(t)
		proxy, address := site.startProxy()
		site.url = "https://example.com" // one of the names in the certificate
		w, name := site.instance(nil)
		w.write("ca.pem", certificate)
		w.write("tls_override.tf", "provider \"osac\" {\n  ca_certificate = \"ca.pem\"\n}\n")
		w.env("HTTPS_PROXY="+address, "NO_PROXY=")
		w.apply().saysNot("plain HTTP")
		site.wantLaunches(name, "create")
		if proxy.passed.Load() == 0 {
			t.Error("the proxy was passed by")
		}
	})
	t.Run("NO_PROXY", func(t *testing.T) {
		t.Parallel()
		site := StartSimulated(t)
		proxy, address := site.startProxy()
		// This machine, by an address that no client leaves the proxy out for by itself.
		site.url = strings.Replace(site.url, "127.0.0.1", "0.0.0.0", 1)
		w, name := site.instance(nil)
		w.env("HTTP_PROXY="+address, "NO_PROXY=aap.invalid,0.0.0.0")
		w.apply()
		site.wantLaunches(name, "create")
		if proxy.passed.Load() > 0 {
			t.Errorf("%d requests went through the proxy", proxy.passed.Load())
		}
	})
	t.Run("gone", func(t *testing.T) {
		t.Parallel()
		site, _ := startTLS(t)
		site.url = "https://example.com"
		w, name := site.instance(nil)
		w.env("HTTPS_PROXY=http://127.0.0.1:9", "NO_PROXY=") // nothing listens there
		w.run("plan", "-no-color").want(1).says("the proxy refuses to connect", "HTTPS_PROXY")
		site.wantLaunches(name)
	})
	t.Run("wrong password", func(t *testing.T) {
		t.Parallel()
		site, _ := startTLS(t)
		_, address := site.startProxy()
		site.url = "https://example.com"
		w, name := site.instance(nil)
		w.env("HTTPS_PROXY="+strings.Replace(address, "@", "-and-more@", 1), "NO_PROXY=")
		w.tryApply().want(1).says("the proxy refuses to connect", "407 Proxy Authentication Required", "HTTPS_PROXY")
		site.wantLaunches(name)
	})
}

// TestAccRedirectedEvent posts an event to a URL that is redirected elsewhere: it arrives nowhere, and the error says
// which URL to use.
func TestAccRedirectedEvent(t *testing.T) {
	t.Parallel()
	site := StartEDA(t)
	direct := site.eventURL("create")
	site.events["create_url"] = site.serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, direct+"?token=x", http.StatusTemporaryRedirect)
	})) + "/create-compute-instance"
	w, name := site.instance(nil)
	w.tryApply().want(1).says("redirects this POST to "+direct, "which is the URL to use")
	site.wantLaunches(name)
	if posts := site.eda.Requests(); len(posts) > 0 {
		t.Errorf("%d events arrived", len(posts))
	}
}
