package sandbox

import (
	"strings"
	"testing"
)

// TestSurveyAnswers holds the checks of answers to AWX's source (main/models/mixins.py); only texts were recorded.
func TestSurveyAnswers(t *testing.T) {
	c := newClient(Options{})
	c.box.AddTemplate(Template{Name: "survey", Survey: []Question{
		{Variable: "text", Min: 2, Max: 4},
		{Variable: "n", Type: "integer", Min: 1, Max: 9},
		{Variable: "x", Type: "float", Max: 2},
		{Variable: "one", Type: "multiplechoice", Choices: []string{"a", "b"}, Default: "a"},
		{Variable: "some", Type: "multiselect", Choices: []string{"a", "b"}},
	}})
	for given, want := range map[string]string{
		`{"text": "t"}`:                 `'text' value t is too small (length is 1 must be at least 2).`,
		`{"text": null}`:                `Value None for 'text' expected to be a string.`,
		`{"n": "1"}`:                    `Value 1 for 'n' expected to be an integer.`,
		`{"n": true}`:                   `Value True for 'n' expected to be an integer.`,
		`{"n": 0}`:                      `'n' value 0 is too small (must be at least 1).`,
		`{"n": 10}`:                     `'n' value 10 is too large (must be no more than 9).`,
		`{"x": "1"}`:                    `Value 1 for 'x' expected to be a numeric type.`,
		`{"x": 2.5}`:                    `'x' value 2.5 is too large (must be no more than 2).`,
		`{"one": "c"}`:                  `Value c for 'one' expected to be one of ['a', 'b'].`,
		`{"some": "a"}`:                 `'some' value is expected to be a list.`,
		`{"some": ["a", "c"]}`:          `Value c for 'some' expected to be one of ['a', 'b'].`,
		`{"n": 5, "some": ["b"]}`:       "",
		`{"x": 1, "text": "\u00fcber"}`: "",
	} {
		answered := c.post(t, "job_templates/11/launch/", `{"extra_vars": `+given+`}`)
		if want == "" {
			expect(t, given, answered.status, 201)
			continue
		}
		expect(t, given, answered.status, 400)
		expect(t, given, answered.str("variables_needed_to_start"), wireStyle().dump([]any{want}))
	}
	defaults := c.post(t, "job_templates/11/launch/", `{"extra_vars": {"n": 5}}`)
	expect(t, "defaults come first", defaults.str("extra_vars"), `{"one": "a", "n": 5}`)
	expect(t, "survey", len(c.get(t, "job_templates/11/survey_spec/").body["spec"].([]any)), 5) //nolint:forcetypeassert,errcheck // a test
	c.box.AddTemplate(Template{Name: "secret", Survey: []Question{{Variable: "password", Type: "password", Default: "s3cret"}}})
	if body := c.get(t, "job_templates/12/survey_spec/").text; strings.Contains(body, "s3cret") || !strings.Contains(body, "$encrypted$") {
		t.Errorf("the default of a password shows: %s", body)
	}
}
