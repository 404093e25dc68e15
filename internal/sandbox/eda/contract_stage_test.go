package eda

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/sandbox/fidelity"
)

// replayWebhook sends what was sent to a real webhook.
func replayWebhook(t *testing.T) []*fidelity.Comparison {
	t.Helper()
	const secret = "hmac secret"
	var results []*fidelity.Comparison
	all := recordings(t, "04", "", "exchanges")
	all = append(all, recordings(t, "01", "", "webhook")...)
	all = append(all, recordings(t, "10", "", "webhook")...)
	all = append(all, recordings(t, "05", "dup", "duplicate_event", "posts")...)
	all = append(all, recordings(t, "05", "retries", "controller_down", "posts")...)
	all = append(all, recordings(t, "06", "", "controller_down_longer_than_the_retries", "posts")...)
	for _, e := range all {
		if e.Response.Status == 0 {
			continue // no answer: TLS to a client that does not trust it, or none to a server that wants it
		}
		hook := Webhook{}
		if strings.Contains(e.Case, "token") {
			hook.Token = "TOKEN"
		}
		if strings.HasPrefix(e.Case, "hmac") {
			hook.HMACSecret = secret
		}
		s := New(Options{Controller: &script{t: t}, ControllerURL: "http://AAP/", Webhook: hook, Rulebook: recordedRulebook(Action{})})
		results = append(results, e.send(t, s.WebhookTransport(), func(r *http.Request, body []byte) {
			if strings.HasPrefix(e.Case, "hmac: right") { // the recorded secret is not known
				prefix := strings.TrimSuffix(r.Header.Get("X-Hub-Signature-256"), e.Request.Headers["X-Hub-Signature-256"][7:])
				if !strings.HasPrefix(prefix, "sha256=") {
					prefix = ""
				}
				r.Header.Set("X-Hub-Signature-256", prefix+sign("sha256", "hex", secret, body))
			}
		}))
		synctest.Wait()
		s.Close()
	}
	return results
}

// recordedRulebook is the one that most recordings were made with.
func recordedRulebook(a Action) Rulebook {
	setDefault(&a.Name, "osac-create-compute-instance")
	setDefault(&a.Organization, "osac")
	remove := a
	remove.Name = "osac-delete-compute-instance"
	return Rulebook{Ruleset: "Fulfillment webhook", Rules: []Rule{
		{
			Name: "Create compute instance", Condition: `event.meta.endpoint == "create-compute-instance"`, Actions: []Action{a},
		},
		{
			Name: "Delete compute instance", Condition: `event.meta.endpoint == "delete-compute-instance"`, Actions: []Action{remove},
		},
	}}
}

func streamRulebook(a Action) Rulebook {
	book := recordedRulebook(a)
	for i := range book.Rules {
		book.Rules[i].Condition = strings.Replace(book.Rules[i].Condition, "event.meta.endpoint", "event.payload.action", 1)
	}
	return book
}

// addControllerCredential makes the one that the recorded activation had.
func (s *Server) addControllerCredential() {
	s.makeCredential("c-aap", controllerCredential, object{
		{"host", "http://AAP/"}, {"oauth_token", "TOKEN"}, {"request_timeout", "10"}, {"verify_ssl", false},
	})
}

func named(name string, c Credential) Credential {
	c.Name = name
	return c
}

// recordedStreams are those of the recordings.
func recordedStreams() []Stream {
	return []Stream{
		{
			Name: "osac-tok", UUID: "bda19b89-a64c-4c0d-9d9d-bcdc79737ee6", Credential: named("c-tok", TokenCredential("TOKEN")),
			AdditionalDataHeaders: "*",
		},
		{
			Name: "osac-bas", UUID: "745412b5-5c1a-41f2-8eec-d70f330e598c", Credential: named("c-bas", BasicCredential("eve", "TOKEN")),
			AdditionalDataHeaders: "X-Correlation-Id, X-GitHub-Delivery",
		},
		{Name: "osac-hm", UUID: "cd3ba45b-0abb-4b64-ac38-32608b767fa6", Credential: named("c-hm", HMACCredential("TOKEN"))},
	}
}

