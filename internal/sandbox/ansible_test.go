//go:build unix

package sandbox

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// ansibleSandbox is a sandbox whose template runs the playbook under the ansible-playbook of the environment.
func ansibleSandbox(t *testing.T, playbook string, template Template) *Sandbox {
	t.Helper()
	folder := os.Getenv("OSAC_ACC_ANSIBLE")
	if folder == "" {
		t.Skip("OSAC_ACC_ANSIBLE does not name the folder of ansible-playbook: `make test-eda` installs it and runs this test")
	}
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "site.yml"), playbook, 0o600)
	s := New(Options{Playbooks: Playbooks{Dir: dir, Command: filepath.Join(folder, "ansible-playbook")}})
	t.Cleanup(s.Close)
	template.Name, template.AsksVariables = "site", true
	s.AddTemplate(template)
	return s
}

// failingPlaybook has failures of each kind before the one that counts.
const failingPlaybook = `
- name: Failures
  hosts: localhost
  gather_facts: false
  tasks:
    - name: Ignored failure
      ansible.builtin.command: /bin/false
      ignore_errors: true
    - name: Rescued block
      block:
        - name: Rescued failure
          ansible.builtin.fail:
            msg: rescued
      rescue:
        - name: Secret failure
          ansible.builtin.fail:
            msg: "{{ secret }}"
          no_log: true
          ignore_errors: true
    - name: Several
      ansible.builtin.debug:
        msg: "{{ item }}"
      loop: [one, two]
    - name: Real failure
      ansible.builtin.fail:
        msg: "{{ reason }}"
`

// The events are compared with what a real AWX has recorded of such failures (251 to 253).
func TestAnsibleEventsAreLikeRecorded(t *testing.T) {
	s := ansibleSandbox(t, failingPlaybook, Template{})
	id := s.LaunchByHand("site", `{"reason": "no {{ evil }} quota", "secret": "s3cret"}`, "admin")
	waitForStatus(t, s, id, statusFailed)
	// Not that "s3cret" is missing: ansible-core 2.19 itself prints messages behind no_log in its [ERROR] lines.
	if out := output(t, s, id); !strings.Contains(out, `"msg": "no {{ evil }} quota"`) || !strings.Contains(out, "PLAY RECAP") {
		t.Errorf("stdout is %s", out)
	}
	rows, _ := answered(t, s, "jobs/1/job_events/?event=runner_on_failed&order_by=counter")["results"].([]any)
	if len(rows) != 4 {
		t.Fatalf("%d failures, want 4: %v", len(rows), rows)
	}
	var failed []bool
	for _, row := range rows {
		e, _ := row.(map[string]any)
		is, _ := e["failed"].(bool)
		failed = append(failed, is)
	}
	if !slices.Equal(failed, []bool{false, true, false, true}) { // ignored, rescued, ignored, the one that counts
		t.Errorf("failed is %v", failed)
	}
	hidden, _ := rows[2].(map[string]any)
	data, _ := hidden["event_data"].(map[string]any)
	if res, _ := data["res"].(map[string]any); res["censored"] == nil || res["msg"] != nil {
		t.Errorf("the hidden result is %v", res)
	}
	last, _ := rows[3].(map[string]any)
	data, _ = last["event_data"].(map[string]any)
	if res, _ := data["res"].(map[string]any); res["msg"] != "no {{ evil }} quota" || last["task"] != "Real failure" ||
		last["play"] != "Failures" || last["host_name"] != "localhost" {
		t.Errorf("the failure is %v", last)
	}
	recorded := []string{ // the keys of event_data in recording 242
		"duration", "end", "event_loop", "guid", "host", "ignore_errors", "play", "play_pattern", "play_uuid", "playbook",
		"playbook_uuid", "remote_addr", "res", "resolved_action", "start", "task", "task_action", "task_args", "task_path",
		"task_uuid", "uuid",
	}
	if keys := slices.Sorted(maps.Keys(data)); !slices.Equal(keys, recorded) {
		t.Errorf("event_data has %v, recorded is %v", keys, recorded)
	}
}

