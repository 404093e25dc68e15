package transport

import (
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"
)

// FuzzText cleans any text. The result is valid, has nothing that controls a terminal or reverses the text, does not
// change when it is cleaned again, and is cut where it must be.
func FuzzText(f *testing.F) {
	for _, seed := range []string{
		"\x1b[31mred\x1b[0m\r\nnext", "\x1b]8;;https://evil.example\x1b\\link\x1b]8;;\x07", "\x1b\x1b[m[31m", "a\u202eb\u2066c\u061cd",
		"\xff\xfe\x9b31m\u009b31m", "\u2028line\u2029end\u0085", "\x1b]0;title", "secret-value secret-valuf", "ü😀", "",
	} {
		f.Add(seed, 5)
	}
	f.Fuzz(func(t *testing.T, text string, most int) {
		plain, line := Plain(text), OneLine(text)
		for _, got := range []string{plain, line} {
			if !utf8.ValidString(got) || strings.ContainsFunc(got, steers) {
				t.Errorf("%q is not fit to print: %q", text, got)
			}
		}
		if Plain(plain) != plain || OneLine(line) != line || strings.ContainsAny(line, "\n\t") {
			t.Errorf("%q: %q, %q", text, plain, line)
		}
		if most >= 0 {
			if got := Cut(line, most); len(got) > most+len("…") || !utf8.ValidString(got) || len(line) <= most && got != line {
				t.Errorf("%q cut at %d: %q", line, most, got)
			}
		}
	})
}

func steers(r rune) bool {
	return r != '\n' && r != '\t' && unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)
}

// FuzzRetryAfter reads any header: the wait that it asks for is bounded.
func FuzzRetryAfter(f *testing.F) {
	for _, seed := range []string{"120", "-1", "0", "99999999999", "99999999999999999999", "1e9", " 5", "Fri, 31 Dec 9999 23:59:59 GMT", "Thu, 01 Jan 1970 00:00:00 GMT", "soon"} {
		f.Add(seed, "Thu, 26 Nov 2026 01:00:00 GMT")
		f.Add(seed, "")
	}
	f.Fuzz(func(t *testing.T, asked, date string) {
		got := RetryAfter(http.Header{"Retry-After": {asked}, "Date": {date}})
		if got < 0 || got > retryAfterMost || got+got/4 < got || time.Now().Add(got).Before(time.Now().Add(-time.Minute)) {
			t.Errorf("%q at %q: %s", asked, date, got)
		}
	})
}
