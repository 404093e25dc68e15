package sandbox

import (
	"net/http"
	"slices"
	"strings"
)

// Releases of AAP that Options.Gateway knows.
const (
	AAP25 = "2.5"
	AAP26 = "2.6"
	AAP27 = "2.7"
)

// Gateways returns the releases of AAP that the sandbox can be, oldest first.
func Gateways() []string {
	var names []string
	for _, p := range platforms() {
		names = append(names, p.name)
	}
	return names
}

// platform is the behaviour of one release of AAP. No real AAP was seen: all of it comes from Red Hat's documents and
// the components' source.
type platform struct {
	name string
	// controller is the version of the release's controller.
	controller string
	// componentTokens says that controllers have personal access tokens, and accept credentials at their own hosts.
	componentTokens bool
	// readersBarred says that the gateway itself refuses a write with a token of scope read. Before, such a token could
	// write, because nobody checked its scope.
	readersBarred bool
	// dispatcherd adds a field to the gateway's ping.
	dispatcherd bool
}

// lacks reports whether the release's controller no longer has the object that a segment of a path names.
func (p *platform) lacks(segment string) bool {
	return p != nil && !p.componentTokens && slices.Contains([]string{"tokens", "applications", "personal_tokens"}, segment)
}

func platforms() []*platform {
	return []*platform{
		{name: AAP25, controller: "4.6.20", componentTokens: true},
		{name: AAP26, controller: "4.7.6", componentTokens: true, readersBarred: true},
		{name: AAP27, controller: "4.8.6", readersBarred: true, dispatcherd: true},
	}
}

// platformOf returns nil for a plain AWX. An unknown release is a mistake of the test that asks for it.
func platformOf(name string) *platform {
	if name == "" {
		return nil
	}
	for _, p := range platforms() {
		if p.name == name {
			return p
		}
	}
	panic("sandbox: there is no gateway " + name + ", but " + strings.Join(Gateways(), ", "))
}

// Paths that Envoy, at the front, passes on.
const (
	gatewayPath      = "/api/gateway/v1/"
	edaPath          = "/api/eda/"
	eventStreamsPath = "/eda-event-streams/"
)

func gatewayViews() []*view {
	get := func(handle handler) map[string]handler { return map[string]handler{"GET": handle} }
	return ofGateway([]*view{
		{pattern: []string{""}, name: "gateway version root", public: true, methods: get((*call).gatewayVersionRoot)},
		{pattern: path("ping"), name: "gateway ping", public: true, methods: get((*call).gatewayPing)},
		{pattern: path("me"), name: "gateway me", methods: get((*call).gatewayMe)},
		{pattern: path("users"), name: "gateway users", methods: map[string]handler{"GET": (*call).gatewayUsers, "POST": nil}},
		{pattern: path("users/{id}"), name: "gateway user", model: "User", methods: map[string]handler{
			"GET": (*call).gatewayUser, "PUT": nil, "PATCH": nil, "DELETE": nil,
		}},
		{pattern: path("tokens"), name: "gateway tokens", posts: "create gateway token", methods: map[string]handler{
			"GET": (*call).gatewayTokens, "POST": (*call).createGatewayToken,
		}},
		{pattern: path("tokens/{id}"), name: "gateway token", model: "OAuth2AccessToken", methods: map[string]handler{
			"GET": (*call).gatewayToken, "PUT": nil, "PATCH": nil, "DELETE": (*call).deleteGatewayToken,
		}},
		{pattern: path("login"), name: "gateway login", public: true, plain: (*call).login},
		{pattern: path("logout"), name: "gateway logout", public: true, plain: (*call).logout},
	})
}

func ofGateway(views []*view) []*view {
	for _, v := range views {
		v.gateway = true
	}
	return views
}

// gatewayRootViews are the gateway's views outside of its version's root. Their patterns are names, see matchRoot.
func gatewayRootViews() []*view {
	get := func(handle handler) map[string]handler { return map[string]handler{"GET": handle} }
	return ofGateway([]*view{
		{pattern: []string{":gateway"}, name: "gateway root", public: true, methods: get((*call).gatewayRoot)},
		{pattern: []string{":gateway versions"}, name: "gateway versions", public: true, methods: get((*call).gatewayVersions)},
		{pattern: []string{":up"}, name: "up", public: true, plain: (*call).up},
		{pattern: []string{":controller login"}, name: "login", public: true, plain: (*call).controllerLogin},
	})
}

