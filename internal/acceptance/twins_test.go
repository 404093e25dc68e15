package acceptance

import (
	"slices"
	"testing"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
)

// racing are two runs of one instance, with states of their own.
type racing struct {
	site          *Site
	name          string
	first, second *workspace
}

func TestAccX29_twoRunsAtOnce(t *testing.T) {
	t.Parallel()
	t.Run("create and create", func(t *testing.T) { t.Parallel(); createAndCreate(t) })
	t.Run("update and update", func(t *testing.T) { t.Parallel(); updateAndUpdate(t) })
	t.Run("delete and delete", func(t *testing.T) { t.Parallel(); deleteAndDelete(t) })
	t.Run("update and delete", func(t *testing.T) { t.Parallel(); updateAndDelete(t) })
	t.Run("create and delete", func(t *testing.T) { t.Parallel(); createAndDelete(t) })
	t.Run("create and update", func(t *testing.T) { t.Parallel(); createAndUpdate(t) })
}

// race makes two workspaces for one instance. Both launches are held back, so that both runs have looked before.
func race(t *testing.T, attributes vars) *racing {
	t.Helper()
	site := StartSimulated(t)
	site.settling = 12 * time.Second // the settling step, the cancel, and as much again for a slow machine
	first, name := site.instance(attributes)
	return &racing{site, name, first, first.imported()}
}

// exists lets both runs know the instance.
func (r *racing) exists() *racing {
	r.first.apply()
	r.second.run("import", "-no-color", address, namespace+"/"+r.name).want(0)
	r.second.apply() // what an import can't read back
	r.site.awaitEnd(r.name)
	return r
}

// run starts both at the same moment, and returns how they ended.
func (r *racing) run(first, second []string) (result, result) {
	r.site.faults().Fault(sandbox.Fault{Method: "POST", Path: "launch", Delay: min(slowed(5*time.Second), 15*time.Second), Times: 2})
	one, other := r.first.start(first...), r.second.start(second...)
	return one.wait(), other.wait()
}

func destroyWith(arguments ...string) []string {
	return append([]string{"destroy", "-auto-approve", "-no-color"}, arguments...)
}

// wantEnds checks how many of the jobs since the given number have succeeded: "create" and "delete".
func (r *racing) wantEnds(since int, verbs ...string) {
	r.site.t.Helper()
	var got []string
	for _, each := range r.site.awaitEnd(r.name)[since:] {
		if each.status == "successful" {
			got = append(got, each.verb())
		}
	}
	if !slices.Equal(got, verbs) {
		r.site.t.Errorf("succeeded: %v, want %v", got, verbs)
	}
}

func createAndCreate(t *testing.T) {
	r := race(t, creating(15*time.Second))
	first, second := r.run(applyWith(), applyWith())
	first.want(0)
	second.want(0)
	r.wantEnds(0, "create")
	r.first.wantNoWork()
	r.second.wantNoWork()
}

func updateAndUpdate(t *testing.T) {
	r := race(t, nil).exists()
	before := len(r.site.jobsOf(r.name))
	for _, w := range []*workspace{r.first, r.second} {
		w.change(with(creating(15*time.Second), vars{"run_strategy": "Halted"}))
	}
	first, second := r.run(applyWith(), applyWith())
	first.want(0)
	second.want(0)
	r.wantEnds(before, "create")
	r.first.wantNoWork()
	r.second.wantNoWork()
}

func deleteAndDelete(t *testing.T) {
	r := race(t, deleting(15*time.Second)).exists()
	before := len(r.site.jobsOf(r.name))
	first, second := r.run(destroyWith(), destroyWith())
	first.want(0)
	second.want(0)
	r.wantEnds(before, "delete")
	r.first.wantGone()
	r.second.wantGone()
}

func updateAndDelete(t *testing.T) {
	r := race(t, deleting(15*time.Second)).exists()
	before := len(r.site.jobsOf(r.name))
	r.first.change(vars{"run_strategy": "Halted", "template_parameters": `{"simulate":{"seconds":15}}`})
	first, second := r.run(applyWith(), destroyWith())
	first.want(1).says("began to delete it", "The delete goes first")
	second.want(0)
	r.wantEnds(before, "delete")
	r.second.wantGone()
}

// createAndDelete lets the one run know nothing of the instance, whose jobs are purged.
func createAndDelete(t *testing.T) {
	r := race(t, vars{"template_parameters": `{"simulate":{"seconds":1,"delete_seconds":15}}`})
	r.second.apply()
	r.site.faults().PurgeAll()
	r.site.faults().BehaveNext(createTemplate, sandbox.Behavior{Duration: 15 * time.Second})
	first, second := r.run(applyWith(), destroyWith())
	first.want(1).says("began to delete it", "The delete goes first")
	second.want(0)
	r.wantEnds(1, "delete")
	r.second.wantGone()
}

// createAndUpdate is no race of equals: the instance exists, and the create is refused.
func createAndUpdate(t *testing.T) {
	r := race(t, nil)
	r.second.apply()
	r.first.set(vars{"hub": vars{"owner": "somebody else"}})
	r.second.change(with(creating(lasting()), vars{"run_strategy": "Halted"}))
	first, second := r.run(applyWith(), applyWith())
	first.want(1).says("exists already")
	second.want(0)
	r.wantEnds(1, "create")
	r.first.wantGone()
	r.second.wantNoWork()
}
