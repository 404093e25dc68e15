package eda

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
)

var expressionPattern = regexp.MustCompile(`\{\{\s*event((?:\.\w+|\["[^"]+"\]|\['[^']+'\])*)\s*\}\}`)

// substitute renders the templates in a value, as ansible-rulebook does with Jinja's native types: a string that is one
// expression becomes the value itself, of any type. A value that the event lacks is an error, since undefined is strict
// there.
func substitute(value any, event object) (any, error) {
	switch v := value.(type) {
	case string:
		return render(v, event)
	case []any:
		result := make([]any, len(v))
		for i := range v {
			var err error
			if result[i], err = substitute(v[i], event); err != nil {
				return nil, err
			}
		}
		return result, nil
	case object:
		result := make(object, len(v))
		for i, m := range v {
			rendered, err := substitute(m.value, event)
			if err != nil {
				return nil, err
			}
			result[i] = member{m.key, rendered}
		}
		return result, nil
	}
	return value, nil
}

func render(template string, event object) (any, error) {
	found := expressionPattern.FindAllStringSubmatchIndex(template, -1)
	if len(found) == 0 {
		return template, nil
	}
	var out strings.Builder
	end := 0
	for _, at := range found {
		path := splitPath(template[at[2]:at[3]])
		value, ok := lookup(event, path)
		if !ok {
			// Jinja names only the attribute that is missing.
			return nil, fmt.Errorf("'dict object' has no attribute '%s'", missing(event, path))
		}
		if at[0] == 0 && at[1] == len(template) {
			if text, isText := value.(string); isText {
				return native(text), nil
			}
			return value, nil
		}
		out.WriteString(template[end:at[0]])
		if text, isText := value.(string); isText {
			out.WriteString(text)
		} else {
			out.WriteString(pythonText(value))
		}
		end = at[1]
	}
	out.WriteString(template[end:])
	return native(out.String()), nil
}

func missing(event object, path []string) string {
	for i := range path {
		if _, ok := lookup(event, path[:i+1]); !ok {
			return path[i]
		}
	}
	return ""
}

// native converts a rendered string as Jinja's native types do (literal_eval). Text that reads as a Python literal
// becomes that value. So a JSON string with an object becomes an object, unless it has true, false or null in it.
func native(text string) any {
	switch text {
	case "True":
		return true
	case "False":
		return false
	case "None":
		return nil
	}
	if strings.TrimLeft(text, " \t") != text {
		return text // literal_eval takes indentation for a mistake
	}
	value, err := parseJSON([]byte(text))
	if err != nil || !pythonic(value) {
		return text
	}
	return value
}

// pythonic reports whether JSON is a Python literal, too.
func pythonic(value any) bool {
	switch v := value.(type) {
	case json.Number, string:
		return true
	case []any:
		for _, item := range v {
			if !pythonic(item) {
				return false
			}
		}
		return true
	case object:
		for _, m := range v {
			if !pythonic(m.value) {
				return false
			}
		}
		return true
	}
	return false
}

// renderText renders a template whose result must be text: a name, a label.
func renderText(template string, event object) (string, error) {
	value, err := render(template, event)
	if err != nil {
		return "", err
	}
	if text, ok := value.(string); ok {
		return text, nil
	}
	return pythonText(value), nil
}
