package eda_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
	"github.com/osac-project/terraform-provider-osac/internal/sandbox/eda"
)

// ask sends to the EDA server as admin, unless headers say otherwise.
func (s *stage) ask(method, path, body string, headers ...string) (int, map[string]any) {
	s.t.Helper()
	request, err := http.NewRequestWithContext(s.t.Context(), method, "http://eda"+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	request.SetBasicAuth("admin", "password")
	for i := 0; i+1 < len(headers); i += 2 {
		if headers[i+1] == "" {
			request.Header.Del(headers[i])
			continue
		}
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := s.eda.APITransport().RoundTrip(request)
	if err != nil {
		s.t.Fatal(err)
	}
	content, _ := io.ReadAll(response.Body)
	_ = response.Body.Close()
	var answer map[string]any
	_ = json.Unmarshal(content, &answer) // a post to an event stream is answered by nothing
	return response.StatusCode, answer
}

// row is the first of a list.
func (s *stage) row(path string) map[string]any {
	s.t.Helper()
	_, list := s.ask("GET", path, "")
	results, _ := list["results"].([]any)
	if len(results) == 0 {
		s.t.Fatalf("%s is empty: %v", path, list)
	}
	row, _ := results[0].(map[string]any)
	return row
}

func signature(algorithm func() hash.Hash, secret, body string) []byte {
	mac := hmac.New(algorithm, []byte(secret))
	mac.Write([]byte(body))
	return mac.Sum(nil)
}

// TestWebhookSignatures are the ways in which hmac_algo, hmac_header and hmac_format go together (eda 04).
func TestWebhookSignatures(t *testing.T) {
	const text = `{"a": "ü"}`
	right256, right512, right1 := signature(sha256.New, "s", text), signature(sha512.New, "s", text), signature(sha1.New, "s", text)
	for name, c := range map[string]struct {
		hook   eda.Webhook
		header string
		value  string
		status int
		text   string
	}{
		"hex":                {eda.Webhook{}, "X-Hub-Signature-256", hex.EncodeToString(right256), 200, "x"},
		"prefix":             {eda.Webhook{}, "X-Hub-Signature-256", "sha256=" + hex.EncodeToString(right256), 200, "x"},
		"space":              {eda.Webhook{}, "X-Hub-Signature-256", " " + hex.EncodeToString(right256) + " ", 200, "x"},
		"capitals":           {eda.Webhook{}, "X-Hub-Signature-256", strings.ToUpper(hex.EncodeToString(right256)), 401, "HMAC verification failed"},
		"other prefix":       {eda.Webhook{}, "X-Hub-Signature-256", "sha512=" + hex.EncodeToString(right256), 401, "HMAC verification failed"},
		"base64 for hex":     {eda.Webhook{}, "X-Hub-Signature-256", base64.StdEncoding.EncodeToString(right256), 401, "HMAC verification failed"},
		"base64":             {eda.Webhook{HMACFormat: "base64"}, "X-Hub-Signature-256", base64.StdEncoding.EncodeToString(right256), 200, "x"},
		"sha512":             {eda.Webhook{HMACAlgorithm: "sha512"}, "X-Hub-Signature-256", "sha512=" + hex.EncodeToString(right512), 200, "x"},
		"sha1, other header": {eda.Webhook{HMACAlgorithm: "sha1", HMACHeader: "x-sign"}, "X-Sign", hex.EncodeToString(right1), 200, "x"},
		"header is another":  {eda.Webhook{HMACHeader: "x-sign"}, "X-Hub-Signature-256", hex.EncodeToString(right256), 400, "Signature header not found"},
		"token comes first":  {eda.Webhook{Token: "t"}, "X-Other", "1", 401, "401: Missing authorization token"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c.hook.HMACSecret = "s"
				s := newStage(t, sandbox.Options{}, eda.Options{Webhook: c.hook})
				status, answer, err := s.post(t.Context(), "/x", text, c.header, c.value)
				if status != c.status || answer != c.text || err != nil {
					t.Errorf("got %d %q %v, want %d %q", status, answer, err, c.status, c.text)
				}
			})
		})
	}
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, sandbox.Options{}, eda.Options{Webhook: eda.Webhook{HMACSecret: "s", HMACAlgorithm: "rot13"}})
		if _, _, err := s.post(t.Context(), "/x", text); err == nil || s.eda.Err() == nil {
			t.Error("an algorithm that is not known is taken")
		}
	})
}

// TestWebhookLimit is the body of 1 MiB: one byte more is refused (eda 04).
func TestWebhookLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, sandbox.Options{}, eda.Options{})
		for size, want := range map[int]int{1 << 20: 200, 1<<20 + 1: 413} {
			status, _, err := s.post(t.Context(), "/x", `"`+strings.Repeat("x", size-2)+`"`)
			if status != want || err != nil {
				t.Errorf("%d bytes: %d %v, want %d", size, status, err, want)
			}
		}
	})
}

