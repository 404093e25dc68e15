package main

import (
	_ "embed"
	"fmt"
	"html/template"
	"math"
	"slices"
)

//go:embed report.html
var pageText string

var pageTemplate = template.Must(template.New("report").Funcs(template.FuncMap{
	"fixed": func(digits int, figure float64) string { return fmt.Sprintf("%.*f", digits, figure) },
}).Parse(pageText))

// view is a day as a page shows it. Data and Up are the ways from the page to the day's data, and to the list of days.
type view struct {
	*day
	Days     []day
	Data, Up string
}

// Priorities are the scenarios' in their order.
func (v view) Priorities() []int {
	var all []int
	for _, s := range v.Scenarios {
		if !slices.Contains(all, s.Priority) {
			all = append(all, s.Priority)
		}
	}
	slices.Sort(all)
	return all
}

// Of are the scenarios of a priority.
func (v view) Of(priority int) []scenario {
	return slices.DeleteFunc(slices.Clone(v.Scenarios), func(s scenario) bool { return s.Priority != priority })
}

// plot is a bar for each row: to the median, on to 95 % and on to the worst.
type plot struct {
	Title         string
	Left          int // where bars begin
	Width, Height int
	Axis          []tick
	Bars          []bar
}

type tick struct {
	X    float64
	Text string
}

type bar struct {
	Y                  int
	Label              string
	Median, P95, Worst float64 // widths
}

// Sizes of a plot. The page stretches it.
const (
	labelWidth = 300
	barsWidth  = 560
	lastTick   = 40 // for the text of the last one
	barPitch   = 22
	axisHeight = 24
)

// plotted makes a plot of latencies by their labels.
func plotted(title string, labels []string, of []latency) *plot {
	longest := 0.0
	for _, l := range of {
		longest = max(longest, l.Worst)
	}
	if longest <= 0 {
		return nil
	}
	step := math.Pow(10, math.Floor(math.Log10(longest)))
	for longest/step < 3 {
		step /= 2
	}
	p := &plot{Title: title, Left: labelWidth, Width: labelWidth + barsWidth + lastTick, Height: len(of)*barPitch + axisHeight}
	scale := barsWidth / longest
	for i := 0.0; i*step <= longest; i++ {
		p.Axis = append(p.Axis, tick{labelWidth + i*step*scale, fmt.Sprintf("%.4g s", i*step)})
	}
	for i, l := range of {
		p.Bars = append(p.Bars, bar{Y: i * barPitch, Label: labels[i], Median: l.Median * scale, P95: l.P95 * scale, Worst: l.Worst * scale})
	}
	return p
}

// BenchPlot shows how late the ends of jobs were noticed in the benchmark.
func (v view) BenchPlot() *plot {
	var labels []string
	var late []latency
	for _, m := range v.Bench.Measurements {
		if m.Latency != nil {
			labels = append(labels, m.ID()+" "+m.Provider)
			late = append(late, *m.Latency)
		}
	}
	return plotted("Benchmark: from a job's end to the provider knowing of it", labels, late)
}

// NoticedPlot shows the same of the experiment.
func (v view) NoticedPlot() *plot {
	return v.phases("Experiment: from a job's end to the provider knowing of it", phase.Latency)
}

// KnownPlot shows when the ends were known.
func (v view) KnownPlot() *plot {
	return v.phases("Experiment: from Terraform's start to the jobs' ends being known", phase.Known)
}

func (v view) phases(title string, of func(p phase) latency) *plot {
	var labels []string
	var figures []latency
	for _, a := range v.Experiment.Arms {
		for _, p := range a.Phases {
			labels = append(labels, a.Title+", "+p.Verb)
			figures = append(figures, of(p))
		}
	}
	return plotted(title, labels, figures)
}
