package transport

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
)

// Secrets are texts that no message may show: a server echoes what it was sent.
type Secrets []string

// A value shorter than this is left: replacing it would garble words, and it is no secret worth the name.
const shortestSecret = 6

// NewSecrets gathers lists of secrets.
func NewSecrets(lists ...[]string) Secrets {
	var all Secrets
	for _, some := range lists {
		for _, secret := range some {
			// Messages are brought to one line before they get here, so values are looked for in that form.
			if secret = OneLine(secret); len(secret) >= shortestSecret {
				all = append(all, secret)
			}
		}
	}
	// The longest first: what is left of it after a shorter one was taken out would not be found.
	slices.SortFunc(all, func(a, b string) int { return len(b) - len(a) })
	return all
}

// Hide takes the secrets out of a text of one line. It is to be cut afterwards, so that no part of one is left at its end.
func (s Secrets) Hide(text string) string {
	for _, secret := range s {
		text = strings.ReplaceAll(text, secret, "(hidden)")
	}
	return text
}

// Spellings lists values as the output of a program may have them: whole, each line of a longer text for itself, and
// escaped as in JSON.
func Spellings(values []string) []string {
	var all []string
	for _, value := range values {
		all = append(all, value)
		if strings.Contains(value, "\n") {
			all = append(all, strings.Split(value, "\n")...)
		}
		if escaped, err := json.Marshal(value); err == nil && len(escaped) != len(value)+2 {
			all = append(all, string(escaped[1:len(escaped)-1]))
		}
	}
	return all
}

// ValuesOf lists the strings of a JSON document, and its numbers, as candidates for Secrets.
func ValuesOf(document json.RawMessage) []string {
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
