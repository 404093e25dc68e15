package eda

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the table of differences into README.md")

// difference is one that remains between the simulation and the recordings. Recordings and Path are shell patterns; in
// Path, ** is any number of segments.
type difference struct {
	Recordings string   `json:"recordings"`
	Path       string   `json:"path"`
	Reason     string   `json:"reason"`
	shows      []string // the recordings that it shows in
}

func loadDifferences(t *testing.T) []*difference {
	t.Helper()
	content, err := os.ReadFile("testdata/differences.json")
	if err != nil {
		t.Fatal(err)
	}
	var known []*difference
	if err := json.Unmarshal(content, &known); err != nil {
		t.Fatal(err)
	}
	return known
}

func explained(known []*difference, id, found string) bool {
	path, _, _ := strings.Cut(found, ": ")
	id, _, _ = strings.Cut(id, " ")
	for _, d := range known {
		if matchPath(strings.Split(d.Recordings, "/"), strings.Split(id, "/")) && matchPath(strings.Split(d.Path, "/"), strings.Split(path, "/")) {
			if !slices.Contains(d.shows, id) {
				d.shows = append(d.shows, id)
			}
			return true
		}
	}
	return false
}

func matchPath(pattern, path []string) bool {
	if len(pattern) == 0 {
		return len(path) == 0
	}
	if pattern[0] == "**" {
		return matchPath(pattern[1:], path) || len(path) > 0 && matchPath(pattern, path[1:])
	}
	if len(path) == 0 {
		return false
	}
	matched, _ := filepath.Match(pattern[0], path[0])
	return matched && matchPath(pattern[1:], path[1:])
}

// tally counts what TestContract did.
type tally struct{ recordings, equal, listed, values, differ int }

func (c *tally) count(t *testing.T, one *compared, known []*difference) {
	t.Helper()
	c.recordings++
	c.values += one.values
	c.differ += one.differ
	open := slices.DeleteFunc(slices.Clone(one.found), func(found string) bool { return explained(known, one.id, found) })
	for _, found := range open {
		t.Errorf("%s: %s", one.id, found)
	}
	switch {
	case len(one.found) == 0:
		c.equal++
	case len(open) == 0:
		c.listed++
	}
}

func (c *tally) String() string {
	return fmt.Sprintf("%d exchanges compared: %d equal, %d with listed differences only; %d values compared, %d differ",
		c.recordings, c.equal, c.listed, c.values, c.differ)
}

// The README's table stands between these lines.
const (
	tableStart = "<!-- made of testdata/differences.json by: go test ./internal/sandbox/eda -run TestContract -update -->\n"
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
	var b strings.Builder
	fmt.Fprintf(&b, "%s%s.\n\n| what differs | why | recordings |\n|---|---|---|\n", tableStart, totals.String())
	for _, d := range known {
		slices.Sort(d.shows)
		shows := d.shows
		if len(shows) > 6 {
			shows = append(slices.Clone(shows[:5]), fmt.Sprintf("and %d more", len(shows)-5))
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", strings.TrimPrefix(d.Path, "body/"), d.Reason, strings.Join(shows, ", "))
	}
	want := before + b.String() + tableEnd + after
	switch {
	case want == string(content):
	case *update:
		if err := os.WriteFile("README.md", []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Error("README.md is out of date: go test ./internal/sandbox/eda -run TestContract -update")
	}
}
