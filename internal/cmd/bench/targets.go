package main

import "fmt"

// target is a figure that a measurement must reach: issue 7's table.
type target struct {
	// measurement is the id of the measurement, and needs is the id of another that it is compared with.
	measurement, needs string
	what               string
	figure             func(m measurement) float64
	limit              float64
	// relative, if set, computes the limit from the measurements.
	relative func(m, other measurement) float64
}

// targets are all targets of the provider.
func targets() []target {
	requests := func(m measurement) float64 { return float64(m.Requests) }
	perInstance := func(m measurement) float64 { return m.PerInstance }
	median := func(m measurement) float64 { return m.latency().Median }
	worst := func(m measurement) float64 { return m.latency().Worst }
	cpu := func(m measurement) float64 { return m.ProviderCPU }
	wall := func(m measurement) float64 { return m.Wall }
	memory := func(m measurement) float64 { return m.Memory }
	underFloor := func(m, _ measurement) float64 { return 1.5*m.Floor + 2 }

	all := []target{
		{measurement: "apply/50/20s", what: "requests per instance", figure: perInstance, limit: 1.6},
		{measurement: "apply/50/20s", what: "end noticed, median s", figure: median, limit: 1},
		{measurement: "apply/50/20s", what: "end noticed, worst s", figure: worst, limit: 2},
		{measurement: "apply/50/60s", what: "requests per instance", figure: perInstance, limit: 1.8},
		{measurement: "apply/50/60s", what: "end noticed, median s", figure: median, limit: 1},
		{measurement: "apply/50/60s", what: "end noticed, worst s", figure: worst, limit: 2},
		{measurement: "apply/1/20s/known", what: "requests", figure: requests, limit: 20},
		{measurement: "apply/1/20s/known", what: "end noticed s", figure: worst, limit: 1.5},
	}
	for _, step := range []string{"first", "refreshed"} {
		all = append(all,
			target{measurement: "plan/300/" + step, what: "requests", figure: requests, limit: 8},
			target{measurement: "plan/300/" + step, what: "provider CPU s", figure: cpu, limit: 2},
			target{measurement: "plan/300/" + step, what: "wall s, 1.5 x terraform_data + 2", figure: wall, relative: underFloor})
	}
	for _, where := range []place{newest, spread, oldest} {
		for _, after := range []struct {
			step     string
			requests float64
		}{{"first", 60}, {"refreshed", 12}} {
			id := fmt.Sprintf("plan/1000-of-20000/%s/50ms/%s", where, after.step)
			all = append(all,
				target{measurement: id, what: "requests", figure: requests, limit: after.requests},
				target{measurement: id, what: "wall s", figure: wall, limit: 10},
				target{measurement: id, what: "provider memory MiB", figure: memory, limit: 150})
		}
	}
	return append(all,
		target{measurement: "destroy/50/20s", what: "requests per instance", figure: perInstance, limit: 1.8},
		target{measurement: "overload/50/20s", what: "exit code", figure: func(m measurement) float64 { return float64(m.Exit) }},
		target{measurement: "overload/50/20s", what: "launches beyond one each", figure: func(m measurement) float64 {
			return float64(m.Launches - m.Instances)
		}},
		target{
			measurement: "overload/50/20s", needs: "apply/50/20s", what: "requests per s besides launches, half of those otherwise",
			figure:   func(m measurement) float64 { return m.Rate },
			relative: func(_, usual measurement) float64 { return usual.Rate / 2 },
		})
}

// latency is the measurement's latency, or one that meets no target if no job's end was noticed.
func (m measurement) latency() latency {
	if m.Latency == nil {
		return latency{Median: 1e6, P95: 1e6, Worst: 1e6}
	}
	return *m.Latency
}

// verdict is the result for a target.
type verdict struct {
	Measurement string  `json:"measurement"`
	Provider    string  `json:"provider"`
	What        string  `json:"what"`
	Figure      float64 `json:"figure"`
	Target      float64 `json:"target"`
	Met         bool    `json:"met"`
}

// judge compares the measurements with the targets. It leaves out targets whose measurements are missing.
func judge(measured []measurement, provider string) []verdict {
	known := map[string]measurement{}
	for _, m := range measured {
		if m.Provider == provider {
			known[m.id()] = m
		}
	}
	var all []verdict
	for _, t := range targets() {
		m, ok := known[t.measurement]
		other, also := known[t.needs]
		if !ok || t.needs != "" && !also {
			continue
		}
		v := verdict{Measurement: t.measurement, Provider: provider, What: t.what, Figure: t.figure(m), Target: t.limit}
		if t.relative != nil {
			v.Target = t.relative(m, other)
		}
		// A failed command meets no target, however cheap it was.
		v.Met = v.Figure <= v.Target && m.Problem == ""
		all = append(all, v)
	}
	return all
}
