//go:build unix

package sandbox

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// pids reads the numbers that the script has written into the file.
func pids(t *testing.T, s *Sandbox) []int {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(s.options.Playbooks.Dir, "pids"))
	if err != nil {
		t.Fatal(err)
	}
	var found []int
	for word := range strings.FieldsSeq(string(content)) {
		pid, err := strconv.Atoi(word)
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, pid)
	}
	return found
}

// gone fails if one of the processes still runs; a zombie, which nobody has waited for, does not.
func gone(t *testing.T, processes []int) {
	t.Helper()
	for _, pid := range processes {
		status, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
		if err == nil && !strings.Contains(string(status), ") Z ") || err != nil && syscall.Kill(pid, 0) == nil {
			t.Errorf("process %d is left: %s", pid, status)
		}
	}
}

func TestCancelInterruptsTheProcess(t *testing.T) {
	s := processSandbox(t, `trap 'echo stopped; exit 99' INT; echo $$ > pids; `+lastingUntilTold, Template{})
	id := s.LaunchByHand("site", `{}`, "admin")
	begun(t, s)
	s.CancelByHand(id)
	j := waitForStatus(t, s, id, statusCanceled)
	if j.CanceledOn.IsZero() || j.Finished.Before(j.CanceledOn) {
		t.Errorf("canceled on %s, finished %s", j.CanceledOn, j.Finished)
	}
	gone(t, pids(t, s))
	if out := output(t, s, id); out != "stopped\n" {
		t.Errorf("stdout is %q", out)
	}
}

func TestCancelKillsAProcessThatIgnoresIt(t *testing.T) {
	s := processSandbox(t, `trap '' INT; (trap '' INT; sleep 600) & echo $$ $! > pids; touch begun; sleep 600`, Template{})
	id := s.LaunchByHand("site", `{}`, "admin")
	begun(t, s)
	s.CancelByHand(id)
	waitForStatus(t, s, id, statusCanceled)
	gone(t, pids(t, s))
}

func TestCancelBeforeTheStartStartsNothing(t *testing.T) {
	s := processSandbox(t, "touch begun", Template{})
	id := s.LaunchByHand("site", `{}`, "admin")
	s.CancelByHand(id)
	waitForStatus(t, s, id, statusCanceled)
	s.Close()
	if _, err := os.Stat(filepath.Join(s.options.Playbooks.Dir, "begun")); !os.IsNotExist(err) {
		t.Errorf("a canceled job's process ran: %v", err)
	}
}

func TestACancelThatComesTooLateChangesNothing(t *testing.T) {
	s := processSandbox(t, `trap 'exit 0' INT; `+lastingUntilTold, Template{})
	id := s.LaunchByHand("site", `{}`, "admin")
	begun(t, s)
	s.CancelByHand(id)
	waitForStatus(t, s, id, statusSuccessful)
}

func TestCloseLeavesNoProcessAndNoFile(t *testing.T) {
	s := processSandbox(t, `trap '' INT TERM; (sleep 600) & echo $$ $! > pids; echo "$variables" > name; touch begun; sleep 600`,
		Template{})
	s.LaunchByHand("site", `{}`, "admin")
	begun(t, s)
	folder := s.runner.folder
	s.Close()
	gone(t, pids(t, s))
	if _, err := os.Stat(folder); !os.IsNotExist(err) {
		t.Errorf("%s is still there: %v", folder, err)
	}
	s.Close() // once is enough, twice does no harm
}

func TestWhatAProcessLeavesBehindIsEnded(t *testing.T) {
	if _, err := os.Stat("/proc/self/environ"); err != nil {
		t.Skip("processes outside the group are found by /proc only")
	}
	s := processSandbox(t, `setsid sleep 600 & echo $! > pids`, Template{})
	id := s.LaunchByHand("site", `{}`, "admin")
	waitForStatus(t, s, id, statusSuccessful)
	gone(t, pids(t, s))
}
