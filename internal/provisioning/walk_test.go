package provisioning

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/controller"
	"github.com/osac-project/terraform-provider-osac/internal/jobs"
	"github.com/osac-project/terraform-provider-osac/internal/jobs/jobstest"
	"github.com/osac-project/terraform-provider-osac/internal/osac"
	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
)

// walk is a random walk of one instance through everything that a user, an administrator and the network can do to it,
// in virtual time. record is what Terraform's state would hold, nil while it holds nothing.
type walk struct {
	*testSite
	random  *rand.Rand
	desired osac.Instance
	// kind is the object's, and respec changes its spec.
	kind    osac.Kind
	respec  func(*walk)
	record  *jobs.Record
	tainted bool
	// killed is set while the process of a step is to be killed at its interrupt: nothing that it returns is kept.
	// From then on nothing is purged: of a job that state never learned of and that AAP has dropped, nobody can know.
	killed, mayPurge bool
	// limit is the context of the step's own command, which an interrupt may end.
	limit context.Context
	cause []string
}

// TestRandomWalksKeepThePromises checks the promises of the rules in CONTRIBUTING.md after every step of many walks. A
// failing walk prints its seed, which repeats it.
func TestRandomWalksKeepThePromises(t *testing.T) {
	runStrategy := func(w *walk) {
		strategy := []string{osac.RunAlways, osac.RunHalted}[w.random.IntN(2)]
		jobstest.Change(&w.desired, func(s *osac.ComputeInstanceSpec) { s.RunStrategy = strategy })
	}
	for seed := range uint64(20) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			atSite(t, func(site *testSite) {
				walked := &walk{testSite: site, random: rand.New(rand.NewPCG(seed, 1)), desired: jobstest.Instance(), kind: osac.ComputeInstance, respec: runStrategy}
				walked.run(12)
			})
		})
	}
}

// run walks so many steps.
func (w *walk) run(steps int) {
	w.sandbox.SetConditions(sandbox.Conditions{PageCap: 40}) // so that few jobs of others fill a page
	w.mayPurge = true
	for range steps {
		w.step()
		if w.Failed() {
			for _, line := range w.cause {
				w.Log(line)
			}
			return
		}
	}
	time.Sleep(3 * time.Hour) // whatever still runs comes to its end, so that the jobs can be compared
}

func (w *walk) tell(format string, arguments ...any) {
	w.cause = append(w.cause, time.Now().Format("15:04:05 ")+fmt.Sprintf(format, arguments...))
}

func (w *walk) step() {
	w.sandbox.ClearFaults()
	w.others([]int{0, 0, 1, 10, 50}[w.random.IntN(5)])
	w.hub = w.newHub()
	w.disturb()
	w.limit = w.Context()
	w.killed = false
	if w.random.IntN(3) == 0 {
		after := time.Duration(w.random.IntN(70000)) * time.Millisecond
		w.killed = w.random.IntN(3) == 0
		w.mayPurge = w.mayPurge && !w.killed
		w.tell("an interrupt comes after %s, killed: %v", after, w.killed)
		w.limit = w.interruptedAfter(after)
	}
	switch choice := w.random.IntN(10); {
	case choice < 2:
		w.respec(w)
		w.apply()
	case choice < 3:
		w.desired.Labels = map[string]string{"step": fmt.Sprint(w.random.IntN(3))}
		w.apply()
	case choice < 7:
		w.apply()
	case choice < 9:
		w.destroyIt()
	default:
		w.tell("an hour passes")
		time.Sleep(time.Hour)
	}
}

