package eda

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
)

// comparison is one part of a condition, on one event.
type comparison struct {
	path     []string // below event
	operator string   // ==, !=, defined, undefined
	value    any
}

var comparisonPattern = regexp.MustCompile(`^event((?:\.\w+|\["[^"]+"\]|\['[^']+'\])+)\s*(==|!=|is defined|is not defined)\s*(.*)$`)

// parseCondition reads a condition of a rule. An unknown condition keeps the rulebook from starting, as a mistake in a
// condition does.
func parseCondition(condition string) ([]comparison, error) {
	var result []comparison
	for part := range strings.SplitSeq(condition, " and ") {
		found := comparisonPattern.FindStringSubmatch(strings.TrimSpace(part))
		if found == nil {
			return nil, fmt.Errorf("condition %q is not understood", part)
		}
		c := comparison{path: splitPath(found[1]), operator: found[2]}
		var err error
		switch c.operator {
		case "is defined", "is not defined":
			if found[3] != "" {
				err = fmt.Errorf("condition %q is not understood", part)
			}
		default:
			c.value, err = literal(found[3])
		}
		if err != nil {
			return nil, err
		}
		result = append(result, c)
	}
	return result, nil
}

var pathPattern = regexp.MustCompile(`\.?(\w+)|\["([^"]+)"\]|\['([^']+)'\]`)

// splitPath splits .payload.a["b-c"] into keys.
func splitPath(path string) []string {
	var keys []string
	for _, found := range pathPattern.FindAllStringSubmatch(path, -1) {
		keys = append(keys, found[1]+found[2]+found[3])
	}
	return keys
}

// literal reads a value in a condition: a string in either quotes, a number, true or false.
func literal(text string) (any, error) {
	if len(text) >= 2 && text[0] == '\'' && text[len(text)-1] == '\'' {
		return text[1 : len(text)-1], nil
	}
	value, err := parseJSON([]byte(text))
	if err != nil {
		return nil, fmt.Errorf("value %q in a condition is not understood", text)
	}
	return value, nil
}

// matches reports whether the event meets all comparisons. A missing value is neither equal nor unequal to anything.
func matches(condition []comparison, event object) bool {
	for _, c := range condition {
		value, found := lookup(event, c.path)
		met := false
		switch c.operator {
		case "==":
			met = found && equal(value, c.value)
		case "!=":
			met = found && !equal(value, c.value)
		case "is defined":
			met = found
		case "is not defined":
			met = !found
		}
		if !met {
			return false
		}
	}
	return true
}

// equal compares scalars; numbers by their value.
func equal(a, b any) bool {
	left, isNumber := a.(json.Number)
	right, bothNumbers := b.(json.Number)
	if isNumber && bothNumbers {
		x, errX := left.Float64()
		y, errY := right.Float64()
		return errX == nil && errY == nil && x == y
	}
	switch a.(type) {
	case nil, bool, string:
		return a == b
	}
	return false
}
