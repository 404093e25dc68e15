//go:build unix

package sandbox

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// soon is how long a test waits for what takes a moment.
const soon = 30 * time.Second

// fakePlaybook is an ansible-playbook that does what the playbook, a shell script here, says. $variables names the file
// of the extra vars, and tell writes an event as the callback plugin does.
const fakePlaybook = `#!/bin/sh
tell() { printf '\036%s\n' "$1"; }
arguments="$*"
while [ $# -gt 1 ]; do
  case $1 in -e) variables=${2#@} ;; esac
  shift
done
. "$PWD/$1"
`

// processSandbox is a sandbox whose one template runs the script in place of a playbook.
func processSandbox(t *testing.T, script string, template Template) *Sandbox {
	t.Helper()
	dir := t.TempDir()
	command := filepath.Join(dir, "fake-ansible-playbook")
	write(t, command, fakePlaybook, 0o700)
	write(t, filepath.Join(dir, "site.yml"), script, 0o600)
	s := New(Options{SchedulerTick: time.Millisecond, Playbooks: Playbooks{Dir: dir, Command: command, Grace: 100 * time.Millisecond}})
	t.Cleanup(s.Close)
	template.Name, template.AsksVariables = "site", true
	s.AddTemplate(template)
	return s
}

func write(t *testing.T, name, content string, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(name, []byte(content), mode); err != nil {
		t.Fatal(err)
	}
}

func waitForStatus(t *testing.T, s *Sandbox, id int64, status string) Job {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), soon)
	defer cancel()
	job, err := s.WaitForJob(ctx, func(j Job) bool { return j.ID == id && j.Status == status })
	if err != nil {
		t.Fatalf("job %d did not become %s: %+v", id, status, s.Jobs())
	}
	return job
}

// answered is what the API answers at the path.
func answered(t *testing.T, s *Sandbox, path string) map[string]any {
	t.Helper()
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, s.APIPath()+path, nil)
	request.Header.Set("Authorization", "Bearer "+s.Token())
	recorder := httptest.NewRecorder()
	s.ServeHTTP(recorder, request)
	var body map[string]any
	if err := json.Unmarshal(recorder.Body.Bytes(), &body); err != nil {
		t.Fatalf("%s: %v: %s", path, err, recorder.Body)
	}
	return body
}

// lastingUntilTold waits for the file "go" beside the playbook, and has written "begun" before.
const lastingUntilTold = `touch begun; until [ -e go ]; do sleep 0.02; done`

func begun(t *testing.T, s *Sandbox) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), soon)
	defer cancel()
	err := s.wait(ctx, func() bool {
		_, err := os.Stat(filepath.Join(s.options.Playbooks.Dir, "begun"))
		return err == nil
	})
	if err != nil {
		t.Fatal("the process did not begin")
	}
}

func TestProcessDecidesTheJobsLife(t *testing.T) {
	s := processSandbox(t, lastingUntilTold, Template{})
	id := s.LaunchByHand("site", `{}`, "admin")
	if status := s.Jobs()[0].Status; status != statusPending {
		t.Errorf("a new job is %s, want pending", status)
	}
	begun(t, s)
	if j := s.Jobs()[0]; j.Status != statusRunning || !j.Active() {
		t.Errorf("a job whose process runs is %+v, want running", j)
	}
	write(t, filepath.Join(s.options.Playbooks.Dir, "go"), "", 0o600)
	if j := waitForStatus(t, s, id, statusSuccessful); j.Finished.Before(j.Started) {
		t.Errorf("finished %s before it started %s", j.Finished, j.Started)
	}
}

func TestProcessThatFailsFailsTheJob(t *testing.T) {
	s := processSandbox(t, "echo 'ERROR! no such thing'; exit 4", Template{})
	id := s.LaunchByHand("site", `{}`, "admin")
	waitForStatus(t, s, id, statusFailed)
	if out := output(t, s, id); out != "ERROR! no such thing\n" {
		t.Errorf("stdout is %q", out)
	}
}

