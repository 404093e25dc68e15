package sandbox

import (
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// document is a JSON object whose keys keep their order, as Python's dictionaries do.
type document []member

// member is one key of a document.
type member struct {
	key   string
	value any
}

// number is a JSON number as Python writes it.
type number string

// rawJSON is JSON that is already rendered.
type rawJSON string

// get returns the value at the key, and whether there is one.
func (d document) get(key string) (any, bool) {
	for _, m := range d {
		if m.key == key {
			return m.value, true
		}
	}
	return nil, false
}

// with returns the document with the key set: in place if the document has it, else at the end.
func (d document) with(key string, value any) document {
	for i := range d {
		if d[i].key == key {
			d[i].value = value
			return d
		}
	}
	return append(d, member{key, value})
}

// object returns the object at a path of keys, or nil.
func (d document) object(path ...string) document {
	current := d
	for _, key := range path {
		value, _ := current.get(key)
		next, ok := value.(document)
		if !ok {
			return nil
		}
		current = next
	}
	return current
}

// text returns the string at the key, or "".
func (d document) text(key string) string {
	value, _ := d.get(key)
	text, _ := value.(string)
	return text
}

// jsonStyle says how JSON is written.
type jsonStyle struct {
	comma, colon string
	ascii        bool
	skew         time.Duration // added to times
}

// wireStyle is Django REST framework's: compact, in UTF-8.
func wireStyle() jsonStyle { return jsonStyle{comma: ",", colon: ":"} }

// pythonStyle is that of json.dumps without options: AWX stores extra_vars and changes so (recordings 201, 812).
func pythonStyle() jsonStyle { return jsonStyle{comma: ", ", colon: ": ", ascii: true} }

// dump renders a value.
func (j jsonStyle) dump(value any) string { return string(j.append(nil, value)) }

func (j jsonStyle) append(dst []byte, value any) []byte {
	switch v := value.(type) {
	case nil:
		return append(dst, "null"...)
	case bool:
		return strconv.AppendBool(dst, v)
	case string:
		return j.appendString(dst, v)
	case int:
		return strconv.AppendInt(dst, int64(v), 10)
	case int64:
		return strconv.AppendInt(dst, v, 10)
	case float64:
		return append(dst, pythonFloat(v)...)
	case number:
		return append(dst, v...)
	case rawJSON:
		return append(dst, v...)
	case time.Time:
		return j.appendTime(dst, v)
	case document:
		return j.appendDocument(dst, v)
	case []any:
		return j.appendList(dst, v)
	default:
		panic("sandbox: no JSON for this type")
	}
}

func (j jsonStyle) appendDocument(dst []byte, d document) []byte {
	dst = append(dst, '{')
	for i, m := range d {
		if i > 0 {
			dst = append(dst, j.comma...)
		}
		dst = j.appendString(dst, m.key)
		dst = append(dst, j.colon...)
		dst = j.append(dst, m.value)
	}
	return append(dst, '}')
}

func (j jsonStyle) appendList(dst []byte, items []any) []byte {
	dst = append(dst, '[')
	for i, item := range items {
		if i > 0 {
			dst = append(dst, j.comma...)
		}
		dst = j.append(dst, item)
	}
	return append(dst, ']')
}

// appendTime writes a time as the API does; the zero time is null.
func (j jsonStyle) appendTime(dst []byte, t time.Time) []byte {
	if t.IsZero() {
		return append(dst, "null"...)
	}
	return append(append(append(dst, '"'), stamp(t.Add(j.skew))...), '"')
}

// stamp formats a time as Python's isoformat does: microseconds, or none at all.
func stamp(t time.Time) string {
	t = t.UTC()
	if t.Nanosecond()/1000 == 0 {
		return t.Format("2006-01-02T15:04:05Z")
	}
	return t.Format("2006-01-02T15:04:05.000000Z")
}

func (j jsonStyle) appendString(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if c >= 0x20 && c != '"' && c != '\\' && (c != 0x7f || !j.ascii) {
				i++
				continue
			}
			dst = append(dst, s[start:i]...)
			dst = appendEscape(dst, c, hex)
			i++
			start = i
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if j.ascii || r == utf8.RuneError && size == 1 {
			dst = append(dst, s[start:i]...)
			dst = appendUnicodeEscape(dst, r)
			start = i + size
		}
		i += size
	}
	return append(append(dst, s[start:]...), '"')
}

func appendEscape(dst []byte, c byte, hex string) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\n':
		return append(dst, `\n`...)
	case '\r':
		return append(dst, `\r`...)
	case '\t':
		return append(dst, `\t`...)
	case '\b':
		return append(dst, `\b`...)
	case '\f':
		return append(dst, `\f`...)
	default:
		return append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
	}
}

func appendUnicodeEscape(dst []byte, r rune) []byte {
	appendUnit := func(unit rune) {
		text := strconv.FormatInt(int64(unit), 16)
		dst = append(dst, `\u`...)
		dst = append(dst, strings.Repeat("0", 4-len(text))...)
		dst = append(dst, text...)
	}
	if r < 0x10000 {
		appendUnit(r)
		return dst
	}
	r -= 0x10000
	appendUnit(0xd800 + r>>10)
	appendUnit(0xdc00 + r&0x3ff)
	return dst
}

// pythonFloat returns Python's repr of a float: the shortest text, with a point, and with an exponent only far from
// one.
func pythonFloat(f float64) string {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	}
	exponential := strconv.FormatFloat(f, 'e', -1, 64)
	mantissa, exponent, _ := strings.Cut(exponential, "e")
	power, _ := strconv.Atoi(exponent)
	if power < -4 || power >= 16 {
		sign := "+"
		if power < 0 {
			sign, power = "-", -power
		}
		digits := strconv.Itoa(power)
		if len(digits) < 2 {
			digits = "0" + digits
		}
		return mantissa + "e" + sign + digits
	}
	text := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(text, ".") {
		text += ".0"
	}
	return text
}
