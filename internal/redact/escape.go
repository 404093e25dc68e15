package redact

import (
	"html"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// undone reads the escape that begins at a place. It returns the unit that the escape stands for, another unit that it
// may stand for if lines are broken (n is 0 if there is none), and the place after the first.
func undone(units []unit, at int) (unit, unit, int) {
	if c := units[at].bytes[0]; units[at].n != 1 || c != '\\' && c != '%' && c != '&' {
		return unit{}, unit{}, at
	}
	e := escape{units: units, from: at, at: at}
	first := e.unit(e.read())
	after := e.at
	var other unit
	if first.n == 1 && first.bytes[0] == '\n' && units[at].bytes[0] == '\\' && units[at+1].bytes[0] == '\n' {
		// A backslash before a line's end joins the lines, unless the line was broken within an escape.
		e.at = at + 1
		e.passBreak()
		other = e.unit(e.backslash())
	}
	return first, other, after
}

// unit returns the characters read so far as a unit that begins where the escape began.
func (e *escape) unit(out []byte) unit {
	if len(out) == 0 || len(out) > 4 {
		return unit{}
	}
	u := unit{start: e.units[e.from].start, end: e.units[e.at-1].end, n: uint8(len(out))} //nolint:gosec // at most 4
	copy(u.bytes[:], out)
	return u
}

// escape reads an escape's characters.
type escape struct {
	units    []unit
	from, at int
}

func (e *escape) read() []byte {
	c, ok := e.next()
	switch {
	case !ok:
		return nil
	case c == '\\':
		return e.backslash()
	case c == '%':
		return e.percent()
	case c == '&':
		return e.entity()
	}
	return nil
}

func (e *escape) is(c byte) bool {
	return e.at < len(e.units) && e.units[e.at].n == 1 && e.units[e.at].bytes[0] == c
}

func (e *escape) next() (byte, bool) {
	if e.at >= len(e.units) || e.units[e.at].n != 1 {
		return 0, false
	}
	c := e.units[e.at].bytes[0]
	e.at++
	return c, true
}

// within returns the next character of an escape that has begun. Lines are broken anywhere, so it skips a break.
func (e *escape) within() (byte, bool) {
	e.passBreak()
	return e.next()
}

func (e *escape) passBreak() {
	if !e.is('\n') {
		return
	}
	for e.is('\n') || e.is(' ') || e.is('\t') {
		e.at++
	}
}

// shortEscapes are the letters that stand for control characters after a backslash.
const (
	shortEscapes = "abefnrtv0"
	shortMeaning = "\a\b\x1b\f\n\r\t\v\x00"
)

func (e *escape) backslash() []byte {
	before := e.at
	c, ok := e.next()
	if !ok {
		return nil
	}
	switch {
	case c == 'x':
		return e.hex(2, false)
	case c == 'u':
		return e.hex(4, true)
	case c == 'U':
		return e.hex(8, true)
	case '0' <= c && c <= '3':
		if out := e.octal(c); out != nil {
			return out
		}
		e.at = before + 1
	}
	if i := strings.IndexByte(shortEscapes, c); i >= 0 {
		return []byte{shortMeaning[i]}
	}
	if 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9' {
		return nil
	}
	return []byte{c}
}

func (e *escape) percent() []byte {
	before := e.at
	if c, ok := e.next(); ok && c == 'u' {
		return e.hex(4, true)
	}
	e.at = before
	return e.hex(2, false)
}

// hex reads a number of digits as a byte or as a character. Two such characters may make one (UTF-16, as in JSON).
func (e *escape) hex(digits int, character bool) []byte {
	value, ok := e.number(digits)
	if !ok {
		return nil
	}
	if !character {
		return []byte{byte(value)} //nolint:gosec // two hex digits
	}
	r := rune(value) //nolint:gosec // eight hex digits; what is no character becomes U+FFFD
	if digits == 4 && utf16.IsSurrogate(r) {
		r = e.surrogate(r)
	}
	return utf8.AppendRune(nil, r)
}

func (e *escape) surrogate(first rune) rune {
	before := e.at
	if c, ok := e.within(); ok && (c == '\\' || c == '%') {
		if c, ok = e.within(); ok && c == 'u' {
			if second, ok := e.number(4); ok {
				if r := utf16.DecodeRune(first, rune(second)); r != utf8.RuneError { //nolint:gosec // four hex digits
					return r
				}
			}
		}
	}
	e.at = before
	return first
}

func (e *escape) number(digits int) (uint32, bool) {
	var value uint32
	for range digits {
		c, ok := e.within()
		digit := hexDigit(c)
		if !ok || digit < 0 {
			return 0, false
		}
		value = value<<4 | uint32(digit) //nolint:gosec // below 16
	}
	return value, true
}

func (e *escape) octal(first byte) []byte {
	value := first - '0'
	for range 2 {
		c, ok := e.within()
		if !ok || c < '0' || c > '7' {
			return nil
		}
		value = value<<3 | (c - '0')
	}
	return []byte{value}
}

// longestEntity is the length of the longest entity of a character that a secret may have, such as &#x1F600; and
// &quot;.
const longestEntity = 12

func (e *escape) entity() []byte {
	name := []byte{'&'}
	for len(name) < longestEntity {
		c, ok := e.within()
		if !ok {
			return nil
		}
		name = append(name, c)
		if c == ';' {
			if out := html.UnescapeString(string(name)); out != string(name) {
				return []byte(out)
			}
			return nil
		}
		if c != '#' && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') {
			return nil
		}
	}
	return nil
}

func hexDigit(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}
