package provisioning

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/jobs"
	"github.com/osac-project/terraform-provider-osac/internal/osac"
)

// soonOver is the longest time of a job whose playbook matched no host: on a loaded controller, its start takes that
// long.
const soonOver = 15 * time.Second

// tellIfNothingRan warns of a job that succeeded and did nothing. The check costs a request, so only a job that ended
// soon and without output is checked.
func (o *operationState) tellIfNothingRan(ctx context.Context, ended jobs.Run) {
	if len(ended.Artifacts) > 0 || ended.Finished.Sub(ended.Started) > soonOver {
		return
	}
	bounded, cancel := whileReading(ctx)
	defer cancel()
	nothing, err := o.hub.client.RanNothing(bounded, ended.Job)
	if err != nil {
		o.log.WarnContext(ctx, "could not read whether the job ran any task", "job", ended.String(), "error", err.Error())
	}
	if !nothing {
		return
	}
	so := "The instance counts as configured all the same: once the template is mended, change triggers, so that it is run again."
	if o.verb == osac.Deprovision {
		so = "The instance counts as deleted all the same: look whether the machine is still there."
	}
	o.warn("A job did nothing", fmt.Sprintf(
		"%s of instance %s succeeded, but its playbook met no host, so it ran no task. Template %s needs an inventory with the hosts that its playbook names. %s\n\nJob: %s",
		capitalised(ended.String()), o.id, strconv.Quote(ended.Name), so, ended.URL))
}
