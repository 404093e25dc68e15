package acceptance

import (
	"fmt"
	"strings"
	"testing"
)

// addressFlows is the table of all that changes at which addresses machines stand: in one block, in several, in lists, and
// in what comes after a run that has failed. What one process can see in a plan is refused there, and no job runs; what
// it can't see never ends with 0 and a machine that is gone.
func addressFlows() []addressFlow {
	var all []addressFlow
	for scenario, flows := range map[string][]addressFlow{"S1": changedAddresses(), "S2": shiftedLists(), "S3": namesTwice()} {
		for _, each := range flows {
			each.scenario = scenario
			all = append(all, each)
		}
	}
	return all
}

// TestFlows_complete holds the table to its size, and its names to being names.
func TestFlows_complete(t *testing.T) {
	t.Parallel()
	const least = 36
	seen := map[string]bool{}
	for _, each := range addressFlows() {
		if seen[each.scenario+each.name] {
			t.Errorf("%s has two flows %q", each.scenario, each.name)
		}
		seen[each.scenario+each.name] = true
	}
	if len(seen) < least {
		t.Errorf("the table has %d flows, want %d at least", len(seen), least)
	}
}

// runFlows runs those of a scenario.
func runFlows(t *testing.T, scenario string) {
	for _, each := range addressFlows() {
		if each.scenario == scenario {
			t.Run(each.name, each.run)
		}
	}
}

// TestAccS1_addressChanged gives machines other addresses.
func TestAccS1_addressChanged(t *testing.T) { t.Parallel(); runFlows(t, "S1") }

// TestAccS2_shiftedList removes the first of a list, and swaps names.
func TestAccS2_shiftedList(t *testing.T) { t.Parallel(); runFlows(t, "S2") }

// TestAccS3_oneNameTwice has two resources of one name.
func TestAccS3_oneNameTwice(t *testing.T) { t.Parallel(); runFlows(t, "S3") }

const replaceFirst = "-replace=" + resourceType + ".first"

func changedAddresses() []addressFlow {
	first, second := machine("first", `"a"`), machine("second", `"a"`)
	replacedFirst, skipping := machine("first", `"a"`, createFirst), machine("first", `"a"`, "  skip_destroy = true")
	refused, three := []string{"acceptance/a", "moved", "-refresh=false"}, []string{"a", "b", "c"}
	counted, keyed := listOf(three...)+machine("m", "local.names[count.index]", byCount), listOf(three...)+machine("m", "each.key", byKey)
	return []addressFlow{
		{name: "renamed", before: first, after: second, says: refused},
		{name: "renamed, one at a time", before: first, after: second, command: applyWith("-parallelism=1"), says: refused},
		{name: "renamed, without refresh", before: first, after: second, command: applyWith("-refresh=false"), says: refused},
		{name: "renamed, by a saved plan", before: first, between: renamedInPlan, after: second, command: []string{"apply", "-no-color", "plan.tfplan"}, says: []string{"plan"}},
		{name: "renamed, then destroyed", before: first, after: second, command: destroyWith(), says: refused},
		{name: "destroyed as it says", before: first, after: second, command: destroyWith("-refresh=false"), jobs: 1, names: []string{}},
		{name: "renamed, refreshed only", before: first, after: second, command: applyWith("-refresh-only"), open: true},
		{name: "count to for_each", before: counted, after: keyed, says: []string{"acceptance/a", "acceptance/b", "acceptance/c", "moved"}, names: three},
		{name: "count to for_each, moved", before: counted, after: keyed + movedToKeys(three...), names: three},
		{name: "into a module", before: first, between: inModule, after: inner, says: refused},
		{name: "into a module, moved", before: first, between: inModule, after: inner + movedBlockTo("module.inner.osac_compute_instance.first")},
		{name: "imported, not removed", before: first, after: second + importThen, says: append(refused, "terraform state rm")},
		{name: "copy removed", before: first, between: copied, after: first, says: append(refused, "terraform state rm")},
		{name: "-target, then all", before: first, between: targeted, after: second, says: []string{"acceptance/a"}},
		{name: "moved", before: first, after: second + moveToThen},
		{name: "removed and imported", before: first, after: second + removeFirst + importThen},
		{name: "state rm and created", before: first, between: forgotten, after: second, command: []string{"plan", "-no-color"}},
		{name: "gone and renamed", before: first, between: deletedByHand, after: second, jobs: 1},
		{name: "gone, without refresh", before: first, between: deletedByHand, after: second, command: []string{"plan", "-no-color", "-refresh=false"}, names: []string{}},
		{name: "-replace", before: first, after: first, command: applyWith(replaceFirst), jobs: 2},
		{name: "-replace of an import", before: first, between: imported, after: first, command: applyWith(replaceFirst), jobs: 2},
		{name: "-replace, by a saved plan", before: first, between: replacedInPlan, after: first, command: []string{"apply", "-no-color", "plan.tfplan"}, jobs: 2},
		{name: "-replace, created first", before: replacedFirst, after: replacedFirst, command: applyWith(replaceFirst), says: []string{"made by this same run"}, jobs: 1},
		{name: "tainted", before: first, between: tainted, after: first, jobs: 2},
		{name: "tainted, created first", before: replacedFirst, between: tainted, after: replacedFirst, says: []string{"made by this same run"}, jobs: 1},
		{name: "tainted and renamed, another takes the name", before: first, between: tainted, after: machine("first", `"b"`) + second, unseen: true, keeps: []string{"a"}},
		{name: "deposed, of its name", before: replacedFirst, between: deposed, after: replacedFirst, unseen: true},
		{name: "new name", before: first, after: machine("first", `"b"`), jobs: 2, names: []string{"b"}},
		{name: "new name, created first", before: replacedFirst, after: machine("first", `"b"`, createFirst), jobs: 2, names: []string{"b"}},
		{name: "to another alias", before: first, after: machine("second", `"a"`, again), unseen: true},
		{name: "to another alias, with a dependent", before: first + dependent("first"), after: machine("second", `"a"`, again) + dependent("second"), unseen: true},
		{name: "skip_destroy, and renamed", before: skipping, after: second, command: []string{"plan", "-no-color"}},
		{name: "skip_destroy, and -replace", before: skipping, after: skipping, command: applyWith(replaceFirst), says: []string{"acceptance/a", "skip_destroy"}},
	}
}

