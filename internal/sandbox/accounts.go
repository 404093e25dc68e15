package sandbox

import (
	"net/http"
	"strings"
)

func accountViews() []*view {
	get := func(handle handler) map[string]handler { return map[string]handler{"GET": handle} }
	edit := func(handle handler) map[string]handler {
		return map[string]handler{"GET": handle, "PUT": nil, "PATCH": nil, "DELETE": nil}
	}
	return []*view{
		{pattern: path("me"), name: "me", model: "User", methods: get((*call).me)},
		{pattern: path("users"), name: "users", posts: "create user", model: "User", methods: map[string]handler{"GET": (*call).userList, "POST": (*call).createUser}},
		{pattern: path("users/{id}"), name: "user", model: "User", methods: edit((*call).oneUser)},
		{pattern: path("users/{id}/personal_tokens"), name: "tokens", posts: "create token", model: "User", methods: map[string]handler{
			"GET": (*call).unsimulated, "POST": (*call).createToken,
		}},
		{pattern: path("tokens"), name: "tokens", posts: "create token", model: "OAuth2AccessToken", methods: map[string]handler{
			"GET": (*call).tokenList, "POST": (*call).createToken,
		}},
		{pattern: path("organizations"), name: "organizations", posts: "create organization", model: "Organization", methods: map[string]handler{
			"GET": (*call).organizationList, "POST": (*call).createOrganization,
		}},
		{pattern: path("organizations/{id}"), name: "organization", model: "Organization", methods: edit((*call).oneOrganization)},
		{pattern: path("projects"), name: "projects", model: "Project", methods: map[string]handler{"GET": (*call).projectList, "POST": nil}},
	}
}

func (c *call) me() *answer { return c.list(c.schemas.user, one(c.user), c.userRow) }

func (c *call) userList() *answer {
	rows := one(c.user)
	if c.user.superuser {
		rows = anys(c.users)
	}
	return c.list(c.schemas.user, rows, c.userRow)
}

func (c *call) oneUser() *answer {
	for _, u := range c.users {
		if u.id == c.id && (c.user == u || c.user.superuser) {
			return c.reply(http.StatusOK, c.userRow(u))
		}
		if u.id == c.id {
			return c.refuse(forbidden())
		}
	}
	return c.refuse(notFound("User"))
}

func (c *call) userRow(row any) document {
	u, _ := row.(*user)
	related := document{}
	for _, key := range []string{
		"teams", "organizations", "admin_of_organizations", "projects", "credentials", "roles", "activity_stream", "access_list",
		"tokens", "authorized_tokens", "personal_tokens",
	} {
		related = append(related, member{key, c.url("users", u.id, key)})
	}
	return document{
		{"id", u.id},
		{"type", "user"},
		{"url", c.url("users", u.id)},
		{"related", related},
		summaryFields(document{
			{"resource", document{{"ansible_id", deriveUUID(c.options.InstallUUID, "user", u.name)}, {"resource_type", "shared.user"}}},
			{"user_capabilities", document{{"edit", true}, {"delete", c.user.superuser && c.user != u}}},
		}),
		{"created", u.created},
		{"modified", u.lastLogin},
		{"username", u.name},
		{"first_name", ""},
		{"last_name", ""},
		{"email", u.email},
		{"is_superuser", u.superuser},
		{"is_system_auditor", false},
		{"password", "$encrypted$"},
		{"last_login", u.lastLogin},
	}
}

func (c *call) tokenList() *answer {
	return c.list(c.schemas.token, c.shownTokens(), func(row any) document {
		t, _ := row.(*token)
		return c.renderToken(t, "************")
	})
}

// createToken makes a token. Only this answer shows its text.
func (c *call) createToken() *answer {
	scope := c.data.text("scope")
	setDefault(&scope, "write")
	if strings.TrimPrefix(scope, "read") != "" && scope != "write" && scope != "read write" {
		return c.refuse(&failure{http.StatusBadRequest, document{{"scope", []any{
			`Must be a simple space-separated string with allowed scopes ['read', 'write'].`,
		}}}})
	}
	owner := c.user
	if c.id != 0 {
		for _, u := range c.users {
			if u.id == c.id {
				owner = u
			}
		}
		if owner != c.user && !c.user.superuser {
			return c.refuse(forbidden())
		}
	}
	t := c.addToken(owner, randomHex(15), scope, c.data.text("description"))
	t.component = c.platform != nil
	reply := c.reply(http.StatusCreated, c.renderToken(t, t.text))
	reply.header.Set("Location", c.url("tokens", t.id))
	return reply
}

func (c *call) renderToken(t *token, shownText string) document {
	return document{
		{"id", t.id},
		{"type", "o_auth2_access_token"},
		{"url", c.url("tokens", t.id)},
		{"related", document{
			{"user", c.url("users", t.user.id)}, {"activity_stream", c.url("tokens", t.id, "activity_stream")},
		}},
		summaryFields(document{{"user", t.user.summary()}}),
		{"created", t.created},
		{"modified", t.created},
		{"description", t.note},
		{"user", t.user.id},
		{"token", shownText},
		{"refresh_token", nil},
		{"application", nil},
		{"expires", farFuture(t.created)},
		{"scope", t.scope},
	}
}

func (c *call) organizationList() *answer {
	return c.list(c.schemas.organization, anys(c.organizations), c.organizationRow)
}

func (c *call) oneOrganization() *answer {
	for _, o := range c.organizations {
		if o.id == c.id {
			return c.reply(http.StatusOK, c.organizationRow(o))
		}
	}
	return c.refuse(notFound("Organization"))
}

func (c *call) organizationRow(row any) document {
	o, _ := row.(*organization)
	related := document{}
	for _, key := range []string{"projects", "inventories", "job_templates", "workflow_job_templates", "users", "admins", "teams"} {
		related = append(related, member{key, c.url("organizations", o.id, key)})
	}
	return document{
		{"id", o.id},
		{"type", "organization"},
		{"url", c.url("organizations", o.id)},
		{"related", related},
		summaryFields(document{{"user_capabilities", document{{"edit", c.user.superuser}, {"delete", c.user.superuser}}}}),
		{"created", o.created},
		{"modified", o.created},
		{"name", o.name},
		{"description", ""},
		{"max_hosts", 0},
		{"custom_virtualenv", nil},
		{"default_environment", nil},
	}
}

func (c *call) projectList() *answer {
	return c.list(c.schemas.project, []any{&project{c.organizationNamed("")}}, c.projectRow)
}

func (c *call) projectRow(row any) document {
	p, _ := row.(*project)
	return document{
		{"id", projectID},
		{"type", "project"},
		{"url", c.url("projects", int64(projectID))},
		{"related", document{}},
		summaryFields(document{{"organization", p.organization.summary()}}),
		{"created", c.created},
		{"modified", c.created},
		{"name", projectName},
		{"description", ""},
		{"local_path", "osac"},
		{"scm_type", ""},
		{"scm_url", ""},
		{"scm_branch", ""},
		{"organization", p.organization.id},
		{"status", "ok"},
	}
}
