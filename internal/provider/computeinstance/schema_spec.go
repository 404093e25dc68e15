package computeinstance

import (
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/objectplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/osac-project/terraform-provider-osac/internal/osac"
	"github.com/osac-project/terraform-provider-osac/internal/provider/validate"
)

// specAttributes are the ComputeInstance's spec, by the names of OSAC's public API.
func specAttributes() map[string]schema.Attribute {
	attributes := machineAttributes()
	maps.Copy(attributes, guestAttributes())
	attributes["template_id"] = schema.StringAttribute{
		MarkdownDescription: "Ansible role that makes the machine, by its fully qualified name. Left out, it is `" + osac.DefaultTemplateID + "` at the time of creation. A change replaces the instance.",
		Optional:            true,
		Computed:            true,
		PlanModifiers:       stableText(),
		Validators:          validate.TemplateIDValidators(),
	}
	// It is plain text and not jsontypes.Normalized, whose error repeats the whole value: it may hold a secret.
	attributes["template_parameters"] = schema.StringAttribute{
		MarkdownDescription: "JSON object of parameters for the role, such as `jsonencode({ exposed_ports = \"22/tcp\" })`. It is sent as `spec.templateParameters` and as the extra var `template_parameters`. It is kept in state and shown in plans; secrets belong in `extra_vars` or `extra_vars_wo`. A change runs the create template in place.",
		Optional:            true,
		PlanModifiers:       []planmodifier.String{keepEquivalent{same: sameJSON}},
		Validators:          []validator.String{validate.JSONObject{}},
	}
	attributes["run_strategy"] = schema.StringAttribute{
		MarkdownDescription: "`Always` keeps the machine running, `Halted` keeps it stopped. Left out, it is `Always` at the time of creation. A change runs the create template in place.",
		Optional:            true,
		Computed:            true,
		PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
		Validators:          []validator.String{stringvalidator.OneOf(osac.RunAlways, osac.RunHalted)},
	}
	attributes["restart_requested_at"] = schema.StringAttribute{
		MarkdownDescription: "Restarts the machine, in place, when set to a moment later than `last_restarted_at`, or than the creation where it was never restarted. RFC 3339, such as `2026-08-22T11:00:00Z`; fractions of a second are dropped. It is a signal, not a schedule: a moment in the future is refused, and so is a restart of a halted instance. Removing it changes nothing.",
		CustomType:          timetypes.RFC3339Type{},
		Optional:            true,
		PlanModifiers:       []planmodifier.String{keepEquivalent{same: sameSecond}},
	}
	attributes["network_attachments"] = networkAttachmentsAttribute()
	attributes["spec_extra"] = schema.StringAttribute{
		MarkdownDescription: "JSON object of further keys of the payload's `spec`, by OSAC's own names, for what this release has no attribute for, such as `jsonencode({ instanceType = \"standard-4-16\" })`. Objects are merged deeply, and the elements of a list with those of its attribute. An import puts keys here that it does not know. A key that has an attribute belongs there: it is warned of, and refused if both are set. It is no part of the config version. A change runs the create template in place.",
		Optional:            true,
		PlanModifiers:       []planmodifier.String{keepEquivalent{same: sameJSON}},
		Validators:          []validator.String{validate.JSONObject{}},
	}
	return attributes
}

// machineAttributes describe the machine. Its size changes in place; any other change replaces the machine.
func machineAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"image": schema.SingleNestedAttribute{
			MarkdownDescription: "Image that the boot disk is filled with. Left out, the template chooses. A change replaces the instance.",
			Optional:            true,
			PlanModifiers:       []planmodifier.Object{objectplanmodifier.RequiresReplace()},
			Attributes: map[string]schema.Attribute{
				"source_type": schema.StringAttribute{
					MarkdownDescription: "Kind of source: `registry`, a container registry, is the only one that OSAC knows.",
					Required:            true,
					Validators:          []validator.String{stringvalidator.OneOf("registry")},
				},
				"source_ref": schema.StringAttribute{
					MarkdownDescription: "Reference of the image, such as `quay.io/containerdisks/fedora:latest`.",
					Required:            true,
					Validators:          validate.ImageValidators(),
				},
			},
		},
		"cores": schema.Int64Attribute{
			MarkdownDescription: "Number of virtual CPUs, 1 to 128. It is sent as `cores` and as `vcpus`, OSAC's newer name for it. The stock playbooks require it. A change resizes the machine in place, see [Resizing](#resizing).",
			Optional:            true,
			Validators:          []validator.Int64{int64validator.Between(1, 128)},
		},
		"memory_gib": schema.Int64Attribute{
			MarkdownDescription: "Memory in GiB, at least 1. The stock playbooks require it. A change resizes the machine in place, see [Resizing](#resizing).",
			Optional:            true,
			Validators:          []validator.Int64{int64validator.Between(1, validate.MaxInt32)},
		},
		"boot_disk": schema.SingleNestedAttribute{
			MarkdownDescription: "Disk that the machine boots from. Left out, the template chooses. A change replaces the instance.",
			Optional:            true,
			PlanModifiers:       []planmodifier.Object{objectplanmodifier.RequiresReplace()},
			Attributes:          diskAttributes(),
		},
		"additional_disks": schema.ListNestedAttribute{
			MarkdownDescription: "More disks, which begin empty. A change replaces the instance.",
			Optional:            true,
			PlanModifiers:       []planmodifier.List{replaceOnOtherElements()},
			Validators:          []validator.List{validate.NoNulls{}},
			NestedObject:        schema.NestedAttributeObject{Attributes: diskAttributes()},
		},
		"gpu": gpuAttribute(),
	}
}

