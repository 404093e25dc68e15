package workaround

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var citation = regexp.MustCompile(`(terraform-plugin-[a-z]+)@(v[0-9.]+)`)

// TestCitedVersions fails when a module is upgraded. Read the cited function in the new version: where it has changed,
// measure without the workaround, and delete it if it pays no longer. Else cite the new version.
func TestCitedVersions(t *testing.T) {
	t.Parallel()
	modules, err := os.ReadFile("../../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range append(files, "../../../.github/UPSTREAM.md") {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		found := citation.FindAllStringSubmatch(string(content), -1)
		for _, each := range found {
			if !strings.Contains(string(modules), "github.com/hashicorp/"+each[1]+" "+each[2]+"\n") {
				t.Errorf("%s cites %s, which is not the version in go.mod", file, each[0])
			}
		}
		isWorkaround := !strings.HasSuffix(file, "_test.go") && file != "doc.go"
		if isWorkaround && len(found) == 0 {
			t.Errorf("%s doesn't cite what it works around", file)
		}
	}
}
