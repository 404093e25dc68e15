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

// measurement is the cost of one command. Times are in seconds, sizes in MiB.
type measurement struct {
	Scenario string `json:"scenario"`
	// Step names the command, if a scenario has several.
	Step      string `json:"step,omitempty"`
	Provider  string `json:"provider"`
	Instances int    `json:"instances"`
	// Exit is Terraform's exit code, and Problem names what was unexpected.
	Exit    int    `json:"exit"`
	Problem string `json:"problem,omitempty"`

	Requests    int            `json:"requests"`
	PerInstance float64        `json:"per_instance"`
	ByKind      map[string]int `json:"by_kind"`
	// Refusals counts statuses other than 200 and 201.
	Refusals map[string]int `json:"refusals,omitempty"`
	Launches int            `json:"launches"`
	// Rate is the number of requests a second, without launches.
	Rate float64 `json:"rate"`
	// Megabytes is the size of the controller's answers.
	Megabytes float64 `json:"megabytes"`

	// Latency is the time from the ends of jobs until they were noticed.
	Latency *latency `json:"latency,omitempty"`

	Wall float64 `json:"wall"`
	// Ideal is the time of the jobs alone, and Floor is Terraform's time for so many resources without a provider.
	Ideal float64 `json:"ideal,omitempty"`
	Floor float64 `json:"floor,omitempty"`

	ProviderCPU  float64 `json:"provider_cpu"`
	TerraformCPU float64 `json:"terraform_cpu"`
	Memory       float64 `json:"provider_memory"`
	// BenchCPU is the CPU time of the benchmark's own process, which includes the simulated controller: both share the
	// machine.
	BenchCPU float64 `json:"bench_cpu"`
	// Load is the machine's one-minute load average before the command.
	Load float64 `json:"load"`
}

// latency is the time from a job's exact end on the controller to the first answer that showed the job as ended.
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

// take measures a command: its resources, its requests, and the jobs that it launched.
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

// kindOf is the request's route, and for a list also its filter.
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

// watch evaluates the jobs launched since an id.
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
