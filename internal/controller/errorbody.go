package controller

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"

	"github.com/osac-project/terraform-provider-osac/internal/redact"
	"github.com/osac-project/terraform-provider-osac/internal/transport"
)

// errorBody is the content of an error's JSON body: a detail, and messages by field.
type errorBody struct {
	detail string
	fields map[string][]string
}

// Bounds of the parts that are kept of an error's body: enough for every recorded one.
const (
	maxErrorFields  = 10
	maxErrorMessage = 300
	maxFieldName    = 64
)

// parseErrorBody reads {"detail": …}, {"details": …} (AAP's gateway), {"error": …}, {"field": ["message", …]} (207,
// 220, 224), and bare messages. It returns nothing for any other body.
func parseErrorBody(body []byte) errorBody {
	var parsed errorBody
	var object map[string]json.RawMessage
	if err := json.Unmarshal(body, &object); err != nil {
		if body = bytes.TrimSpace(body); len(body) > 0 && (body[0] == '[' || body[0] == '"') {
			parsed.detail = strings.Join(messagesOf(body), " ")
		}
		return parsed
	}
	for _, name := range sortedKeys(object) {
		messages := messagesOf(object[name])
		switch {
		case len(messages) == 0:
		case name == "detail", parsed.detail == "" && (name == "details" || name == "error"):
			parsed.detail = strings.Join(messages, " ")
		case len(parsed.fields) < maxErrorFields:
			if parsed.fields == nil {
				parsed.fields = map[string][]string{}
			}
			parsed.fields[transport.OneLine(name)] = messages
		}
	}
	return parsed
}

func messagesOf(value json.RawMessage) []string {
	var one string
	if json.Unmarshal(value, &one) == nil {
		if one == "" {
			return nil
		}
		return []string{transport.OneLine(one)}
	}
	var many []json.RawMessage
	if json.Unmarshal(value, &many) == nil {
		var all []string
		for _, item := range many[:min(len(many), maxErrorFields)] {
			all = append(all, messagesOf(item)...)
		}
		return all[:min(len(all), maxErrorFields)]
	}
	var compact bytes.Buffer
	if json.Compact(&compact, value) != nil {
		return nil
	}
	return []string{transport.OneLine(compact.String())}
}

// redaction removes from a server's text what the server may echo: credentials, and values of extra vars.
type redaction struct{ secrets *redact.Redactor }

// echoed are the API's messages that repeat a variable's value (222: "'instance_id' value xxx is too large"). They are
// removed whatever the value's length.
var echoed = []*regexp.Regexp{
	regexp.MustCompile(`(?s)(value )(.+)( is too (?:small|large))`),
	regexp.MustCompile(`(?s)(Value )(.+)( for '[^']*' expected)`),
	regexp.MustCompile(`(?s)(Value )(.+)( for '[^']*' not )`),
}

func newRedaction(secrets ...[]redact.Secret) redaction { return redaction{redact.New(secrets...)} }

// clean removes the secrets before it cuts the text, so that no part of a secret is left at the end.
func (r redaction) clean(text string) string {
	text = transport.OneLine(r.secrets.Hide(transport.Plain(text)))
	for _, pattern := range echoed {
		text = pattern.ReplaceAllString(text, "${1}(hidden)${3}")
	}
	return transport.Cut(text, maxErrorMessage)
}
