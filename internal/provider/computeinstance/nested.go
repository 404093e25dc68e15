package computeinstance

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/osac-project/terraform-provider-osac/internal/osac"
	"github.com/osac-project/terraform-provider-osac/internal/provider/hubs"
	"github.com/osac-project/terraform-provider-osac/internal/provider/tfvalue"
)

// The objects inside an osac_compute_instance, with the types that lists of them need.
type (
	imageModel struct {
		SourceType types.String `tfsdk:"source_type"`
		SourceRef  types.String `tfsdk:"source_ref"`
	}
	diskModel struct {
		SizeGiB     types.Int64  `tfsdk:"size_gib"`
		StorageTier types.String `tfsdk:"storage_tier"`
	}
	gpuModel struct {
		PCIDeviceSelector types.String `tfsdk:"pci_device_selector"`
		ResourceName      types.String `tfsdk:"resource_name"`
		Count             types.Int64  `tfsdk:"count"`
	}
	networkAttachmentModel struct {
		SubnetRef         types.String `tfsdk:"subnet_ref"`
		SecurityGroupRefs types.Set    `tfsdk:"security_group_refs"`
	}
)

var (
	imageType        = textObject("source_type", "source_ref")
	diskType         = types.ObjectType{AttrTypes: map[string]attr.Type{"size_gib": types.Int64Type, "storage_tier": types.StringType}}
	storageClassType = textObject("name", "tier")
	gpuType          = types.ObjectType{AttrTypes: map[string]attr.Type{
		"pci_device_selector": types.StringType, "resource_name": types.StringType, "count": types.Int64Type,
	}}
	networkAttachmentType = types.ObjectType{AttrTypes: map[string]attr.Type{
		"subnet_ref": types.StringType, "security_group_refs": types.SetType{ElemType: types.StringType},
	}}
)

func textObject(names ...string) types.ObjectType {
	attributes := make(map[string]attr.Type, len(names))
	for _, name := range names {
		attributes[name] = types.StringType
	}
	return types.ObjectType{AttrTypes: attributes}
}

// spec converts the spec's attributes, all of which are known.
func (m *Model) spec(ctx context.Context) (osac.ComputeInstanceSpec, diag.Diagnostics) {
	spec := osac.ComputeInstanceSpec{
		TemplateID:         m.TemplateID.ValueString(),
		TemplateParameters: m.TemplateParameters.ValueString(),
		GuestOSFamily:      m.GuestOSFamily.ValueString(),
		Cores:              m.Cores.ValueInt64(),
		MemoryGiB:          m.MemoryGiB.ValueInt64(),
		RunStrategy:        m.RunStrategy.ValueString(),
		SSHKey:             m.SSHPublicKey.ValueString(),
	}
	if !m.SpecExtra.IsUnknown() {
		spec.Extra = hubs.RawJSON(m.SpecExtra)
	}
	if secret := m.UserDataSecretRef.ValueString(); secret != "" {
		spec.UserDataSecretRef = &osac.SecretRef{Name: secret}
	}
	restart, diags := timestamp(m.RestartRequestedAt)
	spec.RestartRequestedAt = restart

	image, read := tfvalue.Object[imageModel](ctx, m.Image)
	diags.Append(read...)
	if image != nil {
		spec.Image = &osac.Image{SourceType: image.SourceType.ValueString(), SourceRef: image.SourceRef.ValueString()}
	}
	bootDisk, read := tfvalue.Object[diskModel](ctx, m.BootDisk)
	diags.Append(read...)
	if bootDisk != nil {
		disk := bootDisk.disk()
		spec.BootDisk = &disk
	}
	disks, read := tfvalue.Elements[diskModel](ctx, m.AdditionalDisks)
	diags.Append(read...)
	for _, disk := range disks {
		spec.AdditionalDisks = append(spec.AdditionalDisks, disk.disk())
	}
	gpu, read := tfvalue.Object[gpuModel](ctx, m.GPU)
	diags.Append(read...)
	if gpu != nil {
		spec.GPU = &osac.GPU{
			PCIDeviceSelector: gpu.PCIDeviceSelector.ValueString(), ResourceName: gpu.ResourceName.ValueString(), Count: gpu.Count.ValueInt64(),
		}
	}
	spec.NetworkAttachments, read = m.attachments(ctx)
	diags.Append(read...)
	return spec, diags
}

func (m diskModel) disk() osac.Disk {
	return osac.Disk{SizeGiB: m.SizeGiB.ValueInt64(), StorageTier: m.StorageTier.ValueString()}
}

