package acceptance

import (
	"slices"
	"testing"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
)

// moment is a point in the life of a run at which it is stopped or killed: what is known of its job is on its way.
type moment struct {
	name string
	// length gives the job's.
	length func() time.Duration
	// ended reports whether the job has ended by then.
	ended bool
	// arm is called before Terraform starts, and reached returns when the moment has come for the newest of so many jobs.
	arm     func(s *Site)
	reached func(s *Site, name string, count int)
}

func moments() []moment {
	return []moment{
		{
			// The controller has made the job, and its answer is on its way.
			name: "while launching", length: lasting,
			arm: func(s *Site) {
				s.faults().Fault(sandbox.Fault{Path: "launch", Method: "POST", AfterHandling: true, Delay: slowed(time.Second), Times: 1})
			},
			reached: func(s *Site, name string, count int) {
				s.await(name, "the launch was handled", func(jobs []job) bool { return len(jobs) == count })
			},
		},
		{
			// The job has ended, and the answer that says so is on its way: no state was returned yet.
			name: "when the job has ended", length: func() time.Duration { return time.Second }, ended: true,
			arm: func(*Site) {},
			reached: func(s *Site, name string, count int) {
				s.awaitStatus(name, count, "running")
				s.faults().Fault(sandbox.Fault{Path: "id__in", Delay: slowed(3 * time.Second), Times: 1})
				s.awaitStatus(name, count, "successful")
			},
		},
	}
}

// undertaking is what Terraform is at when it is stopped or killed.
type undertaking struct {
	name      string
	arguments []string
	// before brings the instance to where the run begins; launches are the jobs of all its life, the run's own last.
	before   func(w *workspace, length time.Duration)
	launches []string
	// done checks that the run has come to its end after all.
	done func(w *workspace)
}

func undertakings() []undertaking {
	applied := func(w *workspace) {
		w.inState().wantTainted(false).wantReconciled(true)
		w.wantNoWork()
	}
	return []undertaking{
		{
			name: "create", arguments: applyWith(), launches: []string{"create"}, done: applied,
			before: func(w *workspace, length time.Duration) { w.change(creating(length)) },
		},
		{
			name: "update", arguments: applyWith(), launches: []string{"create", "create"}, done: applied,
			before: func(w *workspace, length time.Duration) {
				w.apply()
				w.change(with(creating(length), vars{"run_strategy": "Halted"}))
			},
		},
		{
			name: "delete", arguments: destroyWith(), launches: []string{"create", "delete"}, done: (*workspace).wantGone,
			before: func(w *workspace, length time.Duration) {
				w.change(deleting(length))
				w.apply()
			},
		},
	}
}

// atEveryMoment stops or kills each undertaking at each moment, in one of the ways: however it ends, there is one launch
// in all, and the same command brings it to its end.
func atEveryMoment(t *testing.T, how signalled) {
	for _, when := range moments() {
		for _, what := range undertakings() {
			t.Run(what.name+" "+when.name+"/"+how.name, func(t *testing.T) {
				t.Parallel()
				site := StartSimulated(t)
				w, name := site.instance(nil)
				what.before(w, when.length())
				when.arm(site)
				w.killRun(how, func() { when.reached(site, name, len(what.launches)) }, what.arguments...)
				site.wantLaunches(name, what.launches...)
				if left := w.stateOf(address); left != nil {
					left.wantTainted(false)
				} else if what.name != "create" || slices.ContainsFunc(stops(), func(s signalled) bool { return s.name == how.name }) {
					t.Error("the instance is not in state")
				}
				lost := w.stateOf(address) == nil
				w.run(what.arguments...).want(0)
				if lost && when.ended {
					// A finished machine of this owner is run once more, in a new life.
					site.wantLaunches(name, append(slices.Clone(what.launches), "create")...)
				} else {
					site.wantLaunches(name, what.launches...)
				}
				what.done(w)
			})
		}
	}
}
