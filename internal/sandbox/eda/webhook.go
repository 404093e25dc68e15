package eda

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"unicode/utf8"
)

// Webhook is the configuration of the source ansible.eda.webhook.
type Webhook struct {
	// Token, if set, is required as Authorization: Bearer.
	Token string
	// HMACSecret requires a signature of the body. The defaults are the Algorithm sha256, the Header x-hub-signature-256
	// and the Format hex.
	HMACSecret, HMACAlgorithm, HMACHeader, HMACFormat string
	// Plugin is the source's name and type in event.meta; empty: ansible.eda.webhook.
	Plugin string
}

func (w Webhook) withDefaults() Webhook {
	setDefault(&w.HMACAlgorithm, "sha256")
	setDefault(&w.HMACHeader, "x-hub-signature-256")
	setDefault(&w.HMACFormat, "hex")
	setDefault(&w.Plugin, "ansible.eda.webhook")
	return w
}

func (w Webhook) check() error {
	switch {
	case hashes(w.HMACAlgorithm) == nil:
		return fmt.Errorf("Unsupported HMAC algorithm: %s", w.HMACAlgorithm) //nolint:staticcheck // a message of its log
	case w.HMACFormat != "hex" && w.HMACFormat != "base64":
		return fmt.Errorf("Unsupported HMAC header format %s", w.HMACFormat) //nolint:staticcheck // a message of its log
	}
	return nil
}

// webhookLimit is aiohttp's client_max_size.
const webhookLimit = 1 << 20

// refusal is an answer of the webhook other than 200.
type refusal struct {
	status       int
	text, reason string
}

func (r *refusal) Error() string { return r.text }

// errCut means a connection that is cut without an answer.
var errCut = errors.New("connection cut")

// WebhookHandler serves the webhook: any path is an endpoint.
func (s *Server) WebhookHandler() http.Handler { return http.HandlerFunc(s.serveWebhook) }

func (s *Server) serveWebhook(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	running := s.run
	s.mu.Unlock()
	if running == nil { // there is no process that would listen
		cut(w)
		return
	}
	body, tooLong, err := readBody(r, webhookLimit)
	if err != nil {
		cut(w)
		return
	}
	post := s.receive("webhook", r, body)
	answer := func() error {
		payload, err := s.options.Webhook.admit(r, body, tooLong)
		if err != nil {
			return err
		}
		endpoint := strings.TrimPrefix(r.URL.Path, "/")
		meta := object{{"endpoint", endpoint}, {"headers", aiohttpHeaders(r)}}
		e := s.accept(running, post, true, payload, meta, s.options.Webhook.Plugin, s.options.Webhook.Plugin)
		if e == nil {
			return nil
		}
		// A client waits as long as the queue is full. If the client leaves, the event stays (F63).
		if err := running.put(e); err != nil {
			s.update(e, func(record *Event) { record.State = Lost })
			return errCut
		}
		return nil
	}
	status, err := s.disturbed(w, r, answer, func(err error) int { return writeWebhookAnswer(w, r, err) })
	s.answered(post, status)
	if err != nil {
		cut(w)
	}
}

// disturbed answers with the post's fault, if it has one. It returns the status, and an error if the connection must be
// cut.
func (s *Server) disturbed(w http.ResponseWriter, r *http.Request, handle func() error, write func(error) int) (int, error) {
	fault := s.takePostFault()
	refuses := fault.Status != 0 || fault.Reset || fault.Hang
	var err error
	if !refuses || fault.AfterAccepting {
		err = handle()
	}
	if pause(r.Context(), fault.Delay) != nil {
		return 0, errCut
	}
	switch {
	case fault.Hang:
		select {
		case <-r.Context().Done():
		case <-s.closed:
		}
		return 0, errCut
	case fault.Reset || errors.Is(err, errCut):
		return 0, errCut
	case fault.Status != 0:
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(fault.Status)
		_, _ = io.WriteString(w, fault.Body) // the client may be gone
		return fault.Status, nil
	}
	return write(err), nil
}

