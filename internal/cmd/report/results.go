package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// event is a line of go test -json.
type event struct {
	Action, Package, Test, Output string
	Elapsed                       float64
	ImportPath                    string // of what could not be built
}

// tested is what came of a package.
type tested struct {
	Name    string  `json:"name"`
	Result  string  `json:"result"`
	Seconds float64 `json:"seconds"`
	Passed  int     `json:"passed"`
	Failed  int     `json:"failed"`
	Skipped int     `json:"skipped"`
	// Coverage is in percent; negative where it was not measured.
	Coverage float64 `json:"coverage"`
}

// failure is a test, or a package, that did not pass.
type failure struct {
	Package string `json:"package"`
	Test    string `json:"test,omitempty"`
	Result  string `json:"result"`
	Output  string `json:"output"`
}

// module is the prefix of the packages' names that goes without saying.
const module = "github.com/osac-project/terraform-provider-osac"

// stream is go test -json on its way: results and outputs by package and test.
type stream struct {
	results map[[2]string]result
	outputs map[[2]string]string
	broken  int // lines that are none of go test's
}

// takeTests reads what go test -json has written, however it ended.
func (d *day) takeTests(from io.Reader) error {
	s := stream{results: map[[2]string]result{}, outputs: map[[2]string]string{}}
	lines := bufio.NewReader(from)
	for {
		line, err := lines.ReadBytes('\n')
		s.take(line)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
	}
	d.settle(s)
	if s.broken > 0 {
		return fmt.Errorf("%d lines of the tests' results cannot be read: they were cut off, or something else has written into them", s.broken)
	}
	if len(s.results) == 0 {
		return errors.New("the tests have left no results")
	}
	return nil
}

func (s *stream) take(line []byte) {
	var e event
	if len(strings.TrimSpace(string(line))) == 0 {
		return
	}
	if json.Unmarshal(line, &e) != nil {
		s.broken++
		return
	}
	key := [2]string{e.Package, e.Test}
	switch e.Action {
	case "run", "start":
		s.results[key] = result{Is: unfinished}
	case "pass":
		s.results[key] = result{passed, e.Elapsed}
	case "fail":
		s.results[key] = result{failed, e.Elapsed}
	case "skip":
		s.results[key] = result{skipped, e.Elapsed}
	case "output":
		s.outputs[key] += e.Output
	case "build-output":
		of, _, _ := strings.Cut(e.ImportPath, " ") // "package [package.test]"
		s.outputs[[2]string{of, ""}] += e.Output
	}
}

// settle sorts the results by scenarios and packages. Subtests count with the test that they are of, but for those of
// TestAccOnEDA, which are scenarios.
func (d *day) settle(s stream) {
	packages := map[string]*tested{}
	keys := slices.SortedFunc(maps.Keys(s.results), func(a, b [2]string) int { return slices.Compare(a[:], b[:]) })
	for _, key := range keys {
		name, test := strings.TrimPrefix(strings.TrimPrefix(key[0], module), "/"), key[1]
		p := packages[name]
		if p == nil {
			p = &tested{Name: name, Coverage: -1}
			packages[name] = p
		}
		came := s.results[key]
		if test == "" {
			p.Result, p.Seconds = came.Is, came.Seconds
		} else {
			d.place(test, result{came.Is, s.longest(key)})
		}
		if test != "" && !strings.Contains(test, "/") {
			p.count(came)
		}
		if came.bad() && !s.explained(key) {
			d.Failures = append(d.Failures, failure{name, test, came.Is, shortened(s.outputs[key])})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(packages)) {
		d.Packages = append(d.Packages, *packages[name])
	}
}

// explained reports whether a failure is one of something within, which says more: a test of a package, a test in a test.
func (s *stream) explained(key [2]string) bool {
	for other, came := range s.results {
		within := other[0] == key[0] && other != key && (key[1] == "" || strings.HasPrefix(other[1], key[1]+"/"))
		if within && came.bad() {
			return true
		}
	}
	return false
}

// longest is how long the test or one within it took: go test counts subtests that run in parallel for themselves alone.
func (s *stream) longest(key [2]string) float64 {
	seconds := s.results[key].Seconds
	for other, came := range s.results {
		if other[0] == key[0] && strings.HasPrefix(other[1], key[1]+"/") {
			seconds = max(seconds, came.Seconds)
		}
	}
	return seconds
}

// shortened has the begin of what a test printed, where it says what is wrong, and the end.
func shortened(text string) string {
	const most = 25
	lines := strings.Split(strings.TrimSpace(text), "\n")
	if len(lines) > 2*most {
		lines = slices.Concat(lines[:most], []string{"..."}, lines[len(lines)-most:])
	}
	return strings.Join(lines, "\n")
}

func (t *tested) count(came result) {
	switch {
	case came.bad():
		t.Failed++
	case came.Is == skipped:
		t.Skipped++
	default:
		t.Passed++
	}
}

// covered are the lines of go tool covdata percent and of go tool cover -func that matter.
var (
	covered = regexp.MustCompile(`(?m)^\s*(\S+)\s+coverage: ([0-9.]+)% of statements`)
	inAll   = regexp.MustCompile(`(?m)^total:\s+\(statements\)\s+([0-9.]+)%`)
)

// takeCoverage reads the coverage of the packages and that of all.
func (d *day) takeCoverage(text string) error {
	for _, match := range covered.FindAllStringSubmatch(text, -1) {
		percent, _ := strconv.ParseFloat(match[2], 64) // the pattern has only numbers
		name := strings.TrimPrefix(strings.TrimPrefix(match[1], module), "/")
		at := slices.IndexFunc(d.Packages, func(t tested) bool { return t.Name == name })
		if at < 0 {
			d.Packages = append(d.Packages, tested{Name: name})
			at = len(d.Packages) - 1
		}
		d.Packages[at].Coverage = percent
	}
	match := inAll.FindStringSubmatch(text)
	if match == nil {
		return errors.New("the tests have left no coverage")
	}
	d.Coverage, _ = strconv.ParseFloat(match[1], 64) // as above
	return nil
}
