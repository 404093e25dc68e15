package acceptance

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
)

// fleetSize is how many machines are killed at once, and fleetKills how often.
const (
	fleetSize  = 12
	fleetKills = 3
)

// TestAccS14_fleetKilled kills the create of a fleet with an owner at random moments. State knows nothing of a machine
// that was in the making then. If its job has ended meanwhile, the next apply runs the create template once more, in a
// life of its own; if it is active, it is followed.
func TestAccS14_fleetKilled(t *testing.T) {
	t.Parallel()
	site := StartSimulated(t, func(o *sandbox.Options) { o.JobDuration = 6 * time.Second })
	w := site.workspace("addresses.tf", nil)
	w.write("machines.tf", machine("m", `"fleet-${count.index}"`, fmt.Sprintf("  count = %d", fleetSize)))
	random := rand.New(rand.NewPCG(16, 0))
	launched := 0
	for kill := range fleetKills + 1 {
		applying := w.start(applyWith("-parallelism=20")...)
		if kill < fleetKills {
			site.awaitJobs(launched + 1)
			if applying.runsAfter(time.Duration(random.Int64N(int64(7 * time.Second)))) {
				_ = syscall.Kill(-applying.process.Process.Pid, syscall.SIGKILL) // it may just have ended
			}
			<-applying.ended
			applying.end()
		} else {
			applying.wait().want(0)
		}
		jobs := site.faults().AllJobs()
		wantOneEach(t, jobs[:launched], jobs[launched:])
		launched = len(jobs)
	}
	w.wantNoWork()
	t.Logf("%d jobs for %d machines", launched, fleetSize)
	w.destroy()
	if left := site.faults().Instances(); len(left) > 0 {
		t.Errorf("%d machines are left", len(left))
	}
}

// wantOneEach checks the launches of one run of Terraform: one of each machine at most, and none beside an active job.
func wantOneEach(t *testing.T, before, during []sandbox.Job) {
	t.Helper()
	count := map[string]int{}
	for _, each := range during {
		if count[each.Name]++; count[each.Name] > 1 {
			t.Errorf("job %d is a second one of %s in the same run", each.ID, each.Name)
		}
		if slices.ContainsFunc(before, func(j sandbox.Job) bool { return j.Name == each.Name && activeAt(j, each.Created) }) {
			t.Errorf("job %d of %s was launched beside an active one", each.ID, each.Name)
		}
	}
}

// awaitJobs waits until so many jobs were made; a run may also find nothing to launch.
func (s *Site) awaitJobs(count int) {
	s.t.Helper()
	deadline := time.Now().Add(slowed(5 * time.Second))
	for len(s.faults().AllJobs()) < count && time.Now().Before(deadline) {
		time.Sleep(10 * time.Millisecond)
	}
}
