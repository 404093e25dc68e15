package main

import (
	"bytes"
	"io"
	"regexp"
	"strings"
)

// transcript shows Terraform's output, line by line and indented, without lines that would hide the rest.
type transcript struct {
	out io.Writer
	// whole is everything that Terraform has printed, without colours.
	whole strings.Builder

	partial []byte         // a line that has not ended yet
	block   []string       // lines whose last one decides whether they are shown
	closing string         // how that last line begins
	until   *regexp.Regexp // the last line of the passage that is being left out
	blank   bool           // the last line shown was empty
}

// passage is several lines that are left out, from one match to another.
type passage struct {
	from, until *regexp.Regexp
}

var (
	colours = regexp.MustCompile("\x1b\\[[0-9;]*m")
	// noise matches lines that say nothing to a spectator.
	noise = []*regexp.Regexp{
		regexp.MustCompile(`(=|->) \(known after apply\)$`),
		regexp.MustCompile(`= \((sensitive value|write-only attribute)\)$`),
		regexp.MustCompile(`: Refreshing state\.\.\. `),
		regexp.MustCompile(`^─+$`),
	}
	// telling matches exceptions: they show that a run will come.
	telling = regexp.MustCompile(`^ {6}[~+] (phase|reconciled_config_version) `)
	// noisyPassages are advice about things that the demo does by itself, outputs that are shown after the apply anyway,
	// and the values that a destroy removes.
	noisyPassages = []passage{
		{regexp.MustCompile(`^Terraform used the selected providers|^OpenTofu used the selected providers`), regexp.MustCompile(`^$`)},
		{regexp.MustCompile(`has created a lock file`), regexp.MustCompile(`^$`)},
		{regexp.MustCompile(`Warning: Incomplete lock file`), regexp.MustCompile(`^\(where .*\)$|^╵`)},
		{regexp.MustCompile(`^Changes to Outputs:`), regexp.MustCompile(`^    \}`)},
		{regexp.MustCompile(`^  - resource `), regexp.MustCompile(`^    \}`)},
	}
	// attribute begins an attribute of several lines in a plan.
	attribute = regexp.MustCompile(`^ {6}[-+~ ] \S+ += .*[\[{(]$`)
	// unknown matches the end of an attribute whose value is not known yet.
	unknown = regexp.MustCompile(`-> \(known after apply\)$`)
)

func (t *transcript) Write(text []byte) (int, error) {
	t.partial = append(t.partial, text...)
	for {
		line, rest, ended := bytes.Cut(t.partial, []byte("\n"))
		if !ended {
			return len(text), nil
		}
		if err := t.take(string(line)); err != nil {
			return 0, err
		}
		t.partial = rest
	}
}

// take processes one whole line.
func (t *transcript) take(line string) error {
	plain := strings.TrimRight(colours.ReplaceAllString(line, ""), " \r")
	t.whole.WriteString(plain + "\n")
	switch {
	case t.until != nil:
		if t.until.MatchString(plain) {
			t.until = nil
		}
		return nil
	case t.block != nil:
		return t.takeIntoBlock(line, plain)
	case plain == "╷":
		t.block, t.closing = []string{line}, "╵"
		return nil
	case attribute.MatchString(plain):
		t.block, t.closing = []string{line}, "        "+closingBracket(plain)
		return nil
	}
	for _, each := range noisyPassages {
		if each.from.MatchString(plain) {
			t.until = each.until
			return nil
		}
	}
	for _, pattern := range noise {
		if pattern.MatchString(plain) && !telling.MatchString(plain) {
			return nil
		}
	}
	return t.show(line, plain == "")
}

// takeIntoBlock processes a line of an attribute, or of a box around a warning or error.
func (t *transcript) takeIntoBlock(line, plain string) error {
	for _, each := range noisyPassages {
		if strings.HasPrefix(plain, "│") && each.from.MatchString(plain) {
			t.block, t.until = nil, each.until
			return nil
		}
	}
	t.block = append(t.block, line)
	if !strings.HasPrefix(plain, t.closing) {
		return nil
	}
	lines := t.block
	t.block = nil
	if unknown.MatchString(plain) {
		return nil
	}
	return t.showAll(lines)
}

// closingBracket returns the bracket that closes the one at the end of the line.
func closingBracket(line string) string {
	switch line[len(line)-1] {
	case '[':
		return "]"
	case '(':
		return ")"
	default:
		return "}"
	}
}

func (t *transcript) showAll(lines []string) error {
	for _, line := range lines {
		if err := t.show(line, false); err != nil {
			return err
		}
	}
	return nil
}

// show prints a line, and only the first of several empty ones.
func (t *transcript) show(line string, blank bool) error {
	if blank && t.blank {
		return nil
	}
	t.blank = blank
	if !blank {
		line = "  " + line
	}
	_, err := io.WriteString(t.out, line+"\n")
	return err
}

// close shows the rest: output that was cut off.
func (t *transcript) close() error {
	rest := t.block
	if len(t.partial) > 0 {
		rest = append(rest, string(t.partial))
	}
	t.block, t.partial = nil, nil
	return t.showAll(rest)
}
