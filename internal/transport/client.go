package transport

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-cleanhttp"
	"github.com/hashicorp/go-retryablehttp"
)

// DefaultRequestTimeout bounds a single attempt if neither the settings nor the request set a bound.
const DefaultRequestTimeout = 30 * time.Second

// MinRequestTimeout is the least time-out of an attempt: with less, nothing would ever be answered.
const MinRequestTimeout = 100 * time.Millisecond

// Settings says how a client connects. The zero value is a client that verifies TLS against the system's certificates.
type Settings struct {
	// CACertificate is PEM text of certificates to trust in addition to the system's.
	CACertificate string
	// ClientCertificate and ClientKey are PEM text of the certificate that the client shows to a server that asks for
	// one, and of its private key. They are set together or not at all.
	ClientCertificate string
	ClientKey         string
	// InsecureSkipVerify turns the verification of the server's certificate off.
	InsecureSkipVerify bool
	// RequestTimeout bounds each single attempt, including the reading of the body. Zero means DefaultRequestTimeout;
	// less than MinRequestTimeout means MinRequestTimeout.
	RequestTimeout time.Duration
	UserAgent      string
	// Logger gets one line per attempt at DEBUG; nil discards the lines.
	Logger *slog.Logger
	// RoundTripper sends the requests; nil builds one from these settings.
	RoundTripper http.RoundTripper
}

// Client sends requests and retries them by the policy of this package. It is safe for concurrent use.
type Client struct {
	retrying  *retryablehttp.Client
	next      http.RoundTripper
	timeout   time.Duration
	userAgent string
	log       *slog.Logger
	clock     clock
	// reached is set once anything was answered: an address that has worked is not wrong.
	reached atomic.Bool
}

// New builds a client and sends nothing. It fails if a certificate or key can't be read.
func New(s Settings) (*Client, error) {
	c := &Client{next: s.RoundTripper, timeout: DefaultRequestTimeout, userAgent: s.UserAgent, log: s.Logger}
	if c.next == nil {
		built, err := newRoundTripper(s)
		if err != nil {
			return nil, err
		}
		c.next = built
	}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	if s.RequestTimeout > 0 {
		c.timeout = max(s.RequestTimeout, MinRequestTimeout)
	}
	c.retrying = &retryablehttp.Client{
		// exchange hides the connections from go-retryablehttp, which would close all idle ones whenever a request fails.
		HTTPClient:     &http.Client{Transport: exchange{c}, CheckRedirect: checkRedirect},
		RetryWaitMin:   retryStart,
		RetryWaitMax:   retryMost,
		RetryMax:       math.MaxInt, // The caller's context ends the tries.
		RequestLogHook: countAttempt,
		CheckRetry:     checkRetry,
		Backoff:        backoff,
	}
	return c, nil
}

// newRoundTripper returns the network's RoundTripper: TLS 1.2 or later, proxies from the environment, HTTP/2 if the
// server has it, and enough idle connections for Terraform's parallelism.
func newRoundTripper(s Settings) (*http.Transport, error) {
	t := cleanhttp.DefaultPooledTransport()
	t.MaxIdleConnsPerHost = 32
	t.OnProxyConnectResponse = proxyAnswer
	// Pings notice an HTTP/2 connection whose other end is gone, before all requests on it time out.
	t.HTTP2 = &http.HTTP2Config{SendPingTimeout: 15 * time.Second, PingTimeout: 15 * time.Second}
	t.TLSClientConfig = &tls.Config{
		MinVersion:         tls.VersionTLS12,
		InsecureSkipVerify: s.InsecureSkipVerify, //nolint:gosec // the user's explicit setting, off by default
	}
	if s.CACertificate != "" {
		pool, err := x509.SystemCertPool()
		if err != nil {
			pool = x509.NewCertPool()
		}
		if !pool.AppendCertsFromPEM([]byte(s.CACertificate)) {
			return nil, errors.New("ca_certificate holds no certificate in PEM form (it takes the text, not a file's name: file(\"ca.pem\"))")
		}
		t.TLSClientConfig.RootCAs = pool
	}
	if s.ClientCertificate != "" || s.ClientKey != "" {
		pair, err := clientCertificate(s)
		if err != nil {
			return nil, err
		}
		t.TLSClientConfig.Certificates = []tls.Certificate{pair}
	}
	return t, nil
}

// clientCertificate reads the pair. crypto/tls says what is wrong with the pair, and shows none of it.
func clientCertificate(s Settings) (tls.Certificate, error) {
	if s.ClientCertificate == "" || s.ClientKey == "" {
		return tls.Certificate{}, errors.New("client_certificate and client_key belong together: only one of them is set")
	}
	pair, err := tls.X509KeyPair([]byte(s.ClientCertificate), []byte(s.ClientKey))
	if err != nil {
		return pair, fmt.Errorf("client_certificate and client_key are no pair in PEM form "+
			"(they take the texts, not files' names: file(\"client.pem\")): %w", err)
	}
	return pair, nil
}
