package eda

import (
	"bytes"
	"encoding/base64"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/redact"
	"github.com/osac-project/terraform-provider-osac/internal/transport"
)

// TestSecretsStayInside sets secrets everywhere, lets servers echo everything, with every kind of error, and searches
// errors and the log for the secrets.
func TestSecretsStayInside(t *testing.T) {
	t.Parallel()
	const nested = `{"spec":{"templateParameters":"{\"password\":\"planted-in-parameters\"}"},"note":"planted with blanks in it"}`
	pair := base64.StdEncoding.EncodeToString([]byte("eve:planted-password"))
	for name, how := range map[string]Authentication{
		"token": {Token: "planted-token"},
		"basic": {Username: "eve", Password: "planted-password"},
		"hmac":  {HMAC: &HMAC{Secret: "planted-secret"}},
		"b64":   {HMAC: &HMAC{Secret: "planted-secret", Format: "base64"}},
	} {
		for _, status := range []int{200, 301, 400, 401, 403, 404, 405, 413, 429, 500, 503} {
			synctest.Test(t, func(t *testing.T) {
				var log bytes.Buffer
				s := &server{}
				s.answer = echo(status)
				source, err := NewEventStream(Settings{URL: streamAddress, Authentication: how, Transport: transport.Settings{
					RoundTripper: s, Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})),
				}})
				if err != nil {
					t.Fatal(err)
				}
				err = source.Post(within(t, time.Minute), []byte(nested))
				if (err == nil) != (status == 200) {
					t.Errorf("%s, %d: %v", name, status, err)
				}
				shown := log.String()
				if err != nil {
					shown += err.Error()
				}
				sent := s.requests()[0]
				signature := strings.TrimPrefix(sent.header.Get(DefaultHMACHeader), "sha256=")
				for _, secret := range []string{"planted", pair, signature} {
					if secret != "" && strings.Contains(shown, secret) {
						t.Errorf("%s, %d: %s is in: %s", name, status, secret, shown)
					}
				}
				if !strings.Contains(log.String(), "method=POST") {
					t.Errorf("nothing was logged: %s", log.String())
				}
			})
		}
	}
}

// echo answers with the whole request, and with characters that move a terminal's cursor.
func echo(status int) func(request) reply {
	return func(r request) reply {
		var all bytes.Buffer
		all.WriteString("\x1b[2J\x07 you sent ")
		_ = r.header.Write(&all)
		all.WriteString(r.body)
		header := http.Header{"Content-Type": {"text/plain"}, "X-Request-Id": {r.header.Get("Authorization")}}
		if status == http.StatusMovedPermanently {
			header.Set("Location", "/login?next="+strings.TrimPrefix(r.header.Get("Authorization"), "Bearer "))
		}
		return reply{status: status, header: header, body: all.String()}
	}
}

func TestErrorsAreFitToPrint(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		"\x1b[31mred\x1b[0m\x1b]8;;http://evil\x07 \u202e text\r\nand more", strings.Repeat("long ", 100000), "\xff\xfe", `{"detail":"\u001b[2J one\ntwo"}`,
		`{"detail":{"deep":["list"]}}`, `[1]`, `{`, "null",
	} {
		err := newTestWebhook(t, replies(reply{status: 400, body: body}), Authentication{}).Post(t.Context(), []byte(event))
		if err == nil || len(err.Error()) > 700 || err.Error() != transport.OneLine(err.Error()) {
			t.Errorf("%.40q: %v", body, err)
		}
	}
}

func TestAuditTextIsClean(t *testing.T) {
	t.Parallel()
	a := newTestAPI(t, paths(map[string]reply{
		"audit-rules/":          json200(strings.ReplaceAll(recordedRules, "Create compute instance", `\u001b[2Jcreate\n`)),
		"audit-rules/2/events/": json200(recordedEvents),
		"audit-rules/2/actions/": json200(`{"results":[{"name":"run_job_template","status":"failed",
			"status_message":"hidden-password \u0007 planted-in-vars and ` + strings.Repeat("more ", 1000) + `"}]}`),
	}))
	got, err := a.FailureOf(t.Context(), posted, "vm-missing", redact.Credentials("planted-in-vars")...)
	if err != nil || got == nil || got.Rule != "create" || strings.Contains(got.Message, "planted") || strings.Contains(got.Message, "hidden-password") ||
		strings.ContainsAny(got.Message, "\a\x1b\n") || len(got.Message) > 2*maxDetail {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestCredentialsAreTrimmed passes a token and a name as files hold them.
func TestCredentialsAreTrimmed(t *testing.T) {
	t.Parallel()
	for how, want := range map[Authentication]string{
		{Token: "hidden-token\r\n"}:                        "Bearer hidden-token",
		{Token: "\ufeffhidden-token"}:                      "Bearer hidden-token",
		{Username: "eve\n", Password: "hidden-password\n"}: "Basic ZXZlOmhpZGRlbi1wYXNzd29yZA==",
	} {
		s := replies(plainText(200, "create-compute-instance"))
		if err := newTestWebhook(t, s, how).Post(t.Context(), []byte(event)); err != nil || s.requests()[0].header.Get("Authorization") != want {
			t.Errorf("%v, sent %q", err, s.requests()[0].header.Get("Authorization"))
		}
		s = replies(json200(emptyList))
		a, err := NewAPI(APISettings{URL: "https://aap.example", Token: how.Token, Username: how.Username, Password: how.Password, Transport: transport.Settings{RoundTripper: s}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := a.FailureOf(t.Context(), posted, "x"); !errors.Is(err, ErrAuditHidden) || s.requests()[0].header.Get("Authorization") != want {
			t.Errorf("%v, sent %q", err, s.requests()[0].header.Get("Authorization"))
		}
	}
}
