package sandbox

import (
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// browser keeps cookies, and stays where it is told to go elsewhere.
type browser struct {
	*http.Client
	base string
}

func newBrowser(t *testing.T, box *Sandbox) *browser {
	t.Helper()
	server := httptest.NewServer(box)
	t.Cleanup(server.Close)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &browser{&http.Client{Jar: jar, CheckRedirect: stay}, server.URL}
}

// ask sends a form, with the CSRF token where it has one.
func (b *browser) ask(t *testing.T, method, path, form string, headers ...string) reply {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, b.base+path, strings.NewReader(form))
	if err != nil {
		t.Fatal(err)
	}
	if form != "" {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := b.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close() // unread
	return reply{status: response.StatusCode, header: response.Header}
}

func (b *browser) token(t *testing.T) string {
	t.Helper()
	address, err := url.Parse(b.base)
	if err != nil {
		t.Fatal(err)
	}
	for _, cookie := range b.Jar.Cookies(address) {
		if cookie.Name == csrfCookie {
			return cookie.Value
		}
	}
	return ""
}

func TestSession(t *testing.T) {
	box := New(Options{})
	b := newBrowser(t, box)
	const form = "username=admin&password=password&next=%2Fapi%2F"
	expect(t, "without a token", b.ask(t, "POST", "/api/login/", form).status, 403)
	expect(t, "root gives one", b.ask(t, "GET", "/api/", "").status, 200)
	forged := b.ask(t, "POST", "/api/login/", form, "X-CSRFToken", "another")
	expect(t, "with another", forged.status, 403)
	wrong := b.ask(t, "POST", "/api/login/", "username=admin&password=no", "X-CSRFToken", b.token(t))
	expect(t, "wrong password", wrong.status, 401)
	expect(t, "still nobody", b.ask(t, "GET", "/api/v2/me/", "").status, 401)

	in := b.ask(t, "POST", "/api/login/", form+"&csrfmiddlewaretoken="+b.token(t))
	expect(t, "login", in.status, 302)
	expect(t, "leads to", in.header.Get("Location"), "/api/")
	expect(t, "names its cookie", in.header.Get("X-API-Session-Cookie-Name"), "awx_sessionid")
	expect(t, "somebody", b.ask(t, "GET", "/api/v2/me/", "").status, 200)
	launch := "/api/v2/job_templates/9/launch/"
	expect(t, "launch without the token", b.ask(t, "POST", launch, "").status, 403)
	expect(t, "launch", b.ask(t, "POST", launch, "", "X-CSRFToken", b.token(t)).status, 201)
	expect(t, "who", box.Jobs()[0].CreatedBy, "admin")

	expect(t, "logout", b.ask(t, "GET", "/api/logout/", "").status, 302)
	expect(t, "nobody again", b.ask(t, "GET", "/api/v2/me/", "").status, 401)
	expect(t, "form", b.ask(t, "GET", "/api/login/", "").status, 200)
	expect(t, "no form in JSON", b.ask(t, "GET", "/api/login/", "", "Accept", "application/json").status, 406)
	expect(t, "no such method", b.ask(t, "PUT", "/api/login/", "").status, 405)
	away := b.ask(t, "POST", "/api/login/", "username=admin&password=password&next=//evil.example", "X-CSRFToken", b.token(t))
	expect(t, "stays here", away.header.Get("Location"), "/")
}

func TestSessionBehindTheGateway(t *testing.T) {
	b := newBrowser(t, New(Options{Gateway: AAP25}))
	expect(t, "login", b.ask(t, "POST", "/api/controller/login/", "username=admin&password=password").status, 401)
	expect(t, "form", b.ask(t, "GET", "/api/controller/login/", "").status, 200)
}
