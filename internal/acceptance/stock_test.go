package acceptance

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
)

// stockCreatePlaybook is where OSAC's own create playbook is in its repository.
const stockCreatePlaybook = "osac-aap/playbook_osac_create_compute_instance.yml"

// stock lets the create template run OSAC's own playbook, so that a plan checks what that reads.
func (s *Site) stock() *Site {
	s.faults().SetTemplate(createTemplate, func(t *sandbox.Template) { t.Playbook = stockCreatePlaybook })
	return s
}

// wantStockPlaybooksContent gives the variables of the site's jobs to playbooks that assert what OSAC's own read without a
// default, in each of their ages, under a real ansible-playbook: each job is a host with these variables.
func (s *Site) wantStockPlaybooksContent(t *testing.T) {
	t.Helper()
	command := filepath.Join(programs(t), "ansible-playbook")
	hosts := map[string]map[string]any{}
	for _, each := range s.witness.jobs(t) {
		if hosts[each.verb()] == nil {
			hosts[each.verb()] = map[string]any{}
		}
		hosts[each.verb()][fmt.Sprintf("%s-of-job-%d", each.resource(t).Metadata.Name, each.id)] = each.vars(t)
	}
	for _, verb := range []string{"create", "delete"} {
		if len(hosts[verb]) == 0 {
			t.Fatalf("no %s job was launched", verb)
		}
		inventory := filepath.Join(t.TempDir(), "inventory.json")
		document, err := json.Marshal(map[string]any{"all": map[string]any{"hosts": hosts[verb]}})
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(inventory, document, 0o600); err != nil {
			t.Fatal(err)
		}
		for _, age := range []string{"newest", "2026-08", "2026-07"} {
			run := exec.CommandContext(t.Context(), command, "-i", inventory, filepath.Join(playbooks, "stock", verb+"-compute-instance.yml"), "--extra-vars", "age="+age)
			// A site of July whose disks are of another tier than default says so in the job's environment.
			run.Env = append(os.Environ(), "STORAGE_REQUESTED_TIER=local", "ANSIBLE_DISPLAY_OK_HOSTS=false", "ANSIBLE_DISPLAY_SKIPPED_HOSTS=false",
				"ANSIBLE_LOCALHOST_WARNING=false", "ANSIBLE_NOCOLOR=1", "ANSIBLE_FORKS=4")
			output, err := run.CombinedOutput()
			if checked := strings.Count(string(output), "failed=0"); err != nil || checked != len(hosts[verb]) {
				t.Errorf("%s, age %s: %d of %d jobs are given what is read, %v\n%s", verb, age, checked, len(hosts[verb]), err, output)
			} else {
				t.Logf("%s, age %s: %d jobs are given what is read", verb, age, checked)
			}
		}
	}
}
