package computeinstance

import (
	"context"
	"encoding/json"

	"github.com/hashicorp/terraform-plugin-framework-jsontypes/jsontypes"
	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/osac-project/terraform-provider-osac/internal/jobs"
	"github.com/osac-project/terraform-provider-osac/internal/osac"
	"github.com/osac-project/terraform-provider-osac/internal/provider/hubs"
	"github.com/osac-project/terraform-provider-osac/internal/provider/tfvalue"
	"github.com/osac-project/terraform-provider-osac/internal/provisioning"
)

// Model is an osac_compute_instance in configuration, plan or state.
type Model struct {
	Name      types.String `tfsdk:"name"`
	Namespace types.String `tfsdk:"namespace"`
	Hub       types.String `tfsdk:"hub"`
	Tenant    types.String `tfsdk:"tenant"`

	TemplateID         types.String      `tfsdk:"template_id"`
	TemplateParameters types.String      `tfsdk:"template_parameters"`
	Image              types.Object      `tfsdk:"image"`
	Cores              types.Int64       `tfsdk:"cores"`
	MemoryGiB          types.Int64       `tfsdk:"memory_gib"`
	BootDisk           types.Object      `tfsdk:"boot_disk"`
	AdditionalDisks    types.List        `tfsdk:"additional_disks"`
	GPU                types.Object      `tfsdk:"gpu"`
	GuestOSFamily      types.String      `tfsdk:"guest_os_family"`
	RunStrategy        types.String      `tfsdk:"run_strategy"`
	SSHPublicKey       types.String      `tfsdk:"ssh_public_key"`
	UserDataSecretRef  types.String      `tfsdk:"user_data_secret_ref"`
	NetworkAttachments types.List        `tfsdk:"network_attachments"`
	RestartRequestedAt timetypes.RFC3339 `tfsdk:"restart_requested_at"`
	SpecExtra          types.String      `tfsdk:"spec_extra"`

	StorageClasses     types.List   `tfsdk:"storage_classes"`
	Labels             types.Map    `tfsdk:"labels"`
	Annotations        types.Map    `tfsdk:"annotations"`
	Triggers           types.Map    `tfsdk:"triggers"`
	ExtraVars          types.String `tfsdk:"extra_vars"`
	ExtraVarsWO        types.String `tfsdk:"extra_vars_wo"`
	ExtraVarsWOVersion types.Int64  `tfsdk:"extra_vars_wo_version"`

	SkipDestroy types.Bool     `tfsdk:"skip_destroy"`
	TakeOver    types.Bool     `tfsdk:"take_over"`
	Timeouts    timeouts.Value `tfsdk:"timeouts"`

	ID                      types.String         `tfsdk:"id"`
	UID                     types.String         `tfsdk:"uid"`
	HubIdentity             types.String         `tfsdk:"hub_identity"`
	Phase                   types.String         `tfsdk:"phase"`
	DesiredConfigVersion    types.String         `tfsdk:"desired_config_version"`
	ReconciledConfigVersion types.String         `tfsdk:"reconciled_config_version"`
	InputsVersion           types.String         `tfsdk:"inputs_version"`
	LastRestartedAt         timetypes.RFC3339    `tfsdk:"last_restarted_at"`
	LastJob                 types.Object         `tfsdk:"last_job"`
	OpenRuns                types.List           `tfsdk:"open_runs"`
	IPAddress               types.String         `tfsdk:"ip_address"`
	Artifacts               jsontypes.Normalized `tfsdk:"artifacts"`
	ControllerUUID          types.String         `tfsdk:"controller_uuid"`

	// seen is kept in private state.
	seen jobs.Watermark
}

// computeInstanceIdentity is the resource's identity.
type computeInstanceIdentity struct {
	Hub       types.String `tfsdk:"hub"`
	Namespace types.String `tfsdk:"namespace"`
	Name      types.String `tfsdk:"name"`
}

func (m *Model) identity() computeInstanceIdentity {
	return computeInstanceIdentity{Hub: m.Hub, Namespace: m.Namespace, Name: m.Name}
}

func (m *Model) key() osac.Key {
	return osac.Key{Namespace: m.Namespace.ValueString(), Name: m.Name.ValueString()}
}

// specValues are the attributes that make up the spec.
func (m *Model) specValues() []attr.Value {
	return []attr.Value{
		m.TemplateID, m.TemplateParameters, m.Image, m.Cores, m.MemoryGiB, m.BootDisk, m.AdditionalDisks, m.GPU,
		m.GuestOSFamily, m.RunStrategy, m.SSHPublicKey, m.UserDataSecretRef, m.NetworkAttachments, m.RestartRequestedAt,
	}
}

// inputValues are the attributes that a run is given in addition to the spec.
func (m *Model) inputValues() []attr.Value {
	return []attr.Value{
		m.SpecExtra, m.Tenant, m.StorageClasses, m.Labels, m.Annotations, m.Triggers, m.ExtraVars, m.ExtraVarsWOVersion,
	}
}

// instance converts the configuration. All of it is known except for write-only variables.
func (m *Model) instance(ctx context.Context) (osac.Instance, diag.Diagnostics) {
	spec, diags := m.spec(ctx)
	instance := osac.Instance{
		Key:                       m.key(),
		Tenant:                    m.Tenant.ValueString(),
		Spec:                      spec,
		ExtraVars:                 hubs.RawJSON(m.ExtraVars),
		WriteOnlyExtraVars:        hubs.RawJSON(m.ExtraVarsWO),
		WriteOnlyExtraVarsVersion: m.ExtraVarsWOVersion.ValueInt64Pointer(),
	}
	var read diag.Diagnostics
	instance.StorageClasses, read = hubs.StorageClasses(ctx, m.StorageClasses)
	diags.Append(read...)
	instance.Labels, read = tfvalue.TextMap(ctx, m.Labels)
	diags.Append(read...)
	instance.Annotations, read = tfvalue.TextMap(ctx, m.Annotations)
	diags.Append(read...)
	instance.Triggers, read = tfvalue.TextMap(ctx, m.Triggers)
	diags.Append(read...)
	return instance, diags
}

