package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"
)

// experiment is what was found.
type experiment struct {
	Time      time.Time `json:"time"`
	Machine   string    `json:"machine"`
	Instances int       `json:"instances"`
	// Length is that of jobs in seconds, 15 % more or less.
	Length float64   `json:"length"`
	Seed   uint64    `json:"seed"`
	Arms   []outcome `json:"arms"`
}

// outcome is how it went with an arm.
type outcome struct {
	Name   string  `json:"name"`
	Title  string  `json:"title"`
	Phases []phase `json:"phases"`
}

// phase is an apply or a destroy. Times are seconds since the start of Terraform.
type phase struct {
	Verb  string  `json:"verb"`
	Wall  float64 `json:"wall"`
	Lives []life  `json:"lives"`
	// Ours and Rulebook are the requests to the controller, by kind.
	Ours     map[string]int `json:"ours"`
	Rulebook map[string]int `json:"rulebook"`
}

// life is an instance's job.
type life struct {
	Instance string `json:"instance"`
	Status   string `json:"status"`
	// Posted and Accepted are of its event; zero where the job was launched directly.
	Posted   float64 `json:"posted,omitempty"`
	Accepted float64 `json:"accepted,omitempty"`
	Created  float64 `json:"created"`
	// Seen is when the provider was first shown the job, Noticed its end.
	Seen     float64 `json:"seen"`
	Finished float64 `json:"finished"`
	Noticed  float64 `json:"noticed"`
	// Freed is when the rulebook was shown the end: then it takes the next event, or has a slot again.
	Freed float64 `json:"freed,omitempty"`
}

// asked is when the run was asked for: by its event, or by its launch.
func (l life) asked() float64 {
	if l.Posted > 0 {
		return l.Posted
	}
	return l.Created
}

const resultsFile = "experiment.json"

func (e experiment) write(folder string) error {
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return err
	}
	encoded, err := json.MarshalIndent(e, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, resultsFile), encoded, 0o600)
}

func readExperiment(path string) (experiment, error) {
	var e experiment
	text, err := os.ReadFile(path) //nolint:gosec // the user names it
	if err != nil {
		return e, err
	}
	return e, json.Unmarshal(text, &e)
}

// report prints the tables, and writes them and the plot.
func (e experiment) report(folder string) error {
	text := e.markdown()
	fmt.Print("\n", text)
	return errors.Join(
		os.MkdirAll(folder, 0o750),
		os.WriteFile(filepath.Join(folder, "experiment.md"), []byte(text), 0o600),
		os.WriteFile(filepath.Join(folder, plotFile), []byte(e.plot()), 0o600))
}

func machine() string {
	return fmt.Sprintf("%s/%s, %d CPUs", runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
}
