package acceptance

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"time"
)

// lasting is the length of jobs that are still active when Terraform has ended on a signal and has started once more.
func lasting() time.Duration { return slowed(8 * time.Second) }

// brief is the length of jobs that somebody has to see running, and that end soon afterwards.
func brief() time.Duration { return slowed(2 * time.Second) }

// patience bounds every wait for the controller or for Terraform: a test fails then, and never hangs.
var patience time.Duration

// slowed is a time on a machine that is so many times slower than a calm one.
func slowed(length time.Duration) time.Duration {
	return time.Duration(float64(length) * max(slowness, float64(recently.Load())/float64(busyStart)))
}

// slowness is how many times slower than a calm one this machine was at first, or the controller is.
var slowness = 1.0

// recently is how long Terraform and the provider took to start of late, while other tests ran: the longest start, which
// later ones let fade.
var recently atomic.Int64

const (
	// calmStart is how long Terraform and the provider take to start on a calm machine with two cores, with a margin.
	calmStart = 400 * time.Millisecond
	// busyStart is the same among the tests, on such a machine.
	busyStart = 1500 * time.Millisecond
	// slownessOfControllers is that of a real controller: a job takes some ten seconds to start there, and a launch and a
	// page of jobs take as long where there is much to do.
	slownessOfControllers = 10
)

// learnStart takes a start among the tests into account.
func learnStart(took time.Duration) {
	before := recently.Load()
	recently.CompareAndSwap(before, max(int64(took), before*9/10)) // whoever comes first is right
}

// measureStart finds the slowness: Terraform starts three times, and the slowest start counts. OSAC_ACC_SLOWNESS=4 says
// how slow the machine is in its place.
func measureStart() error {
	if os.Getenv("OSAC_ACC_URL") != "" {
		slowness = slownessOfControllers
	}
	given, err := strconv.ParseFloat(os.Getenv("OSAC_ACC_SLOWNESS"), 64)
	switch {
	case err == nil:
		slowness = max(1, given)
	case os.Getenv("TF_ACC") != "":
		start, err := slowestStart(3)
		if err != nil {
			return err
		}
		slowness = max(slowness, start.Seconds()/calmStart.Seconds())
	}
	patience = slowed(3 * time.Minute)
	return nil
}

// slowestStart lets Terraform check a configuration, for which it starts the provider.
func slowestStart(times int) (time.Duration, error) {
	terraform, err := terraformPath()
	if err != nil {
		return 0, err
	}
	config, err := cliConfigPath()
	if err != nil {
		return 0, err
	}
	directory := filepath.Join(scratch, "start")
	if err := os.CopyFS(directory, os.DirFS("testdata/start")); err != nil {
		return 0, err
	}
	var slowest time.Duration
	for range times {
		began := time.Now()
		command := exec.Command(terraform, "validate")
		command.Dir, command.Env = directory, append(os.Environ(), "TF_CLI_CONFIG_FILE="+config)
		if output, err := command.CombinedOutput(); err != nil {
			return 0, fmt.Errorf("starting Terraform: %w\n%s", err, output)
		}
		slowest = max(slowest, time.Since(began))
	}
	return slowest, nil
}
