package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// report is the result of a run of the benchmark.
type report struct {
	Time         time.Time     `json:"time"`
	Machine      string        `json:"machine"`
	Targets      []verdict     `json:"targets"`
	Measurements []measurement `json:"measurements"`
}

func newReport(measured []measurement, subjects []*subject) report {
	r := report{
		Time: time.Now(), Machine: fmt.Sprintf("%s/%s, %d CPUs", runtime.GOOS, runtime.GOARCH, runtime.NumCPU()), Measurements: measured,
	}
	for _, s := range subjects {
		r.Targets = append(r.Targets, judge(measured, s.name)...)
	}
	return r
}

// write writes the report as Markdown and JSON.
func (r report) write(folder string) error {
	encoded, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return errors.Join(
		os.WriteFile(filepath.Join(folder, "bench.json"), encoded, 0o600),
		os.WriteFile(filepath.Join(folder, "bench.md"), []byte(r.markdown()), 0o600))
}

func (r report) markdown() string {
	var text strings.Builder
	fmt.Fprintf(&text, "# Benchmark, %s\n\n%s.\n\n", r.Time.Format("2006-01-02 15:04"), r.Machine)
	text.WriteString("## Targets\n\n| provider | measurement | figure | measured | target | met |\n|---|---|---|---:|---:|---|\n")
	for _, v := range r.Targets {
		met := "yes"
		if !v.Met {
			met = "**no**"
		}
		fmt.Fprintf(&text, "| %s | `%s` | %s | %.2f | %.2f | %s |\n", v.Provider, v.Measurement, v.What, v.Figure, v.Target, met)
	}
	text.WriteString("\n## Measurements\n\nRequests in all, per instance and in MiB answered; launches; seconds from a job's end to the answer that " +
		"showed it; seconds of wall and its ideal (the longest job; of a plan: as many `terraform_data`); seconds of CPU, the benchmark with its simulated controller included as \"bench\"; MiB of memory; load " +
		"of the machine before.\n\n")
	text.WriteString("| provider | measurement | requests | each | MiB | launches | noticed: median | 95 % | worst | wall | ideal | " +
		"CPU provider | Terraform | bench | memory | load | problem |\n|---|---|" + strings.Repeat("---:|", 14) + "---|\n")
	for _, m := range r.Measurements {
		fmt.Fprintf(&text, "| %s | `%s` | %d | %.2f | %.1f | %d | %s | %.1f | %.1f | %.2f | %.2f | %.2f | %.0f | %.1f | %s |\n",
			m.Provider, m.id(), m.Requests, m.PerInstance, m.Megabytes, m.Launches, m.noticed(" | "), m.Wall, cmp.Or(m.Floor, m.Ideal),
			m.ProviderCPU, m.TerraformCPU, m.BenchCPU, m.Memory, m.Load, m.Problem)
	}
	text.WriteString("\n## Requests by kind\n\n| provider | measurement | requests | refused |\n|---|---|---|---|\n")
	for _, m := range r.Measurements {
		fmt.Fprintf(&text, "| %s | `%s` | %s | %s |\n", m.Provider, m.id(), counts(m.ByKind), counts(m.Refusals))
	}
	return text.String()
}

// noticed are the median, the 95th percentile and the worst.
func (m measurement) noticed(between string) string {
	if m.Latency == nil {
		return "-" + between + "-" + between + "-"
	}
	return fmt.Sprintf("%.2f%s%.2f%s%.2f", m.Latency.Median, between, m.Latency.P95, between, m.Latency.Worst)
}

// line is a measurement's progress line.
func (m measurement) line() string {
	return fmt.Sprintf("%-40s %-8s %5d requests (%.2f each), noticed %s s, wall %.1f s (ideal %.1f), provider %.2f s CPU, %.0f MiB, load %.1f  %s",
		m.id(), m.Provider, m.Requests, m.PerInstance, m.noticed("/"), m.Wall, cmp.Or(m.Floor, m.Ideal), m.ProviderCPU, m.Memory, m.Load, m.Problem)
}

// counts shows counts in a line, the largest first.
func counts(of map[string]int) string {
	names := slices.SortedFunc(maps.Keys(of), func(x, y string) int {
		return cmp.Or(cmp.Compare(of[y], of[x]), cmp.Compare(x, y))
	})
	for i, name := range names {
		names[i] = fmt.Sprintf("%d %s", of[name], name)
	}
	return strings.Join(names, ", ")
}
