package sandbox

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// spec renders a question in the form of the survey's specification (recording 110). A password's default is hidden:
// that was read in AWX's source (display_survey_spec), not recorded.
func (q Question) spec() document {
	answer := q.Default
	if q.kind() == "password" && answer != "" {
		answer = "$encrypted$"
	}
	bound := func(n int) any {
		if n == 0 {
			return nil
		}
		return n
	}
	return document{
		{"max", bound(q.Max)},
		{"min", bound(q.Min)},
		{"type", q.kind()},
		{"choices", strings.Join(q.Choices, "\n")},
		{"default", answer},
		{"required", q.Required},
		{"variable", q.Variable},
		{"question_name", q.Name},
		{"question_description", ""},
	}
}

func (q Question) kind() string {
	if q.Type == "" {
		return "text"
	}
	return q.Type
}

// takeVariables keeps the survey's variables, and all others if the template asks for variables. The rest is dropped,
// and named in ignored_fields (recordings 203, 223).
func (l *launchRequest) takeVariables(given document) document {
	accepted, rejected := document{}, document{}
	var problems []any
	surveyed := map[string]bool{}
	for _, question := range l.template.Survey {
		value, has := given.get(question.Variable)
		surveyed[question.Variable] = true
		complaint := question.check(value, has)
		switch {
		case complaint != "":
			problems = append(problems, complaint)
		case has:
			accepted = append(accepted, member{question.Variable, value})
		}
	}
	own, _ := parseVariables(l.template.ExtraVars)
	for _, m := range given {
		if surveyed[m.key] {
			continue
		}
		if same, known := own.get(m.key); !l.template.AsksVariables && known && wireStyle().dump(same) == wireStyle().dump(m.value) {
			continue
		}
		if l.template.AsksVariables {
			accepted = append(accepted, m)
		} else {
			rejected = append(rejected, m)
		}
	}
	if len(problems) > 0 {
		l.errors = l.errors.with("variables_needed_to_start", problems)
	}
	if len(rejected) > 0 {
		l.ignored = l.ignored.with("extra_vars", rejected)
	}
	return accepted
}

// withDefaults puts the survey's defaults before the given variables.
func (t *template) withDefaults(given document) document {
	result := document{}
	for _, question := range t.Survey {
		if _, has := given.get(question.Variable); !has && question.Default != "" {
			result = append(result, member{question.Variable, question.Default})
		}
	}
	return append(result, given...)
}

// check says what is wrong with an answer to the question, in AWX's words (recordings 220 to 222).
func (q Question) check(value any, given bool) string {
	quoted := "'" + q.Variable + "'"
	if !given {
		if q.Required {
			return quoted + " value missing"
		}
		return ""
	}
	switch q.kind() {
	case "text", "textarea", "password":
		return q.checkText(quoted, value)
	case "integer":
		return q.checkNumber(quoted, value, "int", "an integer")
	case "float":
		return q.checkNumber(quoted, value, "int float", "a numeric type")
	case "multiplechoice":
		if answer, ok := value.(string); !ok || !slices.Contains(q.Choices, answer) {
			return "Value " + shown(value) + " for " + quoted + " expected to be one of " + pythonList(q.Choices) + "."
		}
	case "multiselect":
		return q.checkSelection(quoted, value)
	}
	return ""
}

func (q Question) checkText(quoted string, value any) string {
	answer, ok := value.(string)
	length := utf8.RuneCountInString(answer)
	switch {
	case !ok:
		return "Value " + shown(value) + " for " + quoted + " expected to be a string."
	case q.Min > 0 && length < q.Min:
		return quoted + " value " + answer + " is too small (length is " + strconv.Itoa(length) + " must be at least " +
			strconv.Itoa(q.Min) + ")."
	case q.Max > 0 && length > q.Max:
		return quoted + " value " + answer + " is too large (must be no more than " + strconv.Itoa(q.Max) + ")."
	}
	return ""
}

func (q Question) checkNumber(quoted string, value any, types, expected string) string {
	if !slices.Contains(strings.Fields(types), pythonType(value)) {
		return "Value " + shown(value) + " for " + quoted + " expected to be " + expected + "."
	}
	n, _ := strconv.ParseFloat(shown(value), 64)
	switch {
	case q.Min != 0 && n < float64(q.Min):
		return quoted + " value " + shown(value) + " is too small (must be at least " + strconv.Itoa(q.Min) + ")."
	case q.Max != 0 && n > float64(q.Max):
		return quoted + " value " + shown(value) + " is too large (must be no more than " + strconv.Itoa(q.Max) + ")."
	}
	return ""
}

func (q Question) checkSelection(quoted string, value any) string {
	answers, ok := value.([]any)
	if !ok {
		return quoted + " value is expected to be a list."
	}
	for _, answer := range answers {
		if text, ok := answer.(string); !ok || !slices.Contains(q.Choices, text) {
			return "Value " + shown(answer) + " for " + quoted + " expected to be one of " + pythonList(q.Choices) + "."
		}
	}
	return ""
}

// shown is Python's str of a value, nearly.
func shown(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case nil:
		return "None"
	case bool:
		if v {
			return "True"
		}
		return "False"
	default:
		return pythonStyle().dump(value)
	}
}

func pythonList(items []string) string {
	return "['" + strings.Join(items, "', '") + "']"
}
