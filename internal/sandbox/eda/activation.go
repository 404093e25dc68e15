package eda

import (
	"errors"
	"net/http"
	"strconv"
	"time"
)

// The activation runs the rulebook. There is one activation with one instance, both with the id 1.

func (c *call) activations() (any, error) {
	if len(c.server.options.Rulebook.Rules) == 0 {
		return c.page(nil)
	}
	row := c.activationRow()
	project, _ := row.get("project")
	row = row.without("decision_environment", "git_hash", "project", "rulebook", "organization", "instances", "ruleset_stats",
		"restarted_at", "warnings", "rule_engine_credential", "edited_by")
	row = append(row, member{"decision_environment_id", 1}, member{"project", project}, member{"project_id", 1},
		member{"rulebook_id", 1}, member{"organization_id", 1},
		member{"edited_by", object{{"username", ""}, {"first_name", ""}, {"last_name", ""}}})
	return c.page(rowsFor(c, row))
}

func (c *call) seesActivation() error {
	if c.id != "1" || !c.user.sees() || len(c.server.options.Rulebook.Rules) == 0 {
		return missingObject("Activation")
	}
	return nil
}

func (c *call) activation() (any, error) {
	if err := c.seesActivation(); err != nil {
		return nil, err
	}
	return c.activationRow(), nil
}

// activationRow is the activation in all detail. The objects that precede it (decision environment, project, rulebook)
// are as recorded (eda 23, 24).
func (c *call) activationRow() object {
	s := c.server
	s.mu.Lock()
	defer s.mu.Unlock()
	status, message := s.condition()
	made, rules := stamp(s.created), 0
	if s.ran { // they are counted by the running rulebook (eda 23)
		rules = len(s.book.Rules)
	}
	streams, mappings := c.mappedStreams()
	instances, credentials := s.activationLists()
	row := object{
		{"id", 1},
		{"name", s.options.API.Activation},
		{"description", ""},
		{"is_enabled", s.run != nil},
		{"decision_environment", object{
			{"id", 1},
			{"name", "de"},
			{"description", ""},
			{"image_url", "quay.io/x/y:latest"},
			{"pull_policy", "always"},
			{"organization_id", 1},
		}},
		{"status", status},
		{"git_hash", "abc"},
		{"project", object{
			{"id", 1},
			{"git_hash", "abc"},
			{"url", "https://example.invalid/x.git"},
			{"scm_type", "git"},
			{"name", "osac"},
			{"description", ""},
			{"organization_id", 1},
			{"update_revision_on_launch", false},
			{"scm_update_cache_timeout", 0},
		}},
		{"rulebook", object{{"id", 1}, {"name", "osac.yml"}, {"description", ""}, {"organization_id", 1}}},
		{"extra_var", "{}\n"},
		{"organization", organization()},
		{"instances", instances},
	}
	return append(row, object{
		{"restart_on_project_update", false},
		{"restart_policy", "never"},
		{"restart_count", 0},
		{"rulebook_name", "osac.yml"},
		{"current_job_id", nil},
		{"ruleset_stats", s.stats()},
		{"rules_count", rules},
		{"rules_fired_count", s.fired},
		{"created_at", made},
		{"modified_at", made},
		{"edited_at", nil},
		{"restarted_at", nil},
		{"status_message", message},
		{"awx_token_id", nil},
		{"log_level", "info"},
		{"eda_credentials", credentials},
		{"k8s_service_name", nil},
		{"k8s_pod_service_account_name", nil},
		{"k8s_pod_labels", object{}},
		{"k8s_pod_annotations", object{}},
		{"k8s_pod_node_selector", object{}},
		{"event_streams", streams},
		{"source_mappings", trimLine(mappings)},
		{"warnings", []any{}},
		{"skip_audit_events", s.options.API.SkipAuditEvents},
		{"log_tracking_id", derivedUUID("activation", s.options.API.Activation)},
		{"created_by", owner()},
		{"modified_by", owner()},
		{"edited_by", owner()},
		{"enable_persistence", s.options.Persistence},
		{"rule_engine_credential_id", nil},
		{"rule_engine_credential", nil},
		{"k8s_pod_tolerations", []any{}},
	}...)
}

// mappedStreams are the event streams that the rulebook listens to, as objects and as text.
func (c *call) mappedStreams() ([]any, string) {
	streams, mappings := []any{}, ""
	for _, st := range c.server.streams {
		if !st.Unmapped {
			streams = append(streams, c.streamRow(st))
			mappings += "- event_stream_id: " + strconv.FormatInt(st.id, 10) + "\n  event_stream_name: " + st.Name +
				"\n  rulebook_hash: 481e083595c4a4c7918750377d51d9b6d73a0df93210ccbaf64d3312df33984a\n  source_name: events\n"
		}
	}
	return streams, mappings
}