// authorize puts in what the recorder took out.
func authorize(user string) func(*http.Request, []byte) {
	return func(r *http.Request, body []byte) {
		if r.Header.Get("Authorization") == "Basic TOKEN" {
			r.SetBasicAuth(user, "testpass")
			if strings.Contains(r.URL.Path, "external_event_stream") {
				r.SetBasicAuth("eve", "TOKEN")
			}
		}
		if len(r.Header.Get("X-Hub-Signature-256")) > 20 {
			r.Header.Set("X-Hub-Signature-256", "sha256="+sign("sha256", "hex", "TOKEN", body))
		}
	}
}

func recordedAPI() API {
	return API{Users: []User{
		{Username: "admin", Password: "testpass", Superuser: true}, {Username: "carl", Password: "x"}, {Username: "bob", Password: "testpass"},
	}}
}

// replayServer is the EDA server before any rulebook: accounts, lists, credentials, event streams, posts to them.
func replayServer(t *testing.T) []*fidelity.Comparison {
	t.Helper()
	var results []*fidelity.Comparison
	stopped := &script{t: t, refuse: true}
	empty := New(Options{Controller: stopped, API: recordedAPI()})
	for _, number := range []string{"20", "21"} {
		for _, e := range recordings(t, number, "", "exchanges") {
			results = append(results, e.send(t, empty.APITransport(), authorize("admin")))
		}
	}
	empty.Close()
	disabled := recordedAPI()
	disabled.Disabled = true
	s := New(Options{Controller: stopped, ControllerURL: "http://AAP/", API: disabled, Streams: recordedStreams(), Rulebook: streamRulebook(Action{})})
	s.mu.Lock()
	s.addControllerCredential()
	s.streams[1].Unmapped, s.streams[2].Unmapped = true, true
	s.mu.Unlock()
	for _, number := range []string{"22", "23"} {
		for _, e := range recordings(t, number, "", "exchanges") {
			results = append(results, e.send(t, s.APITransport(), authorize("admin")))
		}
	}
	s.Close()
	return results
}

// replayAudit is an event from its post to rule audit, at the seconds at which it was recorded.
func replayAudit(t *testing.T) []*fidelity.Comparison {
	t.Helper()
	time.Sleep(time.Until(time.Date(2026, 11, 23, 9, 28, 24, 0, time.UTC)))
	var results []*fidelity.Comparison
	controller := &script{t: t, jobTime: 15 * time.Second}
	s := New(Options{
		Controller: controller, ControllerURL: "http://AAP/", Token: "TOKEN", API: recordedAPI(), Streams: recordedStreams(),
		Rulebook: streamRulebook(Action{}),
	})
	s.mu.Lock()
	s.addControllerCredential()
	s.streams[0].received = 13
	s.streams[1].received, s.streams[1].receivedAt = 2, now()
	s.streams[2].received, s.streams[2].receivedAt = 2, now()
	s.streams[1].Unmapped, s.streams[2].Unmapped = true, true
	s.mu.Unlock()
	synctest.Wait()
	start := time.Now()
	for _, e := range recordings(t, "24", "", "exchanges") {
		time.Sleep(time.Until(start.Add(time.Duration(e.T * float64(time.Second)))))
		results = append(results, e.send(t, s.APITransport(), authorize("admin")))
		synctest.Wait()
	}
	results = append(results, controller.compareRequests(t, recordings(t, "24", "", "controller_requests"))...)
	for _, e := range recordings(t, "25", "", "exchanges") {
		user := "bob"
		if e.Request.Method == http.MethodPost {
			user = "admin"
		}
		role, _, _ := strings.Cut(e.Case, ":")
		s.mu.Lock()
		s.options.API.Users[2].Role = role
		s.mu.Unlock()
		results = append(results, e.send(t, s.APITransport(), authorize(user)))
	}
	controller.missing = true
	for _, e := range recordings(t, "26", "", "exchanges") {
		results = append(results, e.send(t, s.APITransport(), authorize("admin")))
		synctest.Wait()
	}
	s.Close()
	return results
}

func replayTrustedProxy(t *testing.T) []*fidelity.Comparison {
	t.Helper()
	var results []*fidelity.Comparison
	api := recordedAPI()
	api.RequireTrustedProxy = true
	s := New(Options{Controller: &script{t: t}, API: api, Streams: recordedStreams()})
	for _, e := range recordings(t, "27", "", "exchanges") {
		results = append(results, e.send(t, s.APITransport(), authorize("admin")))
	}
	s.Close()
	return results
}
