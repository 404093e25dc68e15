package eda

import (
	"errors"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// errNoText is the error of a body that is not UTF-8, which the real server does not catch.
var errNoText = errors.New("not UTF-8")

// parseStreamBody reads the body of a post to an event stream. The real server reads all bodies but forms as YAML,
// whatever their Content-Type (eda 22). This one reads JSON, or a little of YAML: mappings of scalars, nested by
// indentation, and a scalar. It refuses the rest, which the real server may accept.
func parseStreamBody(contentType string, body []byte) (any, error) {
	if contentType == "application/x-www-form-urlencoded" {
		return parseForm(string(body))
	}
	if !utf8.Valid(body) {
		return nil, errNoText
	}
	if strings.ContainsFunc(string(body), func(r rune) bool { return unicode.IsControl(r) && !strings.ContainsRune("\t\n\r\u0085", r) }) {
		return nil, errors.New("special characters are not allowed")
	}
	if value, err := parseJSON(body); err == nil {
		if tabbed(string(body)) {
			return nil, errors.New(`found character '\t' that cannot start any token`)
		}
		return value, nil
	}
	return parsePlainYAML(string(body))
}

// tabbed reports whether JSON is indented by tabs, which YAML forbids.
func tabbed(text string) bool {
	quoted, escaped := false, false
	for _, r := range text {
		switch {
		case escaped:
			escaped = false
		case quoted && r == '\\':
			escaped = true
		case r == '"':
			quoted = !quoted
		case r == '\t' && !quoted:
			return true
		}
	}
	return false
}

// parseForm returns a dictionary of lists. A field without a value is left out, and one without = is refused.
func parseForm(body string) (any, error) {
	result := object{}
	if body == "" {
		return result, nil
	}
	for field := range strings.SplitSeq(body, "&") {
		name, value, found := strings.Cut(field, "=")
		if !found {
			return nil, errors.New("bad query field: " + field)
		}
		if value == "" {
			continue
		}
		key, errKey := url.QueryUnescape(name)
		text, errText := url.QueryUnescape(value)
		if errKey != nil || errText != nil {
			key, text = name, value
		}
		list, _ := result.get(key)
		items, _ := list.([]any)
		result = result.with(key, append(items, text))
	}
	return result, nil
}

// parsePlainYAML reads an empty text, a scalar, or a mapping of scalars and mappings.
func parsePlainYAML(text string) (any, error) {
	var lines []string
	for line := range strings.SplitSeq(text, "\n") {
		if trimmed := strings.TrimSpace(line); trimmed != "" && trimmed[0] != '#' && trimmed != "---" {
			lines = append(lines, strings.TrimRight(line, " \r"))
		}
	}
	if len(lines) == 0 {
		return nil, nil //nolint:nilnil // YAML's null
	}
	if len(lines) == 1 && !strings.Contains(lines[0], ": ") && !strings.HasSuffix(lines[0], ":") {
		return plainScalar(strings.TrimSpace(lines[0]))
	}
	value, rest, err := plainMapping(lines, indentation(lines[0]))
	if err == nil && len(rest) > 0 {
		err = errors.New("did not find expected key")
	}
	return value, err
}

func indentation(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }

func plainMapping(lines []string, indent int) (object, []string, error) {
	result := object{}
	for len(lines) > 0 && indentation(lines[0]) == indent {
		name, text, found := strings.Cut(strings.TrimSpace(lines[0])+" ", ": ")
		if !found {
			return nil, nil, errors.New("could not find expected ':'")
		}
		key, err := plainScalar(name)
		if err != nil {
			return nil, nil, err
		}
		lines = lines[1:]
		var value any
		if text = strings.TrimSpace(text); text != "" {
			value, err = plainScalar(text)
		} else if len(lines) > 0 && indentation(lines[0]) > indent {
			value, lines, err = plainMapping(lines, indentation(lines[0]))
		}
		if err != nil {
			return nil, nil, err
		}
		keyText, ok := key.(string)
		if !ok {
			keyText = name
		}
		result = result.with(keyText, value)
	}
	if len(lines) > 0 && indentation(lines[0]) > indent {
		return nil, nil, errors.New("mapping values are not allowed here")
	}
	return result, lines, nil
}

// plainScalar reads a scalar, or JSON instead.
func plainScalar(text string) (any, error) {
	switch text {
	case "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON":
		return true, nil
	case "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF":
		return false, nil
	case "~", "null", "Null", "NULL":
		return nil, nil //nolint:nilnil // YAML's null
	}
	if value, err := parseJSON([]byte(text)); err == nil {
		return value, nil
	}
	if len(text) >= 2 && text[0] == '\'' && text[len(text)-1] == '\'' {
		return strings.ReplaceAll(text[1:len(text)-1], "''", "'"), nil
	}
	if strings.ContainsAny(text[:1], "{}[]\"'%@`&*!|>,?") || strings.HasPrefix(text, "- ") || strings.Contains(text, ": ") {
		return nil, errors.New("not understood: " + text)
	}
	plain, _, _ := strings.Cut(text, " #")
	return plain, nil
}
