package redact

import (
	"unicode"
	"unicode/utf8"
)

// maxSkipped bounds how many bytes are skipped between two characters of a secret.
const maxSkipped = 256

// place is how far a secret was found: at is the place in the text, and next is the pattern's next byte.
type place struct {
	at, next int
	// skipped is the number of bytes skipped since the last byte that was found; broken reports whether a line break was
	// among them.
	skipped int
	broken  bool
}

// match searches for a pattern that begins at a place of a text. If the text can be read in several ways, it follows
// each of them.
type match struct {
	text    *reading
	pattern *pattern
	// open are places from which other ways lead on; seen are the places that were followed already.
	open []place
	seen map[place]bool
}

// end returns the end of the pattern that begins at a place, or -1 if the pattern does not begin there.
func (m *match) end(start int) int {
	m.open = append(m.open[:0], place{at: start})
	if len(m.seen) > 0 {
		clear(m.seen)
	}
	for len(m.open) > 0 {
		p := m.open[len(m.open)-1]
		m.open = m.open[:len(m.open)-1]
		if end := m.follow(p); end >= 0 {
			return end
		}
	}
	return -1
}

// follow continues while there is one way, and opens the others if there are several.
func (m *match) follow(p place) int {
	for {
		switch {
		case p.next == len(m.pattern.bytes):
			if m.pattern.word && !m.text.endsWord(p.at) {
				return -1
			}
			return p.at
		case p.at >= len(m.text.text):
			return -1
		case m.text.special != nil && m.text.special[p.at] || m.text.text[p.at] == '+' || m.text.text[p.at] == '=':
			m.fork(p)
			return -1
		}
		var ok bool
		if p, ok = m.step(p, m.text.text[p.at], p.at+1); !ok {
			return -1
		}
	}
}

// fork opens all the ways that lead on from a place.
func (m *match) fork(p place) {
	key := place{at: p.at, next: p.next, broken: p.broken}
	if m.seen[key] {
		return
	}
	if m.seen == nil {
		m.seen = map[place]bool{}
	}
	m.seen[key] = true
	open := func(p place, ok bool) {
		if ok {
			m.open = append(m.open, p)
		}
	}
	c := m.text.text[p.at]
	plus := func(c byte, after int) {
		if c == '+' && m.pattern.gap[p.next] { // a blank, in forms
			open(m.skip(p, after))
		}
	}
	plus(c, p.at+1)
	if c == '=' && p.at+1 < len(m.text.text) && m.text.text[p.at+1] == '\n' { // a soft line break, in mails
		open(m.skip(p, p.at+1))
	}
	open(m.step(p, c, p.at+1))
	for _, u := range m.text.escapes[int32(p.at)] { //nolint:gosec // texts are bounded
		after := int(u.end)
		if u.n == 1 {
			plus(u.bytes[0], after)
			open(m.step(p, u.bytes[0], after))
			if u.bytes[0] >= utf8.RuneSelf { // a byte of UTF-8, or a character of Latin 1
				open(m.characters(p, utf8.AppendRune(nil, rune(u.bytes[0])), after))
			}
			continue
		}
		open(m.characters(p, u.bytes[:u.n], after))
	}
}

// step passes one byte, which is the pattern's next one or may be skipped.
func (m *match) step(p place, c byte, after int) (place, bool) {
	switch {
	case c == m.pattern.bytes[p.next]:
		return place{at: after, next: p.next + 1}, true
	case p.next == 0: // a match begins with the secret
		return p, false
	case c == '\n':
		p.broken = true
		return m.skip(p, after)
	case c == ' ' || c == '\t':
		if !p.broken && !m.pattern.gap[p.next] && !m.text.endsLine(after) {
			return p, false
		}
		return m.skip(p, after)
	case c < utf8.RuneSelf && isNothing(rune(c)):
		return m.skip(p, after)
	}
	return p, false
}

// characters passes the bytes of one character that an escape stands for.
func (m *match) characters(p place, bytes []byte, after int) (place, bool) {
	rest := m.pattern.bytes[p.next:]
	if len(rest) >= len(bytes) && string(rest[:len(bytes)]) == string(bytes) {
		return place{at: after, next: p.next + len(bytes)}, true
	}
	r, _ := utf8.DecodeRune(bytes)
	if p.next > 0 && (isNothing(r) || unicode.IsSpace(r) && (m.pattern.gap[p.next] || p.broken)) {
		return m.skip(p, after)
	}
	return p, false
}

func (m *match) skip(p place, after int) (place, bool) {
	p.skipped++
	p.at = after
	return p, p.skipped <= maxSkipped && p.next > 0
}

// isPlain reports whether a place is read in one way, and not skipped.
func (r *reading) isPlain(at int) bool {
	c := r.text[at]
	return (r.special == nil || !r.special[at]) && c > ' ' && c != '"' && c != '\'' && c != '\\' && c != '+' && c != '=' && c != 0x7f
}

// endsLine reports whether only blanks come before the line's end.
func (r *reading) endsLine(at int) bool {
	for ; at < len(r.text); at++ {
		if c := r.text[at]; c != ' ' && c != '\t' {
			return c == '\n'
		}
	}
	return false
}

// beginsWord and endsWord report whether a word may begin or end at a place, as the text is or as it is read.
func (r *reading) beginsWord(at int) bool {
	if at == 0 || !isLetter(r.text, at-1, -1) {
		return true
	}
	if r.special == nil {
		return false
	}
	for before := max(0, at-longestEntity); before < at; before++ {
		if !r.special[before] {
			continue
		}
		for _, u := range r.escapes[int32(before)] { //nolint:gosec // texts are bounded
			if int(u.end) == at && !isLetter(u.bytes[:u.n], int(u.n)-1, -1) {
				return true
			}
		}
	}
	return false
}

func (r *reading) endsWord(at int) bool { return at >= len(r.text) || !isLetter(r.text, at, 1) }

// isLetter reports whether the character at a place, or the one that ends there, is a letter or a digit.
func isLetter(text []byte, at, direction int) bool {
	for direction < 0 && at > 0 && !utf8.RuneStart(text[at]) {
		at--
	}
	r, _ := utf8.DecodeRune(text[at:])
	return unicode.IsLetter(r) || unicode.IsDigit(r)
}
