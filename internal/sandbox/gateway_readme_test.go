package sandbox

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// statements reads testdata/gateway/answers.json.
func statements(t *testing.T) []*stated {
	t.Helper()
	content, err := os.ReadFile("testdata/gateway/answers.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []*stated
	if err := json.Unmarshal(content, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// TestGatewayReadme holds README.md to what is known of each answer of an AAP, and to what is not simulated.
func TestGatewayReadme(t *testing.T) {
	const begin, end = "<!-- made of testdata/gateway/answers.json by: go test ./internal/sandbox -run TestGatewayReadme -update -->\n", "<!-- end of the gateway -->"
	content, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(content), begin)
	table, after, closed := strings.Cut(rest, end)
	if !ok || !closed {
		t.Fatal("README.md has no table of the gateway")
	}
	want := gatewayTable(statements(t))
	if *update {
		if err := os.WriteFile("README.md", []byte(before+begin+want+end+after), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	expect(t, "the table in README.md, which -update makes", table, want)
}

func gatewayTable(all []*stated) string {
	var rows strings.Builder
	source := 0
	for _, s := range all {
		known := s.Certainty
		if strings.HasPrefix(known, "source") && !strings.Contains(known, "guess") {
			source++
			continue
		}
		request := strings.NewReplacer("|", "\\|", "<", "&lt;").Replace(s.Request + ", " + s.Auth)
		fmt.Fprintf(&rows, "| %s | %s | %s | %d | %s |\n", strings.Join(s.Versions, ", "), s.Where, request, s.Status, strings.TrimSpace(known))
	}
	var missing []string
	for part, why := range unsimulated {
		missing = append(missing, fmt.Sprintf("| `%s` | %s |\n", strings.TrimSpace(part), why))
	}
	slices.Sort(missing)
	return fmt.Sprintf("%d statements: %d read in source, these %d not:\n\n", len(all), source, len(all)-source) +
		"| release | where | request, credential | status | known from |\n|---|---|---|---|---|\n" + rows.String() +
		"\nNot simulated:\n\n| statements about | why not |\n|---|---|\n" + strings.Join(missing, "")
}
