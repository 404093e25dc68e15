package sandbox

import (
	"errors"
	"strconv"
	"strings"
)

// yamlLine is a line of a block mapping, without its indentation.
type yamlLine struct {
	indent int
	text   string
}

// parseYAML reads the YAML mappings that extra vars need: nested block mappings, lists of scalars, plain and quoted
// scalars, and JSON in flow style. It is not a YAML parser: anything else is an error, as invalid YAML is for AWX.
func parseYAML(text string) (document, error) {
	var lines []yamlLine
	for line := range strings.SplitSeq(text, "\n") {
		trimmed := strings.TrimLeft(line, " ")
		if trimmed == "" || strings.HasPrefix(trimmed, "#") || trimmed == "---" {
			continue
		}
		lines = append(lines, yamlLine{len(line) - len(trimmed), strings.TrimRight(trimmed, " \r\t")})
	}
	if len(lines) == 0 {
		return document{}, nil
	}
	if err := yamlMistake(text); err != nil {
		return nil, err
	}
	value, rest := yamlBlock(lines)
	variables, ok := value.(document)
	if !ok || len(rest) > 0 {
		return nil, errors.New(notADictionary(value))
	}
	return variables, nil
}

// yamlBlock reads the lines of one indentation, and returns the remaining lines.
func yamlBlock(lines []yamlLine) (any, []yamlLine) {
	indent := lines[0].indent
	if strings.HasPrefix(lines[0].text, "- ") {
		items := []any{}
		for len(lines) > 0 && lines[0].indent == indent && strings.HasPrefix(lines[0].text, "- ") {
			items = append(items, yamlScalar(lines[0].text[2:]))
			lines = lines[1:]
		}
		return items, lines
	}
	result := document{}
	for len(lines) > 0 && lines[0].indent == indent {
		key, value, found := strings.Cut(lines[0].text, ":")
		if !found || value != "" && value[0] != ' ' {
			return yamlScalar(lines[0].text), nil
		}
		lines = lines[1:]
		if value = strings.TrimSpace(value); value == "" && nests(lines, indent) {
			var nested any
			nested, lines = yamlBlock(lines)
			result = result.with(yamlKey(key), nested)
			continue
		}
		result = result.with(yamlKey(key), yamlScalar(value))
	}
	return result, lines
}

// nests reports whether the next line belongs to a key of the indentation.
func nests(lines []yamlLine, indent int) bool {
	return len(lines) > 0 &&
		(lines[0].indent > indent || lines[0].indent == indent && strings.HasPrefix(lines[0].text, "- "))
}

func yamlKey(key string) string {
	if name, ok := yamlScalar(key).(string); ok && name != "" {
		return name
	}
	return key
}

func yamlScalar(text string) any {
	text = strings.TrimSpace(text)
	if value, err := parseJSON(text); err == nil && text != "NaN" && text != "Infinity" {
		return value
	}
	if len(text) > 1 && text[0] == '\'' && text[len(text)-1] == '\'' {
		return strings.ReplaceAll(text[1:len(text)-1], "''", "'")
	}
	switch strings.ToLower(text) {
	case "", "~", "null":
		return nil
	case "yes", "on", "true":
		return true
	case "no", "off", "false":
		return false
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return number(strconv.FormatInt(n, 10))
	}
	return text
}