func writeWebhookAnswer(w http.ResponseWriter, r *http.Request, err error) int {
	header := w.Header()
	header.Set("Content-Type", "text/plain; charset=utf-8")
	header.Set("Server", agent)
	status, text := http.StatusOK, strings.TrimPrefix(r.URL.Path, "/")
	if refused, ok := errors.AsType[*refusal](err); ok {
		status, text = refused.status, refused.text
		switch status {
		case http.StatusMethodNotAllowed:
			header.Set("Allow", http.MethodPost)
		case http.StatusInternalServerError:
			header.Set("Connection", "close")
		}
		if named, ok := w.(interface{ setReason(reason string) }); ok && refused.reason != "" {
			named.setReason(refused.reason)
		}
	}
	header.Set("Content-Length", fmt.Sprint(len(text)))
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text) //nolint:gosec // it is text/plain, and what the real one answers
	return status
}

// readBody reads up to the limit, and reports whether there is more.
func readBody(r *http.Request, limit int64) ([]byte, bool, error) {
	if r.Body == nil {
		return nil, false, nil
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, limit+1))
	if int64(len(body)) > limit {
		_, err := io.Copy(io.Discard, io.LimitReader(r.Body, 64<<20)) // else the client can't read the answer
		return body[:limit], true, err
	}
	return body, false, err
}

// admit checks a post in the order of the real one: token, signature, method, body (eda 04).
func (w Webhook) admit(r *http.Request, body []byte, tooLong bool) (any, error) {
	if w.Token != "" {
		if err := w.checkToken(r); err != nil {
			return nil, err
		}
	}
	if w.HMACSecret != "" {
		if err := w.checkSignature(r, body, tooLong); err != nil {
			return nil, err
		}
	}
	switch {
	case r.Method != http.MethodPost:
		return nil, &refusal{status: http.StatusMethodNotAllowed, text: "405: Method Not Allowed"}
	case tooLong:
		return nil, errTooLong()
	case !utf8.Valid(body):
		return nil, errTrouble()
	}
	payload, err := parseJSON(body)
	if err != nil {
		return nil, &refusal{status: http.StatusBadRequest, text: "Invalid JSON payload"}
	}
	return payload, nil
}

func errTooLong() error {
	return &refusal{
		status: http.StatusRequestEntityTooLarge, text: fmt.Sprintf("Maximum request body size %d exceeded.", webhookLimit),
	}
}

// errTrouble is an exception that the plugin does not catch.
func errTrouble() error {
	return &refusal{
		status: http.StatusInternalServerError, text: "500 Internal Server Error\n\nServer got itself in trouble",
	}
}

func (w Webhook) checkToken(r *http.Request) error {
	values := r.Header.Values("Authorization")
	if len(values) == 0 {
		const reason = "Missing authorization token"
		return &refusal{status: http.StatusUnauthorized, text: "401: " + reason, reason: reason}
	}
	parts := strings.Split(strings.TrimSpace(values[0]), " ")
	switch {
	case len(parts) == 2 && parts[0] != "Bearer":
		return &refusal{status: http.StatusUnauthorized, text: "Only Bearer type is accepted"}
	case len(parts) != 2 || parts[1] != w.Token:
		return &refusal{status: http.StatusUnauthorized, text: "Invalid authorization token"}
	}
	return nil
}

func (w Webhook) checkSignature(r *http.Request, body []byte, tooLong bool) error {
	values := r.Header.Values(w.HMACHeader)
	switch {
	case len(values) == 0:
		return &refusal{status: http.StatusBadRequest, text: "Signature header not found"}
	case tooLong:
		return errTooLong()
	case !utf8.Valid(body):
		return errTrouble()
	}
	given := strings.TrimPrefix(strings.TrimSpace(values[0]), w.HMACAlgorithm+"=")
	if !sameSignature(given, sign(w.HMACAlgorithm, w.HMACFormat, w.HMACSecret, body)) {
		return &refusal{status: http.StatusUnauthorized, text: "HMAC verification failed"}
	}
	return nil
}
