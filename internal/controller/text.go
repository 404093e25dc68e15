package controller

import (
	"strings"
	"unicode/utf8"
)

// tail keeps the last lines of text, within a number of bytes.
func tail(text string, lines, most int) string {
	all := strings.Split(strings.TrimRight(text, "\n"), "\n")
	text = strings.Join(all[max(0, len(all)-lines):], "\n")
	if len(text) <= most {
		return text
	}
	start := len(text) - most
	for start < len(text) && !utf8.RuneStart(text[start]) {
		start++
	}
	return "…" + text[start:]
}
