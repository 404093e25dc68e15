package eda

import (
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// dumpYAML writes a value as PyYAML's dump does: the payload of an event in rule audit (eda 24). Keys are sorted, and
// text is folded after 80 columns. Only text with line breaks differs: it is written in double quotes.
func dumpYAML(value any) string {
	var w yamlWriter
	w.node(value, 0)
	text := w.out.String()
	if !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	return text
}

type yamlWriter struct{ out strings.Builder }

// node writes a value at an indentation; the first line is already begun.
func (w *yamlWriter) node(value any, indent int) {
	switch v := value.(type) {
	case object:
		if len(v) > 0 {
			w.mapping(v, indent)
			return
		}
		w.out.WriteString("{}")
	case []any:
		if len(v) > 0 {
			w.sequence(v, indent)
			return
		}
		w.out.WriteString("[]")
	default:
		w.scalar(value, indent)
	}
}

func (w *yamlWriter) mapping(o object, indent int) {
	sorted := slices.Clone(o)
	slices.SortFunc(sorted, func(a, b member) int { return strings.Compare(a.key, b.key) })
	for i, m := range sorted {
		if i > 0 {
			w.line(indent)
		}
		w.out.WriteString(yamlText(m.key) + ":")
		list, isList := m.value.([]any)
		nested, isObject := m.value.(object)
		switch {
		case isObject && len(nested) > 0:
			w.line(indent + 2)
			w.mapping(nested, indent+2)
		case isList && len(list) > 0:
			w.line(indent)
			w.sequence(list, indent)
		default:
			w.out.WriteByte(' ')
			w.node(m.value, indent)
		}
	}
}

func (w *yamlWriter) sequence(items []any, indent int) {
	for i, item := range items {
		if i > 0 {
			w.line(indent)
		}
		w.out.WriteString("- ")
		if _, isContainer := item.(object); isContainer {
			w.node(item, indent+2)
			continue
		}
		if _, isContainer := item.([]any); isContainer {
			w.node(item, indent+2)
			continue
		}
		w.scalar(item, indent)
	}
}

func (w *yamlWriter) line(indent int) {
	w.out.WriteByte('\n')
	w.out.WriteString(strings.Repeat(" ", indent))
}

func (w *yamlWriter) scalar(value any, indent int) {
	switch v := value.(type) {
	case nil:
		w.out.WriteString("null")
	case bool:
		w.out.WriteString(strconv.FormatBool(v))
	case json.Number:
		w.out.WriteString(yamlNumber(v))
	case string:
		w.folded(yamlText(v), indent+2)
	}
}

// folded breaks a line at a single space after column 80.
func (w *yamlWriter) folded(text string, indent int) {
	if strings.HasPrefix(text, `"`) {
		w.out.WriteString(text)
		return
	}
	column := w.out.Len() - 1 - strings.LastIndexByte(w.out.String(), '\n')
	for i, r := range text {
		single := r == ' ' && i > 0 && text[i-1] != ' ' && i+1 < len(text) && text[i+1] != ' '
		if single && column > 80 && text[i-1] != '\'' && text[i+1] != '\'' {
			w.line(indent)
			column = indent
			continue
		}
		w.out.WriteRune(r)
		column++
	}
}

func yamlNumber(number json.Number) string {
	if _, err := number.Int64(); err == nil || !strings.ContainsAny(string(number), ".eE") {
		return string(number)
	}
	value, err := number.Float64()
	if err != nil {
		return string(number)
	}
	if size := math.Abs(value); value == 0 || size >= 1e-4 && size < 1e16 {
		text := strconv.FormatFloat(value, 'f', -1, 64)
		if !strings.Contains(text, ".") {
			text += ".0"
		}
		return text
	}
	text := strconv.FormatFloat(value, 'e', -1, 64)
	if mantissa, exponent, _ := strings.Cut(text, "e"); !strings.Contains(mantissa, ".") {
		return mantissa + ".0e" + exponent
	}
	return text
}

// impliedPattern matches texts that YAML 1.1 does not read as text: numbers, truth, null, dates.
var impliedPattern = regexp.MustCompile(`^(` + strings.Join([]string{
	`yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF`,
	`~|null|Null|NULL|`,
	`<<|=`,
	`[-+]?[0-9][0-9_]*\.[0-9_]*([eE][-+][0-9]+)?`,
	`\.[0-9][0-9_]*([eE][-+][0-9]+)?`,
	`[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?`,
	`[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)`,
	`[-+]?0b[0-1_]+|[-+]?0[0-7_]+|[-+]?(0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+`,
	`[0-9]{4}-[0-9]{2}-[0-9]{2}`,
	`[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(\.[0-9]*)?([ \t]*(Z|[-+][0-9]{1,2}(:[0-9]{2})?))?`,
}, "|") + `)$`)

// yamlText writes a string plain; in single quotes if it would be read as another type; or in double quotes.
func yamlText(text string) string {
	for _, r := range text {
		if r < ' ' || r > '~' {
			return yamlEscaped(text)
		}
	}
	plain := !impliedPattern.MatchString(text) && strings.TrimSpace(text) == text &&
		!strings.ContainsAny(text[:min(1, len(text))], "#,[]{}&*!|>'\"%@`") &&
		!strings.Contains(text, ": ") && !strings.HasSuffix(text, ":") && !strings.Contains(text, " #") &&
		!strings.HasPrefix(text, "---") && !strings.HasPrefix(text, "...")
	if plain && strings.ContainsAny(text[:1], "-?:") {
		plain = len(text) > 1 && text[1] != ' '
	}
	if plain {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", "''") + "'"
}

func yamlEscaped(text string) string {
	var out strings.Builder
	out.WriteByte('"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			out.WriteString(`\` + string(r))
		case r == '\n':
			out.WriteString(`\n`)
		case r == '\t':
			out.WriteString(`\t`)
		case r == '\r':
			out.WriteString(`\r`)
		case r >= ' ' && r <= '~':
			out.WriteRune(r)
		case r <= 0xff:
			fmt.Fprintf(&out, `\x%02X`, r)
		case r <= 0xffff && r != utf8.RuneError:
			fmt.Fprintf(&out, `\u%04X`, r)
		default:
			fmt.Fprintf(&out, `\U%08X`, r)
		}
	}
	out.WriteByte('"')
	return out.String()
}