// gatewayRoot is /api/. It names the installed components, and no others.
func (c *call) gatewayRoot() *answer {
	apis := document{{"gateway", "/api/gateway/"}, {"controller", "/api/controller/"}}
	if c.eda != nil {
		apis = append(apis, member{"eda", edaPath})
	}
	reply := c.reply(http.StatusOK, document{{"description", "AAP gateway REST API"}, {"apis", apis}})
	c.ensureCSRFCookie(reply.header)
	return reply
}

func (c *call) gatewayVersions() *answer {
	return c.reply(http.StatusOK, document{
		{"description", "AAP gateway REST API"}, {"current_version", gatewayPath}, {"available_versions", document{{"v1", gatewayPath}}},
	})
}

func (c *call) gatewayVersionRoot() *answer {
	d := document{}
	for _, name := range []string{"ping", "me", "users", "tokens", "login", "logout"} {
		d = append(d, member{name, gatewayPath + name + "/"})
	}
	return c.reply(http.StatusOK, d)
}

// gatewayPing identifies an AAP and its release. It answers everybody.
func (c *call) gatewayPing() *answer {
	d := document{
		{"version", c.platform.name},
		{"pong", strings.TrimSuffix(stamp(c.now.Add(c.conditions.ClockSkew)), "Z")},
		{"status", "good"},
		{"db_connected", true},
		{"proxy_connected", true},
	}
	if c.platform.dispatcherd {
		d = append(d, member{"dispatcherd_connected", true})
	}
	return c.reply(http.StatusOK, d)
}

// up is Envoy's own answer.
func (c *call) up() *answer {
	return &answer{status: http.StatusOK, header: http.Header{"Content-Type": {"text/plain"}}, body: []byte("UP")}
}

// throughEnvoy marks an answer that came through the front proxy.
func (s *Sandbox) throughEnvoy(reply *answer) *answer {
	reply.header.Set("Server", "envoy")
	return reply
}

// admit is Envoy's question to the gateway before it passes a request on. It refuses requests that a good credential
// has no right to. It lets unknown credentials pass, which the component then refuses.
func (c *call) admit() *answer {
	c.authenticate()
	if slices.Contains([]string{http.MethodGet, http.MethodHead, http.MethodOptions}, c.in.method) {
		return nil
	}
	switch {
	case c.session && c.forged(nil):
		return c.bar("CSRF Failed: CSRF token missing.")
	case c.token != nil && !c.token.component && c.token.scope == scopeRead && c.platform.readersBarred:
		return c.bar("Your token has insufficient scope to perform this action")
	default:
		return nil
	}
}

// bar is a refusal of the gateway itself. Its key is details, and a client that does not ask for JSON gets text.
func (c *call) bar(message string) *answer {
	if !slices.ContainsFunc(c.in.header.Values("Accept"), func(accept string) bool { return strings.Contains(accept, "application/json") }) {
		return &answer{status: http.StatusForbidden, header: http.Header{"Content-Type": {"text/plain"}}, body: []byte(message)}
	}
	body := wireStyle().append(nil, document{{"details", message}})
	return &answer{status: http.StatusForbidden, header: http.Header{"Content-Type": {"application/json"}}, body: body}
}

// gatewayHas reports whether AAP's gateway is known to have the path, even if it is not simulated.
func (c *call) gatewayHas() bool {
	return c.platform != nil && !c.in.direct && slices.ContainsFunc([]string{gatewayPath, "/o/", c.prefix + "websocket/"}, func(begin string) bool {
		return strings.HasPrefix(c.in.path, begin)
	})
}

// componentGone answers for objects that the release's controller no longer has: its own tokens and applications.
func (c *call) componentGone() *answer {
	rest, inside := strings.CutPrefix(c.in.path, c.prefix)
	if inside && slices.ContainsFunc(strings.Split(rest, "/"), c.platform.lacks) {
		return c.refuse(detail(http.StatusNotFound, "The requested resource could not be found."))
	}
	return nil
}
