package fidelity

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
)

// The README's table is between tableStart and tableEnd.
const (
	updating   = "go test ./internal/sandbox ./internal/sandbox/eda -run TestContract -update"
	tableStart = "<!-- made of " + differences + " by: " + updating + " -->\n"
	tableEnd   = "<!-- end -->\n"
)

// checkReadme fails if the README's table does not match the differences, or writes it.
func checkReadme(n totals, known []*difference, update bool) error {
	content, err := os.ReadFile("README.md")
	if err != nil {
		return err
	}
	before, rest, hasStart := strings.Cut(string(content), tableStart)
	_, after, hasEnd := strings.Cut(rest, tableEnd)
	if !hasStart || !hasEnd {
		return errors.New("README.md has no place for the table")
	}
	want := before + tableStart + table(n, known) + tableEnd + after
	switch {
	case want == string(content):
		return nil
	case update:
		return os.WriteFile("README.md", []byte(want), 0o600) //nolint:gosec // G703: the path is no input
	default:
		return errors.New("README.md is out of date: " + updating)
	}
}

// table has a row for each reason.
func table(n totals, known []*difference) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s.\n\n| what differs | why | recordings |\n|---|---|---|\n", n)
	var reasons []string
	for _, d := range known {
		if !slices.Contains(reasons, d.Reason) {
			reasons = append(reasons, d.Reason)
		}
	}
	for _, reason := range reasons {
		var paths, shows []string
		for _, d := range known {
			if d.Reason == reason {
				paths = append(paths, "`"+strings.TrimPrefix(d.Path, "body/")+"`")
				shows = append(shows, d.shows...)
			}
		}
		slices.Sort(shows)
		slices.Sort(paths)
		fmt.Fprintf(&b, "| %s | %s | %s |\n", strings.Join(slices.Compact(paths), " "), reason, someOf(slices.Compact(shows)))
	}
	return b.String()
}

// someOf names up to six recordings.
func someOf(numbers []string) string {
	if len(numbers) <= 6 {
		return strings.Join(numbers, " ")
	}
	return strings.Join(numbers[:6], " ") + fmt.Sprintf(" and %d more", len(numbers)-6)
}
