package provisioning

import (
	"fmt"
	"time"
)

// restartTolerance is how far ahead of this machine's clock a restart may be requested: clocks differ.
const restartTolerance = time.Minute

// CheckRestart refuses restarts whose job would fail after five minutes: the playbook waits for a machine that was made
// after the requested moment, so one in the future, or of a halted instance, never comes (contract/osac/README.md, 1.5).
func CheckRestart(spec Spec, now time.Time) error {
	if spec.RestartRequestedAt == nil {
		return nil
	}
	if ahead := spec.RestartRequestedAt.Sub(now); ahead > restartTolerance {
		return &Error{
			Reason: ReasonRestart,
			What: fmt.Sprintf("The restart is requested for %s, which is %s in the future. The job would wait in vain for a machine that was started after that moment.",
				spec.RestartRequestedAt, ahead.Round(time.Second)),
			Next: "A restart request is a signal, not a schedule: use a moment that has passed.",
		}
	}
	if spec.RunStrategy == RunHalted {
		return &Error{
			Reason: ReasonRestart,
			What:   "A restart is requested of an instance whose run strategy is Halted. The job would wait in vain for the machine to come up.",
			Next:   "Set run_strategy to \"Always\", or remove restart_requested_at.",
		}
	}
	return nil
}

// restartDue reports whether a desired restart has yet to be done: it is later than the request that was handled last or,
// where there was none, than the creation. That is known by this machine's clock from the life's uid; for a life that has
// none of ours, the newest job's time is taken, by the controller's clock, which is ahead of this machine's by the offset.
func (r *Record) restartDue(desired Spec, offset time.Duration) bool {
	requested := desired.RestartRequestedAt
	switch {
	case requested == nil:
		return false
	case r.LastRestartedAt != nil:
		return requested.After(r.LastRestartedAt.Time)
	}
	if born, known := bornAt(r.UID); known {
		return requested.After(born)
	}
	return r.LastJob != nil && requested.After(r.LastJob.CreatedAt.Add(-offset))
}

// NeedsRun tells whether bringing the instance to the desired inputs takes a job: the last one did not succeed, applied
// something else, or a restart is due. Restart requests that are done or removed, and what Terraform alone is
// concerned with, take none.
func (r *Record) NeedsRun(desired Instance) bool {
	if r.ReconciledConfigVersion == "" || r.restartDue(desired.Spec, 0) {
		return true
	}
	if r.InputsVersion != desired.InputsVersion() {
		return true
	}
	return r.ReconciledConfigVersion != r.Spec.ConfigVersion() ||
		r.Spec.comparableVersion() != desired.Spec.comparableVersion()
}
