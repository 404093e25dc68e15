package eda

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// controllerCredential is the type of a rulebook's credential for the controller.
const controllerCredential = 4

// firstCredential is the id of the first credential that users make: two exist from the beginning (eda 21).
const firstCredential = 3

// derivedUUID computes UUIDs that look random and are the same each time.
func derivedUUID(words ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(words, "\x00")))
	sum[6], sum[8] = sum[6]&0x0f|0x40, sum[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}

// addOptions makes the streams and credentials that exist from the beginning.
func (s *Server) addOptions() {
	for _, o := range s.options.Streams {
		typeID, inputs := o.Credential.withDefaults().record()
		name := o.Credential.Name
		setDefault(&name, "c-"+o.Name)
		s.addStream(o, s.makeCredential(name, typeID, inputs))
	}
}

func (s *Server) makeCredential(name string, typeID int64, inputs object) *credential {
	one := &credential{
		id: firstCredential + int64(len(s.credentials)), typeID: typeID, name: name, inputs: sortedKeys(inputs), made: now(), modified: now(),
	}
	s.credentials = append(s.credentials, one)
	return one
}

func sortedKeys(o object) object {
	result := slices.Clone(o)
	slices.SortFunc(result, func(a, b member) int { return strings.Compare(a.key, b.key) })
	return result
}

func (s *Server) addStream(o Stream, with *credential) *stream {
	if o.UUID == "" {
		o.UUID = randomUUID()
	}
	s.streamIDs++
	st := &stream{Stream: o, id: s.streamIDs, credential: with, created: now(), modified: now()}
	s.streams = append(s.streams, st)
	return st
}

func (c *call) streamRow(st *stream) object {
	var receivedAt any
	if st.received > 0 {
		receivedAt = stamp(st.receivedAt)
	}
	return object{
		{"name", st.Name},
		{"test_mode", st.TestMode},
		{"additional_data_headers", st.AdditionalDataHeaders},
		{"organization", organization()},
		{"eda_credential", object{
			{"id", st.credential.id},
			{"name", st.credential.name},
			{"description", ""},
			{"inputs", st.credential.shown()},
			{"managed", false},
			{"credential_type_id", st.credential.typeID},
			{"organization_id", 1},
		}},
		{"event_stream_type", credentialKinds[st.credential.typeID][2]},
		{"uuid", st.UUID},
		{"created_by", owner()},
		{"modified_by", owner()},
		{"id", st.id},
		{"owner", "admin"},
		{"url", c.server.StreamURL(st.UUID)},
		{"created_at", stamp(st.created)},
		{"modified_at", stamp(st.modified)},
		{"test_content_type", st.testContentType},
		{"test_content", st.testContent},
		{"test_error_message", st.testErrorMessage},
		{"test_headers", st.testHeaders},
		{"events_received", st.received},
		{"last_event_received_at", receivedAt},
	}
}

// StreamURL is the field url of an event stream, for posts through the gateway.
func (s *Server) StreamURL(uuid string) string {
	return strings.TrimSuffix(s.options.API.BaseURL, "/") + "/api/eda/v1/external_event_stream/" + uuid + "/post/"
}

// StreamPath is the path of the event stream with a name on eda-server itself; empty if there is none.
func (s *Server) StreamPath(name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, st := range s.streams {
		if st.Name == name {
			return "/api/eda/v1/external_event_stream/" + st.UUID + "/post/"
		}
	}
	return ""
}

func (c *call) eventStreams() (any, error) {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	var rows []object
	name := strings.ToLower(c.r.URL.Query().Get("name"))
	for _, st := range c.server.streams {
		if strings.HasPrefix(strings.ToLower(st.Name), name) {
			rows = append(rows, c.streamRow(st))
		}
	}
	return c.page(rowsFor(c, rows...))
}

