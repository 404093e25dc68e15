package eda

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/osac-project/terraform-provider-osac/internal/transport"
)

// FuzzAudit gives rule audit any three documents: whatever they are, the answer is a failure that is fit to print, none, or
// an *Error.
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

// FuzzErrorBody gives a post any answer: its error is fit to print and shows nothing of the body or the credentials.
func FuzzErrorBody(f *testing.F) {
	for _, test := range refusals {
		f.Add(test.answer.status, test.answer.header.Get("Content-Type"), test.answer.body)
	}
	f.Add(400, "", "\x1b]0;title\x07 planted-token planted-in-the-body")
	f.Add(403, "application/json", `{"detail":["a"],"error":"planted-\u0000token"}`)
	f.Fuzz(func(t *testing.T, status int, kind, body string) {
		if status < 400 || status > 599 || status == 429 || status == 503 {
			return
		}
		s := replies(reply{status: status, header: http.Header{"Content-Type": {kind}}, body: body})
		err := newTestStream(t, s, Authentication{Token: "planted-token"}).Post(t.Context(), []byte(event))
		if _, ok := errors.AsType[*Error](err); !ok {
			t.Fatalf("%#v", err)
		}
		text := err.Error()
		if text != transport.OneLine(text) || len(text) > 1500 || strings.Contains(text, "planted-token") || strings.Contains(text, "planted-in-the-body") {
			t.Fatalf("not fit to print: %q", text)
		}
	})
}
