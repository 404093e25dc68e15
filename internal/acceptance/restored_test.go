package acceptance

import (
	"strings"
	"testing"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
)

func TestAccX45_databaseRestored(t *testing.T) {
	t.Parallel()
	t.Run("finished job", func(t *testing.T) { t.Parallel(); restoredFinished(t) })
	t.Run("running job", func(t *testing.T) { t.Parallel(); restoredRunning(t) })
	t.Run("number given again", func(t *testing.T) { t.Parallel(); restoredNumber(t) })
}

// restoredFinished lets the only job of an instance become another instance's.
func restoredFinished(t *testing.T) {
	site := StartSimulated(t)
	w, name := site.instance(nil)
	w.apply()
	known, other := site.wantLaunches(name, "create")[0], site.newName()
	site.faults().SetExtraVars(known.id, strings.ReplaceAll(known.extraVars, name, other))
	w.wantNoWork()
	w.destroy()
	site.wantLaunches(name, "delete")
	site.wantLaunches(other, "create")
	w.wantGone()
}

// restoredRunning lets the job that a create has left running become another instance's: a destroy leaves it alone.
func restoredRunning(t *testing.T) {
	site := StartSimulated(t)
	site.faults().BehaveNext(createTemplate, sandbox.Behavior{Duration: time.Hour})
	w, name := site.instance(nil)
	w.leaveRunning(name, "running")
	known, other := site.wantLaunches(name, "create")[0], site.newName()
	site.faults().SetExtraVars(known.id, strings.ReplaceAll(known.extraVars, name, other))
	w.wantPlan("update").says("outcome of a job is unknown")
	w.destroy()
	site.wantLaunches(name, "delete")
	site.wantActive(other, 1)
	if got := site.countRequests("POST", "cancel"); got > 0 {
		t.Errorf("%d cancels were sent", got)
	}
	w.wantGone()
}

// restoredNumber gives the number of an instance's job to a later job, that of another instance.
func restoredNumber(t *testing.T) {
	site := StartSimulated(t)
	w, name := site.instance(nil)
	w.apply()
	known := site.wantLaunches(name, "create")[0]
	site.faults().Purge(known.id)
	site.faults().SetNextJobID(known.id)
	other, otherName := site.instance(creating(lasting()))
	other.leaveRunning(otherName, "running")
	if later := site.wantLaunches(otherName, "create")[0]; later.id != known.id {
		t.Fatalf("the later job is %d, want %d", later.id, known.id)
	}
	w.wantNoWork()
	w.destroy()
	site.wantLaunches(name, "create", "delete")
	if got := site.countRequests("POST", "cancel"); got > 0 {
		t.Errorf("%d cancels were sent", got)
	}
	other.apply()
	site.wantLaunches(otherName, "create")
	other.wantNoWork()
}
