package computeinstance

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/osac-project/terraform-provider-osac/internal/jobs"
	"github.com/osac-project/terraform-provider-osac/internal/osac"
	"github.com/osac-project/terraform-provider-osac/internal/provider/diagnose"
	"github.com/osac-project/terraform-provider-osac/internal/provider/validate"
	"github.com/osac-project/terraform-provider-osac/internal/provisioning"
)

// The resource that states can be moved from: aap_job of ansible/aap, from any registry.
const (
	aapProvider = "/ansible/aap"
	aapJobType  = "aap_job"
)

// aapJob has the relevant attributes of an aap_job's state.
type aapJob struct {
	URL       string `json:"url"`
	Status    string `json:"status"`
	ExtraVars string `json:"extra_vars"`
}

// MoveState accepts instances whose create template was launched by an aap_job.
func (r *Resource) MoveState(context.Context) []resource.StateMover {
	return []resource.StateMover{{StateMover: moveAAPJob}}
}

// moveAAPJob makes a state from an aap_job's state. The provider is not configured while states are moved, so the next
// read asks the hub; until then, the state has no controller_uuid.
func moveAAPJob(ctx context.Context, req resource.MoveStateRequest, resp *resource.MoveStateResponse) {
	if req.SourceTypeName != aapJobType || !strings.HasSuffix(req.SourceProviderAddress, aapProvider) || req.SourceRawState == nil {
		return
	}
	record, err := recordOfAAPJob(req.SourceRawState.JSON)
	if err != nil {
		resp.Diagnostics.AddError("The state can't be moved", diagnose.Printable(fmt.Sprintf(
			"This aap_job has not run OSAC's create template for a compute instance, as far as its state tells: %s. "+
				"Only such jobs can be moved to osac_compute_instance. To manage the instance all the same, remove the moved block, "+
				"import the instance by its id, and drop the aap_job with a removed block.", err)))
		return
	}
	state, diags := NewModel(ctx, provisioning.DefaultHub, record)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(resp.TargetState.Set(ctx, &state)...)
	if resp.TargetIdentity != nil {
		resp.Diagnostics.Append(resp.TargetIdentity.Set(ctx, state.identity())...)
	}
}

func recordOfAAPJob(rawState []byte) (jobs.Record, error) {
	var job aapJob
	if err := json.Unmarshal(rawState, &job); err != nil {
		return jobs.Record{}, fmt.Errorf("it can't be read: %w", err)
	}
	if job.ExtraVars == "" {
		return jobs.Record{}, fmt.Errorf("it has no extra_vars")
	}
	if _, err := validate.DecodeObject(job.ExtraVars); err != nil {
		return jobs.Record{}, fmt.Errorf("its extra_vars are no JSON object (%w)", err)
	}
	instance, err := jobs.ReadLaunch(osac.ComputeInstance, json.RawMessage(job.ExtraVars))
	if err != nil {
		return jobs.Record{}, fmt.Errorf("in its extra_vars, %w", err)
	}
	number := job.URL[strings.LastIndex(strings.TrimSuffix(job.URL, "/"), "/")+1:]
	return jobs.Record{
		Instance:             instance,
		DesiredConfigVersion: instance.Spec.ConfigVersion(),
		LastJob: &jobs.JobRecord{
			ID: diagnose.PrintableLine(strings.TrimSuffix(number, "/")), Type: osac.Provision, State: jobs.JobUnknown,
			Backend: "aap", Message: diagnose.PrintableLine(job.Status), URL: diagnose.PrintableLine(job.URL),
		},
	}, nil
}

// isMoved reports whether the state was moved and the hub has not been asked yet: all other states name their
// controller.
func (m *Model) isMoved() bool {
	return m.ControllerUUID.IsNull() && !m.LastJob.IsNull()
}

// readMoved completes a moved state from the job at the hub.
func (r *Resource) readMoved(ctx context.Context, state Model, record jobs.Record, resp *resource.ReadResponse) {
	key, hub, diags := r.hubOfMoved(state.Hub.ValueString())
	resp.Diagnostics.Append(diags...)
	if hub == nil {
		return
	}
	result, err := hub.Moved(ctx, record)
	diagnose.AppendWarnings(&resp.Diagnostics, result.Warnings)
	switch {
	case err != nil:
		resp.Diagnostics.Append(diagnose.Error(diagnose.Read, err, false))
	case result.Record == nil:
		resp.State.RemoveResource(ctx)
	default:
		completed, diags := NewModel(ctx, key, *result.Record)
		resp.Diagnostics.Append(diags...)
		resp.Diagnostics.Append(resp.State.Set(ctx, &completed)...)
		resp.Diagnostics.Append(resp.Identity.Set(ctx, completed.identity())...)
		resp.Diagnostics.Append(completed.writeWatermark(ctx, resp.Private)...)
	}
}

// hubOfMoved returns the hub of a moved state. An aap_job doesn't name a hub, so it is the default or, without one, the
// only hub.
func (r *Resource) hubOfMoved(key string) (string, *provisioning.Hub, diag.Diagnostics) {
	var diags diag.Diagnostics
	configured, exists := r.hubs.Find(key)
	if !exists && len(r.hubs.ByKey) == 1 {
		for key, configured = range r.hubs.ByKey {
			exists = true
		}
	}
	if !exists {
		diags.AddAttributeError(path.Root("hub"), "The hub of a moved state is not known",
			"An aap_job's state does not say which of several hubs runs the instance. Import the instance instead, with the hub in its id, and drop the aap_job with a removed block.")
	}
	return key, configured.Hub, diags
}
