package sandbox

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
)

// replayer asks what one statement is about.
type replayer func(t *testing.T, w *platformWorld) reply

// sent is a plain request, with a token: "" for none.
func sent(method, path, token, body string, headers ...string) replayer {
	return func(t *testing.T, w *platformWorld) reply {
		t.Helper()
		return w.as(token).ask(t, method, path, body, headers...)
	}
}

// disturbed is any request, while something is wrong.
func disturbed(canned Answer) replayer {
	return func(t *testing.T, w *platformWorld) reply {
		t.Helper()
		w.box.Fault(Fault{Answer: canned})
		return w.ask(t, "GET", "/api/controller/v2/jobs/", "")
	}
}

// atComponent asks the controller's own host.
func atComponent(path, token string) replayer {
	return func(t *testing.T, w *platformWorld) reply {
		t.Helper()
		return askThrough(t, w.box.ComponentTransport(), "GET", path, "", "Authorization", "Bearer "+token)
	}
}

// asSession logs in, and asks with the session's cookie and another CSRF token.
func asSession(method, path string) replayer {
	return func(t *testing.T, w *platformWorld) reply {
		t.Helper()
		in := loginAtGateway(t, w.client, "password")
		var session string
		for _, cookie := range in.header.Values("Set-Cookie") {
			if strings.HasPrefix(cookie, gatewaySessionCookie+"=") {
				session, _, _ = strings.Cut(cookie, ";")
			}
		}
		return askThrough(t, w.box.RoundTripper(), method, path, "", "Cookie", session+"; csrftoken=one", "X-CSRFToken", "another", "Accept", "application/json")
	}
}

// loginAtGateway sends the form of the gateway's login, as a browser does that was there before.
func loginAtGateway(t *testing.T, c *client, password string) reply {
	t.Helper()
	return askThrough(t, c.box.RoundTripper(), "POST", "/api/gateway/v1/login/", "username=admin&password="+password,
		"Content-Type", "application/x-www-form-urlencoded", "Cookie", "csrftoken=one", "X-CSRFToken", "one", "Referer", "http://aap/api/gateway/v1/login/")
}

