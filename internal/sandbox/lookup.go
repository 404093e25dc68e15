package sandbox

import (
	"cmp"
	"strconv"
	"strings"
	"time"
)

// newTest reads the value of a condition on a field, and returns the function that tests a row.
func newTest(f *field, lookup, value string) (func(c *call, row any, last *field) bool, *failure) {
	switch lookup {
	case "in":
		return newInTest(f, value)
	case "isnull", "regex", "iregex", "search", "iexact":
		return nothing, nil // no answer: see backedKeys
	}
	wanted, refusal := f.parse(value)
	if refusal != nil {
		return nil, refusal
	}
	return func(c *call, row any, last *field) bool {
		if last.contains != nil && row != nil && (lookup == "contains" || lookup == "icontains") {
			return last.contains(c, row, value, lookup == "icontains")
		}
		has := read1(c, row, last)
		if wanted == nil {
			return has == nil
		}
		return has != nil && compare(lookup, has, wanted)
	}, nil
}

// read1 is the value of a row's field. For a relation, the row is the related one, and its id counts.
func read1(c *call, row any, f *field) any {
	switch {
	case row == nil:
		return nil
	case f.kind == timeField:
		if t, ok := f.value(c, row).(time.Time); ok {
			return t.Add(c.conditions.ClockSkew)
		}
		return nil
	case f.kind != relationField:
		return f.value(c, row)
	case f.target == nil:
		return nil
	default:
		return f.target.fields["id"].value(c, row)
	}
}

func newInTest(f *field, value string) (func(c *call, row any, last *field) bool, *failure) {
	if value == "" {
		return nil, badFilter("cannot provide empty value for __in")
	}
	wanted := map[any]bool{}
	for item := range strings.SplitSeq(value, ",") {
		parsed, refusal := f.parse(item)
		if refusal != nil {
			return nil, refusal
		}
		wanted[parsed] = true
	}
	return func(c *call, row any, last *field) bool {
		has := read1(c, row, last)
		return has != nil && wanted[has]
	}, nil
}

// parse reads a value for a field; its error has Django's words.
func (f *field) parse(value string) (any, *failure) {
	switch f.kind {
	case integerField:
		n, err := strconv.ParseInt(strings.TrimSpace(value), 10, 64)
		if err != nil {
			return nil, invalid(value, "value must be an integer.")
		}
		return n, nil
	case relationField:
		if lower := strings.ToLower(value); lower == "none" || lower == "null" {
			return nil, nil
		}
		n, err := strconv.ParseInt(strings.TrimSpace(value), 10, 64)
		if err != nil {
			return nil, badFilter("Invalid " + f.name + " id: " + value)
		}
		return n, nil
	case booleanField:
		return parseBoolean(value)
	case decimalField:
		n, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return nil, invalid(value, "value must be a decimal number.")
		}
		return n, nil
	case timeField:
		return parseTime(value)
	case typeField:
		return strings.ReplaceAll(value, "_", ""), nil
	default:
		return value, nil
	}
}

// invalid is a ValidationError of Django: a list in JSON within the detail (recording 306).
func invalid(value, message string) *failure {
	return badFilter(wireStyle().dump([]any{"“" + value + "” " + message}))
}

func parseBoolean(value string) (bool, *failure) {
	switch strings.ToLower(value) {
	case "true", "1", "t":
		return true, nil
	case "false", "0", "f":
		return false, nil
	}
	return false, badFilter(`Unable to convert "` + value + `" to boolean`)
}

func parseTime(value string) (any, *failure) {
	for _, layout := range []string{
		"2006-01-02T15:04:05.999999Z07:00", "2006-01-02 15:04:05.999999Z07:00", "2006-01-02T15:04:05.999999Z0700",
		"2006-01-02T15:04:05.999999", "2006-01-02 15:04:05.999999", "2006-01-02T15:04Z07:00", "2006-01-02 15:04Z07:00",
		"2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02",
	} {
		if t, err := time.Parse(layout, value); err == nil {
			return t.UTC(), nil
		}
	}
	return nil, invalid(value, "value has an invalid format. It must be in YYYY-MM-DD HH:MM[:ss[.uuuuuu]][TZ] format.")
}

// compare applies an operator. Both values are of the field's type.
func compare(lookup string, has, wanted any) bool {
	switch lookup {
	case "exact":
		return order3(has, wanted) == 0
	case "gt":
		return order3(has, wanted) > 0
	case "gte":
		return order3(has, wanted) >= 0
	case "lt":
		return order3(has, wanted) < 0
	case "lte":
		return order3(has, wanted) <= 0
	}
	text, part := asText(has), asText(wanted)
	if name, folded := strings.CutPrefix(lookup, "i"); folded {
		lookup, text, part = name, strings.ToLower(text), strings.ToLower(part)
	}
	switch lookup {
	case "exact":
		return text == part
	case "contains":
		return strings.Contains(text, part)
	case "startswith":
		return strings.HasPrefix(text, part)
	case "endswith":
		return strings.HasSuffix(text, part)
	default:
		return false
	}
}

// order3 orders two values of one type.
func order3(a, b any) int {
	switch x := a.(type) {
	case int64:
		y, _ := b.(int64)
		return cmp.Compare(x, y)
	case float64:
		y, _ := b.(float64)
		return cmp.Compare(x, y)
	case time.Time:
		y, _ := b.(time.Time)
		return x.Compare(y)
	case bool:
		y, _ := b.(bool)
		switch {
		case x == y:
			return 0
		case x:
			return 1
		default:
			return -1
		}
	case string:
		y, _ := b.(string)
		return cmp.Compare(x, y)
	default:
		return 0
	}
}

func asText(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case int64:
		return text(v)
	case time.Time:
		return v.Format("2006-01-02 15:04:05.999999+00")
	case bool:
		return strconv.FormatBool(v)
	case float64:
		return pythonFloat(v)
	default:
		return ""
	}
}
