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
	// ErrOutcomeUnknown marks a POST or DELETE that may have been carried out: look before repeating it.
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
	// ErrProxy marks a proxy that refuses to connect, or that can't be connected to; it is never retried.
	ErrProxy = errors.New("the proxy refuses to connect")
	// ErrTLSVersion marks a server that has no version of TLS from 1.2 on; it is never retried.
	ErrTLSVersion = errors.New("the server has no version of TLS that is safe to use")
	// ErrUnsendable marks a request that can't be sent as it is: a malformed URL, a header with characters that none may
	// hold. It is never retried.
	ErrUnsendable = errors.New("the request can't be sent")
	// ErrUnknownHost marks a name that does not resolve, of a server that this client has never reached; it is never
	// retried.
	ErrUnknownHost = errors.New("the host's name does not resolve")
)

// Error is a request that got no final answer.
type Error struct {
	Method string
	URL    string
	// Attempts counts the tries made.
	Attempts int
	// Answer is what the last attempt was answered, if it was: a status that is worth repeating.
	Answer *Response
	// Err is what the last attempt failed with, if it was not answered.
	Err error
	// OutcomeUnknown is true if the request may have been carried out.
	OutcomeUnknown bool
	// Ended is the context's error if that ended the tries.
	Ended error
}

// Error tells method, URL and Reason.
func (e *Error) Error() string { return e.Method + " " + e.URL + ": " + e.Reason() }

// Reason tells what the last attempt met and what ended the tries, without the URL.
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

// Ending tells what ended the tries, how many there were if more than one, and whether the outcome is unknown. It is
// empty for a single attempt of which none of these is to be said.
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

// Unwrap gives the last attempt's error, the context's, and ErrOutcomeUnknown where it holds.
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

// hasOldTLS recognises by its text, since crypto/tls has no type for either, that client and server have no version of
// TLS in common: the server's alert, or the client's own refusal of the version that the server chose.
func hasOldTLS(err error) bool {
	text := err.Error()
	return strings.Contains(text, "tls: protocol version not supported") || strings.Contains(text, "tls: server selected unsupported protocol version")
}

// wantsClientCertificate recognises the alerts by which a server ends a handshake over the client's certificate. In TLS
// 1.3 they come after the client has sent its request, but the server takes nothing in before the handshake is done.
func wantsClientCertificate(err error) bool {
	var op *net.OpError
	if !errors.As(err, &op) || op.Op != "remote error" {
		return false
	}
	text := op.Err.Error()
	return strings.Contains(text, "certificate required") || strings.Contains(text, "bad certificate") ||
		strings.Contains(text, "unknown certificate") || strings.Contains(text, "expired certificate") ||
		// What TLS 1.2 has for a missing certificate, among other things.
		strings.Contains(text, "handshake failure")
}

func isCertificateError(err error) bool {
	var verification *tls.CertificateVerificationError
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	return errors.As(err, &verification) || errors.As(err, &unknown) || errors.As(err, &name) || errors.As(err, &invalid)
}

// explain adds to errors that users can mend what to do about them. A name that resolves to nothing and a proxy that is
// not there are settings to mend only while the server has never been reached: afterwards they are outages.
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
