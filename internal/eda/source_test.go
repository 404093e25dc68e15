package eda

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/transport"
)

func TestPostSendsWhatWasRecorded(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		how           Authentication
		header, value string
	}{
		"nothing": {Authentication{}, "Authorization", ""},
		"token":   {Authentication{Token: "T0ken"}, "Authorization", "Bearer T0ken"},
		"basic":   {Authentication{Username: "eve", Password: "pass"}, "Authorization", "Basic ZXZlOnBhc3M="},
		// echo -n "$event" | openssl dgst -sha256 -hmac key
		"hmac": {Authentication{HMAC: &HMAC{Secret: "key"}}, "X-Hub-Signature-256", "sha256=" + eventSignature},
	} {
		for kind, newOne := range map[string]func(*testing.T, *server, Authentication) *Source{"webhook": newTestWebhook, "stream": newTestStream} {
			s := replies(plainText(200, "create-compute-instance"))
			source := newOne(t, s, test.how)
			if err := source.Post(t.Context(), []byte(event)); err != nil {
				t.Errorf("%s, %s: %v", name, kind, err)
			}
			sent := s.requests()
			if len(sent) != 1 || sent[0].method != "POST" || sent[0].url != source.URL() || sent[0].body != event ||
				sent[0].header.Get("Content-Type") != "application/json" || sent[0].header.Get(test.header) != test.value {
				t.Errorf("%s, %s: %+v", name, kind, sent)
			}
		}
	}
}

// eventSignature was computed by openssl.
const eventSignature = "3fbd32a217c0cac54c6779fec7452d93694132f4fd5070683a7038c9ac8fae6c"

// refusals are the recorded refusals, and the errors' words.
var refusals = []struct {
	name   string
	stream bool
	answer reply
	kind   error
	want   []string
}{
	{"eda 04 bad json", false, plainText(400, "Invalid JSON payload"), ErrRejected, []string{"400 Bad Request: Invalid JSON payload"}},
	{"eda 04 too large", false, plainText(413, "Maximum request body size 1048576 exceeded."), ErrRejected, []string{"1048576 exceeded", "a webhook takes 1048576"}},
	{"eda 04 no token", false, plainText(401, "401: Missing authorization token"), ErrUnauthorized, []string{"401 Unauthorized: Missing authorization token", "sends basic"}},
	{"eda 04 wrong token", false, plainText(401, "Invalid authorization token"), ErrUnauthorized, []string{"401 Unauthorized: Invalid authorization token"}},
	{"eda 04 other scheme", false, plainText(401, "Only Bearer type is accepted"), ErrUnauthorized, []string{"Only Bearer type is accepted"}},
	{"eda 04 no signature", false, plainText(400, "Signature header not found"), ErrUnauthorized, []string{"Signature header not found", "hmac_secret"}},
	{"eda 04 wrong signature", false, plainText(401, "HMAC verification failed"), ErrUnauthorized, []string{"HMAC verification failed"}},
	{"eda 04 no POST", false, plainText(405, "405: Method Not Allowed"), ErrRejected, []string{"not a webhook", "EDA API's service"}},
	{"no webhook", false, htmlPage(404, "Not Found"), ErrRejected, []string{"404 Not Found: an HTML page", "any path"}},
	{"a web interface", false, htmlPage(200, "Ansible"), ErrRejected, []string{"200 OK: an HTML page", "no webhook answers with a page"}},
	{"no POST at all", false, plainText(501, "Unsupported method"), ErrRejected, []string{"501 Not Implemented"}},
	{"eda 22 no header", true, detail(400, "Authorization header is missing"), ErrUnauthorized, []string{"header is missing", "credential"}},
	{"eda 22 no header of another name", true, detail(400, "X-Hub-Signature-256 header is missing"), ErrUnauthorized, []string{"header is missing"}},
	{"eda 22 wrong token", true, detail(403, "Token mismatch, check your token"), ErrUnauthorized, []string{"403 Forbidden: Token mismatch", "request c9b5f5d2-8015"}},
	{"eda 22 wrong password", true, detail(403, "Credential mismatch"), ErrUnauthorized, []string{"Credential mismatch", "sends basic"}},
	{"eda 22 wrong signature", true, detail(403, "Signature mismatch, check your payload and secret"), ErrUnauthorized, []string{"Signature mismatch"}},
	{"eda 22 bad uuid", true, detail(400, "bad uuid specified"), ErrRejected, []string{"bad uuid specified", "no event stream of this server"}},
	{"eda 22 endpoint", true, htmlPage(404, "Not Found"), ErrRejected, []string{"404 Not Found: an HTML page", "no endpoint after it"}},
	{"eda 22 bad body", true, detail(400, "Invalid content. Type: application/json"), ErrRejected, []string{"Invalid content"}},
	{"eda 22 no POST", true, detail(405, `Method \"POST\" not allowed.`), ErrRejected, []string{"not an event stream's"}},
	{"eda 27 no gateway", true, detail(400, "Invalid request"), ErrRejected, []string{"Invalid request", "only through AAP's gateway"}},
	{"eda 22 no slash", true, reply{
		status: 301, header: http.Header{"Content-Type": {"text/html; charset=utf-8"}, "Location": {"/api/eda/v1/x/post/"}},
	}, ErrRejected, []string{"redirects this POST to https://aap.example/api/eda/v1/x/post/", "slash"}},
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	for _, test := range refusals {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := replies(test.answer)
			newOne, url := newTestWebhook, webhookAddress
			if test.stream {
				newOne, url = newTestStream, streamAddress
			}
			err := newOne(t, s, Authentication{Username: "eve", Password: "hidden-password"}).Post(t.Context(), []byte(event))
			failed, ok := errors.AsType[*Error](err)
			if !ok || !errors.Is(err, test.kind) || errors.Is(err, transport.ErrOutcomeUnknown) || len(s.requests()) != 1 {
				t.Fatalf("after %d requests: %#v", len(s.requests()), err)
			}
			for _, part := range append(test.want, "POST "+url) {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q is missing in: %v", part, err)
				}
			}
			if failed.Status != test.answer.status && test.answer.status != 301 || strings.ContainsAny(failed.Detail, "\n<") {
				t.Errorf("%#v", failed)
			}
		})
	}
}

