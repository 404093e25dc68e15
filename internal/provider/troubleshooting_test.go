package provider

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// summaryArguments are the functions that make diagnostics, with the number of the argument that is the summary.
var summaryArguments = map[string]int{
	"AddError": 0, "AddWarning": 0, "NewErrorDiagnostic": 0, "NewWarningDiagnostic": 0, "warn": 0,
	"AddAttributeError": 1, "AddAttributeWarning": 1, "NewAttributeErrorDiagnostic": 1, "NewAttributeWarningDiagnostic": 1,
}

// TestTroubleshooting_complete finds the summaries of all diagnostics in the code, and wants the guide to have a heading
// for each of them, and no other. What differs from case to case is an ellipsis there.
func TestTroubleshooting_complete(t *testing.T) {
	t.Parallel()
	inCode := map[string]string{}
	for _, folder := range []string{".", "*", "../provisioning", "../jobs", "../osac"} {
		files, err := filepath.Glob(filepath.Join(folder, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("no code in %s: %v", folder, err)
		}
		for _, file := range files {
			if !strings.HasSuffix(file, "_test.go") && !strings.HasSuffix(file, "_function.go") { // functions are described by a Summary
				maps.Copy(inCode, summariesOf(t, file))
			}
		}
	}
	guide, err := os.ReadFile("../../templates/guides/troubleshooting.md")
	if err != nil {
		t.Fatal(err)
	}
	inGuide := map[string]bool{}
	for _, heading := range regexp.MustCompile(`(?m)^### (.*)$`).FindAllStringSubmatch(string(guide), -1) {
		if inGuide[heading[1]] {
			t.Errorf("the guide has %q twice", heading[1])
		}
		inGuide[heading[1]] = true
	}
	for _, summary := range slices.Sorted(maps.Keys(inCode)) {
		if !inGuide[summary] {
			t.Errorf("templates/guides/troubleshooting.md has no heading %q, see %s", summary, inCode[summary])
		}
	}
	for _, heading := range slices.Sorted(maps.Keys(inGuide)) {
		if inCode[heading] == "" {
			t.Errorf("no diagnostic has the summary %q any more", heading)
		}
	}
	if len(inCode) < 30 {
		t.Errorf("only %d summaries were found in the code", len(inCode))
	}
}

// summariesOf finds the summaries in a file, with the places where they are.
func summariesOf(t *testing.T, file string) map[string]string {
	t.Helper()
	files := token.NewFileSet()
	parsed, err := parser.ParseFile(files, file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	ast.Inspect(parsed, func(node ast.Node) bool {
		for _, summary := range summariesIn(node) {
			// What is passed on from elsewhere is found where it is made.
			if text := textOf(summary); strings.Trim(text, "… ") != "" {
				found[text] = files.Position(summary.Pos()).String()
			}
		}
		return true
	})
	return found
}

// summariesIn returns the expressions that are summaries, if the node makes diagnostics.
func summariesIn(node ast.Node) []ast.Expr {
	switch made := node.(type) {
	case *ast.CallExpr:
		selector, ok := made.Fun.(*ast.SelectorExpr)
		if !ok {
			return nil
		}
		if at, known := summaryArguments[selector.Sel.Name]; known && at < len(made.Args) {
			return made.Args[at : at+1]
		}
	case *ast.KeyValueExpr: // Warning{Summary: "..."} and headline{summary: "..."}
		if key, ok := made.Key.(*ast.Ident); ok && strings.EqualFold(key.Name, "summary") {
			return []ast.Expr{made.Value}
		}
	case *ast.CompositeLit: // headline{"...", path}
		if name, ok := made.Type.(*ast.Ident); ok && name.Name == "headline" && len(made.Elts) == 2 {
			return made.Elts[:1]
		}
	case *ast.FuncDecl: // hubSummary chooses one
		if strings.HasSuffix(made.Name.Name, "Summary") {
			return returnedBy(made)
		}
	}
	return nil
}

func returnedBy(function *ast.FuncDecl) []ast.Expr {
	var results []ast.Expr
	ast.Inspect(function.Body, func(node ast.Node) bool {
		if statement, ok := node.(*ast.ReturnStmt); ok {
			results = append(results, statement.Results...)
		}
		return true
	})
	return results
}

var verb = regexp.MustCompile(`%[a-z]`)

// textOf is the text of an expression, with an ellipsis for each part that only the run knows.
func textOf(expression ast.Expr) string {
	switch part := expression.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(part.Value)
		if err != nil {
			return "…"
		}
		return text
	case *ast.BinaryExpr:
		return textOf(part.X) + textOf(part.Y)
	case *ast.CallExpr:
		if selector, ok := part.Fun.(*ast.SelectorExpr); ok && selector.Sel.Name == "Sprintf" {
			return verb.ReplaceAllString(textOf(part.Args[0]), "…")
		}
	}
	return "…"
}