// TestWebhookOverNetwork is what Go's own server and client make of it: a hanging post, a cut, no status but an error.
func TestWebhookOverNetwork(t *testing.T) {
	box := sandbox.New(sandbox.Options{Token: "admin"})
	server := eda.New(eda.Options{Controller: box.RoundTripper(), Token: "admin", Rulebook: eda.OSACRulebook("osac")})
	listener := httptest.NewServer(server.WebhookHandler())
	defer listener.Close()
	defer server.Close()
	server.FaultPosts(eda.PostFault{Times: 1, Skip: 1, Reset: true, AfterAccepting: true})
	post := func() (*http.Response, error) {
		return http.Post(listener.URL+"/create-compute-instance", "application/json", strings.NewReader(body("vm")))
	}
	response, err := post()
	if err != nil || response.StatusCode != http.StatusOK || response.Header.Get("Server") != "Python/3.11 aiohttp/3.14.5" {
		t.Fatalf("post: %v %v", response, err)
	}
	_ = response.Body.Close()
	if response, err := post(); err == nil {
		_ = response.Body.Close()
		t.Error("the connection is not cut")
	}
	for range 2 {
		if _, err := box.WaitForJob(t.Context(), func(j sandbox.Job) bool { return j.ID == 2 }); err != nil {
			t.Fatal(err)
		}
	}
	server.Stop(true)
	if response, err := post(); err == nil {
		_ = response.Body.Close()
		t.Error("a stopped rulebook has answered")
	}
}

// TestLaunchRefused is eda 12 and 26: the post is answered by 200, and rule audit says why there is no job.
func TestLaunchRefused(t *testing.T) {
	for name, c := range map[string]struct {
		role    *sandbox.Role
		prefix  string
		message string
	}{
		"no template": {nil, "other", "Job template other-create-compute-instance in organization osac does not exist"},
		"not visible": {nil, "osac", "Job template osac-create-compute-instance in organization osac does not exist"},
		"may only read": {
			new(sandbox.RoleRead), "osac", "403, message='Forbidden', url='http://controller/api/v2/job_templates/9/launch/'",
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newStage(t, sandbox.Options{}, eda.Options{Rulebook: eda.OSACRulebook(c.prefix)})
				roles := map[string]sandbox.Role{}
				if c.role != nil {
					roles["osac-create-compute-instance"] = *c.role
				}
				s.box.AddUser("eda", "x", "eda-token", false, roles)
				s.eda.SetToken("eda-token")
				s.create("vm")
				synctest.Wait()
				action := s.row("/api/eda/v1/audit-rules/1/actions/")
				wantEqual(t, "status", action["status"], any("failed"))
				wantEqual(t, "url", action["url"], any(""))
				wantEqual(t, "message", action["status_message"], any(c.message))
				wantEqual(t, "logged", s.logged(c.message), true)
				wantEqual(t, "launched", s.eda.Events()[0].Jobs == nil || len(s.eda.Events()[0].Jobs) == 0, true)
			})
		})
	}
}

// TestStreamToAudit is an event stream from its post to rule audit: nothing before the action ends (eda 24).
func TestStreamToAudit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, sandbox.Options{JobDuration: 15 * time.Second}, eda.Options{
			Rulebook: eda.OSACStreamRulebook("osac"), Streams: []eda.Stream{{Name: "osac", Credential: eda.TokenCredential("T")}},
		})
		status, _ := s.ask("POST", s.eda.StreamPath("osac"), body("vm"), "Authorization", "Bearer T")
		wantEqual(t, "post", status, 200)
		time.Sleep(14 * time.Second)
		_, list := s.ask("GET", "/api/eda/v1/audit-rules/", "")
		wantEqual(t, "while it runs", list["count"], any(0.0))
		time.Sleep(7 * time.Second)
		rule := s.row("/api/eda/v1/audit-rules/?status=successful&order_by=-fired_at")
		wantEqual(t, "name", rule["name"], any("Create compute instance"))
		wantEqual(t, "url", s.row("/api/eda/v1/audit-rules/1/actions/")["url"], any("http://controller/#/jobs/playbook/1/details/"))
		event := s.row("/api/eda/v1/audit-rules/1/events/")
		wantEqual(t, "id", event["id"], any(s.eda.Events()[0].UUID))
		payload := fmt.Sprint(event["payload"])
		if !strings.HasPrefix(payload, "payload:\n  extra_vars:\n    osac_job_vars:\n      resource:\n") || !strings.Contains(payload, "\n    uid: u-vm\n") {
			t.Errorf("payload: %s", payload)
		}
		meta, _ := json.Marshal(s.extraVars(s.requests("POST", "/launch/")[0])["ansible_eda"])
		for _, part := range []string{
			`"headers":{}`, `"eda_event_stream_name":"osac"`, `"endpoint":"` + s.eda.StreamPath("osac") + `"`,
			`"source":{"name":"osac","type":"eda.builtin.pg_listener"}`,
		} {
			if !strings.Contains(string(meta), part) {
				t.Errorf("ansible_eda lacks %s: %s", part, meta)
			}
		}
	})
}

