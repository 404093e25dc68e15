package sandbox

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/sandbox/eda"
)

// TestGatewayReleases is what one release does and another does not.
func TestGatewayReleases(t *testing.T) {
	const launch = "/api/controller/v2/job_templates/9/launch/"
	for _, release := range []struct {
		name, controller              string
		readerLaunches, pat, patReads int
		patsMade                      int
	}{
		{AAP25, "4.6.", 201, 403, 200, 201},
		{AAP26, "4.7.", 403, 403, 200, 201},
		{AAP27, "4.8.", 403, 401, 401, 404},
	} {
		t.Run(release.name, func(t *testing.T) {
			w := newPlatformWorld(t, release.name)
			defer w.eda.Close()
			w.box.AddComponentToken("admin", "reading pat", scopeRead)
			ping := w.ask(t, "GET", "/api/gateway/v1/ping/", "")
			expect(t, "release", ping.str("version"), release.name)
			expect(t, "dispatcherd", ping.str("dispatcherd_connected"), map[bool]string{true: "true", false: "null"}[release.name == AAP27])
			config := w.ask(t, "GET", "/api/controller/v2/config/", "")
			expect(t, "controller", strings.HasPrefix(config.str("version"), release.controller), true)
			expect(t, "its header", config.header.Get("X-API-Product-Version"), config.str("version"))
			expect(t, "a reader launches", w.as("reader").ask(t, "POST", launch, "").status, release.readerLaunches)
			refused := w.as("reading pat").ask(t, "POST", launch, "")
			expect(t, "a reading PAT launches", refused.status, release.pat)
			expect(t, "which the component refuses", refused.str("details"), "null")
			expect(t, "a PAT reads", w.as("pat").ask(t, "GET", "/api/controller/v2/me/", "").status, release.patReads)
			for _, path := range []string{"tokens/", "users/1/personal_tokens/"} {
				expect(t, path, w.ask(t, "POST", "/api/controller/v2/"+path, "{}").status, release.patsMade)
			}
			listed := w.ask(t, "GET", "/api/controller/v2/", "").str("tokens")
			expect(t, "tokens are listed", listed != "null", release.patsMade == 201)
			expect(t, "the scheme token", w.as("").ask(t, "GET", "/api/controller/v2/me/", "", "Authorization", "Token admin").status, 200)
		})
	}
}

// TestGatewayBar is the gateway's own refusal: its key is details, and it is text where nobody asks for JSON.
func TestGatewayBar(t *testing.T) {
	c := newClient(Options{Gateway: AAP27})
	c.box.AddToken("admin", "reader", scopeRead)
	for accept, body := range map[string]string{
		"application/json": `{"details":"Your token has insufficient scope to perform this action"}`,
		"*/*":              "Your token has insufficient scope to perform this action",
	} {
		refused := c.as("reader").ask(t, "DELETE", "/api/controller/v2/nowhere/", "", "Accept", accept)
		expect(t, accept, refused.text, body)
		expect(t, accept+" status", refused.status, http.StatusForbidden)
	}
}

func TestGatewayTokens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const tokens, me = "/api/gateway/v1/tokens/", "/api/controller/v2/me/"
		c := newClient(Options{Gateway: AAP27})
		c.box.AddUser("other", "", "other", false, nil)
		made := c.ask(t, "POST", tokens, `{"scope": "read write", "user": 2, "token": "mine", "expires": "2100-01-01T00:00:00Z"}`)
		expect(t, "user", made.str("user"), "1")
		expect(t, "scope", made.str("scope"), "read write")
		expect(t, "length of the token", len(made.str("token")), 30)
		expect(t, "location", made.header.Get("Location"), made.str("url"))
		holder := c.as(made.str("token"))
		expect(t, "it works", holder.ask(t, "GET", me, "").status, 200)
		expect(t, "list", c.ask(t, "GET", tokens, "").ids(), "1 2 3")
		expect(t, "text in the list", reply{body: c.ask(t, "GET", tokens, "").results()[2]}.str("token"), "$encrypted$")
		expect(t, "of others", c.as("other").ask(t, "GET", made.str("url"), "").status, 404)
		expect(t, "deleted by others", c.as("other").ask(t, "DELETE", made.str("url"), "").status, 404)
		expect(t, "no such scope", c.ask(t, "POST", tokens, `{"scope": "all"}`).status, 400)
		time.Sleep(gatewayTokenLife - time.Second)
		expect(t, "a year later", holder.ask(t, "GET", me, "").status, 200)
		expect(t, "deleted", holder.ask(t, "DELETE", made.str("url"), "").status, 204)
		expect(t, "gone", holder.ask(t, "GET", me, "").status, 401)
		expect(t, "not found", c.ask(t, "GET", made.str("url"), "").status, 404)
		late := c.as(c.ask(t, "POST", tokens, "{}").str("token"))
		time.Sleep(gatewayTokenLife)
		expect(t, "expired", late.ask(t, "GET", me, "").status, 401)
	})
}

