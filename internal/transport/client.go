package transport

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// DefaultRequestTimeout bounds a single attempt where the settings and the request name no other bound.
const DefaultRequestTimeout = 30 * time.Second

// MinRequestTimeout is the least time that an attempt is given: with less, nothing would ever be answered.
const MinRequestTimeout = 100 * time.Millisecond

// Settings says how a client connects. The zero value is a client that verifies TLS by the system's certificates.
type Settings struct {
	// CACertificate is PEM text of certificates that are trusted beside the system's.
	CACertificate string
	// ClientCertificate and ClientKey are PEM text of the certificate that the client shows where a server asks for one,
	// and of its private key. They are set together or not at all.
	ClientCertificate string
	ClientKey         string
	// InsecureSkipVerify turns the verification of the server's certificate off.
	InsecureSkipVerify bool
	// RequestTimeout bounds each single attempt, reading of the body included; zero means DefaultRequestTimeout, and less
	// than MinRequestTimeout means that.
	RequestTimeout time.Duration
	UserAgent      string
	// Logger gets one line per attempt at DEBUG; nil discards.
	Logger *slog.Logger
	// RoundTripper sends the requests; nil builds one from these settings.
	RoundTripper http.RoundTripper
}

// Client sends requests with the retries of this package. It is safe for concurrent use.
type Client struct {
	next      http.RoundTripper
	timeout   time.Duration
	userAgent string
	log       *slog.Logger
	clock     clock
	// reached is set once anything was answered: an address that has worked is not wrong.
	reached atomic.Bool
}

// New builds a client; it sends nothing. The error is about a certificate or key that can't be read.
func New(s Settings) (*Client, error) {
	roundTripper := s.RoundTripper
	if roundTripper == nil {
		built, err := newRoundTripper(s)
		if err != nil {
			return nil, err
		}
		roundTripper = built
	}
	log := s.Logger
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	timeout := s.RequestTimeout
	if timeout <= 0 {
		timeout = DefaultRequestTimeout
	}
	timeout = max(timeout, MinRequestTimeout)
	return &Client{next: roundTripper, timeout: timeout, userAgent: s.UserAgent, log: log}, nil
}

// newRoundTripper builds what sends requests over the network: TLS 1.2 or later, proxies from the environment, HTTP/2
// where the server has it, and enough idle connections for Terraform's parallelism.
func newRoundTripper(s Settings) (*http.Transport, error) {
	base, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		base = &http.Transport{Proxy: http.ProxyFromEnvironment, TLSHandshakeTimeout: 10 * time.Second}
	}
	t := base.Clone()
	t.MaxIdleConnsPerHost = 32
	t.ForceAttemptHTTP2 = true
	t.OnProxyConnectResponse = proxyAnswer
	// An HTTP/2 connection whose other end is gone is noticed by pings, not by the time-outs of all requests on it.
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

// clientCertificate reads the pair. crypto/tls says what is wrong with it and shows none of it.
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

// Request is one request. Only Method and URL are needed.
type Request struct {
	Method string
	// URL must carry no credentials: it is shown in errors.
	URL string
	// Header is sent as given, e.g. Authorization; it is never logged.
	Header http.Header
	Body   []byte
	// Timeout bounds each single attempt; zero takes the settings' RequestTimeout.
	Timeout time.Duration
	// MaxBytes bounds the body of an answer below 400; zero means MaxBody. Error bodies are cut at MaxErrorBody.
	MaxBytes int64
	// Once sends a single attempt: for callers whose own cadence is the retry.
	Once bool
	// Finish lets an attempt that has begun come to its end, within its time-out, although ctx has ended meanwhile: for
	// requests that must not be left without knowing what became of them. Waits between attempts still obey ctx.
	Finish bool
	// Idempotent says that a POST or DELETE may be repeated like a GET, whatever became of the first attempt.
	Idempotent bool
	// Refusable takes a 429, and a 503 with Retry-After, for a proof that a POST or DELETE was not carried out. Without it
	// the outcome is unknown: what stands before a server may have passed the request on.
	Refusable bool
	// OnRetry, if set, is called with what an attempt met before the wait for the next one.
	OnRetry func(error)
}

// Bounds of answers, in bytes.
const (
	MaxBody      = 64 << 20
	MaxErrorBody = 64 << 10
)

// Response is an answer with its body read.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
	// Elapsed is the time from sending to the body's end, of the attempt that was answered.
	Elapsed time.Duration
}

// Do sends a request and repeats it while the policy allows and ctx lasts. Any answer that is not to be repeated comes
// back as a Response with a nil error, whatever its status. Everything else is an *Error.
//
//   - A GET is repeated after connection errors, 408, 423, 429, 498 and 5xx but 501.
//   - A POST or DELETE is repeated only if it certainly was not carried out: no connection was made, 423, 498, or what
//     Refusable allows. If it may have been carried out, errors.Is(err, ErrOutcomeUnknown) holds.
//   - What only a change of settings can mend is never repeated (see Unconnectable), nor an answer that is too large.
//
// When ctx ends, the error wraps the context's error and what the last attempt met.
func (c *Client) Do(ctx context.Context, r Request) (*Response, error) {
	req, err := http.NewRequestWithContext(ctx, r.Method, r.URL, nil)
	if err != nil {
		return nil, &Error{Method: r.Method, URL: r.URL, Err: fmt.Errorf("%w: the URL is malformed", ErrUnsendable)}
	}
	maps.Copy(req.Header, r.Header)
	if c.userAgent != "" {
		req.Header.Set("User-Agent", c.userAgent)
	}
	if err := sendable(req); err != nil {
		return nil, &Error{Method: r.Method, URL: r.URL, Err: err}
	}
	wrapped, err := retryablehttp.FromRequest(req)
	if err == nil && r.Body != nil {
		err = wrapped.SetBody(r.Body)
	}
	if err != nil {
		return nil, &Error{Method: r.Method, URL: r.URL, Err: fmt.Errorf("preparing the request: %w", err)}
	}
	a := &attempts{client: c, request: r}
	retrying := retryablehttp.Client{
		// The transport is this request's own: go-retryablehttp closes all idle connections of its client when a
		// request fails, and the connections are shared by many.
		HTTPClient:   &http.Client{Transport: a, CheckRedirect: checkRedirect},
		RetryMax:     int(^uint(0) >> 1),
		CheckRetry:   a.check,
		Backoff:      a.backoff,
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
	resp, err := retrying.Do(wrapped)
	if resp != nil {
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
	}
	return a.result(ctx, err)
}
