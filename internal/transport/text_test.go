package transport

import "testing"

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