func TestGatewayBasicAuth(t *testing.T) {
	const basic = "Basic YWRtaW46cGFzc3dvcmQ="
	for off, status := range map[bool]int{false: 200, true: 401} {
		c := newClient(Options{Gateway: AAP27, NoBasicAuth: off})
		for _, path := range []string{"/api/controller/v2/me/", "/api/gateway/v1/tokens/"} {
			expect(t, path, c.as("").ask(t, "GET", path, "", "Authorization", basic).status, status)
		}
	}
}

// TestGatewaySession logs in at the gateway, whose cookie is good for the components.
func TestGatewaySession(t *testing.T) {
	b := newBrowser(t, New(Options{Gateway: AAP27}))
	expect(t, "form", b.ask(t, "GET", "/api/gateway/v1/login/", "").status, 200)
	expect(t, "wrong password", b.ask(t, "POST", "/api/gateway/v1/login/", "username=admin&password=no", "X-CSRFToken", b.token(t)).status, 401)
	expect(t, "login", b.ask(t, "POST", "/api/gateway/v1/login/", "username=admin&password=password", "X-CSRFToken", b.token(t)).status, 302)
	expect(t, "somebody", b.ask(t, "GET", "/api/controller/v2/me/", "").status, 200)
	const launch = "/api/controller/v2/job_templates/9/launch/"
	expect(t, "launch without the CSRF token", b.ask(t, "POST", launch, "").status, 403)
	expect(t, "launch", b.ask(t, "POST", launch, "", "X-CSRFToken", b.token(t)).status, 201)
	expect(t, "logout", b.ask(t, "POST", "/api/gateway/v1/logout/", "", "X-CSRFToken", b.token(t)).status, 302)
	expect(t, "nobody again", b.ask(t, "GET", "/api/controller/v2/me/", "").status, 401)
}

// TestComponentHost asks a controller at its own host, past the gateway.
func TestComponentHost(t *testing.T) {
	ask := func(t *testing.T, box *Sandbox, path string, headers ...string) reply {
		t.Helper()
		return askThrough(t, box.ComponentTransport(), "GET", path, "", headers...)
	}
	for _, release := range []string{AAP25, AAP26} {
		box := New(Options{Gateway: release, Token: "gateway token"})
		box.AddComponentToken("admin", "pat", scopeWrite)
		found := ask(t, box, "/api/v2/job_templates/9/", "Authorization", "Bearer pat")
		expect(t, "links", found.str("url"), "/api/v2/job_templates/9/")
		expect(t, "no Envoy", found.header.Get("Server"), "")
		expect(t, "basic auth", ask(t, box, "/api/v2/me/", "Authorization", "Basic YWRtaW46cGFzc3dvcmQ=").status, 200)
		expect(t, "a token of the gateway", ask(t, box, "/api/v2/me/", "Authorization", "Bearer gateway token").status, 401)
		expect(t, "the gateway", ask(t, box, "/api/gateway/v1/ping/").status, 404)
		through := askThrough(t, box.RoundTripper(), "GET", "/api/controller/v2/job_templates/9/", "", "Authorization", "Bearer gateway token")
		expect(t, "links through the gateway", through.str("url"), "/api/controller/v2/job_templates/9/")
	}
	for ping, status := range map[bool]int{false: 401, true: 200} {
		box := New(Options{Gateway: AAP27, ComponentPing: ping})
		box.AddComponentToken("admin", "pat", scopeWrite)
		expect(t, "ping", ask(t, box, "/api/v2/ping/").status, status)
		for _, path := range []string{"/api/", "/api/v2/", "/api/v2/me/", "/api/v2/nowhere/"} {
			expect(t, path, ask(t, box, path, "Authorization", "Bearer pat").status, 401)
		}
	}
}

