package acceptance

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// repository is where documents and examples are.
const repository = "../.."

// fence is a fenced block of a document.
type fence struct {
	// origin is the file, and the line on which the fence begins.
	origin   string
	language string
	text     string
	// directive is what a comment just before the fence tells the tests.
	directive string
}

// directive is such as <!-- test: plan with hubs -->. Readers don't see it.
var directive = regexp.MustCompile(`^<!-- test: (.*) -->$`)

// documents are the files that users read, without the templates that docs/ is made from, which have the same text.
func documents(t *testing.T) []string {
	t.Helper()
	files := append(filesUnder(t, ".github", ".md"), "README.md", "CONTRIBUTING.md", "CHANGELOG.md", "internal/sandbox/README.md")
	files = append(files, filesUnder(t, "docs", ".md")...)
	files = append(files, filesUnder(t, "examples", ".md")...)
	return files
}

// filesUnder lists the files of a folder whose names end so, relative to the repository.
func filesUnder(t *testing.T, folder, ending string) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(filepath.Join(repository, folder), func(path string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(path, ending) {
			relative, _ := filepath.Rel(repository, path) // both are relative to here
			files = append(files, relative)
		}
		return err
	})
	if err != nil || len(files) == 0 {
		t.Fatalf("there are no %s files in %s: %v", ending, folder, err)
	}
	return files
}

func readDocument(t *testing.T, file string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(repository, file))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// fencesOf finds the fenced blocks of a document, also those that stand within lists.
func fencesOf(t *testing.T, file string) []fence {
	t.Helper()
	var fences []fence
	var open *fence
	var before, indent string
	for number, line := range strings.Split(readDocument(t, file), "\n") {
		trimmed := strings.TrimSpace(line)
		switch {
		case open == nil && strings.HasPrefix(trimmed, "```"):
			open = &fence{origin: fmt.Sprintf("%s:%d", file, number+1), language: strings.TrimPrefix(trimmed, "```")}
			indent, _, _ = strings.Cut(line, "`")
			if match := directive.FindStringSubmatch(before); match != nil {
				open.directive = match[1]
			}
		case open != nil && trimmed == "```":
			fences = append(fences, *open)
			open = nil
		case open != nil:
			open.text += strings.TrimPrefix(line, indent) + "\n"
		}
		if trimmed != "" {
			before = trimmed
		}
	}
	if open != nil {
		t.Fatalf("%s: the block has no end", open.origin)
	}
	return fences
}

// beside says what stands beside an example that is no configuration by itself. Examples can't carry a directive: readers
// would see it.
func beside(file string) string {
	const instance = "with instance_web"
	switch {
	case strings.HasPrefix(file, "examples/data-sources/"):
		return instance
	case strings.HasPrefix(file, "examples/actions/"), strings.Contains(file, "/import-by-"):
		return "not run: TestExamples_applied does, with the instance that it is about"
	case strings.HasSuffix(file, ".tfquery.hcl"):
		return "not run: TestExamples_query does, with Terraform 1.14"
	case file == "examples/provider/two_hubs.tf":
		return "plan with instance_in_region"
	case file == "examples/provider/events.tf":
		return "plan with instance_by_events"
	}
	return ""
}

var (
	// terraformLanguages are the languages that a fence with Terraform's configuration may say it is in, and
	// otherLanguages all others that there may be: a new one is asked whether it is run.
	terraformLanguages = []string{"terraform", "hcl", "tf"}
	otherLanguages     = []string{"", "text", "shell", "sh", "console", "yaml", "json", "go"}
	// looksLikeTerraform finds blocks that forgot to say so.
	looksLikeTerraform = regexp.MustCompile(`(?m)^(terraform|provider|resource|data|variable|output|module|moved|import|removed|action|list|ephemeral|locals)( "[^"]*")* \{$`)
)

// terraformBlocks finds all HCL that users are shown: each text once, examples first, since docs/ has them again.
func terraformBlocks(t *testing.T) []fence {
	t.Helper()
	var blocks []fence
	for _, ending := range []string{".tf", ".tfquery.hcl"} {
		if ending != ".tf" && !exists("examples/list-resources") {
			continue
		}
		for _, file := range filesUnder(t, "examples", ending) {
			blocks = append(blocks, fence{origin: file + ":1", text: readDocument(t, file), directive: beside(file)})
		}
	}
	for _, file := range documents(t) {
		for _, each := range fencesOf(t, file) {
			switch {
			case slices.Contains(terraformLanguages, each.language):
				blocks = append(blocks, each)
			case !slices.Contains(otherLanguages, each.language):
				t.Errorf("%s: is %q run by a test? It is no language that this one knows", each.origin, each.language)
			case looksLikeTerraform.MatchString(each.text):
				t.Errorf("%s: this looks like Terraform's language, but the block says %q", each.origin, each.language)
			}
		}
	}
	seen := map[string]bool{}
	return slices.DeleteFunc(blocks, func(each fence) bool {
		text := strings.TrimSpace(each.text)
		again := seen[text]
		seen[text] = true
		return again
	})
}

func exists(file string) bool {
	_, err := os.Stat(filepath.Join(repository, file))
	return err == nil
}
