package sandbox

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// handler answers one method of a view.
type handler func(c *call) *answer

// view is the target of a path.
type view struct {
	pattern []string
	// name is the Route of its requests in the log; posts is the Route of its POSTs if they have one of their own.
	name, posts string
	// model is the name in "No Job matches the given query."
	model  string
	public bool
	// methods that are nil are answered 405, but are in the Allow header.
	methods map[string]handler
	// plain answers any method, before the API's own rules.
	plain handler
	// events adds the header of event lists.
	events bool
	// gateway is set for the views of AAP's gateway itself.
	gateway bool
}

func (v *view) kind(method string) string {
	if method == http.MethodPost && v.posts != "" {
		return v.posts
	}
	return v.name
}

// row is the view's pattern in the form of the tables of backed paths.
func (v *view) row() string {
	row := strings.Join(v.pattern, "/")
	if v.gateway && !strings.HasPrefix(row, ":") {
		return "gateway/" + row
	}
	return row
}

// allow is the Allow header, in Django's order.
func (v *view) allow() string {
	var allowed []string
	for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
		if _, ok := v.methods[method]; ok {
			allowed = append(allowed, method)
		}
	}
	return strings.Join(append(allowed, "HEAD", "OPTIONS"), ", ")
}

// routeTree finds views by the first segment of their path.
type routeTree struct {
	first map[string][]*view
}

func newRouteTree(views []*view) *routeTree {
	tree := &routeTree{first: map[string][]*view{}}
	for _, v := range views {
		tree.first[v.pattern[0]] = append(tree.first[v.pattern[0]], v)
	}
	return tree
}

func (t *routeTree) find(segments []string) (*view, int64) {
	first := ""
	if len(segments) > 0 {
		first = segments[0]
	} else {
		segments = []string{""}
	}
	for _, v := range t.first[first] {
		if id, ok := v.matches(segments); ok {
			return v, id
		}
	}
	return nil, 0
}

func (v *view) matches(segments []string) (int64, bool) {
	if len(segments) != len(v.pattern) {
		return 0, false
	}
	id := int64(0)
	for i, part := range v.pattern {
		if part != "{id}" {
			if part != segments[i] {
				return 0, false
			}
			continue
		}
		parsed, err := strconv.ParseUint(segments[i], 10, 63)
		if err != nil {
			return 0, false
		}
		id = int64(parsed)
	}
	return id, true
}

// place is the result of matching a path.
type place struct {
	id int64
	// rewritten is set for named URLs, and for paths to which the same middleware adds a slash.
	rewritten bool
	// redirect is the target for a path without its slash.
	redirect string
}

// match finds the view of a request. It needs the lock, since it resolves named URLs.
func (s *Sandbox) match(in *incoming) (*view, place) {
	s.prefix = s.APIPath()
	if in.direct {
		s.prefix = plainPath
	}
	if rest, ok := strings.CutPrefix(in.path, gatewayPath); ok && s.platform != nil && !in.direct {
		return s.gatewayRoutes.lead(in.path, rest)
	}
	if !strings.HasPrefix(in.path, s.prefix) {
		return s.matchRoot(in)
	}
	rewritten := s.rewrite(in.path)
	v, found := s.routes.lead(rewritten, strings.TrimPrefix(rewritten, s.prefix))
	found.rewritten = rewritten != in.path
	return v, found
}

// lead finds the view of the part of a path after the root.
func (t *routeTree) lead(path, rest string) (*view, place) {
	if rest != "" && !strings.HasSuffix(rest, "/") {
		if v, _ := t.find(strings.Split(rest, "/")); v != nil {
			return v, place{redirect: path + "/"}
		}
		return nil, place{}
	}
	var segments []string
	if rest != "" {
		segments = strings.Split(strings.TrimSuffix(rest, "/"), "/")
	}
	v, id := t.find(segments)
	return v, place{id: id}
}

