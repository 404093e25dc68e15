package main

import (
	"cmp"
	"errors"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// scenario is a row of the table, with what came of it.
type scenario struct {
	ID       string `json:"id"`
	Priority int    `json:"priority"`
	// On is the backend of the test itself: EDA, or both in one test; empty: AAP Direct.
	On       string `json:"on,omitempty"`
	Title    string `json:"title"`
	Happens  string `json:"happens,omitempty"`
	Expected string `json:"expected"`

	Direct result `json:"direct"`
	EDA    result `json:"eda"`
}

// readScenarios reads the table: id, priority, backend, scenario, what happens, what is expected.
func readScenarios(path string) ([]scenario, error) {
	text, err := os.ReadFile(path) //nolint:gosec // the user names it
	if err != nil {
		return nil, err
	}
	var all []scenario
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		for i, cell := range cells {
			cells[i] = strings.ReplaceAll(strings.TrimSpace(cell), "`", "")
		}
		if len(cells) != 6 {
			continue
		}
		if priority, err := strconv.Atoi(cells[1]); err == nil {
			all = append(all, scenario{
				ID: cells[0], Priority: priority, On: cells[2], Title: cells[3], Happens: cells[4], Expected: cells[5],
			})
		}
	}
	if len(all) == 0 {
		return nil, errors.New(path + " has no table of scenarios")
	}
	return all, nil
}

// ofScenario finds a scenario's id, whether it is run on EDA as well, and what is within it, in the name of a test.
var ofScenario = regexp.MustCompile(`^TestAcc(OnEDA/)?([XESGON]?\d+)_\w+(/.*)?$`)

// isScenario reports whether the test is one of the table's scenarios, or within one.
func (d *day) isScenario(test string) bool {
	match := ofScenario.FindStringSubmatch(test)
	return match != nil && slices.ContainsFunc(d.Scenarios, func(s scenario) bool { return s.ID == match[2] })
}

// place gives the scenario that a test proves its result.
func (d *day) place(test string, came result) {
	match := ofScenario.FindStringSubmatch(test)
	if match == nil || match[3] != "" {
		return
	}
	for i := range d.Scenarios {
		s := &d.Scenarios[i]
		if s.ID != match[2] {
			continue
		}
		if match[1] == "" && s.On != "EDA" {
			s.Direct = came
		}
		if match[1] != "" || s.On != "" {
			s.EDA = came
		}
	}
}

// result is what came of a test.
type result struct {
	// Is one of the constants below; empty: it was not run.
	Is      string  `json:"is,omitempty"`
	Seconds float64 `json:"seconds,omitempty"`
}

// What a test can come to. An unfinished one has begun, and then nothing was heard of it: a panic, or a run cut short.
const (
	passed     = "passed"
	failed     = "failed"
	skipped    = "skipped"
	unfinished = "unfinished"
)

// Word is the result as it is shown.
func (r result) Word() string { return cmp.Or(r.Is, "not run") }

// bad reports whether the result is a failure.
func (r result) bad() bool { return r.Is == failed || r.Is == unfinished }

// missing reports whether nothing proves the scenario on its own backend.
func (s scenario) missing() bool {
	if s.On == "EDA" {
		return s.EDA.Is == ""
	}
	return s.Direct.Is == ""
}
