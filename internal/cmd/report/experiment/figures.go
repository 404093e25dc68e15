package main

import (
	"math"
	"slices"
)

// figures are those of a set of times.
type figures struct{ mean, median, last float64 }

func figuresOf(times []float64) figures {
	if len(times) == 0 {
		return figures{}
	}
	sorted := slices.Sorted(slices.Values(times))
	middle := len(sorted) / 2
	f := figures{mean: meanOf(sorted), median: sorted[middle], last: sorted[len(sorted)-1]}
	if len(sorted)%2 == 0 {
		f.median = (sorted[middle-1] + sorted[middle]) / 2
	}
	return f
}

func meanOf(times []float64) float64 {
	sum := 0.0
	for _, each := range times {
		sum += each
	}
	return sum / float64(max(1, len(times)))
}

// span is a phase, or the whole lifecycle: of each instance how long it took until its job had ended, and until the
// provider knew, since the start of Terraform.
type span struct {
	title             string
	finished, noticed figures
	wall              float64
	ours, rulebook    int
}

// spans are those of both phases, and their sum.
func (o outcome) spans() []span {
	whole := span{title: "whole lifecycle"}
	finished, noticed := map[string]float64{}, map[string]float64{}
	var all []span
	for i, p := range o.Phases {
		one := span{title: []string{"provisioning", "deprovisioning"}[i%2], wall: p.Wall, ours: total(p.Ours), rulebook: total(p.Rulebook)}
		one.finished = figuresOf(p.each(func(l life) float64 { return l.Finished }))
		one.noticed = figuresOf(p.each(func(l life) float64 { return l.Noticed }))
		for _, l := range p.Lives {
			finished[l.Instance] += l.Finished
			noticed[l.Instance] += l.Noticed
		}
		whole.wall += one.wall
		whole.ours += one.ours
		whole.rulebook += one.rulebook
		all = append(all, one)
	}
	whole.finished, whole.noticed = figuresOf(values(finished)), figuresOf(values(noticed))
	return append(all, whole)
}

func values(of map[string]float64) []float64 {
	var all []float64
	for _, each := range of {
		all = append(all, each)
	}
	return all
}

func total(counts map[string]int) int {
	sum := 0
	for _, each := range counts {
		sum += each
	}
	return sum
}

func (p phase) each(figure func(l life) float64) []float64 {
	var all []float64
	for _, l := range p.Lives {
		all = append(all, figure(l))
	}
	return all
}

// share is a part of the time until the provider knows of a job's end.
type share struct {
	title  string
	colour string
	of     func(l life) float64
}

// shares follow each other without a gap: together they are the time from Terraform's start to the end being noticed.
func shares() []share {
	return []share{
		{"Terraform's start to the event or launch", "#c9ced6", life.asked},
		{"event posted to accepted", "#f2b134", func(l life) float64 { return max(0, l.Accepted-l.Posted) }},
		{"event accepted to job created", "#e4572e", func(l life) float64 { return max(0, l.Created-max(l.Accepted, l.asked())) }},
		{"the job", "#4a90d9", func(l life) float64 { return l.Finished - l.Created }},
		{"end to noticed by the provider", "#7b52ab", func(l life) float64 { return l.Noticed - l.Finished }},
	}
}

// asides happen while the job runs, or after it: nobody who waits for the instance waits for them.
func asides() []share {
	return []share{
		{title: "job created to seen by the provider", of: func(l life) float64 { return between(l.Created, l.Seen) }},
		{title: "end to seen by the rulebook (where Terraform had not ended before), which frees its slot", of: func(l life) float64 { return between(l.Finished, l.Freed) }},
	}
}

// between is the time from one moment to another; not a number where one of them has not come.
func between(from, to float64) float64 {
	if from == 0 || to == 0 {
		return math.NaN()
	}
	return to - from
}

// mean is that of a share over all jobs of an outcome that have it; not a number where none has.
func (o outcome) mean(of share) float64 {
	var all []float64
	for _, p := range o.Phases {
		all = append(all, slices.DeleteFunc(p.each(of.of), math.IsNaN)...)
	}
	if len(all) == 0 {
		return math.NaN()
	}
	return meanOf(all)
}

// afterwards is how long Terraform goes on after the last job's end was noticed, over the phases.
func (o outcome) afterwards() float64 {
	var all []float64
	for _, p := range o.Phases {
		all = append(all, p.Wall-figuresOf(p.each(func(l life) float64 { return l.Noticed })).last)
	}
	return meanOf(all)
}
