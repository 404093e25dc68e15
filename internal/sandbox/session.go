package sandbox

import (
	"crypto/subtle"
	"net/http"
	"net/url"
	"strings"
)

// The names of the cookies of AWX and of AAP's gateway. A production AWX restricts its cookies to TLS (Secure); these
// are not restricted, since the sandbox has no TLS.
const (
	sessionCookie        = "awx_sessionid"
	gatewaySessionCookie = "gateway_sessionid"
	csrfCookie           = "csrftoken"
)

// sessionCookie is the name of the session's cookie of the component that answers.
func (c *call) sessionCookie() string {
	if c.platform != nil && !c.in.direct {
		return gatewaySessionCookie
	}
	return sessionCookie
}

// sessionViews are Django's own login and logout, which the API's rules don't apply to. They were not recorded. They
// were read in AWX's source (api/generics.py), for clients that log in as people do, such as `awx` without a token.
func sessionViews() []*view {
	return []*view{
		{pattern: []string{":login"}, name: "login", public: true, plain: (*call).login},
		{pattern: []string{":logout"}, name: "logout", public: true, plain: (*call).logout},
	}
}

// cookie is the value of a cookie that the client sent.
func (c *call) cookie(name string) string {
	request := http.Request{Header: c.in.header}
	found, err := request.Cookie(name)
	if err != nil {
		return ""
	}
	return found.Value
}

func setCookie(header http.Header, name, value string) {
	attributes := "; Path=/; SameSite=Lax"
	switch name {
	case sessionCookie:
		attributes = "; HttpOnly" + attributes
	case gatewaySessionCookie:
		attributes = "; Max-Age=900; HttpOnly" + attributes
	}
	header.Add("Set-Cookie", name+"="+value+attributes)
}

// ensureCSRFCookie gives the client the token that its POSTs must repeat, as /api/ does.
func (c *call) ensureCSRFCookie(header http.Header) {
	value := c.cookie(csrfCookie)
	setDefault(&value, randomHex(16))
	setCookie(header, csrfCookie, value)
}

// forged reports whether a POST lacks the token of its CSRF cookie, in the header or in the form.
func (c *call) forged(form url.Values) bool {
	sent := c.in.header.Get("X-Csrftoken")
	if sent == "" {
		sent = form.Get("csrfmiddlewaretoken")
	}
	cookie := c.cookie(csrfCookie)
	return cookie == "" || subtle.ConstantTimeCompare([]byte(sent), []byte(cookie)) != 1
}

// login answers a form with username, password and next. A refused login gets the form again, with status 401.
func (c *call) login() *answer {
	switch c.in.method {
	case http.MethodGet, http.MethodHead:
		if !accepts(c.in.header, "text/html") {
			reply := c.page(http.StatusNotAcceptable, "", "")
			reply.body = nil
			return reply
		}
		return c.loginForm(http.StatusOK)
	case http.MethodPost:
	default:
		return c.page(http.StatusMethodNotAllowed, "", "")
	}
	form, _ := url.ParseQuery(string(c.in.body)) // what cannot be read is missing
	if c.forged(form) {
		return c.page(http.StatusForbidden, "403 Forbidden", "CSRF verification failed. Request aborted.")
	}
	u := c.userNamed(form.Get("username"))
	if u == nil || u.password == "" || u.password != form.Get("password") {
		return c.loginForm(http.StatusUnauthorized)
	}
	u.lastLogin = c.now
	id := randomHex(16)
	c.sessions[id] = u
	next := form.Get("next")
	if !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") {
		next = "/"
	}
	reply := c.page(http.StatusFound, "", "")
	reply.body = nil
	reply.header.Set("Location", next)
	setCookie(reply.header, csrfCookie, randomHex(16))
	setCookie(reply.header, c.sessionCookie(), id)
	if c.sessionCookie() == sessionCookie {
		reply.header.Set("X-API-Session-Cookie-Name", sessionCookie)
		setCookie(reply.header, "userLoggedIn", "true")
	}
	return reply
}

func (c *call) loginForm(status int) *answer {
	reply := c.page(status, "REST API", "Log in with username and password.")
	c.ensureCSRFCookie(reply.header)
	return reply
}

func (c *call) logout() *answer {
	delete(c.sessions, c.cookie(c.sessionCookie()))
	reply := c.page(http.StatusFound, "", "")
	reply.body = nil
	reply.header.Set("Location", "/api/")
	setCookie(reply.header, "userLoggedIn", "false")
	return reply
}

// controllerLogin answers at a controller's login path. Behind AAP's gateway it leads to the gateway's login, and
// nobody can log in here: the text is AWX's for a controller behind a proxy (api/generics.py).
func (c *call) controllerLogin() *answer {
	if c.in.method == http.MethodGet || c.in.method == http.MethodHead {
		return c.login()
	}
	return c.reply(http.StatusUnauthorized, document{{"detail", "Please log in via Platform Authentication."}})
}
