package eda

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
)

// object is a JSON object whose keys keep their order, as Python's dictionaries do: a posted body is launched
// "unchanged" (eda 01). Values are nil, bool, json.Number, string, []any and object.
type object []member

type member struct {
	key   string
	value any
}

func (o object) get(key string) (any, bool) {
	for _, m := range o {
		if m.key == key {
			return m.value, true
		}
	}
	return nil, false
}

// with returns the object with the key set: in place if the object has it, else at the end.
func (o object) with(key string, value any) object {
	for i := range o {
		if o[i].key == key {
			o[i].value = value
			return o
		}
	}
	return append(o, member{key, value})
}

// without returns a copy without the keys.
func (o object) without(keys ...string) object {
	return slices.DeleteFunc(slices.Clone(o), func(m member) bool { return slices.Contains(keys, m.key) })
}

// text returns the string at a path of keys, or "".
func (o object) text(path ...string) string {
	value, _ := lookup(o, path)
	text, _ := value.(string)
	return text
}

// number returns the whole number at a key, or 0.
func (o object) number(key string) int64 {
	value, _ := o.get(key)
	number, _ := value.(json.Number)
	whole, _ := number.Int64()
	return whole
}

// rows returns the objects of a list's page.
func (o object) rows() []object {
	results, _ := o.get("results")
	items, _ := results.([]any)
	var rows []object
	for _, item := range items {
		if row, ok := item.(object); ok {
			rows = append(rows, row)
		}
	}
	return rows
}

// lookup finds the value at a path of keys and list indices.
func lookup(value any, path []string) (any, bool) {
	for _, key := range path {
		switch v := value.(type) {
		case object:
			next, ok := v.get(key)
			if !ok {
				return nil, false
			}
			value = next
		case []any:
			index, err := strconv.Atoi(key)
			if err != nil || index < 0 || index >= len(v) {
				return nil, false
			}
			value = v[index]
		default:
			return nil, false
		}
	}
	return value, true
}

// parseJSON reads one JSON text.
func parseJSON(content []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.UseNumber()
	value, err := decodeValue(decoder)
	if err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("extra data")
	}
	return value, nil
}

func decodeValue(decoder *json.Decoder) (any, error) {
	token, err := decoder.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('{'):
		result := object{}
		for decoder.More() {
			key, err := decoder.Token()
			if err != nil {
				return nil, err
			}
			name, ok := key.(string)
			if !ok {
				return nil, errors.New("a key must be a string")
			}
			value, err := decodeValue(decoder)
			if err != nil {
				return nil, err
			}
			result = result.with(name, value)
		}
		_, err := decoder.Token()
		return result, err
	case json.Delim('['):
		result := []any{}
		for decoder.More() {
			value, err := decodeValue(decoder)
			if err != nil {
				return nil, err
			}
			result = append(result, value)
		}
		_, err := decoder.Token()
		return result, err
	}
	return token, nil
}

// MarshalJSON writes the keys in their order.
func (o object) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	out.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			out.WriteByte(',')
		}
		if err := encode(&out, m.key); err != nil {
			return nil, err
		}
		out.WriteByte(':')
		if err := encode(&out, m.value); err != nil {
			return nil, err
		}
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}

// encode writes JSON without escaping it for HTML.
func encode(out *bytes.Buffer, value any) error {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return err
	}
	out.Truncate(out.Len() - 1) // the line's end
	return nil
}

// compactJSON renders a value as it is sent.
func compactJSON(value any) []byte {
	var out bytes.Buffer
	if err := encode(&out, value); err != nil {
		return []byte("null") // values come from JSON, so they are always JSON
	}
	return out.Bytes()
}

// pythonJSON renders a value as Python's json.dumps does: with spaces, in ASCII. Launches are sent in that form (eda
// 01).
func pythonJSON(value any) []byte {
	var out bytes.Buffer
	dumpPython(&out, value)
	return out.Bytes()
}

func dumpPython(out *bytes.Buffer, value any) {
	separate := func(i int) {
		if i > 0 {
			out.WriteString(", ")
		}
	}
	switch v := value.(type) {
	case object:
		out.WriteByte('{')
		for i, m := range v {
			separate(i)
			dumpPython(out, m.key)
			out.WriteString(": ")
			dumpPython(out, m.value)
		}
		out.WriteByte('}')
	case []any:
		out.WriteByte('[')
		for i, item := range v {
			separate(i)
			dumpPython(out, item)
		}
		out.WriteByte(']')
	default:
		for _, r := range string(compactJSON(value)) {
			switch {
			case r > 0xffff:
				high, low := utf16.EncodeRune(r)
				fmt.Fprintf(out, `\u%04x\u%04x`, high, low)
			case r > '~':
				fmt.Fprintf(out, `\u%04x`, r)
			default:
				out.WriteRune(r)
			}
		}
	}
}

// pythonText writes a value as Python's repr does, as in log lines (eda 12).
func pythonText(value any) string {
	switch v := value.(type) {
	case nil:
		return "None"
	case bool:
		if v {
			return "True"
		}
		return "False"
	case string:
		if strings.Contains(v, "'") && !strings.Contains(v, `"`) {
			return `"` + v + `"`
		}
		return "'" + strings.ReplaceAll(strings.ReplaceAll(v, `\`, `\\`), "'", `\'`) + "'"
	case []any:
		items := make([]string, len(v))
		for i := range v {
			items[i] = pythonText(v[i])
		}
		return "[" + strings.Join(items, ", ") + "]"
	case object:
		items := make([]string, len(v))
		for i, m := range v {
			items[i] = pythonText(m.key) + ": " + pythonText(m.value)
		}
		return "{" + strings.Join(items, ", ") + "}"
	}
	return string(compactJSON(value))
}
