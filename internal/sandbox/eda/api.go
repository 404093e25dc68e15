package eda

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// API describes the EDA server's API.
type API struct {
	// Users may log in with basic auth. If there are none, there is a superuser admin with the password password.
	Users []User
	// Tokens are OAuth2 tokens of users, which only AAP's gateway accepts: eda-server itself ignores a bearer token (eda
	// 20). With tokens, this is the gateway, whose behaviour is invented.
	Tokens map[string]string
	// BehindGateway reads the user's identity from the header that AAP's gateway adds, as the simulated controller's
	// gateway does. The header is trusted: nothing else may reach this EDA then.
	BehindGateway bool
	// BaseURL is EVENT_STREAM_BASE_URL, the beginning of the field url of event streams; empty:
	// http://EDA/eda-event-streams/.
	BaseURL string
	// RequireTrustedProxy refuses posts to event streams that do not come through the gateway, which is here the path
	// /eda-event-streams/ in front of eda-server's. It is the product's default (eda 27), not this simulation's.
	RequireTrustedProxy bool
	// Activation is the name of the activation that runs the rulebook; empty: osac-act. Without a rulebook there is
	// none. A Disabled one runs only once it is enabled: by Start, or POST activations/1/enable/.
	Activation string
	Disabled   bool
	// SkipAuditEvents is the activation's setting: no rule audit.
	SkipAuditEvents bool
}

// User is a user of the EDA server. Its role is that in the organization: auditor, viewer, operator, editor,
// contributor and admin see everything, member and none see nothing (eda 25).
type User struct {
	Username, Password string
	Superuser          bool
	Role               string
}

func (a API) withDefaults() API {
	if len(a.Users) == 0 {
		a.Users = []User{{Username: "admin", Password: "password", Superuser: true}}
	}
	setDefault(&a.BaseURL, "http://EDA/eda-event-streams/")
	setDefault(&a.Activation, "osac-act")
	return a
}

func (u User) sees() bool {
	role := strings.TrimPrefix(strings.ToLower(u.Role), "organization ")
	return u.Superuser || slices.Contains([]string{"auditor", "viewer", "operator", "editor", "contributor", "admin"}, role)
}

// call is a request to the API by a user.
type call struct {
	server *Server
	r      *http.Request
	user   User
	userID int64
	id     string // of the path
	body   object
	host   string
}

// view is a pattern of paths.
type view struct {
	path    *regexp.Regexp
	allow   string // beside the methods that are served
	methods map[string]func(*call) (any, error)
}

func route(pattern, allow string, methods map[string]func(*call) (any, error)) view {
	return view{regexp.MustCompile("^" + strings.ReplaceAll(pattern, "{id}", "([^/]+)") + "$"), allow, methods}
}

type methods = map[string]func(*call) (any, error)

// none is an empty body.
type none struct{ status int }

// made is the body of a created object.
type made struct{ body object }

func views() []view {
	const read, detail, list = "GET, HEAD, OPTIONS", "GET, PATCH, DELETE, HEAD, OPTIONS", "GET, POST, HEAD, OPTIONS"
	return []view{
		route("", read, methods{"GET": (*call).root}),
		route("config/", read, methods{"GET": (*call).config}),
		route("status/", read, methods{"GET": (*call).status}),
		route("feature_flags_state/", "GET, HEAD", methods{"GET": (*call).flags}),
		route("users/me/", "GET, PATCH, HEAD, OPTIONS", methods{"GET": (*call).me}),
		route("organizations/", list, methods{"GET": (*call).organizations}),
		route("activations/", list, methods{"GET": (*call).activations}),
		route("activations/{id}/", detail, methods{"GET": (*call).activation}),
		route("activations/{id}/instances/", read, methods{"GET": (*call).instances}),
		route("activations/{id}/enable/", "POST, OPTIONS", methods{"POST": (*call).enable}),
		route("activations/{id}/disable/", "POST, OPTIONS", methods{"POST": (*call).disable}),
		route("activations/{id}/restart/", "POST, OPTIONS", methods{"POST": (*call).restart}),
		route("activation-instances/", read, methods{"GET": (*call).allInstances}),
		route("activation-instances/{id}/", read, methods{"GET": (*call).instance}),
		route("activation-instances/{id}/logs/", read, methods{"GET": (*call).logs}),
		route("audit-rules/", read, methods{"GET": (*call).auditRules}),
		route("audit-rules/{id}/", read, methods{"GET": (*call).auditRule}),
		route("audit-rules/{id}/actions/", read, methods{"GET": (*call).auditActions}),
		route("audit-rules/{id}/events/", read, methods{"GET": (*call).auditEvents}),
		route("event-streams/", list, methods{"GET": (*call).eventStreams, "POST": (*call).addStream}),
		route("event-streams/{id}/", detail, methods{
			"GET": (*call).eventStream, "PATCH": (*call).changeStream, "DELETE": (*call).deleteStream,
		}),
		route("eda-credentials/", list, methods{"GET": (*call).credentials, "POST": (*call).addCredential}),
		route("eda-credentials/{id}/", detail, methods{"GET": (*call).credential, "PATCH": (*call).changeCredential}),
	}
}

