package sandbox

import (
	"errors"
	"fmt"
	"strings"
)

// yamlMark is a place in YAML, counted from 0, as PyYAML shows it in its errors.
type yamlMark struct {
	line   string
	number int
	column int
}

func (m yamlMark) String() string {
	return fmt.Sprintf("\n  in \"<unicode string>\", line %d, column %d:\n    %s\n    %s^", m.number+1, m.column+1, m.line,
		strings.Repeat(" ", m.column))
}

// yamlMistake finds the most common mistakes, and describes them in PyYAML's words (recordings 1347 to 1357): an open
// bracket or quote, a second colon, a tab, an unknown alias, and characters that no token begins with.
func yamlMistake(text string) error {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for number, line := range lines {
		if start := strings.TrimLeft(line, " "); start == "" || start[0] == '#' {
			continue
		}
		if tab := strings.IndexByte(line, '\t'); tab >= 0 && strings.TrimLeft(line[:tab], " ") == "" {
			return errors.New("while scanning for the next token\nfound character '\\t' that cannot start any token" +
				yamlMark{line, number, tab}.String())
		}
		column := valueColumn(line)
		if alias, found := strings.CutPrefix(line[column:], "*"); found && !strings.Contains(text, "&") {
			name, _, _ := strings.Cut(alias, " ")
			return errors.New("found undefined alias '" + name + "'" + yamlMark{line, number, column}.String())
		}
		if err := mistakeOfValue(lines, number, column); err != nil {
			return err
		}
	}
	return nil
}

// valueColumn is where a line's value begins: after its key, or at once if it has none.
func valueColumn(line string) int {
	start := len(line) - len(strings.TrimLeft(line, " "))
	if strings.ContainsAny(line[start:start+1], "{['\"@`") {
		return start
	}
	if colon := strings.Index(line, ": "); colon >= 0 {
		rest := line[colon+2:]
		return colon + 2 + len(rest) - len(strings.TrimLeft(rest, " "))
	}
	return start
}

func mistakeOfValue(lines []string, number, column int) error {
	line := lines[number]
	if column >= len(line) {
		return nil
	}
	value := line[column:]
	here := yamlMark{line, number, column}
	last := len(lines) - 1
	end := yamlMark{lines[last], last, len(lines[last])}
	following := strings.Join(append([]string{value}, lines[number+1:]...), "\n")
	switch first := value[:1]; {
	case first == "{" && strings.Count(following, "{") > strings.Count(following, "}"):
		return errors.New("while parsing a flow mapping" + here.String() + "\nexpected ',' or '}', but got '<stream end>'" + end.String())
	case first == "[" && strings.Count(following, "[") > strings.Count(following, "]"):
		return errors.New("while parsing a flow sequence" + here.String() + "\nexpected ',' or ']', but got '<stream end>'" + end.String())
	case (first == "'" || first == `"`) && !strings.Contains(following[1:], first):
		return errors.New("while scanning a quoted scalar" + here.String() + "\nfound unexpected end of stream" + end.String())
	case strings.ContainsAny(first, "@`%"):
		return fmt.Errorf("while scanning for the next token\nfound character '%s' that cannot start any token%s", first, here)
	case strings.ContainsAny(first, "{['\"#|>&*!"):
		return nil
	}
	key := strings.Index(line, ": ")
	if second := strings.Index(value, ": "); key >= 0 && key < column && second >= 0 {
		return errors.New("mapping values are not allowed here" + yamlMark{line, number, column + second}.String())
	}
	return nil
}
