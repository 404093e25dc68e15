package redact

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// pattern is a secret in its normal form: without white space, quotes, backslashes and characters that no message
// shows. Texts may have more, fewer or others of these.
type pattern struct {
	bytes []byte
	// gap says which bytes had white space before them.
	gap []bool
	// word says that the secret is too short to be searched for within words.
	word bool
}

// patternsOf returns the normal forms of a secret: of the whole, and of its lines. It returns none for a text that need
// not be hidden.
func patternsOf(secret Secret) []pattern {
	var all []pattern
	add := func(text string, shortest int) {
		p := normal(text)
		length := utf8.RuneCount(p.bytes)
		if length < shortest || !secret.credential && everyday(text) {
			return
		}
		p.word = length < wholeWords
		all = append(all, p)
	}
	shortest, shortestLine := shortestValue, shortestLineOfValue
	if secret.credential {
		shortest, shortestLine = shortestCredential, wholeWords
	}
	add(secret.text, shortest)
	if lines := strings.Split(strings.TrimSpace(secret.text), "\n"); len(lines) > 1 {
		for _, line := range lines {
			if !strings.HasPrefix(line, "-----") { // the mark at either end of a key in PEM form
				add(line, shortestLine)
			}
		}
	}
	return all
}

func normal(text string) pattern {
	var p pattern
	gap := false
	for _, r := range strings.ToValidUTF8(text, "\uFFFD") {
		switch {
		case unicode.IsSpace(r):
			gap = true
			continue
		case isNothing(r):
			continue
		}
		p.bytes = utf8.AppendRune(p.bytes, r)
		for len(p.gap) < len(p.bytes) {
			p.gap = append(p.gap, gap)
			gap = false
		}
	}
	return p
}

// isNothing reports whether a character may be missing or present anywhere: quoting, and characters that are removed
// from messages.
func isNothing(r rune) bool {
	return r == '"' || r == '\'' || r == '\\' || unicode.IsControl(r) && !unicode.IsSpace(r) || unicode.Is(unicode.Bidi_Control, r)
}
