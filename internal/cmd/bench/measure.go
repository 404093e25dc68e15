package main

import (
	"cmp"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
)

// measurement is what one command has cost. Times are in seconds, sizes in MiB.
type measurement struct {
	Scenario string `json:"scenario"`
	// Step is which of a scenario's commands it was, where there are several.
	Step      string `json:"step,omitempty"`
	Provider  string `json:"provider"`
	Instances int    `json:"instances"`
	// Exit is Terraform's exit code, Problem what was not as expected.
	Exit    int    `json:"exit"`
	Problem string `json:"problem,omitempty"`

	Requests    int            `json:"requests"`
	PerInstance float64        `json:"per_instance"`
	ByKind      map[string]int `json:"by_kind"`
	// Statuses other than 200 and 201, as they were answered.
	Refusals map[string]int `json:"refusals,omitempty"`
	Launches int            `json:"launches"`
	// Rate is the requests a second, launches left out.
	Rate float64 `json:"rate"`
	// Megabytes are those of the controller's answers.
	Megabytes float64 `json:"megabytes"`

	// Latency is how late the ends of jobs were noticed.
	Latency *latency `json:"latency,omitempty"`

	Wall float64 `json:"wall"`
	// Ideal is how long the jobs alone took, Floor what Terraform takes for so many resources without a provider.
	Ideal float64 `json:"ideal,omitempty"`
	Floor float64 `json:"floor,omitempty"`

	ProviderCPU  float64 `json:"provider_cpu"`
	TerraformCPU float64 `json:"terraform_cpu"`
	Memory       float64 `json:"provider_memory"`
	// BenchCPU is that of the benchmark's own process, the simulated controller in it: both share the machine.
	BenchCPU float64 `json:"bench_cpu"`
	// Load is the machine's load average of a minute before the command.
	Load float64 `json:"load"`
}

// latency is from the controller's exact time of a job's end to the first answer that showed it as ended.
type latency struct {
	Median float64 `json:"median"`
	P95    float64 `json:"p95"`
	Worst  float64 `json:"worst"`
	Jobs   int     `json:"jobs"`
}

// id is the measurement's name in tables and targets.
func (m measurement) id() string {
	if m.Step == "" {
		return m.Scenario
	}
	return m.Scenario + "/" + m.Step
}

// take measures a command: what it used, what the controller saw of it, and how the jobs went that it launched.
func (m *measurement) take(used usage, box *sandbox.Sandbox, launchedFrom int64) {
	m.Exit, m.Wall = used.exit, used.wall.Seconds()
	m.ProviderCPU, m.TerraformCPU = used.provider.Seconds(), used.terraform.Seconds()
	m.Memory = float64(used.memory) / (1 << 20)
	m.count(box.Requests())
	m.watch(box.AllJobs(), launchedFrom)
}

func (m *measurement) count(requests []sandbox.Request) {
	m.Requests, m.ByKind, m.Refusals = len(requests), map[string]int{}, map[string]int{}
	size := 0
	for _, request := range requests {
		kind := kindOf(request)
		m.ByKind[kind]++
		size += request.Size
		if request.Status != http.StatusOK && request.Status != http.StatusCreated {
			m.Refusals[fmt.Sprintf("%s %d", kind, request.Status)]++
		}
		if request.Route == "launch" && request.Method == http.MethodPost && request.Status == http.StatusCreated {
			m.Launches++
		}
	}
	m.Megabytes = float64(size) / (1 << 20)
	m.PerInstance = float64(m.Requests) / float64(max(1, m.Instances))
	m.Rate = float64(m.Requests-m.ByKind["launch"]) / max(m.Wall, 0.001)
}

// kindOf is the request's route, and of a list what it is chosen by.
func kindOf(request sandbox.Request) string {
	kind := cmp.Or(request.Route, "other")
	query, err := url.ParseQuery(request.Query)
	if err != nil || !strings.HasSuffix(kind, " list") {
		return kind
	}
	var keys []string
	for key := range query {
		switch key {
		case "order_by", "page_size", "count_disabled", "activitystream__operation":
		default:
			keys = append(keys, strings.TrimPrefix(key, "or__"))
		}
	}
	slices.Sort(keys)
	return kind + " by " + strings.Join(keys, " and ")
}

// watch looks at the jobs that were launched since an id.
func (m *measurement) watch(jobs []sandbox.Job, launchedFrom int64) {
	var late []float64
	var longest time.Duration
	unnoticed := 0
	for _, j := range jobs {
		if j.ID < launchedFrom {
			continue
		}
		longest = max(longest, j.Finished.Sub(j.Created))
		if j.Noticed.IsZero() {
			unnoticed++
			continue
		}
		late = append(late, j.Noticed.Sub(j.Finished).Seconds())
	}
	m.Ideal = longest.Seconds()
	if unnoticed > 0 {
		m.Problem = fmt.Sprintf("the end of %d jobs was never noticed", unnoticed)
	}
	if len(late) == 0 {
		return
	}
	slices.Sort(late)
	rank := func(share float64) float64 { return late[int(math.Ceil(share*float64(len(late))))-1] }
	m.Latency = &latency{Median: rank(0.5), P95: rank(0.95), Worst: late[len(late)-1], Jobs: len(late)}
}
