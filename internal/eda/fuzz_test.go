package eda

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/osac-project/terraform-provider-osac/internal/transport"
)

// FuzzAudit gives rule audit any three documents. The result is a failure that is safe to print, no failure, or an
// *Error.
func FuzzAudit(f *testing.F) {
	f.Add(recordedRules, recordedEvents, recordedActions)
	f.Add(emptyList, emptyList, emptyList)
	f.Add(`{"results":[{"id":2}],"next":"x"}`, `{"results":[{"payload":{"a":"vm-missing"}}]}`, `{"results":[{}]}`)
	f.Add(`{"results":[{"id":2,"status":"failed","activation_instance":7,"fired_at":7}]}`, `{"results":[{"payload":"vm-missing"}]}`,
		`{"results":[{"status":"failed","status_message":"\u001b[2J","fired_at":"now"}]}`)
	f.Add(`{"results":[{"id":"2"}]}`, `[]`, `null`)
	f.Add(`{"results":null}`, ``, `<html>`)
	f.Fuzz(func(t *testing.T, rules, events, actions string) {
		s := &server{}
		s.answer = func(r request) reply {
			switch {
			case strings.HasSuffix(r.url, "/events/"):
				return json200(events)
			case strings.HasSuffix(r.url, "/actions/"):
				return json200(actions)
			}
			return json200(rules)
		}
		got, err := newTestAPI(t, s).FailureOf(t.Context(), posted, "vm-missing")
		if _, ok := errors.AsType[*Error](err); err != nil && (!ok || got != nil) {
			t.Fatalf("%+v, %#v", got, err)
		}
		if got != nil {
			for _, text := range []string{got.Rule, got.Action, got.Message, got.Activation, got.URL} {
				if text != transport.OneLine(text) || len(text) > maxDetail+4 {
					t.Fatalf("not fit to print: %q", text)
				}
			}
		}
		if n := len(s.requests()); n > 2*auditEvents+auditPages+1 {
			t.Fatalf("%d requests", n)
		}
	})
}

// FuzzPostAnswer gives a post any answer. Either the event was accepted, or the error is safe to print and shows
// nothing of the event or the credentials.
func FuzzPostAnswer(f *testing.F) {
	for _, test := range refusals {
		f.Add(test.answer.status, test.answer.header.Get("Content-Type"), "c9b5f5d2-8015", test.answer.body)
	}
	f.Add(400, "", "\x1b[2J", "\x1b]0;title\x07 planted-token planted-in-the-body")
	f.Add(403, "application/json", "\u202eplanted-token", `{"detail":["a"],"error":"planted-\u0000token"}`)
	f.Add(200, "text/html", "", "<html>")
	f.Add(307, "", "", "")
	f.Fuzz(func(t *testing.T, status int, kind, id, body string) {
		if status < 200 || status > 599 || status == 429 || status == 503 {
			return // the last two are waited for
		}
		s := replies(reply{status: status, header: http.Header{"Content-Type": {kind}, "X-Request-Id": {id}}, body: body})
		err := newTestStream(t, s, Authentication{Token: "planted-token"}).Post(t.Context(), []byte(event))
		if n := len(s.requests()); n != 1 {
			t.Fatalf("posted %d times", n)
		}
		if err == nil {
			if status >= 300 {
				t.Fatalf("%d is taken for accepted", status)
			}
			return
		}
		if _, ok := errors.AsType[*Error](err); !ok {
			t.Fatalf("%#v", err)
		}
		text := err.Error()
		if text != transport.OneLine(text) || len(text) > 1500 || strings.Contains(text, "planted-token") || strings.Contains(text, "planted-in-the-body") {
			t.Fatalf("not fit to print: %q", text)
		}
	})
}
