package sandbox

import (
	"net/http"
	"net/url"
	"strings"
	"time"
)

// usualVersion is the version of the first recorded AWX.
const usualVersion = "24.6.2.dev145+ge21dd0a093"

// productVersion is the version of the component that answers.
func (c *call) productVersion() string {
	switch {
	case c.platform == nil:
		return c.version
	case c.view.gateway:
		return c.platform.name
	default:
		return c.platform.controller
	}
}

// productName is the name of the component that answers.
func (c *call) productName() string {
	switch {
	case c.platform == nil:
		return "AWX"
	case c.view.gateway:
		return "AAP gateway"
	default:
		return "Red Hat Ansible Automation Platform"
	}
}

// challenge is the WWW-Authenticate header.
func (c *call) challenge() string {
	if c.platform == nil {
		return "Bearer realm=api authorization_url=/api/o/authorize/"
	}
	return "Bearer realm=api"
}

// requestLineLimit is gunicorn's, which the recorded AWX ran under (L13). Other servers have other limits.
const requestLineLimit = 4094

// call is a request that a view answers, under the lock.
type call struct {
	*Sandbox
	in *incoming
	// logged is the request in the log.
	logged *Request
	view   *view
	now    time.Time
	user   *user
	token  *token
	basic  bool
	// session is set if only a cookie identifies the user.
	session bool
	id      int64
	query   url.Values
	keys    []string // the query's keys in their order
	data    document // the body
	// unversioned leaves out X-API-Product-Version, as for a body that can't be read (recordings 206, 225).
	unversioned bool
	rewritten   bool
	hostState   *bool // see hostFailed
}

// failure is an answer other than success, in DRF's shape.
type failure struct {
	status int
	body   any
}

func detail(status int, message string) *failure {
	return &failure{status, document{{"detail", message}}}
}

func notFound(model string) *failure {
	return detail(http.StatusNotFound, "No "+model+" matches the given query.")
}

func forbidden() *failure {
	return detail(http.StatusForbidden, "You do not have permission to perform this action.")
}

// handle answers a request.
func (s *Sandbox) handle(in *incoming, logged *Request) *answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	s.advance(now)
	return s.answerAt(in, logged, now.Add(-s.lag(in.method)))
}

// answerAt answers a request from the state at a time, under the lock.
func (s *Sandbox) answerAt(in *incoming, logged *Request, now time.Time) *answer {
	v, found := s.match(in)
	c := &call{Sandbox: s, in: in, logged: logged, view: v, now: now, id: found.id, rewritten: found.rewritten}
	c.parseQuery()
	if s.platform == nil {
		return c.serve(found)
	}
	if in.direct {
		return c.serveComponent(found)
	}
	reply := c.admit()
	if reply == nil {
		reply = c.serve(found)
	}
	return s.throughEnvoy(reply)
}

// serve answers with the view that the path leads to.
func (c *call) serve(found place) *answer {
	in, v := c.in, c.view
	switch {
	case len(in.method)+len(in.path)+len(in.rawQuery)+len("  HTTP/1.1?") > requestLineLimit:
		return c.tooLong()
	case v == nil:
		return c.unknown()
	case found.redirect != "":
		target := found.redirect
		if in.rawQuery != "" {
			target += "?" + in.rawQuery
		}
		reply := c.page(http.StatusMovedPermanently, "", "")
		reply.body = nil
		reply.header.Set("Location", target)
		return reply
	}
	if v.plain != nil {
		return v.plain(c)
	}
	if gone := c.componentGone(); gone != nil {
		return gone
	}
	c.authenticate()
	if c.user != nil {
		c.logged.User = c.user.name
	}
	return c.dispatch()
}

func (c *call) parseQuery() {
	c.query = url.Values{}
	for pair := range strings.SplitSeq(c.in.rawQuery, "&") {
		if pair == "" {
			continue
		}
		rawKey, rawValue, _ := strings.Cut(pair, "=")
		key, err := url.QueryUnescape(rawKey)
		if err != nil {
			key = rawKey
		}
		value, err := url.QueryUnescape(rawValue)
		if err != nil {
			value = rawValue
		}
		if _, known := c.query[key]; !known {
			c.keys = append(c.keys, key)
		}
		c.query[key] = append(c.query[key], value)
	}
}

