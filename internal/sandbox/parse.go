package sandbox

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// parseError is an error of Python's json module, in its words, which AWX passes on (recordings 206, 208).
type parseError struct {
	message string
	offset  int
	text    string
}

// Error returns the message with the place, as Python does.
func (e *parseError) Error() string {
	before := e.text[:min(e.offset, len(e.text))]
	line := strings.Count(before, "\n") + 1
	column := utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:]) + 1
	return fmt.Sprintf("%s: line %d column %d (char %d)", e.message, line, column, utf8.RuneCountInString(before))
}

// parser reads JSON as Python's json.loads does, and keeps the order of keys and the size of numbers.
type parser struct {
	text   string
	offset int
}

// parseJSON parses one JSON value.
func parseJSON(text string) (any, error) {
	p := &parser{text: text}
	p.space()
	value, err := p.value()
	if err != nil {
		return nil, err
	}
	p.space()
	if p.offset < len(p.text) {
		return nil, p.fail("Extra data", p.offset)
	}
	return value, nil
}

func (p *parser) fail(message string, offset int) error {
	return &parseError{message: message, offset: offset, text: p.text}
}

func (p *parser) space() {
	for p.offset < len(p.text) && strings.IndexByte(" \t\n\r", p.text[p.offset]) >= 0 {
		p.offset++
	}
}

func (p *parser) peek() byte {
	if p.offset < len(p.text) {
		return p.text[p.offset]
	}
	return 0
}

func (p *parser) value() (any, error) {
	switch c := p.peek(); {
	case c == '"':
		p.offset++
		return p.str()
	case c == '{':
		p.offset++
		return p.object()
	case c == '[':
		p.offset++
		return p.list()
	case c == '-' || c >= '0' && c <= '9':
		return p.number()
	}
	for _, word := range []struct {
		text  string
		value any
	}{{"null", nil}, {"true", true}, {"false", false}, {"NaN", number("NaN")}, {"Infinity", number("Infinity")}} {
		if strings.HasPrefix(p.text[p.offset:], word.text) {
			p.offset += len(word.text)
			return word.value, nil
		}
	}
	return nil, p.fail("Expecting value", p.offset)
}

func (p *parser) object() (any, error) {
	result := document{}
	index := map[string]int{}
	p.space()
	if p.peek() == '}' {
		p.offset++
		return result, nil
	}
	for {
		if p.peek() != '"' {
			return nil, p.fail("Expecting property name enclosed in double quotes", p.offset)
		}
		p.offset++
		key, err := p.str()
		if err != nil {
			return nil, err
		}
		p.space()
		if p.peek() != ':' {
			return nil, p.fail("Expecting ':' delimiter", p.offset)
		}
		p.offset++
		p.space()
		value, err := p.value()
		if err != nil {
			return nil, err
		}
		if at, twice := index[key]; twice {
			result[at].value = value
		} else {
			index[key] = len(result)
			result = append(result, member{key, value})
		}
		if more, err := p.more('}'); err != nil || !more {
			return result, err
		}
	}
}

func (p *parser) list() (any, error) {
	result := []any{}
	p.space()
	if p.peek() == ']' {
		p.offset++
		return result, nil
	}
	for {
		value, err := p.value()
		if err != nil {
			return nil, err
		}
		result = append(result, value)
		if more, err := p.more(']'); err != nil || !more {
			return result, err
		}
	}
}

// more reports whether another item follows, and moves to it.
func (p *parser) more(end byte) (bool, error) {
	p.space()
	switch p.peek() {
	case end:
		p.offset++
		return false, nil
	case ',':
		p.offset++
		p.space()
		return true, nil
	default:
		return false, p.fail("Expecting ',' delimiter", p.offset)
	}
}

func (p *parser) number() (any, error) {
	start := p.offset
	if strings.HasPrefix(p.text[start:], "-Infinity") {
		p.offset += len("-Infinity")
		return number("-Infinity"), nil
	}
	if p.peek() == '-' {
		p.offset++
	}
	if p.peek() == '0' {
		p.offset++
	} else if p.digits() == 0 {
		p.offset = start
		return nil, p.fail("Expecting value", start)
	}
	fraction := p.optional(".", "")
	exponent := p.optional("eE", "+-")
	text := p.text[start:p.offset]
	switch {
	case fraction || exponent:
		value, _ := strconv.ParseFloat(text, 64)
		return number(pythonFloat(value)), nil
	case text == "-0":
		return number("0"), nil
	default:
		return number(text), nil
	}
}

// digits skips digits and returns their number.
func (p *parser) digits() int {
	from := p.offset
	for p.peek() >= '0' && p.peek() <= '9' {
		p.offset++
	}
	return p.offset - from
}

// optional skips a part of a number (a mark, perhaps a sign, and digits) if it is there whole.
func (p *parser) optional(marks, signs string) bool {
	from := p.offset
	if p.offset >= len(p.text) || strings.IndexByte(marks, p.peek()) < 0 {
		return false
	}
	p.offset++
	if p.offset < len(p.text) && strings.IndexByte(signs, p.peek()) >= 0 {
		p.offset++
	}
	if p.digits() == 0 {
		p.offset = from
		return false
	}
	return true
}

// str reads a string whose opening quote has been read.
func (p *parser) str() (string, error) {
	opening := p.offset - 1
	var result strings.Builder
	for {
		start := p.offset
		for p.offset < len(p.text) && p.text[p.offset] != '"' && p.text[p.offset] != '\\' && p.text[p.offset] >= 0x20 {
			p.offset++
		}
		result.WriteString(p.text[start:p.offset])
		switch {
		case p.offset >= len(p.text):
			return "", p.fail("Unterminated string starting at", opening)
		case p.text[p.offset] == '"':
			p.offset++
			return result.String(), nil
		case p.text[p.offset] == '\\':
			if err := p.escape(&result, opening); err != nil {
				return "", err
			}
		default:
			return "", p.fail("Invalid control character at", p.offset)
		}
	}
}

func (p *parser) escape(result *strings.Builder, opening int) error {
	at := p.offset
	p.offset++
	c := p.peek()
	if p.offset >= len(p.text) {
		return p.fail("Unterminated string starting at", opening)
	}
	p.offset++
	if i := strings.IndexByte(`"\/bfnrt`, c); i >= 0 {
		result.WriteByte("\"\\/\b\f\n\r\t"[i])
		return nil
	}
	if c != 'u' {
		return p.fail(`Invalid \escape`, at)
	}
	r, ok := p.unit()
	if !ok {
		return p.fail(`Invalid \uXXXX escape`, at+1)
	}
	if utf16.IsSurrogate(r) && strings.HasPrefix(p.text[p.offset:], `\u`) {
		back := p.offset
		p.offset += 2
		low, ok := p.unit()
		if pair := utf16.DecodeRune(r, low); ok && pair != utf8.RuneError {
			r = pair
		} else {
			p.offset = back
		}
	}
	result.WriteRune(r)
	return nil
}

func (p *parser) unit() (rune, bool) {
	if p.offset+4 > len(p.text) {
		return 0, false
	}
	value, err := strconv.ParseUint(p.text[p.offset:p.offset+4], 16, 16)
	if err != nil {
		return 0, false
	}
	p.offset += 4
	return rune(value), true
}
