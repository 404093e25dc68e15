package main

import (
	"bytes"
	"io"
	"regexp"
	"strings"
)

// transcript shows what Terraform prints, line by line and indented, without what would hide the rest.
type transcript struct {
	out io.Writer
	// whole is everything that Terraform has printed, without colours.
	whole strings.Builder

	partial []byte   // a line that has not ended yet
	box     []string // a warning or error that has not ended yet
	blank   bool     // the last line shown was empty
}

var (
	colours = regexp.MustCompile("\x1b\\[[0-9;]*m")
	// noise are lines that say nothing to somebody who looks on: values that are known only after the job, what a
	// destroy removes value by value, and advice about commands that the demo runs by itself.
	noise = []*regexp.Regexp{
		regexp.MustCompile(`= \(known after apply\)$`),
		regexp.MustCompile(`-> \(known after apply\)$`),
		regexp.MustCompile(`^ {6,}[-} ].*-> null$`),
		regexp.MustCompile(`^ {6,}- .*[[{]$`),
		regexp.MustCompile(`^─+$`),
	}
	// noisyBoxes are warnings about how the demo installs the provider.
	noisyBoxes = []string{"Incomplete lock file information"}
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

// take takes one whole line.
func (t *transcript) take(line string) error {
	plain := strings.TrimRight(colours.ReplaceAllString(line, ""), " \r")
	t.whole.WriteString(plain + "\n")
	switch {
	case strings.HasPrefix(plain, "╷"):
		t.box = []string{line}
		return nil
	case t.box != nil && strings.HasPrefix(plain, "╵"):
		lines := append(t.box, line)
		t.box = nil
		return t.showBox(lines)
	case t.box != nil:
		t.box = append(t.box, line)
		return nil
	}
	for _, pattern := range noise {
		if pattern.MatchString(plain) {
			return nil
		}
	}
	return t.show(line, plain == "")
}

func (t *transcript) showBox(lines []string) error {
	whole := strings.Join(lines, "\n")
	for _, text := range noisyBoxes {
		if strings.Contains(whole, text) {
			return nil
		}
	}
	for _, line := range lines {
		if err := t.show(line, false); err != nil {
			return err
		}
	}
	return nil
}

// show prints a line; of several empty ones only the first.
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

// close shows what is left: output that was cut off.
func (t *transcript) close() error {
	rest := t.box
	if len(t.partial) > 0 {
		rest = append(rest, string(t.partial))
	}
	t.box, t.partial = nil, nil
	for _, line := range rest {
		if err := t.show(line, false); err != nil {
			return err
		}
	}
	return nil
}
