package fidelity

import (
	"errors"
	"fmt"
)

// totals count the comparisons of a contract test.
type totals struct{ exchanges, equal, listed, values, differ int }

func (n totals) String() string {
	return fmt.Sprintf("%d exchanges compared: %d equal, %d with listed differences only; %d values compared, %d differ",
		n.exchanges, n.equal, n.listed, n.values, n.differ)
}

// Check compares the comparisons with the testdata/differences.json and the README.md of the tested package; update
// writes the README. The totals are for the log. The error names differences that are not listed, and listed ones that
// don't occur.
func Check(compared []*Comparison, update bool) (string, error) {
	known, err := loadDifferences()
	if err != nil {
		return "", fmt.Errorf("%s: %w", differences, err)
	}
	n := totals{exchanges: len(compared)}
	var wrong []error
	for _, c := range compared {
		n.values += c.values
		n.differ += c.differ
		listed := true
		for _, f := range c.found {
			if !explain(known, c.Recording, f.path) {
				listed = false
				wrong = append(wrong, fmt.Errorf("%s: %s: %s", c.Recording, f.path, f.what))
			}
		}
		switch {
		case len(c.found) == 0:
			n.equal++
		case listed:
			n.listed++
		}
	}
	for _, d := range known {
		if len(d.shows) == 0 {
			wrong = append(wrong, fmt.Errorf("%s: %s %s no longer differs: take it out", differences, d.Recordings, d.Path))
		}
	}
	return n.String(), errors.Join(append(wrong, checkReadme(n, known, update))...)
}
