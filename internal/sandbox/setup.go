package sandbox

import (
	"net/http"
	"slices"
	"strconv"
)

// This file lets readers try a guide's commands by which an administrator sets up organizations, templates, users and
// their roles. It was not recorded; statuses and errors are those of AWX's source.

func setupViews() []*view {
	roles := map[string]handler{"GET": (*call).unsimulated, "POST": (*call).grantRole}
	users := map[string]handler{"GET": (*call).roleUsers, "POST": (*call).grantUser}
	return []*view{
		{pattern: path("users/{id}/roles"), name: "user roles", posts: "grant role", model: "User", methods: roles},
		{pattern: path("roles/{id}/users"), name: "role users", posts: "grant role", model: "Role", methods: users},
	}
}

// firstRole is the id of the first role of template 9; each job template has three, each workflow four (107, 103).
const firstRole = 62

// roleID is the id of a template's first role.
func (s *Sandbox) roleID(t *template) int64 {
	id := firstRole + 3*(t.id-9)
	for _, other := range s.templates {
		if other.kind == KindWorkflowJob && other.id < t.id {
			id++
		}
	}
	return id
}

// roleOrder is the order of the ids of a template's roles.
func roleOrder() []Role { return []Role{RoleAdmin, RoleExecute, RoleRead} }

// roleOf finds a role by its id.
func (s *Sandbox) roleOf(id int64) (*template, Role) {
	for _, t := range s.templates {
		if at := id - s.roleID(t); at >= 0 && at < int64(len(roleOrder())) {
			return t, roleOrder()[at]
		}
	}
	return nil, ""
}

// integer reads a number of the body.
func (d document) integer(name string) int64 {
	value, _ := d.get(name)
	wanted, _ := value.(number)
	n, _ := strconv.ParseInt(string(wanted), 10, 64)
	return n
}

// truth reads a boolean of the body: Django REST framework also takes 1 and "true", and `awx` sends 1.
func (d document) truth(name string) bool {
	value, _ := d.get(name)
	return slices.Contains([]any{true, number("1"), "1", "true", "True"}, value)
}

func invalidField(name, message string) *failure {
	return &failure{http.StatusBadRequest, document{{name, []any{message}}}}
}

// mayCreate refuses users who are not superusers, and a body without the field.
func (c *call) mayCreate(required string) *failure {
	if !c.user.superuser {
		return forbidden()
	}
	if c.data.text(required) == "" {
		return invalidField(required, "This field is required.")
	}
	return nil
}

func (c *call) madeOne(body document) *answer {
	reply := c.reply(http.StatusCreated, body)
	reply.header.Set("Location", body.text("url"))
	return reply
}

func (c *call) createUser() *answer {
	if refusal := c.mayCreate("username"); refusal != nil {
		return c.refuse(refusal)
	}
	name := c.data.text("username")
	if c.userNamed(name) != nil {
		return c.refuse(invalidField("username", "A user with that username already exists."))
	}
	if c.data.text("password") == "" {
		return c.refuse(invalidField("password", "Password required for new User."))
	}
	return c.madeOne(c.userRow(c.addUser(name, c.data.text("password"), c.data.truth("is_superuser"))))
}

func (c *call) createOrganization() *answer {
	if refusal := c.mayCreate("name"); refusal != nil {
		return c.refuse(refusal)
	}
	name := c.data.text("name")
	if slices.ContainsFunc(c.organizations, func(o *organization) bool { return o.name == name }) {
		return c.refuse(invalidField("name", "Organization with this Name already exists."))
	}
	return c.madeOne(c.organizationRow(c.organizationNamed(name)))
}

// createTemplate makes a job template of the project's organization.
func (c *call) createTemplate() *answer {
	if refusal := c.mayCreate("name"); refusal != nil {
		return c.refuse(refusal)
	}
	made := Template{
		Name: c.data.text("name"), Description: c.data.text("description"), Playbook: c.data.text("playbook"),
		ExtraVars: c.data.text("extra_vars"), AsksVariables: c.data.truth("ask_variables_on_launch"),
		AsksLimit: c.data.truth("ask_limit_on_launch"), AsksTags: c.data.truth("ask_tags_on_launch"),
		AsksLabels: c.data.truth("ask_labels_on_launch"), AllowSimultaneous: c.data.truth("allow_simultaneous"),
		Timeout: int(c.data.integer("timeout")), NoInventory: c.data.integer("inventory") == 0,
	}
	switch {
	case c.data.integer("project") != projectID:
		return c.refuse(invalidField("project", `Invalid pk "`+text(c.data.integer("project"))+`" - object does not exist.`))
	case made.Playbook == "":
		return c.refuse(invalidField("playbook", "Must select playbook for project."))
	case slices.ContainsFunc(c.templates, func(t *template) bool {
		return t.kind == KindJob && t.Name == made.Name && t.organization == c.organizationNamed("")
	}):
		return c.refuse(invalidField("__all__", "JobTemplate with this (organization, name) combination already exists."))
	}
	return c.madeOne(c.templateDetail(c.addTemplate(made)))
}

// pathUser is the user of the path.
func (c *call) pathUser() (*user, *failure) {
	at := slices.IndexFunc(c.users, func(u *user) bool { return u.id == c.id })
	switch {
	case at < 0:
		return nil, notFound("User")
	case c.users[at] != c.user && !c.user.superuser:
		return nil, forbidden()
	default:
		return c.users[at], nil
	}
}

// grantRole grants the body's role to the path's user, or revokes it.
func (c *call) grantRole() *answer {
	u, refusal := c.pathUser()
	if refusal != nil {
		return c.refuse(refusal)
	}
	t, role := c.roleOf(c.data.integer("id"))
	if t == nil {
		return c.refuse(detail(http.StatusBadRequest, "No Role matches the given query."))
	}
	return c.associate(u, t, role)
}

// grantUser grants the path's role to the body's user, or revokes it.
func (c *call) grantUser() *answer {
	t, role := c.roleOf(c.id)
	at := slices.IndexFunc(c.users, func(u *user) bool { return u.id == c.data.integer("id") })
	switch {
	case t == nil:
		return c.refuse(notFound("Role"))
	case c.data.integer("id") == 0:
		return c.refuse(&failure{http.StatusBadRequest, document{{"msg", "User 'id' field is missing."}}})
	case at < 0:
		return c.refuse(detail(http.StatusBadRequest, "No User matches the given query."))
	default:
		return c.associate(c.users[at], t, role)
	}
}

func (c *call) associate(u *user, t *template, role Role) *answer {
	switch {
	case !c.user.can(RoleAdmin, t):
		return c.refuse(forbidden())
	case !c.data.truth("disassociate"):
		u.roles[t] = role
	case u.roles[t] == role:
		delete(u.roles, t)
	}
	return c.empty(http.StatusNoContent)
}

// roleUsers are the users who have exactly the path's role.
func (c *call) roleUsers() *answer {
	t, role := c.roleOf(c.id)
	switch {
	case t == nil:
		return c.refuse(notFound("Role"))
	case !c.user.can(RoleRead, t):
		return c.refuse(forbidden())
	}
	var rows []any
	for _, u := range c.users {
		if u.roles[t] == role {
			rows = append(rows, u)
		}
	}
	return c.list(c.schemas.user, rows, c.userRow)
}