var (
	refusedDial = &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	reset       = &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
)

// TestOutcomes is a table of failed posts: whether each is sent again at once, and if not, whether it may have been
// accepted.
func TestOutcomes(t *testing.T) {
	t.Parallel()
	accepted := plainText(200, "create-compute-instance")
	retryAfter := http.Header{"Retry-After": {"3"}}
	for name, test := range map[string]struct {
		first          reply
		again, unknown bool
		kind           error
		notYet, atMost time.Duration
	}{
		"connection refused": {first: reply{err: refusedDial}, again: true, atMost: time.Second},
		"no such host":       {first: reply{err: &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host"}}}, again: true, atMost: time.Second},
		"429":                {first: reply{status: 429}, again: true, atMost: time.Second},
		"429 and when":       {first: reply{status: 429, header: retryAfter}, again: true, notYet: 3 * time.Second, atMost: 4 * time.Second},
		"503 and when":       {first: reply{status: 503, header: retryAfter}, again: true, notYet: 3 * time.Second, atMost: 4 * time.Second},
		"503":                {first: htmlPage(503, "Application is not available"), unknown: true, kind: ErrUnavailable},
		"500":                {first: plainText(500, "Server got itself in trouble"), unknown: true, kind: ErrUnavailable},
		"502":                {first: reply{status: 502}, unknown: true, kind: ErrUnavailable},
		"504":                {first: reply{status: 504}, unknown: true, kind: ErrUnavailable},
		"408":                {first: reply{status: 408}, unknown: true, kind: ErrUnavailable},
		"connection reset":   {first: reply{err: reset}, unknown: true, kind: ErrUnavailable},
		"connection closed":  {first: reply{err: io.EOF}, unknown: true, kind: ErrUnavailable},
		"no answer in time":  {first: reply{hang: true}, unknown: true, kind: ErrUnavailable, notYet: 30 * time.Second, atMost: 30 * time.Second},
		"answer without end": {first: plainText(200, strings.Repeat("x", maxPostAnswer+1)), unknown: true, kind: ErrUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := replies(test.first, accepted)
				began := time.Now()
				err := newTestWebhook(t, s, Authentication{}).Post(within(t, time.Hour), []byte(event))
				took := time.Since(began)
				if test.again != (err == nil) || test.again != (len(s.requests()) == 2) {
					t.Errorf("after %d requests: %v", len(s.requests()), err)
				}
				if errors.Is(err, transport.ErrOutcomeUnknown) != test.unknown || test.kind != nil && !errors.Is(err, test.kind) {
					t.Errorf("unknown %t, error %v", errors.Is(err, transport.ErrOutcomeUnknown), err)
				}
				if took < test.notYet || took > test.atMost {
					t.Errorf("took %s", took)
				}
			})
		})
	}
}

