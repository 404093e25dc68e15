package controller

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
)

// errorBody is what an error's JSON body says: detail, and messages by field.
type errorBody struct {
	detail string
	fields map[string][]string
}

// The most that is kept of an error's body: enough for every recorded one.
const (
	maxErrorFields  = 10
	maxErrorMessage = 300
)

// parseErrorBody reads {"detail": …}, {"error": …} (live check L8) and {"field": ["message", …]} (207, 220, 224). Any
// other body says nothing.
func parseErrorBody(body []byte) errorBody {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(body, &object); err != nil {
		return errorBody{}
	}
	var parsed errorBody
	for _, name := range sortedKeys(object) {
		messages := messagesOf(object[name])
		switch {
		case len(messages) == 0:
		case name == "detail", name == "error" && parsed.detail == "":
			parsed.detail = strings.Join(messages, " ")
		case len(parsed.fields) < maxErrorFields:
			if parsed.fields == nil {
				parsed.fields = map[string][]string{}
			}
			parsed.fields[cut(plain(name), 64)] = messages
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
		return []string{oneLine(one)}
	}
	var many []json.RawMessage
	if json.Unmarshal(value, &many) == nil {
		var all []string
		for _, item := range many[:min(len(many), maxErrorFields)] {
			all = append(all, messagesOf(item)...)
		}
		return all
	}
	var compact bytes.Buffer
	if json.Compact(&compact, value) != nil {
		return nil
	}
	return []string{oneLine(compact.String())}
}

// redaction takes out of a server's text what it may echo: credentials, and values of extra vars.
type redaction []string

// A value shorter than this is left: replacing it would garble words, and it is no secret worth the name. What the API
// itself says about a survey's variable is caught whatever its length, by echoed.
const shortestSecret = 6

// echoed are the API's messages that repeat a variable's value (222: "'instance_id' value xxx is too large").
var echoed = []*regexp.Regexp{
	regexp.MustCompile(`(?s)(value )(.+)( is too (?:small|large))`),
	regexp.MustCompile(`(?s)(Value )(.+)( for '[^']*' expected)`),
	regexp.MustCompile(`(?s)(Value )(.+)( for '[^']*' not )`),
}

func newRedaction(secrets ...[]string) redaction {
	var all redaction
	for _, some := range secrets {
		for _, secret := range some {
			// Messages are brought to one line before they get here, so values are looked for in that form.
			if secret = oneLine(secret); len(secret) >= shortestSecret {
				all = append(all, secret)
			}
		}
	}
	// The longest first: what is left of it after a shorter one was taken out would not be found.
	slices.SortFunc(all, func(a, b string) int { return len(b) - len(a) })
	return all
}

// clean takes the secrets out before the text is cut, so that no part of one is left at the end.
func (r redaction) clean(text string) string {
	for _, secret := range r {
		text = strings.ReplaceAll(text, secret, "(hidden)")
	}
	for _, pattern := range echoed {
		text = pattern.ReplaceAllString(text, "${1}(hidden)${3}")
	}
	return cut(text, maxErrorMessage)
}

// valuesOf lists the strings of a JSON document, and the numbers that are long enough to be telling.
func valuesOf(document json.RawMessage) []string {
	decoder := json.NewDecoder(bytes.NewReader(document))
	decoder.UseNumber()
	var root any
	if decoder.Decode(&root) != nil {
		return nil
	}
	var found []string
	var walk func(any)
	walk = func(node any) {
		switch value := node.(type) {
		case string:
			found = append(found, value)
		case json.Number:
			found = append(found, value.String())
		case []any:
			for _, item := range value {
				walk(item)
			}
		case map[string]any:
			for _, item := range value {
				walk(item)
			}
		}
	}
	walk(root)
	return found
}
