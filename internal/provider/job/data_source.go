package job

import (
	"context"
	"regexp"
	"strconv"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-jsontypes/jsontypes"
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/osac-project/terraform-provider-osac/internal/controller"
	"github.com/osac-project/terraform-provider-osac/internal/provider/diagnose"
	"github.com/osac-project/terraform-provider-osac/internal/provider/hubs"
	"github.com/osac-project/terraform-provider-osac/internal/provider/tfvalue"
	"github.com/osac-project/terraform-provider-osac/internal/provider/validate"
	"github.com/osac-project/terraform-provider-osac/internal/provisioning"
)

var _ datasource.DataSourceWithConfigure = (*jobDataSource)(nil)

const jobDescription = "Reads one job of a hub, whatever template it is of and whoever has launched it: how it ended, why it failed, its artifacts and the end of its output. Jobs and workflow jobs have their ids in common. A job that the controller no longer has is no error: its `state` is `Purged`, and all else but `message` is null."

// jobNumber matches a job's number on the controller.
var jobNumber = regexp.MustCompile(`^[1-9][0-9]{0,17}$`)

// jobDataSource is osac_job.
type jobDataSource struct {
	hubs.Reader
}

// NewDataSource returns the data source osac_job.
func NewDataSource() datasource.DataSource { return &jobDataSource{} }

// jobReportModel is the data source's state.
type jobReportModel struct {
	ID           types.String         `tfsdk:"id"`
	Hub          types.String         `tfsdk:"hub"`
	Kind         types.String         `tfsdk:"kind"`
	Template     types.String         `tfsdk:"template"`
	Organization types.String         `tfsdk:"organization"`
	State        types.String         `tfsdk:"state"`
	Status       types.String         `tfsdk:"status"`
	Message      types.String         `tfsdk:"message"`
	Failure      *jobFailureModel     `tfsdk:"failure"`
	Artifacts    jsontypes.Normalized `tfsdk:"artifacts"`
	StdoutTail   types.String         `tfsdk:"stdout_tail"`
	LaunchType   types.String         `tfsdk:"launch_type"`
	LaunchedBy   types.String         `tfsdk:"launched_by"`
	CreatedAt    timetypes.RFC3339    `tfsdk:"created_at"`
	StartedAt    timetypes.RFC3339    `tfsdk:"started_at"`
	FinishedAt   timetypes.RFC3339    `tfsdk:"finished_at"`
	URL          types.String         `tfsdk:"url"`
}

// jobFailureModel is the reason why a job did not end successfully.
type jobFailureModel struct {
	Task        types.String `tfsdk:"task"`
	Host        types.String `tfsdk:"host"`
	Message     types.String `tfsdk:"message"`
	Explanation types.String `tfsdk:"explanation"`
	Traceback   types.String `tfsdk:"traceback"`
	Node        types.String `tfsdk:"node"`
	NodeJobID   types.String `tfsdk:"node_job_id"`
	Note        types.String `tfsdk:"note"`
}

// Metadata names the data source.
func (d *jobDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_job"
}

// Schema describes the data source.
func (d *jobDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: jobDescription,
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{
				MarkdownDescription: "Number of the job at the controller, as in the `last_job` of an instance.",
				Required:            true,
				Validators:          []validator.String{validate.Matching{Pattern: jobNumber, Most: validate.MaxReference, Must: "must be the number of a job, such as 42"}},
			},
			"hub":          hubs.DataSourceAttribute(),
			"kind":         tfvalue.ComputedText("`job`, or `workflow_job` for a job of a workflow template."),
			"template":     tfvalue.ComputedText("Name of the template, also when that was renamed or deleted since."),
			"organization": tfvalue.ComputedText("The organization that the job belongs to."),
			"state":        tfvalue.ComputedText("`Pending`, `Waiting`, `Running`, `Succeeded`, `Failed`, `Canceled`, `Unknown`, or `Purged` for a job that the controller does not have: it was cleaned up (by default after 120 days), or there never was one."),
			"status":       tfvalue.ComputedText("The same in the controller's own words, such as `successful` or `error`."),
			"message":      tfvalue.ComputedText("The status with the reason of a failure in one line, as in the `last_job` of an instance."),
			"failure": schema.SingleNestedAttribute{
				MarkdownDescription: "Why the job ended other than successful, as far as it could be learnt; null for jobs that succeeded or are not over. Values of the job's extra vars and the hub's credentials are shown as `(hidden)`.",
				Computed:            true,
				Attributes:          jobFailureAttributes(),
			},
			"artifacts": schema.StringAttribute{
				MarkdownDescription: "Outputs of the job (`set_stats` in its playbook) as a JSON object of up to 64 KiB, of a workflow job those of its jobs, merged. Sensitive: `no_log` in a playbook does not hide them.",
				CustomType:          jsontypes.NormalizedType{},
				Computed:            true,
				Sensitive:           true,
			},
			"stdout_tail": tfvalue.ComputedText("The last 50 lines of what the job has written, without colours, and with values of extra vars hidden as in `failure`; null before the start, and for workflow jobs, which write nothing themselves."),
			"launch_type": tfvalue.ComputedText("How the job was launched: `manual`, which includes launches by the API, `relaunch`, `workflow`, `scheduled`, `webhook` and others."),
			"launched_by": tfvalue.ComputedText("The user, schedule or workflow that launched the job."),
			"created_at":  readTime("When the job was created."),
			"started_at":  readTime("When it began to run."),
			"finished_at": readTime("When it ended."),
			"url":         tfvalue.ComputedText("Address of the job at the controller."),
		},
	}
}

func jobFailureAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"task":        tfvalue.ComputedText("Name of the last task that failed and was neither ignored nor rescued."),
		"host":        tfvalue.ComputedText("The host that it failed on."),
		"message":     tfvalue.ComputedText("What the task said."),
		"explanation": tfvalue.ComputedText("The controller's own explanation, for instance of a time-out."),
		"traceback":   tfvalue.ComputedText("Last line of the controller's own trouble with the job (status `error`)."),
		"node":        tfvalue.ComputedText("Of a workflow job, the node that failed. Task, host and message are then those of its job."),
		"node_job_id": tfvalue.ComputedText("Number of that node's job."),
		"note":        tfvalue.ComputedText("What could not be read, and why."),
	}
}

func readTime(description string) schema.StringAttribute {
	return schema.StringAttribute{MarkdownDescription: description, CustomType: timetypes.RFC3339Type{}, Computed: true}
}

// Read reads the job.
func (d *jobDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model jobReportModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	hub := d.Hub(&model.Hub, diagnose.ReadJob, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	id, err := strconv.ParseInt(model.ID.ValueString(), 10, 64)
	if err != nil {
		resp.Diagnostics.AddAttributeError(path.Root("id"), "Not the number of a job", err.Error())
		return
	}
	report, warnings, err := hub.Job(ctx, id)
	diagnose.AppendWarnings(&resp.Diagnostics, warnings)
	if err != nil {
		resp.Diagnostics.Append(diagnose.Error(diagnose.ReadJob, err, false))
		return
	}
	model.set(report)
	resp.Diagnostics.Append(resp.State.Set(ctx, model)...)
}

// set sets the attributes from a job's report.
func (m *jobReportModel) set(report provisioning.JobReport) {
	m.State = types.StringValue(string(report.State))
	m.Message = tfvalue.TextOrNull(diagnose.Printable(report.Message))
	m.Kind = tfvalue.TextOrNull(string(report.Kind))
	m.Template = tfvalue.TextOrNull(report.Name)
	m.Organization = tfvalue.TextOrNull(report.Organization)
	m.Status = tfvalue.TextOrNull(string(report.Status))
	m.StdoutTail = tfvalue.TextOrNull(report.Output)
	m.LaunchType = tfvalue.TextOrNull(report.LaunchType)
	m.LaunchedBy = tfvalue.TextOrNull(report.CreatedBy)
	m.CreatedAt, m.StartedAt, m.FinishedAt = timeOrNull(report.Created), timeOrNull(report.Started), timeOrNull(report.Finished)
	m.URL = tfvalue.TextOrNull(report.URL)
	if report.Artifacts != nil {
		m.Artifacts = jsontypes.NewNormalizedValue(string(report.Artifacts))
	}
	if report.Failure != nil {
		m.Failure = newJobFailureModel(*report.Failure)
	}
}

func newJobFailureModel(failure controller.Failure) *jobFailureModel {
	model := &jobFailureModel{
		Task: tfvalue.TextOrNull(failure.Task), Host: tfvalue.TextOrNull(failure.Host), Message: tfvalue.TextOrNull(failure.Message),
		Explanation: tfvalue.TextOrNull(failure.Explanation), Traceback: tfvalue.TextOrNull(failure.Traceback),
		Node: tfvalue.TextOrNull(failure.Node), Note: tfvalue.TextOrNull(diagnose.Printable(failure.Note)),
	}
	if failure.NodeJob != nil {
		model.NodeJobID = types.StringValue(strconv.FormatInt(failure.NodeJob.ID, 10))
	}
	return model
}

func timeOrNull(moment time.Time) timetypes.RFC3339 {
	if moment.IsZero() {
		return timetypes.NewRFC3339Null()
	}
	return timetypes.NewRFC3339TimeValue(moment.UTC())
}