func TestAnsibleSyntaxErrorHasOnlyVerboseEvents(t *testing.T) {
	s := ansibleSandbox(t, "- hosts: localhost\n  tasks:\n    - ansible.builtin.nothing_like_it: {}\n", Template{})
	id := s.LaunchByHand("site", `{}`, "admin")
	waitForStatus(t, s, id, statusFailed)
	if out := output(t, s, id); !strings.Contains(out, "nothing_like_it") {
		t.Errorf("stdout is %s", out)
	}
	rows, _ := answered(t, s, "jobs/1/job_events/?event=verbose")["results"].([]any)
	if all, _ := answered(t, s, "jobs/1/job_events/")["count"].(float64); len(rows) == 0 || int(all) != len(rows) {
		t.Errorf("%d of %v events are verbose (recording 824: all)", len(rows), all)
	}
}

func TestAnsibleUnreachableHost(t *testing.T) {
	s := ansibleSandbox(t, `
- name: Far
  hosts: localhost
  gather_facts: false
  vars: {ansible_connection: ssh, ansible_host: 127.0.0.1, ansible_port: 9}
  tasks: [{name: Reach it, ansible.builtin.ping: }]
`, Template{})
	id := s.LaunchByHand("site", `{}`, "admin")
	waitForStatus(t, s, id, statusFailed)
	allIn(t, s, id)
	rows, _ := answered(t, s, "jobs/1/job_events/?event=runner_on_unreachable&failed=true")["results"].([]any)
	if len(rows) != 1 {
		t.Fatalf("unreachable are %v (recording 826)", rows)
	}
	if counts, _ := answered(t, s, "jobs/1/")["host_status_counts"].(map[string]any); counts["dark"] != 1.0 {
		t.Errorf("host_status_counts are %v", counts)
	}
}

func TestAnsibleCancelLeavesNoProcess(t *testing.T) {
	s := ansibleSandbox(t, `
- name: Long
  hosts: localhost
  gather_facts: false
  tasks:
    - name: Sleep
      ansible.builtin.shell: echo $$ > {{ playbook_dir }}/pids; touch {{ playbook_dir }}/begun; sleep 600
`, Template{})
	id := s.LaunchByHand("site", `{}`, "admin")
	begun(t, s)
	s.CancelByHand(id)
	waitForStatus(t, s, id, statusCanceled)
	gone(t, pids(t, s))
}

func TestAnsibleArtifacts(t *testing.T) {
	s := ansibleSandbox(t, `
- name: Facts
  hosts: localhost
  gather_facts: false
  tasks:
    - name: Report
      ansible.builtin.set_stats:
        data: {ip_address: 10.0.0.5, ports: [22, 443], asked: "{{ asked }}", own: "{{ own }}"}
        per_host: false
`, Template{ExtraVars: `{"own": "{{ 6 * 7 }}"}`})
	id := s.LaunchByHand("site", `{"asked": "ü \"{{ 6 * 7 }}\""}`, "admin")
	waitForStatus(t, s, id, statusSuccessful)
	artifacts, _ := answered(t, s, "jobs/1/")["artifacts"].(map[string]any)
	ports, _ := artifacts["ports"].([]any)
	if artifacts["ip_address"] != "10.0.0.5" || len(ports) != 2 || ports[1] != 443.0 {
		t.Errorf("artifacts are %v", artifacts)
	}
	if artifacts["asked"] != `ü "{{ 6 * 7 }}"` {
		t.Errorf("what a launch brings is no template, but asked is %q", artifacts["asked"])
	}
	if own := artifacts["own"]; own != 42.0 && own != "42" {
		t.Errorf("what the template has is one, but own is %q", own)
	}
}
