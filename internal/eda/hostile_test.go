package eda

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/osac-project/terraform-provider-osac/internal/transport"
)

// hostileAudits are answers of rule audit that no EDA server sends, the same to every request, and the error's words.
// The empty text means that nothing was found, and nothing is wrong.
var hostileAudits = map[string]struct{ body, says string }{
	"a page":                   {"<!DOCTYPE html><title>Log in</title>", "an HTML page"},
	"nothing":                  {"", "not what this API gives"},
	"null":                     {"null", "no list of results"},
	"null results":             {`{"results":null}`, "no list of results"},
	"an id as a string":        {`{"results":[{"id":"2","status":"failed"}]}`, "not what this API gives"},
	"a status as a number":     {`{"results":[{"id":2,"status":3}]}`, "not what this API gives"},
	"cut short":                {`{"results":[{"id":2,`, "not what this API gives"},
	"deep nesting":             {`{"results":` + strings.Repeat("[", 1<<20) + strings.Repeat("]", 1<<20) + `}`, "not what this API gives"},
	"too much":                 {strings.Repeat(" ", maxAuditBody+1), "the answer is too large"},
	"a next page that is this": {`{"next":"https://aap.example/api/eda/v1/audit-rules/","results":[{"id":2,"status":"successful"}]}`, "not among the newest"},
	"a next page elsewhere":    {`{"next":"https://evil.example/","results":[{"id":2,"status":"successful"}]}`, "not among the newest"},
	"firings without an end":   {`{"next":"x","results":[` + strings.Repeat(`{"id":2,"status":"failed"},`, 99) + `{"id":3,"status":"failed"}]}`, ""},
	"an unknown status":        {`{"results":[{"id":2,"status":"hibernating","payload":"vm-missing","status_message":"\u001b[2J\u202easleep","fired_at":"9999-12-31T23:59:59-12:00"}]}`, ""},
}

// TestHostileAudit searches rule audit for an event's failure. It finds the failure, finds none, or fails with an error
// that names the URL. It asks no other host, and the number of requests is bounded.
func TestHostileAudit(t *testing.T) {
	t.Parallel()
	for name, test := range hostileAudits {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := replies(json200(test.body))
			got, err := newTestAPI(t, s).FailureOf(t.Context(), posted, "vm-missing")
			for _, r := range s.requests() {
				if !strings.HasPrefix(r.url, "https://aap.example/") {
					t.Errorf("%s was asked", r.url)
				}
			}
			if n := len(s.requests()); n > 2*auditEvents+auditPages+1 {
				t.Errorf("%d requests", n)
			}
			if got != nil && got.Message != "asleep" {
				t.Errorf("%+v", got)
			}
			if _, ok := errors.AsType[*Error](err); test.says == "" && err == nil || ok && test.says == "" && errors.Is(err, ErrAuditIncomplete) {
				return
			}
			if err == nil || !strings.Contains(err.Error(), test.says) || !strings.Contains(err.Error(), "https://aap.example/api/eda/v1/") || len(err.Error()) > 1000 {
				t.Errorf("want an error that says %q: %.1200s", test.says, fmt.Sprint(err))
			}
		})
	}
}

// hostilePosts are answers to an event; unknown says whether the event may have been accepted.
var hostilePosts = map[string]struct {
	answer  reply
	unknown bool
}{
	"a body without an end": {plainText(200, strings.Repeat("x", maxPostAnswer+1)), true},
	"a page":                {htmlPage(200, "Log in"), false},
	"escapes":               {plainText(400, "\x1b[2J\x1b]8;;https://evil.example\x07no\u202e"), false},
	"an odd status":         {plainText(599, "no"), true},
}

// TestHostilePosts posts one event to each: it is sent once, and the error names the URL and is safe to print.
func TestHostilePosts(t *testing.T) {
	t.Parallel()
	for name, test := range hostilePosts {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := replies(test.answer)
			err := newTestWebhook(t, s, Authentication{Token: "planted-token"}).Post(t.Context(), []byte(event))
			if err == nil || errors.Is(err, transport.ErrOutcomeUnknown) != test.unknown || len(s.requests()) != 1 {
				t.Fatalf("after %d requests: %v", len(s.requests()), err)
			}
			if text := err.Error(); text != transport.OneLine(text) || !strings.Contains(text, webhookAddress) || len(text) > 1000 {
				t.Errorf("%q", text)
			}
		})
	}
}
