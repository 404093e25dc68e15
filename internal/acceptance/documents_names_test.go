package acceptance

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	// codeSpan is code within a line.
	codeSpan  = regexp.MustCompile("`([^`\n]+)`")
	makeCall  = regexp.MustCompile(`(?m)(?:^|[;&] ?)make ([a-z][a-z-]*)`)
	makeRule  = regexp.MustCompile(`(?m)^([a-z][a-z-]*):`)
	variables = regexp.MustCompile(`\b(?:OSAC|AAP|TF_ACC|CHAOS|ACC|BENCH)[A-Z]*_?[A-Z_]*\b`)
	link      = regexp.MustCompile(`\]\(([^)#:]+)(?:#[^)]*)?\)`)
)

// TestDocuments_names finds make targets and environment variables that documents name and that are no more, and links to
// files that aren't there.
func TestDocuments_names(t *testing.T) {
	t.Parallel()
	makefile := readDocument(t, "GNUmakefile")
	targets := map[string]bool{}
	for _, rule := range makeRule.FindAllStringSubmatch(makefile, -1) {
		targets[rule[1]] = true
	}
	known := map[string]bool{}
	for _, text := range append(sources(t), makefile) {
		for _, name := range variables.FindAllString(text, -1) {
			known[name] = true
		}
	}
	calls := 0
	for _, file := range documents(t) {
		text := readDocument(t, file)
		for _, target := range targetsIn(t, file, text) {
			calls++
			if !targets[target] {
				t.Errorf("%s names make %s, which the GNUmakefile does not have", file, target)
			}
		}
		for _, name := range variables.FindAllString(text, -1) {
			if strings.Contains(name, "_") && !known[name] {
				t.Errorf("%s names the variable %s, which nothing reads", file, name)
			}
		}
		for _, to := range link.FindAllStringSubmatch(text, -1) {
			folder := file[:strings.LastIndex("/"+file, "/")]
			if !exists(folder + to[1]) {
				t.Errorf("%s has a link to %s, which is not there", file, to[1])
			}
		}
	}
	if calls < 10 || len(known) < 20 {
		t.Errorf("%d calls of make and %d variables were found: are they still looked for?", calls, len(known))
	}
}

// targetsIn lists what make is asked for in the blocks and the code within lines of a document.
func targetsIn(t *testing.T, file, text string) []string {
	t.Helper()
	found := map[string]bool{}
	code := []string{}
	for _, block := range fencesOf(t, file) {
		code = append(code, block.text)
	}
	for _, span := range codeSpan.FindAllStringSubmatch(text, -1) {
		code = append(code, span[1])
	}
	for _, each := range code {
		for _, call := range makeCall.FindAllStringSubmatch(each, -1) {
			found[call[1]] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// sources are the texts of the code, tests included: some variables are theirs.
func sources(t *testing.T) []string {
	t.Helper()
	var texts []string
	for _, file := range filesUnder(t, "internal", ".go") {
		texts = append(texts, readDocument(t, file))
	}
	return texts
}