// APIHandler serves the EDA server's API, event streams included, and the sandbox's own under /sandbox/api/eda/.
func (s *Server) APIHandler() http.Handler {
	table := views()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path, proxied := strings.CutPrefix(r.URL.Path, "/eda-event-streams/")
		if proxied {
			path = "/" + path
		}
		if found := streamPath.FindStringSubmatch(path); found != nil {
			s.servePost(w, r, path, found[1], proxied)
			return
		}
		if name, ok := strings.CutPrefix(path, "/sandbox/api/eda/"); ok {
			s.serveAdmin(w, r, strings.TrimSuffix(name, "/"))
			return
		}
		s.serveAPI(w, r, table)
	})
}

func (s *Server) serveAPI(w http.ResponseWriter, r *http.Request, table []view) {
	path, ok := strings.CutPrefix(r.URL.Path, "/api/eda/v1/")
	if r.URL.Path == "/api/eda/" {
		path, ok = "..", true
	}
	for _, v := range table {
		if !ok {
			break
		}
		if found := v.path.FindStringSubmatch(path); found != nil || path == ".." {
			id := ""
			if len(found) > 1 {
				id = found[1]
			}
			if path == ".." {
				v.methods = methods{"GET": (*call).versions}
			}
			s.serveView(w, r, v, id)
			return
		}
	}
	for _, v := range table {
		if ok && v.path.MatchString(path+"/") {
			moved(w, r, r.URL.Path+"/")
			return
		}
	}
	a := unknownPath()
	a.write(w, r)
}

func (s *Server) serveView(w http.ResponseWriter, r *http.Request, v view, id string) {
	a := answer{status: http.StatusOK, allow: v.allow, vary: "Accept, Accept-Language, Cookie"}
	defer func() { a.write(w, r) }()
	c := &call{server: s, r: r, id: id, host: "http://" + r.Host}
	if r.TLS != nil {
		c.host = "https://" + r.Host
	}
	if err := c.authenticate(); err != nil {
		a.header = map[string]string{"WWW-Authenticate": "Session"}
		a.refuse(err)
		return
	}
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	handler := v.methods[method]
	if handler == nil {
		a.refuse(&problem{http.StatusMethodNotAllowed, fmt.Sprintf("Method %q not allowed.", r.Method)})
		return
	}
	if r.Body != nil && method != http.MethodGet {
		content, _ := io.ReadAll(io.LimitReader(r.Body, streamLimit)) // what can't be read is no JSON
		if len(content) > 0 {
			parsed, err := parseJSON(content)
			if err != nil {
				a.refuse(&problem{http.StatusBadRequest, "JSON parse error - " + err.Error()})
				return
			}
			c.body, _ = parsed.(object)
		}
	}
	body, err := handler(c)
	a.body = body
	switch b := body.(type) {
	case none:
		a.status, a.body = b.status, nil
	case made:
		a.status, a.body = http.StatusCreated, b.body
	}
	a.refuse(err)
}

// authenticate accepts basic auth, and behind the gateway its identity header and tokens (eda 20).
func (c *call) authenticate() error {
	users := c.server.options.API.Users
	if claims := c.r.Header.Get("X-Dab-Jw-Token"); claims != "" && c.server.options.API.BehindGateway {
		return c.trust(claims)
	}
	if token, ok := strings.CutPrefix(c.r.Header.Get("Authorization"), "Bearer "); ok && len(c.server.options.API.Tokens) > 0 {
		owner, known := c.server.options.API.Tokens[token]
		for i, u := range users {
			if known && u.Username == owner {
				c.user, c.userID = u, int64(i+1)
				return nil
			}
		}
		return &problem{http.StatusUnauthorized, "Authentication credentials were not provided."}
	}
	username, password, given := c.r.BasicAuth()
	if !given {
		return &problem{http.StatusUnauthorized, "Authentication credentials were not provided."}
	}
	for i, u := range users {
		if u.Username == username && u.Password == password {
			c.user, c.userID = u, int64(i+1)
			return nil
		}
	}
	return &problem{http.StatusUnauthorized, "Invalid username/password."}
}