func (c *call) stream() (*stream, error) {
	for _, st := range c.server.streams {
		if strconv.FormatInt(st.id, 10) == c.id && c.user.sees() {
			return st, nil
		}
	}
	return nil, missingObject("EventStream")
}

func (c *call) eventStream() (any, error) {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	st, err := c.stream()
	if err != nil {
		return nil, err
	}
	return c.streamRow(st), nil
}

// mayChange allows changes to superusers and the roles for them.
func (c *call) mayChange() error {
	if c.user.Superuser || slices.Contains([]string{"admin", "editor", "contributor"}, strings.ToLower(c.user.Role)) {
		return nil
	}
	return &problem{http.StatusForbidden, "You do not have permission to perform this action."}
}

func (c *call) addStream() (any, error) {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	if err := c.mayChange(); err != nil {
		return nil, err
	}
	wanted := c.body.number("eda_credential_id")
	for _, one := range c.server.credentials {
		if one.id == wanted && c.body.text("name") != "" {
			testing, _ := c.body.get("test_mode")
			st := c.server.addStream(Stream{
				Name: c.body.text("name"), AdditionalDataHeaders: c.body.text("additional_data_headers"), TestMode: testing == true,
			}, one)
			return made{c.streamRow(st)}, nil
		}
	}
	return nil, badRequest("name and eda_credential_id are required")
}

func (c *call) changeStream() (any, error) {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	st, err := c.stream()
	if err == nil {
		err = c.mayChange()
	}
	if err != nil {
		return nil, err
	}
	for _, m := range c.body {
		text, _ := m.value.(string)
		switch m.key {
		case "name":
			st.Name = text
		case "additional_data_headers":
			st.AdditionalDataHeaders = text
		case "test_mode":
			if st.TestMode = m.value == true; !st.TestMode {
				st.testContentType, st.testContent, st.testErrorMessage, st.testHeaders = "", "", "", ""
			}
		}
	}
	st.modified = now()
	return c.streamRow(st), nil
}

func (c *call) deleteStream() (any, error) {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	st, err := c.stream()
	if err == nil {
		err = c.mayChange()
	}
	if err != nil {
		return nil, err
	}
	c.server.streams = slices.DeleteFunc(c.server.streams, func(other *stream) bool { return other == st })
	return none{http.StatusNoContent}, nil
}

func (c *call) credentials() (any, error) {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	var rows []object
	for _, one := range c.server.credentials {
		rows = append(rows, one.render(owner()))
	}
	return c.page(rowsFor(c, rows...))
}

func (c *call) findCredential() (*credential, error) {
	for _, one := range c.server.credentials {
		if strconv.FormatInt(one.id, 10) == c.id && c.user.sees() {
			return one, nil
		}
	}
	return nil, missingObject("EdaCredential")
}

func (c *call) credential() (any, error) {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	one, err := c.findCredential()
	if err != nil {
		return nil, err
	}
	return one.render(owner()), nil
}

func (c *call) addCredential() (any, error) {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	if err := c.mayChange(); err != nil {
		return nil, err
	}
	typeID, inputs := c.body.number("credential_type_id"), c.inputs()
	if _, known := credentialKinds[typeID]; !known || c.body.text("name") == "" {
		return nil, badRequest("name and a credential_type_id from 6 to 8, or 4, are required")
	}
	if typeID == controllerCredential {
		inputs = inputs.with("request_timeout", "10")
	}
	return made{c.server.makeCredential(c.body.text("name"), typeID, inputs).render(owner())}, nil
}

func (c *call) inputs() object {
	value, _ := c.body.get("inputs")
	inputs, _ := value.(object)
	return slices.Clone(inputs)
}

func (c *call) changeCredential() (any, error) {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	one, err := c.findCredential()
	if err == nil {
		err = c.mayChange()
	}
	if err != nil {
		return nil, err
	}
	for _, m := range c.inputs() {
		one.inputs = one.inputs.with(m.key, m.value)
	}
	one.modified = now()
	return one.render(owner()), nil
}