// TestStreamNeverWaits is F66: a post is answered at once, however long the queue is, and the event is gone when nobody
// listens.
func TestStreamNeverWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		book := eda.OSACStreamRulebook("osac")
		book.Parallel = false
		s := newStage(t, sandbox.Options{}, eda.Options{Rulebook: book, Streams: []eda.Stream{{Name: "osac", Credential: eda.BasicCredential("u", "p")}}})
		basic := "Basic " + base64.StdEncoding.EncodeToString([]byte("u:p"))
		for i := range 40 {
			if status, _ := s.ask("POST", s.eda.StreamPath("osac"), body(fmt.Sprint(i)), "Authorization", basic); status != 200 {
				t.Fatalf("post %d: %d", i, status)
			}
		}
		wantEqual(t, "time", time.Since(s.start), 0)
		time.Sleep(10 * time.Minute)
		wantEqual(t, "launches", len(s.launches()), 40)
		s.eda.Stop(true)
		status, _ := s.ask("POST", s.eda.StreamPath("osac"), body("late"), "Authorization", basic)
		wantEqual(t, "nobody listens", status, 200)
		s.eda.Start()
		time.Sleep(time.Minute)
		wantEqual(t, "launches after", len(s.launches()), 40)
		_, stream := s.ask("GET", "/api/eda/v1/event-streams/1/", "")
		wantEqual(t, "events_received", stream["events_received"], any(41.0))
	})
}

// TestGateway: with a path in its URL, the controller is AAP's (src); bearer tokens are the gateway's (eda 20).
func TestGateway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, sandbox.Options{Gateway: sandbox.AAP25}, eda.Options{
			ControllerURL: "http://aap/api/controller", API: eda.API{Tokens: map[string]string{"t": "admin"}},
		})
		s.create("vm")
		time.Sleep(time.Minute)
		wantEqual(t, "launches", len(s.launches()), 1)
		wantEqual(t, "polls", len(s.requests("GET", "/api/controller/v2/jobs/")), 2)
		status, _ := s.ask("GET", "/api/eda/v1/audit-rules/", "", "Authorization", "Bearer t")
		wantEqual(t, "with a token", status, 200)
		status, _ = s.ask("GET", "/api/eda/v1/audit-rules/", "", "Authorization", "Bearer other")
		wantEqual(t, "with another", status, 401)
	})
}

// TestWorkflow is eda 12: the limit is dropped unless prompted for, the job is a workflow job.
func TestWorkflow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		book := eda.OSACRulebook("osac")
		book.Rules[0].Actions[0].Workflow, book.Rules[0].Actions[0].Name = true, "wf"
		s := newStage(t, sandbox.Options{}, eda.Options{Rulebook: book})
		s.box.AddTemplate(sandbox.Template{
			Name: "wf", Workflow: true, AsksVariables: true, Nodes: []sandbox.Node{{Template: "osac-create-compute-instance"}},
		})
		s.create("vm")
		time.Sleep(time.Minute)
		launch := s.requests("POST", "/launch/")[0]
		if strings.Contains(launch.Body, "limit") || !s.logged("Workflow template wf does not accept limit, removing it") {
			t.Errorf("limit is sent: %s", launch.Body)
		}
		wantEqual(t, "status", s.eda.Events()[0].Status, "successful")
		wantEqual(t, "url", s.row("/api/eda/v1/audit-rules/1/actions/")["url"], any("http://controller/#/jobs/workflow/1/details/"))
	})
}

// TestAdmin is the API that a real EDA does not have.
func TestAdmin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, sandbox.Options{}, eda.Options{})
		const base = "/sandbox/api/eda/"
		for path, text := range map[string]string{
			"faults": `{"event": {"times": 1, "drop": true}}`, "rules": `{"rule": "Delete compute instance", "disabled": true}`,
		} {
			if status, _ := s.ask("POST", base+path, text); status != 200 {
				t.Errorf("%s: %d", path, status)
			}
		}
		s.create("vm")
		wantEqual(t, "state", s.eda.Events()[0].State, eda.Dropped)
		status, _ := s.ask("POST", base+"faults", `{"nonsense": 1}`)
		wantEqual(t, "nonsense", status, 400)
		s.ask("POST", base+"stop", `{"kill": true}`)
		if _, _, err := s.post(context.Background(), "/x", "{}"); err == nil {
			t.Error("it is not stopped")
		}
		_, activation := s.ask("GET", "/api/eda/v1/activations/1/", "")
		wantEqual(t, "status", activation["status"], any("stopped"))
		status, _ = s.ask("POST", "/api/eda/v1/activations/1/enable/", "")
		wantEqual(t, "enable", status, 204)
		wantEqual(t, "it runs", s.eda.Err(), nil)
	})
}