// trust accepts the gateway's word for the user's identity. It adds a new user, with an id after all others.
func (c *call) trust(claims string) error {
	var told struct {
		Username  string `json:"username"`
		Superuser bool   `json:"is_superuser"`
	}
	decoded, err := base64.RawURLEncoding.DecodeString(claims)
	if err == nil {
		err = json.Unmarshal(decoded, &told)
	}
	if err != nil || told.Username == "" {
		return &problem{http.StatusUnauthorized, "Authentication credentials were not provided."}
	}
	users := c.server.options.API.Users
	c.user, c.userID = User{Username: told.Username, Superuser: told.Superuser}, int64(len(users)+1)
	for i, u := range users {
		if u.Username == told.Username {
			c.user, c.userID = u, int64(i+1)
		}
	}
	return nil
}

func (c *call) versions() (any, error) {
	v1 := c.host + "/api/eda/v1/"
	return object{{"current_version", v1}, {"available_versions", object{{"v1", v1}}}}, nil
}

func (c *call) root() (any, error) {
	root := object{}
	for _, link := range links {
		root = append(root, member{link[0], c.host + "/api/eda/v1/" + link[1]})
	}
	return root, nil
}

func (c *call) config() (any, error) {
	return object{{"time_zone", "UTC"}, {"version", "unknown"}, {"deployment_type", "podman"}}, nil
}

func (c *call) status() (any, error) {
	return object{{"status", "degraded"}, {"message", "Dispatcherd workers unavailable"}}, nil
}

func (c *call) flags() (any, error) {
	return object{
		{"FEATURE_INDIRECT_NODE_COUNTING_ENABLED", false},
		{"FEATURE_EDA_ANALYTICS_ENABLED", false},
		{"FEATURE_GATEWAY_CREATE_CRC_SERVICE_TYPE_ENABLED", false},
		{"FEATURE_OIDC_WORKLOAD_IDENTITY_ENABLED", false},
		{"FEATURE_DASHBOARD_COLLECTION_ENABLED", false},
	}, nil
}

func (c *call) me() (any, error) {
	made := stamp(c.server.created)
	return object{
		{"id", c.userID},
		{"username", c.user.Username},
		{"email", c.user.Username + "@example.com"},
		{"first_name", ""},
		{"last_name", ""},
		{"is_superuser", c.user.Superuser},
		{"resource", object{{"ansible_id", derivedUUID("user", c.user.Username)}, {"resource_type", "shared.user"}}},
		{"created_at", made},
		{"modified_at", made},
	}, nil
}

func (c *call) organizations() (any, error) {
	made := stamp(c.server.created)
	row := append(organization(), member{
		"resource", object{{"ansible_id", derivedUUID("organization", "Default")}, {"resource_type", "shared.organization"}},
	}, member{"created", made}, member{"created_by", nil}, member{"modified", made}, member{"modified_by", nil})
	return c.page(rowsFor(c, row))
}

func organization() object {
	return object{{"id", 1}, {"name", "Default"}, {"description", "The default organization"}}
}

// owner is the creator of the API's objects.
func owner() object {
	return object{{"id", 1}, {"username", "admin"}, {"first_name", ""}, {"last_name", ""}}
}

// rowsFor returns the rows if the user may see them.
func rowsFor(c *call, rows ...object) []object {
	if !c.user.sees() {
		return nil
	}
	return rows
}

// page cuts a list into Django REST framework's numbered pages.
func (c *call) page(rows []object) (any, error) {
	query := c.r.URL.Query()
	size, page := 20, 1
	if asked, err := strconv.Atoi(query.Get("page_size")); err == nil && asked > 0 {
		size = asked
	}
	pages := max(1, (len(rows)+size-1)/size)
	if text := query.Get("page"); text != "" {
		asked, err := strconv.Atoi(text)
		if text == "last" {
			asked, err = pages, nil
		}
		if err != nil || asked < 1 || asked > pages {
			return nil, &problem{http.StatusNotFound, "Invalid page."}
		}
		page = asked
	}
	link := func(to int) any {
		if to < 1 || to > pages {
			return nil
		}
		linked := maps.Clone(query)
		linked.Set("page", strconv.Itoa(to))
		return c.r.URL.Path + "?" + linked.Encode()
	}
	results := []any{}
	for _, row := range rows[min(len(rows), (page-1)*size):min(len(rows), page*size)] {
		results = append(results, row)
	}
	return object{
		{"count", len(rows)},
		{"next", link(page + 1)},
		{"previous", link(page - 1)},
		{"page_size", size},
		{"page", page},
		{"results", results},
	}, nil
}

func missingObject(model string) error {
	return &problem{http.StatusNotFound, "No " + model + " matches the given query."}
}