// record converts the state.
func (m *Model) record(ctx context.Context) (jobs.Record, diag.Diagnostics) {
	instance, diags := m.instance(ctx)
	record := jobs.Record{
		Instance:                instance,
		Phase:                   jobs.Phase(m.Phase.ValueString()),
		DesiredConfigVersion:    m.DesiredConfigVersion.ValueString(),
		ReconciledConfigVersion: m.ReconciledConfigVersion.ValueString(),
		InputsVersion:           m.InputsVersion.ValueString(),
		UID:                     m.UID.ValueString(),
		HubIdentity:             m.HubIdentity.ValueString(),
		IPAddress:               m.IPAddress.ValueString(),
		Artifacts:               hubs.RawJSON(m.Artifacts),
		ControllerUUID:          m.ControllerUUID.ValueString(),
		Seen:                    m.seen,
	}
	var read diag.Diagnostics
	record.LastRestartedAt, read = timestamp(m.LastRestartedAt)
	diags.Append(read...)
	record.LastJob, read = jobRecord(ctx, m.LastJob)
	diags.Append(read...)
	record.OpenRuns, read = jobRecords(ctx, m.OpenRuns)
	diags.Append(read...)
	return record, diags
}

// setComputed sets the computed attributes from a record. Configured attributes keep their text.
func (m *Model) setComputed(ctx context.Context, record jobs.Record) diag.Diagnostics {
	var diags, built diag.Diagnostics
	m.LastJob, built = jobObject(ctx, record.LastJob)
	diags.Append(built...)
	m.OpenRuns, built = jobList(ctx, record.OpenRuns)
	diags.Append(built...)
	m.ID = types.StringValue(provisioning.InstanceID(m.Hub.ValueString(), m.key()))
	m.UID = tfvalue.TextOrNull(record.UID)
	m.HubIdentity = tfvalue.TextOrNull(record.HubIdentity)
	m.Phase = tfvalue.TextOrNull(string(record.Phase))
	m.DesiredConfigVersion = tfvalue.TextOrNull(record.DesiredConfigVersion)
	m.ReconciledConfigVersion = tfvalue.TextOrNull(record.ReconciledConfigVersion)
	m.InputsVersion = tfvalue.TextOrNull(record.InputsVersion)
	m.LastRestartedAt = timestampValue(record.LastRestartedAt)
	m.IPAddress = tfvalue.TextOrNull(record.IPAddress)
	m.Artifacts = jsonValue(record.Artifacts)
	m.ControllerUUID = tfvalue.TextOrNull(record.ControllerUUID)
	m.seen = record.Seen
	return diags
}

// NewModel returns a state made from a record alone, as an import needs it.
func NewModel(ctx context.Context, hub string, record jobs.Record) (Model, diag.Diagnostics) {
	m := Model{
		Name:               types.StringValue(record.Name),
		Namespace:          types.StringValue(record.Namespace),
		Hub:                types.StringValue(hub),
		Tenant:             tfvalue.TextOrNull(record.Tenant),
		ExtraVars:          jsonText(record.ExtraVars),
		ExtraVarsWOVersion: types.Int64PointerValue(record.WriteOnlyExtraVarsVersion),
		Timeouts: timeouts.Value{Object: types.ObjectNull(map[string]attr.Type{
			"create": types.StringType, "update": types.StringType, "delete": types.StringType,
		})},
	}
	diags := m.setSpec(ctx, record.Spec)
	var built diag.Diagnostics
	m.StorageClasses, built = storageClassList(ctx, record.StorageClasses)
	diags.Append(built...)
	m.Labels, built = textMapValue(ctx, record.Labels)
	diags.Append(built...)
	m.Annotations, built = textMapValue(ctx, record.Annotations)
	diags.Append(built...)
	m.Triggers, built = textMapValue(ctx, record.Triggers)
	diags.Append(built...)
	diags.Append(m.setComputed(ctx, record)...)
	return m, diags
}

func textMapValue(ctx context.Context, texts map[string]string) (types.Map, diag.Diagnostics) {
	if texts == nil {
		return types.MapNull(types.StringType), nil
	}
	return types.MapValueFrom(ctx, types.StringType, texts)
}

func jsonText(document json.RawMessage) types.String {
	if document == nil {
		return types.StringNull()
	}
	return types.StringValue(string(document))
}

func jsonValue(document json.RawMessage) jsontypes.Normalized {
	return jsontypes.Normalized{StringValue: jsonText(document)}
}

func timestamp(value timetypes.RFC3339) (*osac.Timestamp, diag.Diagnostics) {
	if value.IsNull() || value.IsUnknown() {
		return nil, nil
	}
	moment, diags := value.ValueRFC3339Time()
	converted := osac.NewTimestamp(moment)
	return &converted, diags
}

func timestampValue(moment *osac.Timestamp) timetypes.RFC3339 {
	if moment == nil {
		return timetypes.NewRFC3339Null()
	}
	return timetypes.NewRFC3339TimeValue(moment.UTC())
}