// disturb makes the next operation's world a little worse.
func (w *walk) disturb() {
	behavior := sandbox.Behavior{}
	switch w.random.IntN(12) {
	case 0:
		behavior = sandbox.Behavior{Outcome: "failed"}
	case 1:
		behavior = sandbox.Behavior{Outcome: "canceled"}
	case 2:
		behavior = sandbox.Behavior{IgnoreCancel: true}
	case 3:
		behavior = sandbox.Behavior{CancelDelay: 20 * time.Second}
	case 4:
		w.fault("lost answer", sandbox.Fault{Path: "launch", Times: 1, Reset: true, AfterHandling: true})
	case 5:
		w.fault("hanging answer", sandbox.Fault{Path: "launch", Times: 1, Hang: true, AfterHandling: true})
	case 6:
		w.fault("throttled", sandbox.Fault{Times: 3, Status: 429, Header: map[string][]string{"Retry-After": {"2"}}})
	case 7:
		w.fault("bad gateway", sandbox.Fault{Skip: w.random.IntN(8), Times: 3, Status: 502})
	case 8:
		w.fault("slow launch", sandbox.Fault{Path: "launch", Times: 1, Delay: 20 * time.Second, AfterHandling: w.random.IntN(2) == 0})
	case 9:
		if w.mayPurge {
			w.tell("finished jobs are purged")
			w.sandbox.PurgeAll()
		}
	case 10:
		w.tell("the controller is down for a while")
		time.AfterFunc(time.Duration(w.random.IntN(60))*time.Second, func() { w.sandbox.Down(20 * time.Second) })
	}
	w.sandbox.Behave(createTemplate, behavior)
	w.sandbox.Behave(deleteTemplate, behavior)
	if behavior.Outcome != "" || behavior.IgnoreCancel || behavior.CancelDelay > 0 {
		w.tell("jobs now go as %+v", behavior)
	}
}

func (w *walk) fault(name string, fault sandbox.Fault) {
	w.tell("%s", name)
	w.sandbox.Fault(fault)
}

// refreshIt reads as every plan does.
func (w *walk) refreshIt() bool {
	if w.record == nil {
		return true
	}
	result, err := w.hub.Refresh(w.Context(), *w.record)
	if err != nil {
		w.Errorf("refresh: %v", err)
		return false
	}
	w.record = result.Record
	return true
}

func (w *walk) apply() {
	if !w.refreshIt() {
		return
	}
	if w.record == nil {
		w.tainted = false
	}
	if w.tainted {
		w.tell("the tainted instance is replaced")
		if w.destroyIt(); w.record != nil {
			return
		}
	}
	prior := w.record
	if prior != nil && !prior.NeedsRun(w.desired, nil) {
		w.tell("nothing to do")
		w.mustRun()
		return
	}
	result, err := w.hub.Apply(w.limit, ApplyRequest{Desired: w.desired, Prior: prior, Timeout: time.Hour})
	w.tell("apply of %s (prior %v): %v", w.desired.Spec.ConfigVersion(), prior != nil, err)
	if w.killed && w.limit.Err() != nil {
		return
	}
	w.keep(result, prior == nil && err != nil)
	if err == nil && w.record.Phase != jobs.PhaseStarting {
		w.mustRun()
	}
	if failure, ok := errors.AsType[*Error](err); ok && failure.Reason == ReasonAlreadyExists {
		w.tell("taken over")
		result, err = w.newHub().Apply(w.Context(), ApplyRequest{Desired: w.desired, TakeOver: true, Timeout: time.Hour})
		w.keep(result, err != nil)
	}
}

func (w *walk) keep(result Result, tainted bool) {
	if result.Record != nil {
		w.record, w.tainted = result.Record, tainted
	}
}

func (w *walk) destroyIt() {
	if !w.refreshIt() || w.record == nil {
		return
	}
	result, err := w.hub.Destroy(w.limit, DestroyRequest{Record: *w.record, Timeout: time.Hour})
	w.tell("destroy: %v", err)
	switch {
	case w.killed && w.limit.Err() != nil:
		return
	case err != nil:
		w.keep(result, w.tainted)
		return
	}
	w.record = nil
	if w.exists() {
		w.Error("after a destroy that succeeded, the instance exists")
	}
}

// mustRun checks what a command that succeeded promises: the newest job of the instance succeeded with what is desired.
func (w *walk) mustRun() {
	history := w.ownJobs()
	newest := history[len(history)-1]
	read, ok := jobs.ReadRun(w.kind, controller.Job{ExtraVars: newest.ExtraVars}, osac.Provision)
	if newest.Template != createTemplate || newest.Status != "successful" || !ok || !read.Applies(w.desired.Spec) {
		w.Errorf("the command succeeded, but job %d of %s is %s", newest.ID, newest.Template, newest.Status)
	}
	if w.record.ReconciledConfigVersion != w.desired.Spec.ConfigVersion() {
		w.Errorf("the command succeeded, but %q is reconciled", w.record.ReconciledConfigVersion)
	}
}
