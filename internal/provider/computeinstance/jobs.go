package computeinstance

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/osac-project/terraform-provider-osac/internal/jobs"
	"github.com/osac-project/terraform-provider-osac/internal/osac"
	"github.com/osac-project/terraform-provider-osac/internal/provider/tfvalue"
)

// jobModel is a job of an instance, in state or in a data source.
type jobModel struct {
	ID            types.String `tfsdk:"id"`
	Type          types.String `tfsdk:"type"`
	Kind          types.String `tfsdk:"kind"`
	Backend       types.String `tfsdk:"backend"`
	RunID         types.String `tfsdk:"run_id"`
	State         types.String `tfsdk:"state"`
	Message       types.String `tfsdk:"message"`
	ConfigVersion types.String `tfsdk:"config_version"`
	CreatedAt     types.String `tfsdk:"created_at"`
	URL           types.String `tfsdk:"url"`
	UIURL         types.String `tfsdk:"ui_url"`
}

var jobType = textObject(
	"id", "type", "kind", "backend", "run_id", "state", "message", "config_version", "created_at", "url", "ui_url",
)

func jobAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"id":             tfvalue.ComputedText("Number of the job at the controller; null while the run's job hasn't been found."),
		"type":           tfvalue.ComputedText("`provision` or `deprovision`."),
		"kind":           tfvalue.ComputedText("`job`, or `workflow_job` where the template is a workflow template; null while the run's job hasn't been found."),
		"backend":        tfvalue.ComputedText("How the job was started: `aap` by a launch, `eda` by an event."),
		"run_id":         tfvalue.ComputedText("The run that the job was started for, as in the annotation `osac.openshift.io/run-id` of its payload; null for jobs that the provider did not start."),
		"state":          tfvalue.ComputedText("`Pending`, `Waiting`, `Running`, `Succeeded`, `Failed`, `Canceled`, `Unknown`, or `Purged` for a job that the controller no longer has."),
		"message":        tfvalue.ComputedText("The controller's own status, with the reason of a failure."),
		"config_version": tfvalue.ComputedText("Hash of the spec that the job was given."),
		"created_at":     tfvalue.ComputedText("When the job was created, RFC 3339."),
		"url":            tfvalue.ComputedText("Address of the job in the controller's API."),
		"ui_url":         tfvalue.ComputedText("Address of the page that shows the job to people; null where it is not known."),
	}
}

// jobRecord converts a job in state; null gives nil.
func jobRecord(ctx context.Context, job types.Object) (*jobs.JobRecord, diag.Diagnostics) {
	model, diags := tfvalue.Object[jobModel](ctx, job)
	if model == nil {
		return nil, diags
	}
	record, read := model.record()
	diags.Append(read...)
	return &record, diags
}

// jobRecords converts a list of jobs in state; null and empty give nil.
func jobRecords(ctx context.Context, list types.List) ([]jobs.JobRecord, diag.Diagnostics) {
	models, diags := tfvalue.Elements[jobModel](ctx, list)
	var records []jobs.JobRecord
	for _, model := range models {
		record, read := model.record()
		diags.Append(read...)
		records = append(records, record)
	}
	return records, diags
}

func (m jobModel) record() (jobs.JobRecord, diag.Diagnostics) {
	var diags diag.Diagnostics
	created, err := time.Parse(time.RFC3339Nano, m.CreatedAt.ValueString())
	if err != nil && !m.CreatedAt.IsNull() {
		diags.AddError("State can't be read", fmt.Sprintf("created_at of job %s is no RFC 3339 time: %q.",
			m.ID.ValueString(), m.CreatedAt.ValueString()))
	}
	return jobs.JobRecord{
		ID:            m.ID.ValueString(),
		Type:          osac.Verb(m.Type.ValueString()),
		Kind:          m.Kind.ValueString(),
		Backend:       m.Backend.ValueString(),
		RunID:         m.RunID.ValueString(),
		State:         jobs.JobState(m.State.ValueString()),
		Message:       m.Message.ValueString(),
		ConfigVersion: m.ConfigVersion.ValueString(),
		CreatedAt:     created,
		URL:           m.URL.ValueString(),
		UIURL:         m.UIURL.ValueString(),
	}, diags
}

func newJobModel(record jobs.JobRecord) jobModel {
	model := jobModel{
		ID:            tfvalue.TextOrNull(record.ID),
		Type:          types.StringValue(string(record.Type)),
		Kind:          tfvalue.TextOrNull(record.Kind),
		Backend:       types.StringValue(record.Backend),
		RunID:         tfvalue.TextOrNull(record.RunID),
		State:         types.StringValue(string(record.State)),
		Message:       types.StringValue(record.Message),
		ConfigVersion: tfvalue.TextOrNull(record.ConfigVersion),
		URL:           tfvalue.TextOrNull(record.URL),
		UIURL:         tfvalue.TextOrNull(record.UIURL),
	}
	if !record.CreatedAt.IsZero() {
		model.CreatedAt = types.StringValue(record.CreatedAt.UTC().Format(time.RFC3339Nano))
	}
	return model
}

// jobObject returns the value of a single job; nil gives null.
func jobObject(ctx context.Context, record *jobs.JobRecord) (types.Object, diag.Diagnostics) {
	if record == nil {
		return types.ObjectNull(jobType.AttrTypes), nil
	}
	return types.ObjectValueFrom(ctx, jobType.AttrTypes, newJobModel(*record))
}

// jobList returns the value of a list of jobs; it is empty if there are none, and never null.
func jobList(ctx context.Context, records []jobs.JobRecord) (types.List, diag.Diagnostics) {
	models := make([]jobModel, len(records))
	for i, record := range records {
		models[i] = newJobModel(record)
	}
	return types.ListValueFrom(ctx, jobType, models)
}
