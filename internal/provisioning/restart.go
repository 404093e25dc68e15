package provisioning

import (
	"fmt"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/osac"
)

// restartTolerance is how far ahead of this machine's clock a restart may be requested: clocks differ.
const restartTolerance = time.Minute

// CheckRestart refuses restarts whose job would fail after five minutes. The playbook waits for a machine that was made
// after the requested moment. If that moment is in the future, or the instance is halted, no such machine comes
// (internal/sandbox/FACTS.md F85).
func CheckRestart(spec osac.Spec, now time.Time) error {
	requested := osac.RestartRequest(spec)
	if requested == nil {
		return nil
	}
	if ahead := requested.Sub(now); ahead > restartTolerance {
		return &Error{
			Reason: ReasonRestart,
			What: fmt.Sprintf("The restart is requested for %s, which is %s in the future. The job would wait in vain for a machine that was started after that moment.",
				requested, ahead.Round(time.Second)),
			Next: "A restart request is a signal, not a schedule: use a moment that has passed.",
		}
	}
	if osac.Stopped(spec) {
		return &Error{
			Reason: ReasonRestart,
			What:   "A restart is requested of an instance whose run strategy is Halted. The job would wait in vain for the machine to come up.",
			Next:   "Set run_strategy to \"Always\", or remove restart_requested_at.",
		}
	}
	return nil
}
