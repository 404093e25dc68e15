package computeinstance

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/osac-project/terraform-provider-osac/internal/jobs"
	"github.com/osac-project/terraform-provider-osac/internal/provider/diagnose"
)

var _ resource.ResourceWithUpgradeState = (*Resource)(nil)

// maxOpenRuns is how many runs without a job are kept from a state of version 0.
const maxOpenRuns = 5

// UpgradeState reads states of earlier versions of the schema. Version 0 had the attribute jobs, a history, instead of
// last_job and open_runs. It had neither lives nor hub identities, which the next refresh fills in.
func (r *Resource) UpgradeState(context.Context) map[int64]resource.StateUpgrader {
	return map[int64]resource.StateUpgrader{0: {StateUpgrader: upgradeFrom0}}
}

func upgradeFrom0(ctx context.Context, req resource.UpgradeStateRequest, resp *resource.UpgradeStateResponse) {
	upgraded, err := upgradedState(req.RawState.JSON)
	if err == nil {
		typ := computeInstanceSchema(ctx).Type().TerraformType(ctx)
		var value tfprotov6.DynamicValue
		raw := tfprotov6.RawState{JSON: upgraded}
		if state, unmarshalErr := raw.Unmarshal(typ); unmarshalErr != nil {
			err = unmarshalErr
		} else if value, err = tfprotov6.NewDynamicValue(typ, state); err == nil {
			resp.DynamicValue = &value
		}
	}
	if err != nil {
		resp.Diagnostics.AddError("State can't be read", diagnose.Printable(fmt.Sprintf(
			"A state that release 0.1 of the provider has written could not be brought into today's form: %s.", err)))
	}
}

// upgradedState converts a state of version 0 to version 1.
func upgradedState(old []byte) ([]byte, error) {
	var state map[string]json.RawMessage
	if err := json.Unmarshal(old, &state); err != nil {
		return nil, err
	}
	var recorded []map[string]*string
	if history, exists := state["jobs"]; exists {
		if err := json.Unmarshal(history, &recorded); err != nil {
			return nil, fmt.Errorf("its jobs: %w", err)
		}
	}
	var lastJob map[string]*string
	openRuns := []map[string]*string{}
	for _, job := range newestFirst(recorded) {
		open := job["id"] == nil && valueOrEmpty(job["state"]) == string(jobs.JobUnknown)
		job["kind"], job["run_id"], job["ui_url"] = kindOf(valueOrEmpty(job["url"])), nil, nil
		switch {
		case open && len(openRuns) < maxOpenRuns:
			job["run_id"] = runIn(valueOrEmpty(job["message"]))
			openRuns = append(openRuns, job)
		case !open && lastJob == nil:
			lastJob = job
		}
	}
	delete(state, "jobs")
	for name, value := range map[string]any{"last_job": lastJob, "open_runs": openRuns, "uid": nil, "hub_identity": nil} {
		written, err := json.Marshal(value)
		if err != nil {
			return nil, err
		}
		state[name] = written
	}
	return json.Marshal(state)
}

// newestFirst sorts jobs by their creation times. Times of one format in UTC compare as texts, except for trailing
// zeros of the fraction: the jobs were written in this order, and the sort is stable.
func newestFirst(jobs []map[string]*string) []map[string]*string {
	seconds := func(job map[string]*string) string {
		moment, _, _ := strings.Cut(strings.TrimSuffix(valueOrEmpty(job["created_at"]), "Z"), ".")
		return moment
	}
	slices.SortStableFunc(jobs, func(a, b map[string]*string) int { return strings.Compare(seconds(b), seconds(a)) })
	return jobs
}

func valueOrEmpty(value *string) string {
	if value == nil {
		return ""
	}
	return *value
}

// kindOf returns the kind of the job at an address in the controller's API, or nil if the address doesn't say.
func kindOf(url string) *string {
	switch {
	case strings.Contains(url, "/workflow_jobs/"):
		return new("workflow_job")
	case strings.Contains(url, "/jobs/"):
		return new("job")
	default:
		return nil
	}
}

// runIn returns the run of an entry without a job. Version 0 wrote it as the last word of the entry's message: "event
// posted, its job has not been found yet; run 0197…".
func runIn(message string) *string {
	before, id, found := strings.Cut(message, "; run ")
	if !found || before == "" || id == "" || strings.ContainsAny(id, " \t") {
		return nil
	}
	return &id
}