func TestWhatNeverConnectsIsNotUnknown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := replies(reply{err: refusedDial})
		err := newTestWebhook(t, s, Authentication{}).Post(within(t, 5*time.Minute), []byte(event))
		if !errors.Is(err, ErrUnavailable) || !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, transport.ErrOutcomeUnknown) ||
			!strings.Contains(err.Error(), "connection refused") || !strings.Contains(err.Error(), "attempts") {
			t.Errorf("error %v", err)
		}
		if n := len(s.requests()); n < 20 || n > 60 {
			t.Errorf("%d attempts in 5 minutes", n)
		}
	})
}

// TestInterruptedPost follows a post whose caller gives up while it is in flight (F63: the event runs all the same).
func TestInterruptedPost(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answer         reply
		fails, unknown bool
	}{
		"accepted after it": {answer: reply{status: 200, after: 10 * time.Second}},
		"refused after it":  {answer: reply{status: 403, after: 10 * time.Second}, fails: true},
		"never answered":    {answer: reply{hang: true}, fails: true, unknown: true},
		"not connected":     {answer: reply{err: refusedDial, after: 10 * time.Second}, fails: true},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := replies(test.answer)
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Second, cancel)
			began := time.Now()
			err := newTestStream(t, s, Authentication{Token: "hidden-token"}).Post(ctx, []byte(event))
			if (err != nil) != test.fails || errors.Is(err, transport.ErrOutcomeUnknown) != test.unknown || len(s.requests()) != 1 {
				t.Errorf("%s: after %d requests: %v", name, len(s.requests()), err)
			}
			if took := time.Since(began); took < 10*time.Second || took > transport.DefaultRequestTimeout {
				t.Errorf("%s: took %s", name, took)
			}
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s := replies(reply{status: 200})
	err := newTestStream(t, s, Authentication{}).Post(ctx, []byte(event))
	if !errors.Is(err, context.Canceled) || errors.Is(err, transport.ErrOutcomeUnknown) || errors.Is(err, ErrUnavailable) || len(s.requests()) != 0 {
		t.Errorf("cancelled before: %v", err)
	}
}

func TestWhatIsNoJSONIsNotSent(t *testing.T) {
	t.Parallel()
	s := replies(reply{status: 200})
	err := newTestStream(t, s, Authentication{}).Post(t.Context(), []byte(`{"hidden":`))
	if !errors.Is(err, ErrRejected) || len(s.requests()) != 0 || strings.Contains(err.Error(), "hidden") {
		t.Errorf("after %d requests: %v", len(s.requests()), err)
	}
}

func TestAdviceOnSizeAndTLS(t *testing.T) {
	t.Parallel()
	large := []byte(`{"pad":"` + strings.Repeat("x", 3<<20) + `"}`)
	err := newTestStream(t, replies(detail(500, "Unexpected server error; contact your system administrator")), Authentication{}).Post(t.Context(), large)
	if err == nil || !strings.Contains(err.Error(), "an event stream takes 2621440") || !errors.Is(err, transport.ErrOutcomeUnknown) {
		t.Errorf("3 MB: %v", err)
	}
	err = newTestWebhook(t, replies(reply{err: io.EOF}), Authentication{}).Post(t.Context(), []byte(event))
	if err == nil || !strings.Contains(err.Error(), "is its URL https://") {
		t.Errorf("plain HTTP to TLS: %v", err)
	}
}
