package main

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// sample is an experiment with two instances, whose EDA takes so many times as long.
func sample(slower float64) experiment {
	phases := func(times float64, posted bool) []phase {
		var all []phase
		for _, verb := range []string{"apply", "destroy"} {
			p := phase{Verb: verb, Wall: 22 * times}
			for _, name := range []string{"a", "b"} {
				l := life{Instance: name, Created: times, Seen: 1.5 * times, Finished: 20 * times, Noticed: 21 * times}
				if posted {
					l.Posted, l.Accepted = 0.5*times, 0.75*times
				}
				p.Lives = append(p.Lives, l)
			}
			all = append(all, p)
		}
		return all
	}
	return experiment{Instances: 2, Length: 20, Arms: []outcome{
		{Name: "direct", Title: "AAP Direct", Phases: phases(1, false)},
		{Name: "parallel", Title: "EDA parallel", Phases: phases(slower, true)},
	}}
}

func TestReportJudges(t *testing.T) {
	t.Parallel()
	for slower, verdict := range map[float64]string{1.1: "is met", 1.2: "is **missed**"} {
		text := sample(slower).markdown()
		for _, want := range []string{verdict, "| AAP Direct | whole lifecycle | 40.0 |", "| end to noticed by the provider | 1.00 |"} {
			if !strings.Contains(text, want) {
				t.Errorf("%g times as long: %q is missing in\n%s", slower, want, text)
			}
		}
	}
}

func TestSharesLeaveNoGap(t *testing.T) {
	t.Parallel()
	for _, o := range sample(1.5).Arms {
		for _, l := range o.Phases[0].Lives {
			sum := 0.0
			for _, each := range shares() {
				sum += each.of(l)
			}
			if sum != l.Noticed {
				t.Errorf("%s: the shares are %g s together, the end was known after %g s", o.Title, sum, l.Noticed)
			}
		}
	}
}

func TestPlotIsXML(t *testing.T) {
	t.Parallel()
	decoder := xml.NewDecoder(strings.NewReader(sample(1.1).plot()))
	for {
		_, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestRulebookGetsStrategy(t *testing.T) {
	t.Parallel()
	copied := filepath.Join(t.TempDir(), "copy.yml")
	if err := copyRulebook("../../../../examples/rulebooks/webhook.yml", copied, "sequential"); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(copied)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), "\n  execution_strategy: sequential\n") {
		t.Errorf("the copy is\n%s", text)
	}
}