// guestAttributes describe the guest, as it is set up when the machine is made.
func guestAttributes() map[string]schema.Attribute {
	replaceText := []planmodifier.String{stringplanmodifier.RequiresReplace()}
	return map[string]schema.Attribute{
		"guest_os_family": schema.StringAttribute{
			MarkdownDescription: "Family of the guest's operating system. `windows` is treated specially by the stock template; everything else counts as `linux`. A change replaces the instance.",
			Optional:            true,
			PlanModifiers:       replaceText,
			Validators:          validate.FamilyValidators(),
		},
		"ssh_public_key": schema.StringAttribute{
			MarkdownDescription: "Public key that may log in, in the form of OpenSSH's `.pub` files. A change replaces the instance, unless it only changes white space.",
			Optional:            true,
			PlanModifiers:       append([]planmodifier.String{keepEquivalent{same: sameKeys}}, replaceText...),
			Validators:          []validator.String{validate.PublicKey{}},
		},
		"user_data_secret_ref": schema.StringAttribute{
			MarkdownDescription: "Name of a Secret in the instance's namespace on the hub whose key `userdata` holds the cloud-init user data. A change of the name replaces the instance; a change of the Secret is not noticed.",
			Optional:            true,
			PlanModifiers:       replaceText,
			Validators:          validate.SubdomainValidators(),
		},
	}
}

func diskAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"size_gib": schema.Int64Attribute{
			MarkdownDescription: "Size in GiB, at least 1.",
			Required:            true,
			Validators:          []validator.Int64{int64validator.Between(1, validate.MaxInt32)},
		},
		"storage_tier": schema.StringAttribute{
			MarkdownDescription: "Storage tier of the disk, such as `local`. Set it on every disk: OSAC wants that since October 2026. Left out, OSAC's own playbook takes `local`, and before August 2026 `default`, unless its site says otherwise. `storage_classes` need a class for it.",
			Optional:            true,
			Validators:          validate.TierValidators(),
		},
	}
}

func gpuAttribute() schema.Attribute {
	return schema.SingleNestedAttribute{
		MarkdownDescription: "GPUs that are passed through to the machine. A change replaces the instance.",
		Optional:            true,
		PlanModifiers:       []planmodifier.Object{objectplanmodifier.RequiresReplace()},
		Attributes: map[string]schema.Attribute{
			"pci_device_selector": schema.StringAttribute{
				MarkdownDescription: "Vendor and device of the PCI device, such as `10DE:20B0`.",
				Required:            true,
				Validators:          validate.SelectorValidators(),
			},
			"resource_name": schema.StringAttribute{
				MarkdownDescription: "Name under which the cluster offers the device, such as `nvidia.com/A100`.",
				Required:            true,
				Validators:          validate.ResourceNameValidators(),
			},
			"count": schema.Int64Attribute{
				MarkdownDescription: "Number of devices, 1 to 16.",
				Required:            true,
				Validators:          []validator.Int64{int64validator.Between(1, 16)},
			},
		},
	}
}

func networkAttachmentsAttribute() schema.Attribute {
	return schema.ListNestedAttribute{
		MarkdownDescription: "Subnets that the machine is attached to, up to 8. The first is the primary one, and says where the machine is placed; OSAC's own playbook requires it, and attaches no other (OSAC accepts one since September 2026), so that more are warned of. Other subnets, or another order of them, replace the instance. Other security groups are changed in place.",
		Optional:            true,
		PlanModifiers:       []planmodifier.List{replaceOnOtherSubnets()},
		Validators:          []validator.List{validate.NoNulls{}, listvalidator.SizeAtMost(8), distinctSubnets{}},
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"subnet_ref": schema.StringAttribute{
				MarkdownDescription: "Name of the subnet, which is that of its namespace on the cluster as well. Each may be given once.",
				Required:            true,
				Validators:          validate.LabelValidators(),
			},
			"security_group_refs": schema.SetAttribute{
				MarkdownDescription: "Names of the security groups that apply to this attachment.",
				ElementType:         types.StringType,
				Optional:            true,
				Validators:          []validator.Set{validate.NoNulls{}, setvalidator.ValueStringsAre(validate.GroupValidators()...)},
			},
		}},
	}
}
