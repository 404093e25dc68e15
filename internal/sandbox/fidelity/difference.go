package fidelity

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// differences lists the remaining differences between a simulation and the recordings.
const differences = "testdata/differences.json"

// difference is one of them. Recordings and Path are shell patterns: * stays within a segment, ** matches any number of
// them.
type difference struct {
	Recordings string   `json:"recordings"`
	Path       string   `json:"path"`
	Reason     string   `json:"reason"`
	shows      []string // the recordings that it shows in
}

func loadDifferences() ([]*difference, error) {
	content, err := os.ReadFile(differences)
	if err != nil {
		return nil, err
	}
	var known []*difference
	return known, json.Unmarshal(content, &known)
}

// explain reports whether a difference is known, and marks the first that matches.
func explain(known []*difference, recording, path string) bool {
	recording, _, _ = strings.Cut(recording, " ")
	for _, d := range known {
		if match(d.Recordings, recording) && match(d.Path, path) {
			if !slices.Contains(d.shows, recording) {
				d.shows = append(d.shows, recording)
			}
			return true
		}
	}
	return false
}

func match(pattern, path string) bool {
	return matchSegments(strings.Split(pattern, "/"), strings.Split(path, "/"))
}

func matchSegments(pattern, path []string) bool {
	if len(pattern) == 0 {
		return len(path) == 0
	}
	if pattern[0] == "**" {
		return matchSegments(pattern[1:], path) || len(path) > 0 && matchSegments(pattern, path[1:])
	}
	if len(path) == 0 {
		return false
	}
	matched, _ := filepath.Match(pattern[0], path[0])
	return matched && matchSegments(pattern[1:], path[1:])
}
