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
	// before is the configuration that is applied first, and after the one that is planned then.
	before, after string
	// between is what happens after the first apply.
	between func(w *workspace)
	// command is the run of Terraform that is looked at; an apply where there is none.
	command []string
	// says is what the refusal says; without, the command must succeed.
	says []string
	// names are the machines that there are in the end: "a", unless others are named.
	names []string
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
	w.apply()
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
	if f.says == nil {
		done.want(0)
	} else {
		done.want(1).says(f.says...)
	}
	after, exist := site.machines()
	if after-before != f.jobs {
		t.Errorf("%d jobs were launched, want %d", after-before, f.jobs)
	}
	names := slices.Clone(f.names)
	if names == nil {
		names = []string{"a"}
	}
	for i, name := range names {
		names[i] = name + suffix
	}
	if !slices.Equal(exist, names) {
		t.Errorf("the machines are %q, want %q", exist, names)
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
	w.write("machines.tf", "module \"inner\" {\n  source = \"./inner\"\n}\n")
	w.run("get", "-no-color").want(0)
}

// TestAccS1_addressChanged gives machines other addresses.
func TestAccS1_addressChanged(t *testing.T) {
	t.Parallel()
	first, second := machine("first", `"a"`), machine("second", `"a"`)
	refused := []string{"acceptance/a", "moved", "-refresh=false"}
	three := []string{"a", "b", "c"}
	for name, flow := range map[string]addressFlow{
		"renamed":                   {before: first, after: second, says: refused},
		"renamed, one at a time":    {before: first, after: second, command: applyWith("-parallelism=1"), says: refused},
		"renamed, without refresh":  {before: first, after: second, command: applyWith("-refresh=false"), says: refused},
		"renamed, then destroyed":   {before: first, after: second, command: []string{"destroy", "-auto-approve", "-no-color"}, says: refused},
		"destroyed as it says":      {before: first, after: second, command: []string{"destroy", "-auto-approve", "-no-color", "-refresh=false"}, jobs: 1, names: []string{}},
		"count to for_each":         {before: listOf(three...) + machine("m", "local.names[count.index]", byCount), after: listOf(three...) + machine("m", "each.key", byKey), says: []string{"acceptance/a", "acceptance/b", "acceptance/c", "moved"}, names: three},
		"into a module":             {before: first, between: inModule, after: "module \"inner\" {\n  source = \"./inner\"\n}\n", says: refused},
		"imported, not removed":     {before: first, after: second + importThen, says: append(refused, "terraform state rm")},
		"copy removed":              {before: first, between: func(w *workspace) { w.copyInState("first", "second") }, after: first, says: append(refused, "terraform state rm")},
		"-target, then all":         {before: first, between: targeted, after: second, says: []string{"acceptance/a"}},
		"moved":                     {before: first, after: second + moveToThen},
		"removed and imported":      {before: first, after: second + removeFirst + importThen},
		"state rm and created":      {before: first, between: forgotten, after: second, command: []string{"plan", "-no-color"}},
		"gone and renamed":          {before: first, between: deletedByHand, after: second, jobs: 1},
		"gone, without refresh":     {before: first, between: deletedByHand, after: second, command: []string{"plan", "-no-color", "-refresh=false"}, names: []string{}},
		"-replace":                  {before: first, after: first, command: applyWith("-replace=osac_compute_instance.first"), jobs: 2},
		"-replace of an import":     {before: first, between: imported, after: first, command: applyWith("-replace=osac_compute_instance.first"), jobs: 2},
		"tainted":                   {before: first, between: tainted, after: first, jobs: 2},
		"new name":                  {before: first, after: machine("first", `"b"`), jobs: 2, names: []string{"b"}},
		"new name, created first":   {before: machine("first", `"a"`, createFirst), after: machine("first", `"b"`, createFirst), jobs: 2, names: []string{"b"}},
		"skip_destroy, and renamed": {before: machine("first", `"a"`, "  skip_destroy = true"), after: second, command: []string{"plan", "-no-color"}},
		"skip_destroy, and -replace": {
			before: machine("first", `"a"`, "  skip_destroy = true"), after: machine("first", `"a"`, "  skip_destroy = true"),
			command: applyWith("-replace=osac_compute_instance.first"), says: []string{"acceptance/a", "skip_destroy"},
		},
	} {
		t.Run(name, flow.run)
	}
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

// TestAccS2_shiftedList removes the first of a list, and swaps names.
func TestAccS2_shiftedList(t *testing.T) {
	t.Parallel()
	three := []string{"a", "b", "c"}
	counted := machine("m", "local.names[count.index]", byCount)
	countedFirst := machine("m", "local.names[count.index]", byCount, createFirst)
	for name, flow := range map[string]addressFlow{
		"first removed":                    {before: listOf(three...) + counted, after: listOf("b", "c") + counted, says: []string{"acceptance/b", "for_each"}, names: three},
		"first removed, one at a time":     {before: listOf(three...) + counted, after: listOf("b", "c") + counted, command: applyWith("-parallelism=1"), says: []string{"acceptance/b", "for_each"}, names: three},
		"first removed, the others first":  {before: listOf(three...) + countedFirst, after: listOf("b", "c") + countedFirst, says: []string{"acceptance/b", "for_each"}, names: three},
		"last removed":                     {before: listOf(three...) + counted, after: listOf("a", "b") + counted, jobs: 1, names: []string{"a", "b"}},
		"swapped":                          {before: machine("first", `"a"`) + machine("second", `"b"`), after: machine("first", `"b"`) + machine("second", `"a"`), says: []string{"acceptance/a", "for_each"}, names: []string{"a", "b"}},
		"swapped, the others first":        {before: machine("first", `"a"`, createFirst) + machine("second", `"b"`, createFirst), after: machine("first", `"b"`, createFirst) + machine("second", `"a"`, createFirst), says: []string{"acceptance/a", "for_each"}, names: []string{"a", "b"}},
		"renamed to one that is destroyed": {before: machine("first", `"a"`) + machine("second", `"b"`), after: machine("first", `"b"`), says: []string{"acceptance/b", "for_each"}, names: []string{"a", "b"}},
	} {
		t.Run(name, flow.run)
	}
}

// TestAccS3_oneNameTwice has two resources of one name.
func TestAccS3_oneNameTwice(t *testing.T) {
	t.Parallel()
	first, second := machine("first", `"a"`), machine("second", `"a"`)
	shared := []string{"acceptance/a", "Two resources have the same instance", "terraform state rm"}
	for name, flow := range map[string]addressFlow{
		"copied at once":                {after: first + second, says: shared, names: []string{}},
		"copied later":                  {before: first, after: first + second, says: shared},
		"copied later, without refresh": {before: first, after: first + second, command: applyWith("-refresh=false"), says: shared},
		"copied, and in state twice":    {before: first, between: func(w *workspace) { w.copyInState("first", "second") }, after: first + second, says: shared},
		"imported by the copy":          {before: first, after: first + second + importThen, says: shared},
		"renamed to the other":          {before: first + machine("second", `"b"`), after: first + second, says: shared, names: []string{"a", "b"}},
		"another namespace":             {before: first, after: first + machine("second", `"a"`, `  namespace = "other"`), jobs: 1, names: []string{"a", "a"}},
		"copy dropped from state": {
			before: first, between: func(w *workspace) {
				w.copyInState("first", "second")
				w.run("state", "rm", "osac_compute_instance.second").want(0)
			}, after: first,
		},
	} {
		t.Run(name, flow.run)
	}
}