func (m *Model) attachments(ctx context.Context) ([]osac.NetworkAttachment, diag.Diagnostics) {
	models, diags := tfvalue.Elements[networkAttachmentModel](ctx, m.NetworkAttachments)
	var attachments []osac.NetworkAttachment
	for _, model := range models {
		groups, read := tfvalue.Elements[string](ctx, model.SecurityGroupRefs)
		diags.Append(read...)
		attachments = append(attachments, osac.NetworkAttachment{SubnetRef: model.SubnetRef.ValueString(), SecurityGroupRefs: groups})
	}
	return attachments, diags
}

// setSpec sets the spec's attributes from a spec that was read from a job.
func (m *Model) setSpec(ctx context.Context, of osac.Spec) diag.Diagnostics {
	spec, _ := of.(osac.ComputeInstanceSpec) // an object without a spec has nothing set
	m.TemplateID = tfvalue.TextOrNull(spec.TemplateID)
	m.TemplateParameters = tfvalue.TextOrNull(spec.TemplateParameters)
	m.GuestOSFamily = tfvalue.TextOrNull(spec.GuestOSFamily)
	m.Cores = numberOrNull(spec.Cores)
	m.MemoryGiB = numberOrNull(spec.MemoryGiB)
	m.RunStrategy = tfvalue.TextOrNull(spec.RunStrategy)
	m.SSHPublicKey = tfvalue.TextOrNull(spec.SSHKey)
	m.UserDataSecretRef = types.StringNull()
	if spec.UserDataSecretRef != nil {
		m.UserDataSecretRef = tfvalue.TextOrNull(spec.UserDataSecretRef.Name)
	}
	m.RestartRequestedAt = timestampValue(spec.RestartRequestedAt)
	m.SpecExtra = jsonText(spec.Extra)

	var image *imageModel
	if spec.Image != nil {
		image = &imageModel{types.StringValue(spec.Image.SourceType), types.StringValue(spec.Image.SourceRef)}
	}
	var bootDisk *diskModel
	if spec.BootDisk != nil {
		bootDisk = new(newDiskModel(*spec.BootDisk))
	}
	var gpu *gpuModel
	if spec.GPU != nil {
		gpu = &gpuModel{types.StringValue(spec.GPU.PCIDeviceSelector), types.StringValue(spec.GPU.ResourceName), types.Int64Value(spec.GPU.Count)}
	}
	var disks []diskModel
	for _, disk := range spec.AdditionalDisks {
		disks = append(disks, newDiskModel(disk))
	}
	var diags, built diag.Diagnostics
	m.Image, built = types.ObjectValueFrom(ctx, imageType.AttrTypes, image)
	diags.Append(built...)
	m.BootDisk, built = types.ObjectValueFrom(ctx, diskType.AttrTypes, bootDisk)
	diags.Append(built...)
	m.GPU, built = types.ObjectValueFrom(ctx, gpuType.AttrTypes, gpu)
	diags.Append(built...)
	m.AdditionalDisks, built = types.ListValueFrom(ctx, diskType, disks)
	diags.Append(built...)
	diags.Append(m.setAttachments(ctx, spec.NetworkAttachments)...)
	return diags
}

func (m *Model) setAttachments(ctx context.Context, attachments []osac.NetworkAttachment) diag.Diagnostics {
	var diags, built diag.Diagnostics
	var models []networkAttachmentModel
	for _, attachment := range attachments {
		model := networkAttachmentModel{SubnetRef: types.StringValue(attachment.SubnetRef)}
		model.SecurityGroupRefs, built = types.SetValueFrom(ctx, types.StringType, attachment.SecurityGroupRefs)
		diags.Append(built...)
		models = append(models, model)
	}
	m.NetworkAttachments, built = types.ListValueFrom(ctx, networkAttachmentType, models)
	diags.Append(built...)
	return diags
}

func newDiskModel(disk osac.Disk) diskModel {
	return diskModel{SizeGiB: types.Int64Value(disk.SizeGiB), StorageTier: tfvalue.TextOrNull(disk.StorageTier)}
}

func numberOrNull(number int64) types.Int64 {
	if number == 0 {
		return types.Int64Null()
	}
	return types.Int64Value(number)
}

func storageClassList(ctx context.Context, classes []osac.StorageClass) (types.List, diag.Diagnostics) {
	var models []hubs.StorageClassModel
	for _, class := range classes {
		models = append(models, hubs.StorageClassModel{Name: types.StringValue(class.Name), Tier: types.StringValue(class.Tier)})
	}
	return types.ListValueFrom(ctx, storageClassType, models)
}