func shiftedLists() []addressFlow {
	three, refused := []string{"a", "b", "c"}, []string{"acceptance/b", "for_each"}
	counted := machine("m", "local.names[count.index]", byCount)
	countedFirst := machine("m", "local.names[count.index]", byCount, createFirst)
	two := func(a, b string, more ...string) string {
		return machine("first", `"`+a+`"`, more...) + machine("second", `"`+b+`"`, more...)
	}
	return []addressFlow{
		{name: "first removed", before: listOf(three...) + counted, after: listOf("b", "c") + counted, says: refused, names: three},
		{name: "first removed, one at a time", before: listOf(three...) + counted, after: listOf("b", "c") + counted, command: applyWith("-parallelism=1"), says: refused, names: three},
		{name: "first removed, the others first", before: listOf(three...) + countedFirst, after: listOf("b", "c") + countedFirst, says: refused, names: three},
		{name: "last removed", before: listOf(three...) + counted, after: listOf("a", "b") + counted, jobs: 1, names: []string{"a", "b"}},
		{name: "swapped", before: two("a", "b"), after: two("b", "a"), says: []string{"acceptance/a", "for_each"}, names: []string{"a", "b"}},
		{name: "swapped, the others first", before: two("a", "b", createFirst), after: two("b", "a", createFirst), says: []string{"acceptance/a", "for_each"}, names: []string{"a", "b"}},
		{name: "renamed to one that is destroyed", before: two("a", "b"), after: machine("first", `"b"`), says: refused, names: []string{"a", "b"}},
	}
}

func namesTwice() []addressFlow {
	first, second := machine("first", `"a"`), machine("second", `"a"`)
	shared := []string{"acceptance/a", "Two resources have the same instance", "terraform state rm"}
	return []addressFlow{
		{name: "copied at once", before: first + second, after: first + second, says: shared, names: []string{}, unmade: true},
		{name: "copied later", before: first, after: first + second, says: shared},
		{name: "copied later, without refresh", before: first, after: first + second, command: applyWith("-refresh=false"), says: shared},
		{name: "copied, and in state twice", before: first, between: copied, after: first + second, says: shared},
		{name: "imported by the copy", before: first, after: first + second + importThen, says: shared},
		{name: "renamed to the other", before: first + machine("second", `"b"`), after: first + second, says: shared, names: []string{"a", "b"}},
		{name: "another namespace", before: first, after: first + machine("second", `"a"`, `  namespace = "other"`), jobs: 1, names: []string{"a", "a"}},
		{name: "copy dropped from state", before: first, between: func(w *workspace) { copied(w); w.run("state", "rm", resourceType+".second").want(0) }, after: first},
	}
}

const (
	inner = "module \"inner\" {\n  source = \"./inner\"\n}\n"
	again = "  provider = osac.again"
)

// dependent is a resource that depends on a machine: it is destroyed before that, and made after it.
func dependent(on string) string {
	return fmt.Sprintf("resource \"terraform_data\" \"of_%s\" {\n  input = %s.%[1]s.id\n}\n", on, resourceType)
}

func movedToKeys(names ...string) string {
	var blocks strings.Builder
	for i, name := range names {
		blocks.WriteString(movedBlock(fmt.Sprintf("m[%d]", i), fmt.Sprintf("m[%q]", name)))
	}
	return blocks.String()
}

func movedBlockTo(address string) string {
	return fmt.Sprintf("moved {\n  from = %s.first\n  to   = %s\n}\n", resourceType, address)
}

func copied(w *workspace) { w.copyInState("first", "second") }

// renamedInPlan writes the refused plan of the rename into a file: it is not to be had.
func renamedInPlan(w *workspace) {
	w.write("machines.tf", machine("second", `"`+w.site.instances[0]+`"`))
	w.run("plan", "-no-color", "-out=plan.tfplan").want(1).says("acceptance/"+w.site.instances[0], "moved")
}

func replacedInPlan(w *workspace) {
	w.run("plan", "-no-color", "-out=plan.tfplan", replaceFirst).want(0)
}

// deposed replaces the machine under its name, created first: it leaves the object behind that it has replaced.
func deposed(w *workspace) { w.tryApply(replaceFirst).want(1) }
