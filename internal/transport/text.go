package transport

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// escapes are a terminal's control sequences: colours and cursor (CSI), titles and links (OSC), and the short ones.
var escapes = regexp.MustCompile("\x1b\\[[0-?]*[ -/]*[@-~]|\x1b\\][^\x07\x1b]*(?:\x07|\x1b\\\\)?|\x1b[ -/]*[0-~]")

// Plain makes text safe to print: no escapes, no control characters but line feed and tab, no characters that change
// the direction of writing, valid UTF-8.
func Plain(text string) string {
	text = strings.ReplaceAll(escapes.ReplaceAllString(text, ""), "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\t':
			return r
		case r == '\r':
			return '\n'
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
}

// OneLine returns Plain with every run of white space as one blank.
func OneLine(text string) string { return strings.Join(strings.Fields(Plain(text)), " ") }

// Cut shortens text to a number of bytes, at a character's boundary, and marks the cut.
func Cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	end := most
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "…"
}