// dispatch checks what Django REST framework checks, in its order, and calls the view.
func (c *call) dispatch() *answer {
	if refusal := c.negotiate(); refusal != nil {
		return c.refuse(refusal)
	}
	if c.user == nil && !c.view.public {
		return c.refuse(detail(http.StatusUnauthorized,
			"Authentication credentials were not provided. To establish a login session, visit /api/login/."))
	}
	method := c.in.method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	if refusal := c.readBody(method); refusal != nil {
		c.unversioned = true
		return c.refuse(refusal)
	}
	if refusal := c.barred(method); refusal != nil {
		return c.refuse(refusal)
	}
	if method == http.MethodOptions {
		return c.describe()
	}
	if handle := c.view.methods[method]; handle != nil {
		return c.strict(method, handle(c))
	}
	return c.refuse(c.notAllowed())
}

// barred refuses what changes something, to a token of scope read (814) and to a browser's session without its token.
func (c *call) barred(method string) *failure {
	switch {
	case method == http.MethodGet || method == http.MethodOptions:
		return nil
	case c.session && c.forged(nil):
		return detail(http.StatusForbidden, "CSRF Failed: CSRF token missing.")
	case c.token != nil && c.token.scope == scopeRead && (c.platform == nil || c.token.component):
		return forbidden() // that of the gateway passed it, see admit
	default:
		return nil
	}
}

func (c *call) notAllowed() *failure {
	return detail(http.StatusMethodNotAllowed, `Method "`+c.in.method+`" not allowed.`)
}

// negotiate refuses what the client would not accept.
func (c *call) negotiate() *failure {
	if c.view.name == "stdout" {
		return nil // it has renderers of its own
	}
	if format := c.query.Get("format"); format != "" && format != "json" && format != "api" {
		return detail(http.StatusNotFound, "Not found.")
	}
	if !accepts(c.in.header, "application/json", "text/html") {
		return detail(http.StatusNotAcceptable, "Could not satisfy the request Accept header.")
	}
	return nil
}

// accepts reports whether the Accept header allows one of the types.
func accepts(header http.Header, types ...string) bool {
	accept := strings.Join(header.Values("Accept"), ",")
	if strings.TrimSpace(accept) == "" {
		return true
	}
	for wanted := range strings.SplitSeq(accept, ",") {
		wanted, _, _ = strings.Cut(strings.TrimSpace(wanted), ";")
		for _, offered := range types {
			major, _, _ := strings.Cut(offered, "/")
			if wanted == "*/*" || wanted == offered || wanted == major+"/*" {
				return true
			}
		}
	}
	return false
}

// readBody parses the body, which AWX does before it looks at rights or at the object.
func (c *call) readBody(method string) *failure {
	if method == http.MethodGet || len(c.in.body) == 0 {
		return nil
	}
	media, _, _ := strings.Cut(c.in.header.Get("Content-Type"), ";")
	if strings.TrimSpace(media) != "application/json" {
		return detail(http.StatusUnsupportedMediaType, "You did not use correct Content-Type in your HTTP request. "+
			"If you are using our REST API, the Content-Type must be application/json")
	}
	value, err := parseJSON(string(c.in.body))
	if err != nil {
		return detail(http.StatusBadRequest, "JSON parse error - "+err.Error()+"\nPossible cause: trailing comma.")
	}
	data, ok := value.(document)
	if !ok && value != nil {
		return detail(http.StatusBadRequest, "JSON parse error - not a JSON object")
	}
	c.data = data
	return nil
}

// tokenScheme is another word for bearer, which the gateway takes.
func (c *call) tokenScheme() string {
	if c.platform != nil && !c.in.direct {
		return "token"
	}
	return "bearer"
}

// authenticate finds the user by bearer token, basic auth, or the session of a login.
func (c *call) authenticate() {
	scheme, credentials, _ := strings.Cut(c.in.header.Get("Authorization"), " ")
	switch strings.ToLower(scheme) {
	case "bearer", c.tokenScheme():
		if t := c.byToken[strings.TrimSpace(credentials)]; c.takes(t) {
			c.user, c.token = t.user, t
		}
	case "basic":
		if c.options.NoBasicAuth && !c.in.direct {
			return
		}
		c.basic = true
		request := http.Request{Header: c.in.header}
		name, password, _ := request.BasicAuth()
		if u := c.userNamed(name); u != nil && u.password != "" && u.password == password {
			c.user = u
			u.lastLogin = c.now
		}
	case "":
		c.user = c.sessions[c.cookie(c.sessionCookie())]
		c.session = c.user != nil
	}
}
