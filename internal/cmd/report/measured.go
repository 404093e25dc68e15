package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"math"
	"slices"
)

// benchmark is the part of bench.json that is shown.
type benchmark struct {
	Machine string `json:"machine"`
	Targets []struct {
		Measurement string  `json:"measurement"`
		Provider    string  `json:"provider"`
		What        string  `json:"what"`
		Figure      float64 `json:"figure"`
		Target      float64 `json:"target"`
		Met         bool    `json:"met"`
	} `json:"targets"`
	Measurements []measurement `json:"measurements"`
}

type measurement struct {
	Scenario    string   `json:"scenario"`
	Step        string   `json:"step,omitempty"`
	Provider    string   `json:"provider"`
	Instances   int      `json:"instances"`
	Requests    int      `json:"requests"`
	PerInstance float64  `json:"per_instance"`
	Launches    int      `json:"launches"`
	Wall        float64  `json:"wall"`
	Problem     string   `json:"problem,omitempty"`
	Latency     *latency `json:"latency,omitempty"`
}

// latency is how long after jobs' ends the provider knew, in seconds.
type latency struct {
	Median float64 `json:"median"`
	P95    float64 `json:"p95"`
	Worst  float64 `json:"worst"`
}

// ID is the measurement's name.
func (m measurement) ID() string {
	if m.Step == "" {
		return m.Scenario
	}
	return m.Scenario + "/" + m.Step
}

func (d *day) takeBench(text []byte) error {
	var b benchmark
	if err := json.Unmarshal(text, &b); err != nil {
		return err
	}
	d.Bench = &b
	var problems error
	for _, m := range b.Measurements {
		if m.Problem != "" {
			problems = errors.Join(problems, errors.New(m.ID()+": "+m.Problem))
		}
	}
	return problems
}

// experiment is the part of experiment.json that is shown.
type experiment struct {
	Instances int     `json:"instances"`
	Length    float64 `json:"length"`
	Arms      []arm   `json:"arms"`
}

type arm struct {
	Title  string  `json:"title"`
	Phases []phase `json:"phases"`
}

type phase struct {
	Verb  string  `json:"verb"`
	Wall  float64 `json:"wall"`
	Lives []struct {
		Finished float64 `json:"finished"`
		Noticed  float64 `json:"noticed"`
	} `json:"lives"`
	Ours map[string]int `json:"ours"`
}

func (d *day) takeExperiment(text []byte) error {
	var e experiment
	if err := json.Unmarshal(text, &e); err != nil {
		return err
	}
	d.Experiment = &e
	var problems error
	for _, a := range e.Arms {
		for _, p := range a.Phases {
			if p.unnoticed() {
				problems = errors.Join(problems, errors.New(a.Title+", "+p.Verb+": the end of a job was never noticed"))
			}
		}
	}
	return problems
}

// unnoticed reports whether the provider was never shown the end of a job, which would pass for an early answer below.
func (p phase) unnoticed() bool {
	for _, l := range p.Lives {
		if l.Noticed < l.Finished {
			return true
		}
	}
	return false
}

// Latency is that of the phase's jobs.
func (p phase) Latency() latency {
	var late []float64
	for _, l := range p.Lives {
		late = append(late, l.Noticed-l.Finished)
	}
	return latencyOf(late)
}

// Known is when the provider knew of the end of half the jobs, of nearly all and of all, since Terraform's start.
func (p phase) Known() latency {
	var known []float64
	for _, l := range p.Lives {
		known = append(known, l.Noticed)
	}
	return latencyOf(known)
}

// PerInstance are the provider's requests.
func (p phase) PerInstance() float64 {
	sum := 0
	for _, count := range p.Ours {
		sum += count
	}
	return float64(sum) / float64(max(1, len(p.Lives)))
}

func latencyOf(times []float64) latency {
	if len(times) == 0 {
		return latency{}
	}
	slices.SortFunc(times, cmp.Compare)
	rank := func(share float64) float64 { return times[int(math.Ceil(share*float64(len(times))))-1] }
	return latency{Median: rank(.5), P95: rank(.95), Worst: times[len(times)-1]}
}