func TestProcessThatCannotStartIsAnError(t *testing.T) {
	s := processSandbox(t, "", Template{Playbook: "../elsewhere.yml"})
	id := s.LaunchByHand("site", `{}`, "admin")
	waitForStatus(t, s, id, statusError)
	if traceback, _ := answered(t, s, "jobs/1/")["result_traceback"].(string); !strings.Contains(traceback, "../elsewhere.yml") {
		t.Errorf("result_traceback is %q", traceback)
	}
}

func TestProcessGetsExtraVarsInAFileOfItsOwn(t *testing.T) {
	s := processSandbox(t, `cp "$variables" seen; stat -c %a "$variables" > mode || stat -f %Lp "$variables" > mode
		echo "$variables" > name; echo "$arguments" > arguments`,
		Template{ExtraVars: `{"greeting": "{{ own }}"}`, AsksLimit: true})
	id := s.LaunchByHand("site", `{"secret": "s3cret {{ x }}", "n": [1, null, {"deep": "y"}]}`, "admin")
	waitForStatus(t, s, id, statusSuccessful)
	seen := func(name string) string {
		content, err := os.ReadFile(filepath.Join(s.options.Playbooks.Dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(string(content))
	}
	want := `{"greeting":"{{ own }}","secret":{"__ansible_unsafe":"s3cret {{ x }}"},"n":[1,null,{"deep":{"__ansible_unsafe":"y"}}]}`
	if got := seen("seen"); got != want {
		t.Errorf("the extra vars were\n%s\nwant\n%s", got, want)
	}
	if mode := seen("mode"); mode != "600" {
		t.Errorf("the file's mode was %s", mode)
	}
	if strings.Contains(seen("arguments"), "s3cret") {
		t.Errorf("a secret is on the command line: %s", seen("arguments"))
	}
	if _, err := os.Stat(seen("name")); !os.IsNotExist(err) {
		t.Errorf("the file of the extra vars is still there: %v", err)
	}
}

func TestProcessesOfATemplateWaitForEachOther(t *testing.T) {
	s := processSandbox(t, lastingUntilTold, Template{})
	first, second := s.LaunchByHand("site", `{}`, "admin"), s.LaunchByHand("site", `{}`, "admin")
	begun(t, s)
	if j := s.Jobs()[1]; j.Status != statusPending {
		t.Errorf("the second job is %s while the first runs, want pending", j.Status)
	}
	write(t, filepath.Join(s.options.Playbooks.Dir, "go"), "", 0o600)
	ended := waitForStatus(t, s, first, statusSuccessful)
	if j := waitForStatus(t, s, second, statusSuccessful); j.Started.Before(ended.Finished) {
		t.Errorf("the second job started at %s, before the first ended at %s", j.Started, ended.Finished)
	}
}

func TestProcessesOfASimultaneousTemplateRunAtOnce(t *testing.T) {
	// Each waits until there are two.
	s := processSandbox(t, `touch "begun-$$"; until [ "$(ls begun-* | wc -l)" -ge 2 ]; do sleep 0.02; done`,
		Template{AllowSimultaneous: true})
	first, second := s.LaunchByHand("site", `{}`, "admin"), s.LaunchByHand("site", `{}`, "admin")
	waitForStatus(t, s, first, statusSuccessful)
	waitForStatus(t, s, second, statusSuccessful)
}

func TestProcessRunsAsNodeOfAWorkflow(t *testing.T) {
	s := processSandbox(t, "true", Template{})
	s.AddTemplate(Template{Name: "flow", Workflow: true, Nodes: []Node{{Template: "site"}, {Identifier: "again", Template: "site"}}})
	id := s.LaunchByHand("flow", `{}`, "admin")
	waitForStatus(t, s, id, statusSuccessful)
	if jobs := s.Jobs(); len(jobs) != 3 || jobs[1].Workflow != id || jobs[2].Started.Before(jobs[1].Finished) {
		t.Errorf("jobs are %+v", jobs)
	}
}
