package sandbox

import (
	"net/http"
	"strings"
	"time"
)

// Scopes of tokens; "read write" is a third.
const (
	scopeRead  = "read"
	scopeWrite = "write"
)

// gatewayTokenLife is how long a token of the gateway lives.
const gatewayTokenLife = 365 * 24 * time.Hour

// gatewayPage is the default page size of the gateway's lists.
const gatewayPage = "50"

// AddComponentToken adds a personal access token of the controller itself, as AAP 2.4 had them. AAP 2.5 and 2.6 accept
// it, at the gateway and at the controller's own host; 2.7 does not.
func (s *Sandbox) AddComponentToken(user, tokenText, scope string) {
	defer s.change()()
	if u := s.userNamed(user); u != nil {
		s.addToken(u, tokenText, scope, "").component = true
	}
}

// SetProvider says that an account logs in through an external authentication provider, such as "Keycloak": the gateway
// makes no tokens for it.
func (s *Sandbox) SetProvider(user, provider string) {
	defer s.change()()
	if u := s.userNamed(user); u != nil {
		u.provider = provider
	}
}

// takes reports whether the token is known at the host that the request arrives at.
func (c *call) takes(t *token) bool {
	switch {
	case t == nil || c.platform == nil:
		return t != nil
	case c.in.direct:
		return t.component
	case t.component:
		return c.platform.componentTokens
	default:
		return t.expires.IsZero() || c.now.Before(t.expires)
	}
}

// shownTokens are the tokens of the requested host, the gateway or a component, that the user may see.
func (c *call) shownTokens() []any {
	component := c.platform != nil && !c.view.gateway
	var rows []any
	for _, t := range c.tokens {
		if c.byToken[t.text] == t && t.component == component && (t.user == c.user || c.user.superuser) {
			rows = append(rows, t)
		}
	}
	return rows
}

// gatewayTokens lists tokens. A list of the gateway has 50 rows by default; that links say so is invented.
func (c *call) gatewayTokens() *answer {
	if c.query.Get("page_size") == "" {
		c.query.Set("page_size", gatewayPage)
	}
	return c.list(c.schemas.token, c.shownTokens(), func(row any) document {
		t, _ := row.(*token)
		return c.gatewayTokenRow(t, "$encrypted$")
	})
}

func (c *call) oneGatewayToken() *token {
	for _, row := range c.shownTokens() {
		if t, _ := row.(*token); t.id == c.id {
			return t
		}
	}
	return nil
}

func (c *call) gatewayToken() *answer {
	t := c.oneGatewayToken()
	if t == nil {
		return c.refuse(notFound(c.view.model))
	}
	return c.reply(http.StatusOK, c.gatewayTokenRow(t, "$encrypted$"))
}

// createGatewayToken makes a token of the requesting user. Only this answer shows its text. It ignores the body's user,
// token, expires and refresh_token.
func (c *call) createGatewayToken() *answer {
	if c.user.provider != "" {
		return c.refuse(detail(http.StatusForbidden, "OAuth2 Tokens cannot be created by users associated with an external "+
			"authentication provider ("+c.user.provider+")"))
	}
	scope := c.data.text("scope")
	setDefault(&scope, scopeWrite)
	for word := range strings.FieldsSeq(scope) {
		if word != scopeRead && word != scopeWrite {
			return c.refuse(&failure{http.StatusBadRequest, document{{"scope", []any{
				`Must be a simple space-separated string with allowed scopes ['read', 'write'].`,
			}}}})
		}
	}
	t := c.addToken(c.user, randomHex(15), scope, c.data.text("description"))
	t.expires = t.created.Add(gatewayTokenLife)
	reply := c.reply(http.StatusCreated, c.gatewayTokenRow(t, t.text))
	reply.header.Set("Location", gatewayPath+"tokens/"+text(t.id)+"/")
	return reply
}

func (c *call) deleteGatewayToken() *answer {
	t := c.oneGatewayToken()
	if t == nil {
		return c.refuse(notFound(c.view.model))
	}
	delete(c.byToken, t.text)
	return c.empty(http.StatusNoContent)
}

func (c *call) gatewayTokenRow(t *token, shownText string) document {
	expires := t.expires
	if expires.IsZero() {
		expires = t.created.Add(gatewayTokenLife)
	}
	return document{
		{"id", t.id},
		{"url", gatewayPath + "tokens/" + text(t.id) + "/"},
		{"related", document{}},
		{"summary_fields", document{}},
		{"created", t.created},
		{"created_by", t.user.id},
		{"modified", t.created},
		{"modified_by", t.user.id},
		{"expires", expires},
		{"user", t.user.id},
		{"application", nil},
		{"description", t.note},
		{"last_used", nil},
		{"scope", t.scope},
		{"token", shownText},
		{"refresh_token", nil},
	}
}

func (c *call) gatewayMe() *answer {
	return c.list(c.schemas.user, one(c.user), c.gatewayUserRow)
}

func (c *call) gatewayUsers() *answer {
	rows := one(c.user)
	if c.user.superuser {
		rows = anys(c.users)
	}
	return c.list(c.schemas.user, rows, c.gatewayUserRow)
}

func (c *call) gatewayUser() *answer {
	for _, u := range c.users {
		if u.id == c.id && (u == c.user || c.user.superuser) {
			return c.reply(http.StatusOK, c.gatewayUserRow(u))
		}
	}
	return c.refuse(notFound(c.view.model))
}

func (c *call) gatewayUserRow(row any) document {
	u, _ := row.(*user)
	return document{
		{"id", u.id},
		{"url", gatewayPath + "users/" + text(u.id) + "/"},
		{"related", document{}},
		{"summary_fields", document{}},
		{"created", u.created},
		{"modified", u.created},
		{"username", u.name},
		{"email", u.email},
		{"first_name", ""},
		{"last_name", ""},
		{"is_superuser", u.superuser},
		{"is_platform_auditor", false},
		{"last_login", u.lastLogin},
	}
}
