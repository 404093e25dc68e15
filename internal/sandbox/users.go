package sandbox

import "time"

// AddUser adds an account. Its token, if one is given, may write; AddToken adds others. Roles are by template name.
func (s *Sandbox) AddUser(name, password, tokenText string, superuser bool, roles map[string]Role) {
	defer s.change()()
	u := s.addUser(name, password, superuser)
	for template, role := range roles {
		for _, t := range s.templates {
			if t.Name == template {
				u.roles[t] = role
			}
		}
	}
	if tokenText != "" {
		s.addToken(u, tokenText, "write", "")
	}
}

func (s *Sandbox) addUser(name, password string, superuser bool) *user {
	u := &user{
		id: int64(len(s.users)) + 1, name: name, password: password, superuser: superuser, created: s.now(),
		roles: map[*template]Role{},
	}
	s.users = append(s.users, u)
	return u
}

// Grant gives an account a role on all templates of the name, or revokes it if the role is empty.
func (s *Sandbox) Grant(user, template string, role Role) {
	defer s.change()()
	u := s.userNamed(user)
	for _, t := range s.templates {
		if t.Name != template || u == nil {
			continue
		}
		if role == "" {
			delete(u.roles, t)
		} else {
			u.roles[t] = role
		}
	}
}

// AddToken adds a token of the scope, read or write, to an account.
func (s *Sandbox) AddToken(user, tokenText, scope string) {
	defer s.change()()
	if u := s.userNamed(user); u != nil {
		s.addToken(u, tokenText, scope, "")
	}
}

func (s *Sandbox) addToken(u *user, tokenText, scope, note string) *token {
	s.tokenIDs++
	t := &token{id: s.tokenIDs, text: tokenText, user: u, scope: scope, created: s.now(), note: note}
	s.tokens = append(s.tokens, t)
	s.byToken[tokenText] = t
	return t
}

// RevokeToken revokes a token.
func (s *Sandbox) RevokeToken(tokenText string) {
	defer s.change()()
	delete(s.byToken, tokenText)
}

func (s *Sandbox) userNamed(name string) *user {
	for _, u := range s.users {
		if u.name == name {
			return u
		}
	}
	return nil
}

// farFuture is the expiry of tokens: a thousand years later (recording 019).
func farFuture(created time.Time) time.Time { return created.AddDate(0, 0, 365000) }
