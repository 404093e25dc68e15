package transport

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
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
			if len(OneLine(secret)) < shortestSecret {
				continue
			}
			all = append(all, formsOf(secret)...)
			// A key in PEM form may be printed line by line.
			for line := range strings.Lines(secret) {
				if line = strings.TrimSpace(line); len(line) >= shortestSecret {
					all = append(all, line)
				}
			}
		}
	}
	// The longest first: what is left of it after a shorter one was taken out would not be found.
	slices.SortFunc(all, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	return slices.Compact(all)
}

// formsOf are the ways in which a server may write a secret that it repeats: as it is, in a message that was brought to
// one line, within a URL or a form, in base64, and within JSON, also JSON that is a text in JSON: Ansible prints so what a
// module has said.
func formsOf(secret string) []string {
	plain := strings.TrimSpace(Plain(secret))
	forms := []string{plain, OneLine(secret), url.QueryEscape(secret), url.PathEscape(secret), base64.StdEncoding.EncodeToString([]byte(secret))}
	for _, once := range withinJSON(secret) {
		forms = append(append(forms, once), withinJSON(once)...)
	}
	return forms
}

// withinJSON writes a text as JSON has it: as Go does, with and without care for HTML, and in ASCII as Python does.
func withinJSON(text string) []string {
	ascii := strconv.QuoteToASCII(text)
	forms := []string{ascii[1 : len(ascii)-1]}
	for _, escapeHTML := range []bool{false, true} {
		var quoted bytes.Buffer
		encoder := json.NewEncoder(&quoted)
		encoder.SetEscapeHTML(escapeHTML)
		if encoder.Encode(text) == nil {
			written := strings.TrimSpace(quoted.String())
			forms = append(forms, written[1:len(written)-1])
		}
	}
	return forms
}

// Hide takes the secrets out of a text that is Plain. It is to be cut afterwards, so that no part of one is left at its
// end.
func (s Secrets) Hide(text string) string {
	for _, secret := range s {
		text = strings.ReplaceAll(text, secret, "(hidden)")
	}
	return text
}

// ValuesOf lists the strings of a JSON document, and its numbers, as candidates for Secrets. Strings that are JSON
// themselves are looked into: that is how template parameters are sent.
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
			if strings.ContainsAny(value, "{[") {
				found = append(found, ValuesOf(json.RawMessage(value))...)
			}
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
