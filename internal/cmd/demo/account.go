package main

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
)

// result is the result of a step.
type result struct {
	title              string
	took               time.Duration
	launches, requests int
	// purpose says what the requests were for, if a figure per machine is worth showing.
	purpose string
	// problem says what was unexpected; empty if nothing was.
	problem string
}

// account is the controller's view of the demo.
type account struct {
	results  []result
	requests []sandbox.Request
	// templates are the names of templates by id.
	templates map[int64]string
	// machines is how many machines there were.
	machines int
	took     time.Duration
}

// String is the account as a table.
func (a account) String() string {
	var text strings.Builder
	row := func(title string, took time.Duration, launches, requests int) {
		fmt.Fprintf(&text, "  %-45s %7.1f %9d %9d", title, took.Seconds(), launches, requests)
		if launches > 0 {
			fmt.Fprintf(&text, " %8.1f", float64(requests)/float64(launches))
		}
		text.WriteString("\n")
	}
	fmt.Fprintf(&text, "  %-45s %7s %9s %9s %8s\n", "step", "seconds", "launches", "requests", "per job")
	launches := 0
	for i, each := range a.results {
		launches += each.launches
		row(fmt.Sprintf("%d. %s", i+1, each.title), each.took, each.launches, each.requests)
	}
	row("in all", a.took, launches, len(a.requests))
	fmt.Fprintf(&text, "\n  launches: %s\n  requests: %s\n", list(a.byTemplate()), list(a.byKind()))
	fmt.Fprintf(&text, "  requests per machine: %s\n", a.perMachine())
	return text.String()
}

// byTemplate counts the launches of each template.
func (a account) byTemplate() map[string]int {
	counts := map[string]int{}
	for _, request := range a.requests {
		if isLaunch(request) {
			counts[a.template(request)]++
		}
	}
	return counts
}

var launchPath = regexp.MustCompile(`_templates/([0-9]+)/launch/`)

// isLaunch reports whether the request started a job.
func isLaunch(request sandbox.Request) bool {
	return request.Method == http.MethodPost && launchPath.MatchString(request.Path) && request.Status == http.StatusCreated
}

// template returns the name of a launch's template.
func (a account) template(launch sandbox.Request) string {
	match := launchPath.FindStringSubmatch(launch.Path)
	id, err := strconv.ParseInt(match[1], 10, 64)
	if name := a.templates[id]; err == nil && name != "" {
		return name
	}
	return "template " + match[1]
}

// byKind counts the requests of each kind.
func (a account) byKind() map[string]int {
	counts := map[string]int{}
	for _, request := range a.requests {
		counts[cmp.Or(request.Route, "other")]++
	}
	return counts
}

// perMachine is the cost of one machine, for each step with a purpose and in all.
func (a account) perMachine() string {
	share := func(requests int) string { return fmt.Sprintf("%.1f", float64(requests)/float64(a.machines)) }
	var parts []string
	for _, each := range a.results {
		if each.purpose != "" {
			parts = append(parts, share(each.requests)+" "+each.purpose)
		}
	}
	return strings.Join(append(parts, share(len(a.requests))+" in all"), ", ")
}

// list shows counts in a line, the largest first.
func list(counts map[string]int) string {
	names := slices.SortedFunc(maps.Keys(counts), func(x, y string) int {
		return cmp.Or(cmp.Compare(counts[y], counts[x]), cmp.Compare(x, y))
	})
	for i, name := range names {
		names[i] = fmt.Sprintf("%d %s", counts[name], name)
	}
	return strings.Join(names, ", ")
}
