package transport

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"testing"
)

func TestText(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"plain":            "plain",
		" two\r\n\tlines ": "two lines",
		"\x1b[31mred\x1b[0m \x1b]0;title\x07after": "red after",
		"a\u202eb\x00c\xff":                        "abc\uFFFD",
	} {
		if got := OneLine(text); got != want {
			t.Errorf("%q: %q", text, got)
		}
	}
	if got := Plain("a\r\nb\rc\td"); got != "a\nb\nc\td" {
		t.Errorf("plain: %q", got)
	}
	if got := Cut("grüße", 3); got != "gr…" {
		t.Errorf("cut: %q", got)
	}
	if got := Cut("short", 5); got != "short" {
		t.Errorf("not cut: %q", got)
	}
}

func TestSecrets(t *testing.T) {
	t.Parallel()
	secrets := NewSecrets([]string{"secret", "tiny"}, []string{"secret-longer", "two\nlines"})
	if got := secrets.Hide("a secret-longer secret, tiny, two lines"); got != "a (hidden) (hidden), tiny, (hidden)" {
		t.Errorf("hidden: %s", got)
	}
	odd := NewSecrets([]string{"pass\"word/ü\n+ 1", "less<more"})
	for _, echo := range []string{
		"pass\"word/ü\n+ 1", "pass\"word/ü + 1", `pass\"word/ü\n+ 1`, `pass\"word/\u00fc\n+ 1`, "pass%22word%2F%C3%BC%0A%2B+1",
		"pass%22word%2F%C3%BC%0A+%201", base64.StdEncoding.EncodeToString([]byte("pass\"word/ü\n+ 1")), `less\u003cmore`, "less<more",
	} {
		if got := odd.Hide("it was " + echo + "."); got != "it was (hidden)." {
			t.Errorf("%q: %s", echo, got)
		}
	}
	got := ValuesOf(json.RawMessage(`{"a":["one",2,{"b":"three"}],"c":null,"d":true,"e":"{\"f\":\"four\"}"}`))
	slices.Sort(got)
	if !slices.Equal(got, []string{"2", "four", "one", "three", `{"f":"four"}`}) {
		t.Errorf("values: %q", got)
	}
	if got := ValuesOf(json.RawMessage(`{`)); got != nil {
		t.Errorf("values of what is no JSON: %q", got)
	}
}