// activationLists are the activation's instances, and its credentials for the controller.
func (s *Server) activationLists() ([]any, []any) {
	instances, credentials := []any{}, []any{}
	for _, row := range s.instanceRows() {
		instances = append(instances, row)
	}
	for _, one := range s.credentials {
		if one.typeID == controllerCredential {
			credentials = append(credentials, one.render(owner()))
		}
	}
	return instances, credentials
}

func trimLine(text string) string {
	if text == "" {
		return text
	}
	return text[:len(text)-1]
}

// condition is the status of the activation and its message. Those of an activation that does not run are invented.
func (s *Server) condition() (string, string) {
	switch {
	case !s.ran:
		return "pending", "Activation is marked as disabled"
	case s.run != nil:
		return "running", "Container running activation"
	case errors.Is(s.err, errStopped):
		return "stopped", "Stop requested by user."
	}
	return "failed", s.err.Error()
}

// instanceRows are the activation's instances: one, once the activation has run.
func (s *Server) instanceRows() []object {
	if !s.ran || len(s.options.Rulebook.Rules) == 0 {
		return nil
	}
	status, message := s.condition()
	var ended any
	if s.run == nil {
		ended = stamp(now())
	}
	return []object{{
		{"id", 1},
		{"name", s.options.API.Activation},
		{"status", status},
		{"git_hash", "abc"},
		{"status_message", message},
		{"activation_id", 1},
		{"organization_id", 1},
		{"started_at", stamp(s.created)},
		{"ended_at", ended},
		{"queue_name", nil},
	}}
}

// stats is the text of ruleset_stats; memory and clocks are as recorded once.
func (s *Server) stats() string {
	if len(s.events) == 0 || !s.ran {
		return ""
	}
	var last, lastFired *Event
	matched := 0
	for _, e := range s.events {
		last = e
		if e.Rule != "" {
			lastFired, matched = e, matched+1
		}
	}
	stats := object{{"start", stamp(s.created)}, {"sessionId", 1}, {"peakMemory", 9262584}, {"usedMemory", 9262584}}
	stats = append(stats, member{"ruleSetName", s.book.Ruleset}, member{"eventsMatched", matched},
		member{"lastClockTime", stampMilli(time.Now())})
	if lastFired != nil {
		stats = append(stats, member{"lastRuleFired", lastFired.Rule}, member{"lastRuleFiredAt", stampMilli(lastFired.Received)})
	}
	stats = append(stats, member{"numberOfRules", len(s.book.Rules)}, member{"asyncResponses", 0}, member{"rulesTriggered", s.fired},
		member{"baseLevelMemory", 6231040}, member{"eventsProcessed", len(s.events)}, member{"bytesSentOnAsync", 0},
		member{"eventsSuppressed", len(s.events) - matched}, member{"lastEventReceivedAt", stampMilli(last.Received)},
		member{"permanentStorageSize", 0}, member{"numberOfDisabledRules", 0}, member{"permanentStorageCount", 0})
	return dumpYAML(fromGo(object{{s.book.Ruleset, stats}}))
}

func stampMilli(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

func (c *call) instances() (any, error) {
	if c.seesActivation() != nil {
		return nil, &problem{http.StatusNotFound, "Activation with ID=" + c.id + " does not exist."}
	}
	return c.allInstances()
}

func (c *call) allInstances() (any, error) {
	c.server.mu.Lock()
	rows := c.server.instanceRows()
	c.server.mu.Unlock()
	return c.page(rowsFor(c, rows...))
}

func (c *call) instance() (any, error) {
	if c.id != "1" || !c.user.sees() {
		return nil, missingObject("RulebookProcess")
	}
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	for _, row := range c.server.instanceRows() {
		return row, nil
	}
	return nil, missingObject("RulebookProcess")
}

// logs is the rulebook's log, of which only an empty one was recorded.
func (c *call) logs() (any, error) {
	if c.id != "1" || !c.user.sees() {
		return nil, missingObject("RulebookProcess")
	}
	return c.page(nil)
}

func (c *call) enable() (any, error) {
	if err := c.seesActivation(); err != nil {
		return nil, err
	}
	c.server.Start()
	return none{http.StatusNoContent}, nil
}

func (c *call) disable() (any, error) {
	if err := c.seesActivation(); err != nil {
		return nil, err
	}
	c.server.Stop(false)
	return none{http.StatusNoContent}, nil
}

func (c *call) restart() (any, error) {
	if err := c.seesActivation(); err != nil {
		return nil, err
	}
	c.server.Stop(false)
	c.server.Start()
	return none{http.StatusNoContent}, nil
}
