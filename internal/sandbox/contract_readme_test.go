package sandbox

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the table of differences into README.md")

// tally counts what TestContract did.
type tally struct{ recordings, equal, listed, values, differ int }

func (c tally) String() string {
	return fmt.Sprintf("%d recordings compared: %d equal, %d with listed differences only; %d values compared, %d differ",
		c.recordings, c.equal, c.listed, c.values, c.differ)
}

// The README's table stands between these lines.
const (
	tableStart = "<!-- made of testdata/differences.json by: go test ./internal/sandbox -run TestContract -update -->\n"
	tableEnd   = "<!-- end -->\n"
)

// checkReadme fails where the README's table is not that of the differences, or writes it.
func checkReadme(t *testing.T, totals tally, known []*difference) {
	t.Helper()
	content, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	before, rest, hasStart := strings.Cut(string(content), tableStart)
	_, after, hasEnd := strings.Cut(rest, tableEnd)
	if !hasStart || !hasEnd {
		t.Fatal("README.md has no place for the table")
	}
	want := before + tableStart + table(totals, known) + tableEnd + after
	switch {
	case want == string(content):
	case *update:
		if err := os.WriteFile("README.md", []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Error("README.md is out of date: go test ./internal/sandbox -run TestContract -update")
	}
}

// table has a row per reason.
func table(totals tally, known []*difference) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s.\n\n| what differs | why | recordings |\n|---|---|---|\n", totals)
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
