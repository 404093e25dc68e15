package computeinstance

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/osac-project/terraform-provider-osac/internal/provider/validate"
)

const computeInstanceDescription = `A compute instance: a KubeVirt virtual machine that OSAC's job templates create, change and delete.

` + "`terraform apply`" + ` launches the hub's create template and waits for its job; the same template is launched again for every change in place, and to finish a run that failed or was interrupted. ` + "`terraform destroy`" + ` launches the delete template with everything that was last applied. If a job fails, the error shows the task, the host and the message.`

// Schema describes the resource.
func (r *Resource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = computeInstanceSchema(ctx)
}

func computeInstanceSchema(ctx context.Context) schema.Schema {
	attributes := placeAttributes()
	maps.Copy(attributes, specAttributes())
	maps.Copy(attributes, inputAttributes())
	maps.Copy(attributes, behaviourAttributes(ctx))
	maps.Copy(attributes, computedAttributes())
	return schema.Schema{Version: 1, MarkdownDescription: computeInstanceDescription, Attributes: attributes}
}

// stableText are the plan modifiers of optional and computed attributes that can't change in place: an attribute that
// is not configured keeps its value, even if defaults change.
func stableText() []planmodifier.String {
	return []planmodifier.String{
		stringplanmodifier.UseStateForUnknown(),
		stringplanmodifier.RequiresReplaceIfConfigured(),
	}
}

// placeAttributes name the instance and its hub.
func placeAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"name": schema.StringAttribute{
			MarkdownDescription: "Name of the instance, an RFC 1123 label of up to 63 characters. It must be unique in its namespace on its hub. A change replaces the instance.",
			Required:            true,
			PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
			Validators:          validate.LabelValidators(),
		},
		"namespace": schema.StringAttribute{
			MarkdownDescription: "Namespace of the instance on the hub. Left out, it is the hub's `namespace` at the time of creation. A change replaces the instance.",
			Optional:            true,
			Computed:            true,
			PlanModifiers:       stableText(),
			Validators:          validate.LabelValidators(),
		},
		"hub": schema.StringAttribute{
			MarkdownDescription: "The hub that runs the instance: a key of the provider's `hubs`, or `default`, which is the default. Another hub replaces the instance; another key for the same controller changes nothing but the name.",
			Optional:            true,
			Computed:            true,
			// ModifyPlan decides whether another key means another controller.
			PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			Validators:    validate.HubKeyValidators(),
		},
		"tenant": schema.StringAttribute{
			MarkdownDescription: "Tenant that the instance belongs to. OSAC's playbooks require it, and look up its target namespace by it. Left out, it is the hub's `tenant` at the time of creation. A change replaces the instance.",
			Optional:            true,
			Computed:            true,
			PlanModifiers:       stableText(),
			Validators:          validate.SubdomainValidators(),
		},
	}
}

// inputAttributes are a run's inputs in addition to the spec.
func inputAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"storage_classes": schema.ListNestedAttribute{
			MarkdownDescription: "Storage classes that the playbooks choose from, sent as `tenant_storage_classes`. Left out, they are the hub's; `[]` means none at all. A change runs the create template in place.",
			Optional:            true,
			Validators:          []validator.List{validate.NoNulls{}},
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"name": schema.StringAttribute{
					MarkdownDescription: "Name of the StorageClass on the cluster that runs the machine.",
					Required:            true,
					Validators:          validate.SubdomainValidators(),
				},
				"tier": schema.StringAttribute{
					MarkdownDescription: "Storage tier that the class serves, such as `local`.",
					Required:            true,
					Validators:          validate.TierValidators(),
				},
			}},
		},
		"labels": metadataAttribute(true, "Labels of the instance, in the payload's `metadata.labels`. A change runs the create template in place."),
		"annotations": metadataAttribute(false, "Annotations of the instance, in the payload's `metadata.annotations`. `osac.openshift.io/subnet-target-namespace`, "+
			"the namespace in which the machine lives, is the first subnet unless it is set here. A change runs the create template in place."),
		"triggers": textMapAttribute("Any values. A change of one runs the create template again, in place, with nothing else changed."),
		"extra_vars": schema.StringAttribute{
			MarkdownDescription: "JSON object of variables for every run of this instance, merged deeply into the launch's extra vars over those of the hub. `{}` and nothing at all are the same. It is kept in state, and AAP keeps the variables of a job in clear. A change runs the create template in place.",
			Optional:            true,
			Sensitive:           true,
			PlanModifiers:       []planmodifier.String{keepEquivalent{same: sameJSON}},
			Validators:          []validator.String{validate.ExtraVarsObject{}},
		},
		"extra_vars_wo": schema.StringAttribute{
			MarkdownDescription: "As `extra_vars`, merged over them, but never kept in plan or state. It is given to runs that create or change the instance, not to its deletion: what that needs goes in the hub's `extra_vars`. A change alone is not noticed; change `extra_vars_wo_version` with it.",
			Optional:            true,
			Sensitive:           true,
			WriteOnly:           true,
			Validators:          []validator.String{validate.ExtraVarsObject{}},
		},
		"extra_vars_wo_version": schema.Int64Attribute{
			MarkdownDescription: "Version of `extra_vars_wo`, any number. A change runs the create template in place.",
			Optional:            true,
		},
	}
}

// behaviourAttributes concern Terraform alone: changing them runs nothing.
func behaviourAttributes(ctx context.Context) map[string]schema.Attribute {
	timeoutsAttribute := timeouts.Attributes(ctx, timeouts.Opts{
		Create: true, Update: true, Delete: true,
		CreateDescription: "How long a creation may take, the job's time in AAP's queue included, as a Go duration. Default `60m`.",
		UpdateDescription: "How long a change in place may take, as a Go duration. Default `60m`.",
		DeleteDescription: "How long a deletion may take, the end of a job that is cancelled first included, as a Go duration. Default `30m`. The value of the last apply counts.",
	})
	if nested, ok := timeoutsAttribute.(schema.SingleNestedAttribute); ok {
		nested.MarkdownDescription = "How long Terraform waits for a job, at least a second. When the time is over, the job goes on at the controller."
		for name, attribute := range nested.Attributes {
			if timeout, ok := attribute.(schema.StringAttribute); ok {
				timeout.Validators = append(timeout.Validators, validate.LongEnough{})
				nested.Attributes[name] = timeout
			}
		}
		timeoutsAttribute = nested
	}
	return map[string]schema.Attribute{
		"skip_destroy": schema.BoolAttribute{
			MarkdownDescription: "On destroy, drop the instance from state and leave the machine as it is: no delete job is launched. It must have been applied before the destroy. Default `false`.",
			Optional:            true,
		},
		"take_over": schema.BoolAttribute{
			MarkdownDescription: "Create the instance even if the hub's job history shows a live one of this name that isn't this configuration's. The create template then changes that one. Default `false`: such a creation is refused.",
			Optional:            true,
		},
		"timeouts": timeoutsAttribute,
	}
}
