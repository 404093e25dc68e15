package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// day is all that the page of a day is made of.
type day struct {
	Date string    `json:"date"`
	Time time.Time `json:"time"`
	// Good reports whether nothing has failed, Verdict says it in a line.
	Good    bool   `json:"good"`
	Verdict string `json:"verdict"`
	// Subset is the pattern of the tests that were run; empty: all.
	Subset     string      `json:"subset,omitempty"`
	Versions   []version   `json:"versions"`
	Steps      []step      `json:"steps"`
	Scenarios  []scenario  `json:"scenarios"`
	Packages   []tested    `json:"packages,omitempty"`
	Coverage   float64     `json:"coverage,omitempty"`
	Failures   []failure   `json:"failures,omitempty"`
	Bench      *benchmark  `json:"bench,omitempty"`
	Experiment *experiment `json:"experiment,omitempty"`
}

// version is that of something that took part.
type version struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// versions asks what takes part for its version.
func versions(ctx context.Context) []version {
	ask := func(program string, arguments ...string) string {
		cmd := exec.CommandContext(ctx, program, arguments...) //nolint:gosec // our own commands
		cmd.Env = append(os.Environ(), "CHECKPOINT_DISABLE=1", "TF_CLI_CONFIG_FILE="+os.DevNull)
		printed, err := cmd.Output()
		first, _, _ := strings.Cut(strings.TrimSpace(string(printed)), "\n")
		if err != nil || first == "" {
			return "not there"
		}
		return first
	}
	ansible := ".cache/ansible/bin/ansible-rulebook"
	return []version{
		{"Provider", ask("git", "describe", "--tags", "--always", "--dirty")},
		{"Commit", ask("git", "log", "-1", "--format=%H %cI")},
		{"Go", runtime.Version()},
		{"Terraform", ask(cmp.Or(os.Getenv("TF_ACC_TERRAFORM_PATH"), "terraform"), "version")},
		{"ansible-rulebook", ask(ansible, "--version")},
		{"Machine", fmt.Sprintf("%s/%s, %d CPUs", runtime.GOOS, runtime.GOARCH, runtime.NumCPU())},
	}
}

// tallies count the scenarios by their results, on each backend.
func (d *day) tallies() (map[string]int, map[string]int) {
	direct, eda := map[string]int{}, map[string]int{}
	for _, s := range d.Scenarios {
		direct[s.Direct.Is]++
		eda[s.EDA.Is]++
	}
	return direct, eda
}

// judge decides whether the day is good, and says it in a line.
func (d *day) judge() {
	wrong := d.wrong()
	d.Good = len(wrong) == 0 && len(d.Failures) == 0
	direct, eda := d.tallies()
	skips, misses := 0, 0
	for _, s := range d.Scenarios {
		if s.Direct.Is == skipped || s.EDA.Is == skipped {
			skips++
		}
	}
	if d.Bench != nil {
		for _, t := range d.Bench.Targets {
			if !t.Met {
				misses++
			}
		}
	}
	said := slices.Concat(wrong, []string{fmt.Sprintf("%d scenarios passed on AAP Direct, %d on EDA", direct[passed], eda[passed])},
		counted(skips, "scenario(s) skipped"), counted(misses, "target(s) missed"))
	if d.Subset != "" {
		said = append(said, "only tests that match "+d.Subset+" were run")
	}
	d.Verdict = strings.Join(said, "; ")
}

// wrong is what makes the day a bad one. A scenario that was not run does unless only some were asked for.
func (d *day) wrong() []string {
	direct, eda := d.tallies()
	others, broken, missing := map[string]bool{}, 0, 0
	for _, f := range d.Failures {
		if f.Test == "" {
			broken++
		} else if !d.isScenario(f.Test) {
			name, _, _ := strings.Cut(f.Test, "/")
			others[f.Package+" "+name] = true
		}
	}
	for _, s := range d.Scenarios {
		if s.missing() && d.Subset == "" {
			missing++
		}
	}
	wrong := slices.Concat(
		counted(direct[failed]+direct[unfinished], "scenario(s) failed on AAP Direct"),
		counted(eda[failed]+eda[unfinished], "scenario(s) failed on EDA"),
		counted(len(others), "other test(s) failed"),
		counted(broken, "package(s) failed"),
		counted(missing, "scenario(s) not run"))
	for _, s := range d.Steps {
		if s.Problem != "" {
			wrong = append(wrong, "the step "+s.Name+" failed")
		}
	}
	return wrong
}

// counted says how many there are of what ends in "(s)": nothing of none.
func counted(count int, what string) []string {
	if count == 0 {
		return nil
	}
	plural := "s"
	if count == 1 {
		plural = ""
	}
	return []string{fmt.Sprintf("%d %s", count, strings.Replace(what, "(s)", plural, 1))}
}

const dataFile = "report.json"

// write writes the day's data and page, and makes its page the first one, with a list of all days.
func write(out string, d *day) error {
	encoded, err := json.MarshalIndent(d, "", "  ")
	if err != nil {
		return err
	}
	folder := filepath.Join(out, d.Date)
	if err := errors.Join(os.MkdirAll(folder, 0o750), os.WriteFile(filepath.Join(folder, dataFile), encoded, 0o600)); err != nil {
		return err
	}
	days, err := earlier(out)
	if err != nil {
		return err
	}
	for _, place := range []struct{ folder, data, days string }{{out, d.Date + "/", ""}, {folder, "", "../"}} {
		var page bytes.Buffer
		err := pageTemplate.Execute(&page, view{day: d, Days: days, Data: place.data, Up: place.days})
		if err := errors.Join(err, os.WriteFile(filepath.Join(place.folder, "index.html"), page.Bytes(), 0o600)); err != nil {
			return err
		}
	}
	return nil
}

// earlier are all days that there are, the newest first.
func earlier(out string) ([]day, error) {
	paths, err := filepath.Glob(filepath.Join(out, "*", dataFile))
	if err != nil {
		return nil, err
	}
	var days []day
	for _, path := range paths {
		text, err := os.ReadFile(path) //nolint:gosec // written by us
		if err != nil {
			return nil, err
		}
		var d day
		if err := json.Unmarshal(text, &d); err != nil {
			d = day{Date: filepath.Base(filepath.Dir(path)), Verdict: "its data cannot be read: " + err.Error()}
		}
		days = append(days, d)
	}
	slices.SortFunc(days, func(a, b day) int { return cmp.Compare(b.Date, a.Date) })
	return days, nil
}