// matchRoot finds the few views outside of the version's root.
func (s *Sandbox) matchRoot(in *incoming) (*view, place) {
	path := in.path
	roots := map[string]string{"/api/": ":root", "/api/login/": ":login", "/api/logout/": ":logout"}
	if s.platform != nil && !in.direct {
		roots = map[string]string{
			"/api/": ":gateway", "/api/gateway/": ":gateway versions", "/api/controller/": ":root",
			"/api/controller/login/": ":controller login",
		}
		if path == "/up" {
			v, _ := s.routes.find([]string{":up"})
			return v, place{}
		}
	}
	if name, ok := roots[path]; ok {
		v, _ := s.routes.find([]string{name})
		return v, place{}
	}
	if name, ok := roots[path+"/"]; ok {
		v, _ := s.routes.find([]string{name})
		return v, place{redirect: path + "/"}
	}
	if path+"/" == s.prefix {
		v, _ := s.routes.find(nil)
		return v, place{redirect: path + "/"}
	}
	return nil, place{}
}

// rewrite does the work of AWX's URLModificationMiddleware: it resolves names to ids, and adds the slash, but only for
// resources that have named URLs (recordings 015, 111 to 115, L1, L9).
func (s *Sandbox) rewrite(path string) string {
	named := []string{
		"job_templates", "workflow_job_templates", "organizations", "projects", "inventories", "users", "labels", "teams",
		"credentials", "credential_types", "hosts", "groups", "inventory_sources", "instances", "instance_groups",
		"notification_templates", "execution_environments", "schedules", "applications",
	}
	var parts []string
	for part := range strings.SplitSeq(strings.TrimPrefix(path, s.prefix), "/") {
		if part != "" {
			parts = append(parts, part)
		}
	}
	if len(parts) < 2 || !slices.Contains(named, parts[0]) {
		return path
	}
	parts[1] = s.resolve(parts[0], parts[1])
	return s.prefix + strings.Join(parts, "/") + "/"
}

// resolve turns a name into an id: "0" for a well-formed name that does not exist, and the name itself otherwise.
func (s *Sandbox) resolve(resource, name string) string {
	if n, err := strconv.ParseUint(name, 10, 63); err == nil && n > 0 {
		return name
	}
	switch resource {
	case "job_templates":
		return s.resolveTemplate(KindJob, name)
	case "workflow_job_templates":
		return s.resolveTemplate(KindWorkflowJob, name)
	case "organizations":
		for _, o := range s.organizations {
			if o.name == name {
				return text(o.id)
			}
		}
		return "0"
	case "users":
		if u := s.userNamed(name); u != nil {
			return text(u.id)
		}
		return "0"
	case "labels":
		return s.resolveLabel(name)
	case "inventories":
		return s.resolveInventory(name)
	default:
		return resolveOnly(resource, name)
	}
}

func (s *Sandbox) resolveLabel(name string) string {
	own, organization, _ := strings.Cut(name, "++")
	for _, l := range s.labels {
		if l.name == own && l.organization.name == organization {
			return text(l.id)
		}
	}
	return "0"
}

// resolveOnly is for resources with a single object, in the organization osac.
func resolveOnly(resource, name string) string {
	only := map[string]struct {
		name string
		id   int64
	}{"inventories": {inventoryName, inventoryID}, "projects": {projectName, projectID}}
	one, known := only[resource]
	if !known {
		return name
	}
	if own, organization, _ := strings.Cut(name, "++"); own == one.name && (organization == "osac" || organization == "") {
		return text(one.id)
	}
	return "0"
}

func (s *Sandbox) resolveTemplate(kind Kind, name string) string {
	own, organization, qualified := strings.Cut(name, "++")
	if qualified && (own == "" || strings.Contains(organization, "++")) {
		return name
	}
	if !qualified && kind != KindJob {
		return name
	}
	if _, err := strconv.Atoi(name); err == nil {
		return name
	}
	for _, t := range s.templates {
		if t.kind == kind && t.Name == own && (organization == "" || t.organization.name == organization) {
			return text(t.id)
		}
	}
	if qualified {
		return "0"
	}
	return name
}
