package provisioning

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/jobs"
	"github.com/osac-project/terraform-provider-osac/internal/jobs/jobstest"
	"github.com/osac-project/terraform-provider-osac/internal/osac"
	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
)

// TestTwoProcessesAtOnceSettle lets two processes with states of their own work on one instance at nearly the same
// moment, in many ways: no two jobs are active together for longer than it takes to settle, both processes come to an
// end, and if both say that they succeeded, the newest job is one that both can stand by.
func TestTwoProcessesAtOnceSettle(t *testing.T) {
	for seed := range uint64(40) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			atBusySite(t, func(site *testSite) {
				random := rand.New(rand.NewPCG(seed, 2))
				site.others([]int{0, 250}[random.IntN(2)])
				time.Sleep(2 * time.Minute)
				var prior *jobs.Record
				if random.IntN(2) == 0 {
					record := site.created()
					prior = &record
				}
				site.sandbox.Fault(sandbox.Fault{Delay: time.Duration(random.IntN(800)) * time.Millisecond, AfterHandling: random.IntN(2) == 0})
				first, second := anyOperation(site, random, prior), anyOperation(site, random, prior)
				firstErr, secondErr := raced(site, first.run, second.run)
				site.neverTwoForLong()
				if firstErr == nil && secondErr == nil && first.destroys && second.destroys && site.exists() {
					site.Error("both deletes succeeded, and the instance exists")
				}
				if firstErr == nil && secondErr == nil && !first.destroys && !second.destroys && !site.exists() {
					site.Error("both applies succeeded, and there is no instance")
				}
				if site.Failed() {
					site.Logf("%s: %v", first.name, firstErr)
					site.Logf("%s: %v", second.name, secondErr)
					for _, job := range site.ownJobs() {
						site.Logf("job %d of %s: %s, %s to %s", job.ID, job.Template, job.Status, job.Created.Format("15:04:05.000"), job.Finished.Format("15:04:05.000"))
					}
				}
			})
		})
	}
}

// operationOfTwo is what one of the two processes does.
type operationOfTwo struct {
	name     string
	destroys bool
	run      func(hub *Hub) error
}

// anyOperation draws an apply of one of three configurations or a destroy, begun within a few seconds.
func anyOperation(site *testSite, random *rand.Rand, prior *jobs.Record) operationOfTwo {
	begins := time.Duration(random.IntN(3)*random.IntN(4000)) * time.Millisecond
	desired := []osac.Instance{*jobstest.Halted(), jobstest.Instance(), jobstest.Instance()}[random.IntN(3)]
	if random.IntN(3) == 0 {
		desired.Labels = map[string]string{"team": "b"}
	}
	if prior != nil && random.IntN(2) == 0 {
		return operationOfTwo{fmt.Sprintf("destroy after %s", begins), true, func(hub *Hub) error {
			time.Sleep(begins)
			_, err := hub.Destroy(site.Context(), DestroyRequest{Record: *prior, Timeout: time.Hour})
			return err
		}}
	}
	return operationOfTwo{fmt.Sprintf("apply of %s %v after %s", jobstest.SpecOf(desired).RunStrategy, desired.Labels, begins), false, func(hub *Hub) error {
		time.Sleep(begins)
		_, err := hub.Apply(site.Context(), ApplyRequest{Desired: desired, Prior: prior, Timeout: time.Hour})
		return err
	}}
}
