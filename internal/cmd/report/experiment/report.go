package main

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
)

// limit is how many times as long as AAP Direct the whole lifecycle may take with a parallel rulebook.
const limit = 1.15

// markdown is the whole report.
func (e experiment) markdown() string {
	var text strings.Builder
	fmt.Fprintf(&text, "# AAP Direct and EDA compared, %s\n\n", e.Time.Format("2006-01-02 15:04"))
	fmt.Fprintf(&text, "%d instances whose jobs take %g s, 15 %% more or less (seed %d); Terraform with -parallelism=%d and a real "+
		"ansible-rulebook, at a simulated controller on %s. Seconds since Terraform's start; of the whole lifecycle, an instance's two times "+
		"are added up.\n\n", e.Instances, e.Length, e.Seed, e.Instances, e.Machine)
	e.writeTimes(&text)
	e.writeRatios(&text)
	e.writeShares(&text)
	e.writeRequests(&text)
	fmt.Fprintf(&text, "\n![when which job ran](%s)\n", plotFile)
	return text.String()
}

func (e experiment) writeTimes(text *strings.Builder) {
	text.WriteString("| | | job's end: mean | median | last | end known: mean | median | last | command | requests: provider | rulebook |\n" +
		"|---|---|" + strings.Repeat("---:|", 9) + "\n")
	for _, o := range e.Arms {
		for _, s := range o.spans() {
			fmt.Fprintf(text, "| %s | %s | %.1f | %.1f | %.1f | %.1f | %.1f | %.1f | %.1f | %d | %d |\n", o.Title, s.title,
				s.finished.mean, s.finished.median, s.finished.last, s.noticed.mean, s.noticed.median, s.noticed.last, s.wall, s.ours, s.rulebook)
		}
	}
}

// direct is what the others are compared to.
func (e experiment) direct() (outcome, bool) {
	at := slices.IndexFunc(e.Arms, func(o outcome) bool { return o.Name == "direct" })
	if at < 0 {
		return outcome{}, false
	}
	return e.Arms[at], true
}

func (e experiment) writeRatios(text *strings.Builder) {
	direct, ok := e.direct()
	if !ok || len(e.Arms) < 2 {
		return
	}
	base := direct.spans()
	text.WriteString("\n## As a multiple of AAP Direct\n\n| | | end known: mean | median | last | command |\n|---|---|---:|---:|---:|---:|\n")
	verdict := ""
	for _, o := range e.Arms {
		if o.Name == direct.Name {
			continue
		}
		for i, s := range o.spans() {
			mean, wall := s.noticed.mean/base[i].noticed.mean, s.wall/base[i].wall
			fmt.Fprintf(text, "| %s | %s | %.2f | %.2f | %.2f | %.2f |\n", o.Title, s.title, mean,
				s.noticed.median/base[i].noticed.median, s.noticed.last/base[i].noticed.last, wall)
			if o.Name == "parallel" && i == len(base)-1 {
				met := "met"
				if max(mean, wall) > limit {
					met = "**missed**"
				}
				verdict = fmt.Sprintf("\nThe target, %.2f over the whole lifecycle with a parallel rulebook, is %s.\n", limit, met)
			}
		}
	}
	text.WriteString(verdict)
}

// writeShares tells what the times are made of.
func (e experiment) writeShares(text *strings.Builder) {
	text.WriteString("\n## What a job's time is made of\n\nMeans in seconds over all jobs of both phases.\n\n|")
	for _, o := range e.Arms {
		text.WriteString(" | " + o.Title)
	}
	text.WriteString(" |\n|---|" + strings.Repeat("---:|", len(e.Arms)) + "\n")
	row := func(title string, figure func(o outcome) float64) {
		text.WriteString("| " + title)
		for _, o := range e.Arms {
			if seconds := figure(o); math.IsNaN(seconds) {
				text.WriteString(" | -")
			} else {
				fmt.Fprintf(text, " | %.2f", seconds)
			}
		}
		text.WriteString(" |\n")
	}
	for _, each := range shares() {
		row(each.title, func(o outcome) float64 { return o.mean(each) })
	}
	row("**together: until the end is known**", func(o outcome) float64 {
		sum := 0.0
		for _, each := range shares() {
			sum += o.mean(each)
		}
		return sum
	})
	row("the last end known to the end of Terraform", outcome.afterwards)
	for _, each := range asides() {
		row("*meanwhile:* "+each.title, func(o outcome) float64 { return o.mean(each) })
	}
}

func (e experiment) writeRequests(text *strings.Builder) {
	text.WriteString("\n## Requests to the controller\n\n| | | provider | rulebook |\n|---|---|---|---|\n")
	for _, o := range e.Arms {
		for _, p := range o.Phases {
			fmt.Fprintf(text, "| %s | %s | %s | %s |\n", o.Title, p.Verb, counted(p.Ours), counted(p.Rulebook))
		}
	}
}

// counted shows counts in a line, the largest first.
func counted(of map[string]int) string {
	names := slices.SortedFunc(maps.Keys(of), func(x, y string) int {
		return cmp.Or(cmp.Compare(of[y], of[x]), cmp.Compare(x, y))
	})
	for i, name := range names {
		names[i] = fmt.Sprintf("%d %s", of[name], cmp.Or(name, "other"))
	}
	return strings.Join(names, ", ")
}