// TestGatewayWaits no longer than its route's limit: what is slow is carried out all the same, what hangs is not.
func TestGatewayWaits(t *testing.T) {
	for name, each := range map[string]struct {
		fault    Fault
		status   int
		after    time.Duration
		launches int
	}{
		"slow":                {Fault{Delay: 40 * time.Second}, 504, 30 * time.Second, 1},
		"slow to answer":      {Fault{Delay: 40 * time.Second, AfterHandling: true}, 504, 30 * time.Second, 1},
		"hangs":               {Fault{Hang: true}, 504, 30 * time.Second, 0},
		"fast enough":         {Fault{Delay: 20 * time.Second}, 201, 20 * time.Second, 1},
		"named, not done":     {Fault{Answer: AnswerTimeout}, 504, 0, 0},
		"named, carried out":  {Fault{Answer: AnswerTimeout, AfterHandling: true}, 504, 0, 1},
		"nothing but a route": {Fault{Path: "ping", Answer: AnswerLocked}, 201, 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newClient(Options{Gateway: AAP27})
				c.box.Fault(each.fault)
				began := time.Now()
				answered := c.ask(t, "POST", "/api/controller/v2/job_templates/9/launch/", "")
				expect(t, "status", answered.status, each.status)
				expect(t, "after", time.Since(began), each.after)
				expect(t, "launches", len(c.box.Jobs()), each.launches)
				if each.status == 504 {
					expect(t, "text", answered.header.Get("Content-Type")+" "+answered.text, "text/plain upstream request timeout")
				}
			})
		})
	}
}

// TestNamedAnswers sets each by the sandbox's own API.
func TestNamedAnswers(t *testing.T) {
	box := New(Options{Gateway: AAP27})
	b := newBrowser(t, box)
	for _, canned := range Answers() {
		set := b.ask(t, "POST", "/sandbox/api/faults", `{"fault": {"answer": "`+string(canned.Name)+`", "times": 1}}`)
		expect(t, "set "+string(canned.Name), set.status, 200)
		got := b.ask(t, "GET", "/api/controller/v2/ping/", "")
		expect(t, string(canned.Name), got.status, canned.Status)
		expect(t, string(canned.Name), got.header.Get("Content-Type"), canned.ContentType)
	}
	expect(t, "unknown", b.ask(t, "POST", "/sandbox/api/faults", `{"fault": {"answer": "none"}}`).status, 400)
	expect(t, "all is well again", b.ask(t, "GET", "/api/controller/v2/ping/", "").status, 200)
	expect(t, "list", b.ask(t, "GET", "/sandbox/api/answers", "").status, 200)
}

// TestGatewayBeforeEDA is EDA as the gateway has it: the gateway says who asks, event streams have credentials of their own.
func TestGatewayBeforeEDA(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newPlatformWorld(t, AAP27)
		defer w.eda.Close()
		w.box.AddToken("admin", "reader", scopeRead)
		w.box.AddUser("other", "", "other", false, nil)
		const me = "/api/eda/v1/users/me/"
		expect(t, "who", w.ask(t, "GET", me, "").str("username"), "admin")
		expect(t, "a user that EDA does not know", w.as("other").ask(t, "GET", me, "").str("username"), "other")
		expect(t, "nobody", w.as("").ask(t, "GET", me, "").status, 401)
		forged := identity(&user{name: "admin", superuser: true})
		expect(t, "a forged identity", w.as("").ask(t, "GET", me, "", jwtHeader, forged).status, 401)
		refused := w.as("reader").ask(t, "POST", "/api/eda/v1/activations/1/disable/", "")
		expect(t, "a reader", refused.str("details"), "Your token has insufficient scope to perform this action")

		event := `{"verb": "create", "metadata": {"name": "vm", "namespace": "ns"}}`
		expect(t, "the gateway's token at a stream", w.ask(t, "POST", w.stream, event, "Authorization", "admin").status, 403)
		w.box.AddToken("admin", "stream", scopeWrite) // both have it: the stream still gets it
		posted := w.as("stream").ask(t, "POST", w.stream, event)
		expect(t, "post", posted.status, 200)
		expect(t, "by", posted.header.Get("Server"), "envoy")
		requests := w.box.Requests()
		expect(t, "route", requests[len(requests)-1].Route, "event stream")

		w.eda.FaultPosts(eda.PostFault{Times: 1, Reset: true})
		expect(t, "a cut connection", w.ask(t, "POST", w.stream, event, "Authorization", "stream").text,
			"upstream connect error or disconnect/reset before headers. reset reason: connection failure")
		plain := newClient(Options{Gateway: AAP27})
		expect(t, "without an EDA", plain.ask(t, "GET", "/api/eda/", "").status, 404)
		expect(t, "and its name", plain.ask(t, "GET", "/api/", "").str("apis.eda"), "null")
	})
}
