package transport

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
)

// The sentinels that an *Error matches through errors.Is.
var (
	// ErrOutcomeUnknown marks a POST or DELETE that may have been carried out: check before you repeat it.
	ErrOutcomeUnknown = errors.New("it is not known whether the request was carried out")
	// ErrNoAnswer marks an attempt that got no answer within its time-out.
	ErrNoAnswer = errors.New("no answer")
	// ErrTooLarge marks an answer beyond the request's bound.
	ErrTooLarge = errors.New("the answer is too large")
	// ErrRedirect marks a redirect that is not followed.
	ErrRedirect = errors.New("redirected")
	// ErrCertificate marks a server whose certificate can't be trusted; it is never retried.
	ErrCertificate = errors.New("the server's certificate is not trusted")
	// ErrClientCertificate marks a server that wants a client certificate, or another one; it is never retried.
	ErrClientCertificate = errors.New("the server does not accept the client's certificate")
	// ErrProxy marks a proxy that refuses to connect, or that can't be reached; it is never retried.
	ErrProxy = errors.New("the proxy refuses to connect")
	// ErrTLSVersion marks a server that has no version of TLS from 1.2 on; it is never retried.
	ErrTLSVersion = errors.New("the server has no version of TLS that is safe to use")
	// ErrUnsendable marks a request that can't be sent: a malformed URL, or a header with characters that no header may
	// have. It is never retried.
	ErrUnsendable = errors.New("the request can't be sent")
	// ErrUnknownHost marks a server whose name does not resolve, and that this client has never reached; it is never
	// retried.
	ErrUnknownHost = errors.New("the host's name does not resolve")
)

// Error is a request that got no final answer.
type Error struct {
	Method string
	URL    string
	// Attempts counts the tries made.
	Attempts int
	// Answer is the last attempt's answer, if there was one: its status is worth a retry.
	Answer *Response
	// Err is the last attempt's error, if it was not answered.
	Err error
	// OutcomeUnknown is true if the request may have been carried out.
	OutcomeUnknown bool
	// Ended is the context's error if that ended the attempts.
	Ended error
}

// Error returns the method, the URL and the Reason.
func (e *Error) Error() string { return e.Method + " " + e.URL + ": " + e.Reason() }

// Reason says why the last attempt failed and why there was no other, without the URL.
func (e *Error) Reason() string {
	met := ""
	switch {
	case e.Answer != nil:
		met = strings.TrimSpace(fmt.Sprintf("%d %s", e.Answer.Status, http.StatusText(e.Answer.Status)))
	case e.Err != nil:
		met = e.Err.Error()
	}
	ending := e.Ending()
	if met == "" || ending == "" {
		return met + ending
	}
	return met + "; " + ending
}

// Ending says why the attempts ended, how many there were if more than one, and whether the outcome is unknown. It is
// empty if none of this applies.
func (e *Error) Ending() string {
	var parts []string
	if e.Ended != nil {
		parts = append(parts, e.Ended.Error())
	}
	if e.Attempts > 1 {
		parts = append(parts, fmt.Sprintf("after %d attempts", e.Attempts))
	}
	if e.OutcomeUnknown {
		parts = append(parts, ErrOutcomeUnknown.Error())
	}
	return strings.Join(parts, "; ")
}

// Unwrap returns the last attempt's error, the context's error, and ErrOutcomeUnknown if it applies.
func (e *Error) Unwrap() []error {
	var all []error
	for _, err := range []error{e.Err, e.Ended} {
		if err != nil {
			all = append(all, err)
		}
	}
	if e.OutcomeUnknown {
		all = append(all, ErrOutcomeUnknown)
	}
	return all
}

// permanent is an error that another attempt would meet again.
func permanent(err error) bool {
	return Unconnectable(err) || errors.Is(err, ErrTooLarge) || errors.Is(err, ErrRedirect)
}

// Unconnectable reports whether every request to the same server would meet the error, until somebody changes a setting:
// the URL, a credential, TLS, certificates, or a proxy.
func Unconnectable(err error) bool {
	return errors.Is(err, ErrCertificate) || errors.Is(err, ErrClientCertificate) || errors.Is(err, ErrTLSVersion) ||
		errors.Is(err, http.ErrSchemeMismatch) || errors.Is(err, ErrProxy) || errors.Is(err, ErrUnsendable) ||
		errors.Is(err, ErrUnknownHost)
}

// hasOldTLS reports whether client and server have no version of TLS in common. It compares texts, since crypto/tls has
// no type for these errors: the server's alert, and the client's refusal of the server's version.
func hasOldTLS(err error) bool {
	text := err.Error()
	return strings.Contains(text, "tls: protocol version not supported") || strings.Contains(text, "tls: server selected unsupported protocol version")
}

// wantsClientCertificate reports whether a server ended the handshake because of the client's certificate. In TLS 1.3,
// the alert comes after the client has sent its request, but the server reads nothing before the handshake is done.
func wantsClientCertificate(err error) bool {
	var op *net.OpError
	if !errors.As(err, &op) || op.Op != "remote error" {
		return false
	}
	text := op.Err.Error()
	return strings.Contains(text, "certificate required") || strings.Contains(text, "bad certificate") ||
		strings.Contains(text, "unknown certificate") || strings.Contains(text, "expired certificate") ||
		// TLS 1.2 has only this alert for a missing certificate, among other things.
		strings.Contains(text, "handshake failure")
}

func isCertificateError(err error) bool {
	var verification *tls.CertificateVerificationError
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	return errors.As(err, &verification) || errors.As(err, &unknown) || errors.As(err, &name) || errors.As(err, &invalid)
}

// explain adds advice to errors that users can fix. A name that does not resolve and a proxy that is not there are
// wrong settings only until the server was reached once. Afterwards, they are outages.
func (c *Client) explain(err error) error {
	var unknown x509.UnknownAuthorityError
	var record tls.RecordHeaderError
	var dns *net.DNSError
	var op *net.OpError
	switch {
	case !c.reached.Load() && errors.As(err, &op) && op.Op == "proxyconnect":
		return fmt.Errorf("%w: %w; check the environment variables HTTPS_PROXY, HTTP_PROXY and NO_PROXY", ErrProxy, err)
	case !c.reached.Load() && errors.As(err, &dns) && dns.IsNotFound:
		return fmt.Errorf("%w: %w; check the URL, and whether this machine's resolver knows the name", ErrUnknownHost, err)
	case errors.As(err, &unknown):
		return fmt.Errorf("%w: %w; set ca_certificate to the certificate of the authority that signed it "+
			"(or, to verify nothing, insecure_skip_verify)", ErrCertificate, err)
	case isCertificateError(err):
		return fmt.Errorf("%w: %w", ErrCertificate, err)
	case wantsClientCertificate(err):
		return fmt.Errorf("%w: %w; if it asks for one, set client_certificate and client_key to a pair that it trusts",
			ErrClientCertificate, err)
	case hasOldTLS(err):
		return fmt.Errorf("%w: TLS 1.2 or later is needed (%w)", ErrTLSVersion, err)
	case errors.As(err, &record), errors.Is(err, http.ErrSchemeMismatch):
		return fmt.Errorf("%w: the server at this address does not speak TLS; is its URL http://… or another port? (%w)",
			http.ErrSchemeMismatch, err)
	}
	return err
}
