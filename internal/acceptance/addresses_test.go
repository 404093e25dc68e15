package acceptance

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
)

// addressFlow changes the addresses at which machines stand.
type addressFlow struct {
	// scenario is the id of the one that it belongs to, and name says what is done.
	scenario, name string
	// before is the configuration that is applied first, and after the one that is planned then.
	before, after string
	// between is what happens after the first apply.
	between func(w *workspace)
	// command is the run of Terraform that is looked at; an apply where there is none.
	command []string
	// says is what the refusal says; without, the command must succeed.
	says []string
	// unseen is set for what no plan can see: the command may succeed or fail, with any number of jobs, as long as the
	// machines are there. open is set where there is work to do in the end, and unmade where there is nothing to begin with.
	unseen, open, unmade bool
	// names are the machines that there are in the end: "a", unless others are named; keeps are some that there must be.
	names, keeps []string
	// jobs are how many more there may be in the end than before the command, which launches none if it is refused.
	jobs int
}

// machine is a resource with a name, and with what else is in its block.
func machine(address, name string, more ...string) string {
	return fmt.Sprintf("resource \"osac_compute_instance\" %q {\n  name       = %s\n  cores      = 2\n  memory_gib = 4\n%s\n}\n",
		address, name, strings.Join(more, "\n"))
}

const (
	createFirst = "  lifecycle {\n    create_before_destroy = true\n  }"
	removeFirst = "removed {\n  from = osac_compute_instance.first\n  lifecycle {\n    destroy = false\n  }\n}\n"
	importThen  = "import {\n  to = osac_compute_instance.second\n  id = \"acceptance/a\"\n}\n"
	moveToThen  = "moved {\n  from = osac_compute_instance.first\n  to   = osac_compute_instance.second\n}\n"
	byCount     = "  count = length(local.names)"
	byKey       = "  for_each = toset(local.names)"
)

func listOf(names ...string) string {
	return fmt.Sprintf("locals {\n  names = [%s]\n}\n", "\""+strings.Join(names, "\", \"")+"\"")
}

// run runs the flow. At a real controller the machines' names are the flow's own.
func (f addressFlow) run(t *testing.T) {
	t.Parallel()
	site := StartAdministered(t, func(o *sandbox.Options) { o.JobDuration, o.SchedulerTick = 20*time.Millisecond, 20*time.Millisecond })
	suffix := ""
	if site.simulated == nil {
		suffix = "-" + strings.ToLower(rand.Text()[:6])
	}
	var named []string
	for _, name := range []string{"a", "b", "c"} {
		own := name + suffix
		site.instances = append(site.instances, own)
		named = append(named, `"`+name+`"`, `"`+own+`"`, "acceptance/"+name+`"`, "acceptance/"+own+`"`)
	}
	rename := strings.NewReplacer(named...)
	w := site.workspace("addresses.tf", nil)
	w.write("machines.tf", rename.Replace(f.before))
	if !f.unmade {
		w.apply()
	}
	if f.between != nil {
		f.between(w)
	}
	w.write("machines.tf", rename.Replace(f.after))
	before, _ := site.machines()
	command := f.command
	if command == nil {
		command = applyWith()
	}
	done := w.run(command...)
	switch {
	case f.unseen:
		done.says(f.says...)
	case f.says == nil:
		done.want(0)
	default:
		done.want(1).says(f.says...)
	}
	after, exist := site.machines()
	if launched := after - before; launched != f.jobs && !f.unseen {
		t.Errorf("%d jobs were launched, want %d", launched, f.jobs)
	}
	if done.exit == 0 && command[0] == "apply" && !f.open {
		w.wantNoWork()
		w.wantUnion(exist)
	}
	f.wantMachines(t, exist, suffix)
}

// wantMachines checks the machines that there are in the end, whose names end so.
func (f addressFlow) wantMachines(t *testing.T, exist []string, suffix string) {
	t.Helper()
	names := slices.Clone(f.names)
	if names == nil && f.keeps == nil {
		names = []string{"a"}
	}
	for i, name := range names {
		names[i] = name + suffix
	}
	if f.keeps == nil && !slices.Equal(exist, names) {
		t.Errorf("the machines are %q, want %q", exist, names)
	}
	for _, name := range f.keeps {
		if !slices.Contains(exist, name+suffix) {
			t.Errorf("the machines are %q: %s is gone", exist, name)
		}
	}
}

// wantUnion checks that the state holds just the machines that there are.
func (w *workspace) wantUnion(exist []string) {
	w.t.Helper()
	held := []string{}
	for _, each := range (&party{workspace: w}).holds() {
		held = append(held, each.name)
	}
	slices.Sort(held)
	if !slices.Equal(held, exist) {
		w.t.Errorf("the state holds %q, and there are %q", held, exist)
	}
}

// machines returns how many jobs the site's instances have had, and the names of those that there are by them.
func (s *Site) machines() (int, []string) {
	s.t.Helper()
	count, last := 0, map[string]string{}
	for _, name := range s.instances {
		for _, each := range s.jobsOf(name) {
			count++
			if each.status == "successful" {
				last[each.resource(s.t).Metadata.Namespace+"/"+name] = each.verb()
			}
		}
	}
	exist := []string{}
	for id, verb := range last {
		if _, name, _ := strings.Cut(id, "/"); verb == "create" {
			exist = append(exist, name)
		}
	}
	slices.Sort(exist)
	return count, exist
}

// copyInState writes the instance at an address into the state file at another one, too.
func (w *workspace) copyInState(from, to string) {
	w.t.Helper()
	path := filepath.Join(w.directory, "terraform.tfstate")
	content, err := os.ReadFile(path)
	if err != nil {
		w.t.Fatal(err)
	}
	state := decode[map[string]any](w.t, string(content))
	resources, _ := state["resources"].([]any)
	for _, each := range resources {
		if original, _ := each.(map[string]any); original["name"] == from {
			copied := decode[map[string]any](w.t, encode(w.t, original))
			copied["name"] = to
			state["resources"] = append(resources, copied)
		}
	}
	w.write("terraform.tfstate", encode(w.t, state))
}

func encode(t *testing.T, value any) string {
	t.Helper()
	encoded, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(encoded)
}

// deletedByHand has somebody run the delete template for the machine.
func deletedByHand(w *workspace) {
	name := w.site.instances[0]
	w.site.operator.launch(deleteTemplate, w.site.jobsOf(name)[0].extraVars)
	w.site.awaitEnd(name)
}

// inModule moves a block into a module.
func inModule(w *workspace) {
	if err := os.Mkdir(filepath.Join(w.directory, "inner"), 0o700); err != nil {
		w.t.Fatal(err)
	}
	w.write("inner/main.tf", "terraform {\n  required_providers {\n    osac = {\n      source = \"osac-project/osac\"\n    }\n  }\n}\n"+machine("first", `"`+w.site.instances[0]+`"`))
	w.write("machines.tf", inner)
	w.run("get", "-no-color").want(0)
}

// targeted applies the new address alone, whatever comes of it.
func targeted(w *workspace) {
	w.write("machines.tf", machine("second", `"`+w.site.instances[0]+`"`))
	w.tryApply("-target=osac_compute_instance.second")
}

func forgotten(w *workspace) { w.run("state", "rm", "osac_compute_instance.first").want(0) }

func tainted(w *workspace) { w.run("taint", "osac_compute_instance.first").want(0) }

// imported leaves an object without private data in state.
func imported(w *workspace) {
	forgotten(w)
	w.run("import", "-no-color", "osac_compute_instance.first", "acceptance/"+w.site.instances[0]).want(0)
}
