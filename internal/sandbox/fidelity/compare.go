// Package fidelity measures how close a simulation is to the real thing, for the contract tests. It compares the
// simulation with recordings, explains the differences by a list, and keeps the README's table of them up to date.
package fidelity

import (
	"fmt"
	"maps"
	"slices"
)

// Comparison compares one recorded exchange. It counts the compared values, and collects the differences.
type Comparison struct {
	// Recording is the exchange's name. Differences are listed by its first word.
	Recording string
	// Even, if set, removes the parts of two values that need not be equal, before they are compared.
	Even func(want, got any) (any, any)

	values, differ int
	found          []finding
}

type finding struct{ path, what string }

// Differ records a difference at a path.
func (c *Comparison) Differ(path string, want, got any) {
	c.differ++
	f := finding{path, fmt.Sprintf("recorded %.160s, got %.160s", fmt.Sprint(want), fmt.Sprint(got))}
	if !slices.Contains(c.found, f) {
		c.found = append(c.found, f)
	}
}

// Compare compares two values, which consist of maps, lists and values that can be compared by ==.
func (c *Comparison) Compare(path string, want, got any) {
	evenWant, evenGot := want, got
	if c.Even != nil {
		evenWant, evenGot = c.Even(want, got)
	}
	switch w := evenWant.(type) {
	case map[string]any:
		g, ok := evenGot.(map[string]any)
		if !ok {
			c.Differ(path, want, got)
			return
		}
		c.compareFields(path, w, g)
	case []any:
		g, ok := evenGot.([]any)
		if !ok || len(w) != len(g) {
			c.Differ(path, fmt.Sprintf("%d items", len(w)), fmt.Sprintf("%d items: %.80s", len(g), fmt.Sprint(got)))
			return
		}
		for i := range w {
			c.Compare(path+"/[]", w[i], g[i])
		}
	default:
		c.values++
		if evenWant != evenGot {
			c.Differ(path, want, got)
		}
	}
}

func (c *Comparison) compareFields(path string, want, got map[string]any) {
	for _, key := range slices.Sorted(maps.Keys(want)) {
		if value, has := got[key]; has {
			c.Compare(path+"/"+key, want[key], value)
		} else {
			c.Differ(path+"/"+key, want[key], "nothing")
		}
	}
	for _, key := range slices.Sorted(maps.Keys(got)) {
		if _, has := want[key]; !has {
			c.Differ(path+"/"+key, "nothing", got[key])
		}
	}
}
