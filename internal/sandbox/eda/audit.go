package eda

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// auditRule is rule audit's report of a rule that has fired. It is written when its first action has ended (eda 24).
type auditRule struct {
	id             int64
	match          *match
	status         string
	fired, created time.Time
	actions        []auditAction
}

type auditAction struct {
	id, kind, status, url, message string
	fired                          time.Time
}

// audited records the end of an action.
func (s *Server) audited(m *match, a Action, o outcome) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.options.API.SkipAuditEvents {
		return
	}
	var rule *auditRule
	for _, written := range s.audit {
		if written.match == m {
			rule = written
		}
	}
	if rule == nil {
		rule = &auditRule{id: int64(len(s.audit) + 1), match: m, status: o.status, fired: m.ranAt, created: now()}
		s.audit = append(s.audit, rule)
	}
	if o.status == "failed" {
		rule.status = o.status
	}
	action := auditAction{id: randomUUID(), kind: a.kind(), status: o.status, message: o.message, fired: o.at}
	if o.job != nil {
		action.url = s.jobURL(a, o.job.number("id"))
	}
	rule.actions = append(rule.actions, action)
	s.wake()
}

// jobURL leads to the controller's own pages. The job's id can be read from it, and there is no other field for it (eda
// 24).
func (s *Server) jobURL(a Action, id int64) string {
	kind := "playbook"
	if a.Workflow {
		kind = "workflow"
	}
	page := fmt.Sprintf("/#/jobs/%s/%d/details/", kind, id)
	host, err := url.Parse(s.options.ControllerURL)
	if err != nil {
		return page
	}
	return host.Scheme + "://" + host.Host + page
}

func (c *call) auditRules() (any, error) {
	rows := c.auditRows()
	rows, err := filtered("AuditRule", rows, c.r.URL.Query(), auditRuleFields)
	if err != nil {
		return nil, err
	}
	for i := range rows {
		rows[i] = rows[i].without("ruleset_name", "created_at")
	}
	return c.page(rows)
}

// auditRows are all rules that the user may see, the last one first.
func (c *call) auditRows() []object {
	s := c.server
	s.mu.Lock()
	defer s.mu.Unlock()
	var rows []object
	for _, rule := range slices.Backward(s.audit) {
		rows = append(rows, object{
			{"id", rule.id},
			{"name", rule.match.rule.Name},
			{"status", rule.status},
			{"activation_instance", object{{"id", 1}, {"name", s.options.API.Activation}}},
			{"organization", organization()},
			{"fired_at", stamp(rule.fired)},
			{"ruleset_name", s.book.Ruleset},
			{"created_at", stamp(rule.created)},
		})
	}
	return rowsFor(c, rows...)
}

func (c *call) auditRule() (any, error) {
	for _, row := range c.auditRows() {
		if id, _ := row.get("id"); fmt.Sprint(id) == c.id {
			return row, nil
		}
	}
	return nil, missingObject("AuditRule")
}

// audit finds the rule of the path.
func (c *call) audit() (*auditRule, error) {
	id, err := strconv.ParseInt(c.id, 10, 64)
	if err != nil || id < 1 || id > int64(len(c.server.audit)) || !c.user.sees() {
		return nil, missingObject("AuditRule")
	}
	return c.server.audit[id-1], nil
}

func (c *call) auditActions() (any, error) {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	rule, err := c.audit()
	if err != nil {
		return nil, err
	}
	var rows []object
	for _, a := range rule.actions {
		var message any
		if a.message != "" {
			message = a.message
		}
		rows = append(rows, object{
			{"id", a.id},
			{"name", a.kind},
			{"status", a.status},
			{"url", a.url},
			{"fired_at", stamp(a.fired)},
			{"rule_fired_at", stamp(rule.fired)},
			{"audit_rule_id", rule.id},
			{"status_message", message},
		})
	}
	rows, err = filtered("AuditAction", rows, c.r.URL.Query(), nil)
	if err != nil {
		return nil, err
	}
	return c.page(rows)
}

// auditEvents are the events that fired the rule: the payload as YAML, without the meta data (eda 24).
func (c *call) auditEvents() (any, error) {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	rule, err := c.audit()
	if err != nil {
		return nil, err
	}
	event := rule.match.event
	actions := []any{}
	for _, a := range rule.actions {
		actions = append(actions, a.id)
	}
	rows := []object{{
		{"id", event.uuid},
		{"source_name", event.data.text("meta", "source", "name")},
		{"source_type", event.data.text("meta", "source", "type")},
		{"payload", dumpYAML(event.data.without("meta"))},
		{"audit_actions", actions},
		{"received_at", event.data.text("meta", "received_at")},
		{"rule_fired_at", stamp(rule.fired)},
	}}
	if rows, err = filtered("AuditEvent", rows, c.r.URL.Query(), nil); err != nil {
		return nil, err
	}
	return c.page(rows)
}

// badRequest is the error of a filter that can't be used.
func badRequest(format string, arguments ...any) error {
	return &problem{http.StatusBadRequest, fmt.Sprintf(format, arguments...)}
}