func gatewayReplays() map[string]replayer {
	const protected, tokens = "/api/controller/v2/me/", "/api/gateway/v1/tokens/"
	basic := "Basic " + base64.StdEncoding.EncodeToString([]byte("admin:password"))
	event := `{"verb": "none"}`
	all := map[string]replayer{
		"gateway: GET /api/ (none)":                                                          sent("GET", "/api/", "", ""),
		"controller: GET /api/ (none)":                                                       sent("GET", "/api/", "", ""),
		"gateway: GET /api/controller/ (none)":                                               sent("GET", "/api/controller/", "", ""),
		"gateway: GET /api/gateway/v1/ (none)":                                               sent("GET", "/api/gateway/v1/", "", ""),
		"gateway: GET /api/gateway/v1/ping/ (none)":                                          sent("GET", "/api/gateway/v1/ping/", "", ""),
		"gateway: GET /up (none)":                                                            sent("GET", "/up", "", ""),
		"gateway: GET /api/controller/v2/ping/ (none)":                                       sent("GET", "/api/controller/v2/ping/", "", ""),
		"gateway: GET /api/controller/v2/ (none)":                                            sent("GET", "/api/controller/v2/", "", ""),
		"gateway: GET /api/controller/v2/config/ (none)":                                     sent("GET", "/api/controller/v2/config/", "", ""),
		"gateway: GET /api/gateway/v1/login/ (none)":                                         sent("GET", "/api/gateway/v1/login/", "", "", "Accept", "text/html"),
		"gateway: POST <anything> (session cookie, bad CSRF)":                                asSession("POST", "/api/controller/v2/job_templates/9/launch/"),
		"gateway: GET /api/controller/v2/<anything protected> (none)":                        sent("GET", protected, "", ""),
		"gateway: GET /api/controller/v2/<protected> (Bearer <controller PAT>)":              sent("GET", protected, "pat", ""),
		"gateway: GET /api/controller/v2/<protected> (Bearer <gateway token>)":               sent("GET", protected, "admin", ""),
		"gateway: GET /api/controller/v2/<protected> (Bearer <wrong>)":                       sent("GET", protected, "wrong", ""),
		"gateway: GET /api/controller/v2/<protected> (Basic user:password)":                  sent("GET", protected, "", "", "Authorization", basic),
		"gateway: POST|PATCH|DELETE <anything> (Bearer <token, scope read>)":                 sent("POST", "/api/controller/v2/job_templates/9/launch/", "reader", ""),
		"component host: GET <controller host>/api/v2/ping/ (none)":                          atComponent("/api/v2/ping/", ""),
		"component host: GET <controller host>/api/v2/<protected> (Basic or controller PAT)": atComponent("/api/v2/me/", "pat"),
		"component host: GET <controller host>/api/v2/<anything, ping too> (any or none)":    atComponent("/api/v2/ping/", "pat"),
		"OpenShift router: GET <old OpenShift route of the controller>/… (any)":              disturbed(AnswerNoApplication),
		"gateway: POST /api/gateway/v1/tokens/ {} or {description,scope} (Basic, session or token of scope write)": sent(
			"POST", tokens, "", `{"description": "terraform", "scope": "write"}`, "Authorization", basic),
		"gateway: GET /api/gateway/v1/tokens/7/ (any)":                           madeToken("GET", "admin"),
		"gateway: DELETE /api/gateway/v1/tokens/7/ (any of scope write)":         madeToken("DELETE", "admin"),
		"gateway: POST /api/gateway/v1/tokens/ (SSO/LDAP user)":                  sent("POST", tokens, "sso", "{}"),
		"gateway: POST /api/controller/v2/tokens/ (Basic)":                       sent("POST", "/api/controller/v2/tokens/", "", "{}", "Authorization", basic),
		"gateway: POST /api/controller/v2/tokens/ (any)":                         sent("POST", "/api/controller/v2/tokens/", "admin", "{}"),
		"gateway: any (valid)":                                                   disturbed(AnswerClaims),
		"gateway: any (during migrations) (valid, no superuser)":                 disturbed(AnswerLocked),
		"gateway: any that takes over 30 s (any)":                                disturbed(AnswerTimeout),
		"gateway: POST body over 5 MB (containerized) / 20-25 MiB (Envoy) (any)": disturbed(AnswerTooLargeNginx),
		"gateway: GET /api/eda/v1/… (Bearer <gateway token>)":                    sent("GET", "/api/eda/v1/users/me/", "admin", ""),
		// eda-server's root wants credentials, as all its views do (api/views/root.py), though the statement says it does not.
		"gateway: GET /api/eda/ (none)": sent("GET", "https://aap/api/eda/", "admin", ""),
		"gateway: POST /eda-event-streams/api/eda/v1/external_event_stream/<uuid>/post/ (per stream (token, basic, hmac, oauth2, oauth2-jwt, ecdsa, mtls))": func(t *testing.T, w *platformWorld) reply {
			t.Helper()
			return w.ask(t, "POST", w.stream, event, "Authorization", "stream")
		},
		"gateway: same, unknown uuid (any)": sent("POST", "/eda-event-streams/api/eda/v1/external_event_stream/4c2c1b3e-7c55-4a2c-9b0a-1df8a1d6c001/post/", "", event),
		"gateway: same, not through the gateway, or clocks > 1 s apart (any)": func(t *testing.T, w *platformWorld) reply {
			t.Helper()
			return askThrough(t, w.eda.APITransport(), "POST", strings.TrimPrefix(w.stream, "/eda-event-streams"), event, "Authorization", "stream", "Content-Type", "application/json")
		},
		"controller: GET /api/v2/unified_job_templates/?type__in=job_template,workflow_job_template (valid)": func(t *testing.T, w *platformWorld) reply {
			t.Helper()
			return w.ask(t, "GET", w.box.APIPath()+"unified_job_templates/?type__in=job_template,workflow_job_template", "")
		},
		"gateway: POST /api/gateway/v1/login/ (form username,password; X-CSRFToken, Referer) (session)": func(t *testing.T, w *platformWorld) reply {
			t.Helper()
			return loginAtGateway(t, w.client, "password")
		},
	}
	return all
}

// madeToken makes a token, and asks for it.
func madeToken(method, token string) replayer {
	return func(t *testing.T, w *platformWorld) reply {
		t.Helper()
		made := w.as(token).ask(t, http.MethodPost, "/api/gateway/v1/tokens/", `{"description": "terraform"}`)
		return w.as(token).ask(t, method, made.str("url"), "")
	}
}
