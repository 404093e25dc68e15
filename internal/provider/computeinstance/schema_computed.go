package computeinstance

import (
	"github.com/hashicorp/terraform-plugin-framework-jsontypes/jsontypes"
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/osac-project/terraform-provider-osac/internal/provider/tfvalue"
	"github.com/osac-project/terraform-provider-osac/internal/provider/validate"
)

// computedAttributes are the instance's computed attributes. None has a plan modifier: ModifyPlan decides, for all of
// them, what a run changes and what keeps its value.
func computedAttributes() map[string]schema.Attribute {
	attributes := versionAttributes()
	attributes["id"] = tfvalue.ComputedText("The instance's id: `namespace/name`, on other hubs than `default` `hub/namespace/name`.")
	attributes["uid"] = tfvalue.ComputedText("Id of the instance's life, from its creation to its deletion. It is sent with every run, in the annotation `osac.openshift.io/uid`.")
	attributes["hub_identity"] = tfvalue.ComputedText("Identity of the hub that the instance lives on: its controller, organization and templates, or its `place`. The same hub key with another identity is an error before anything is done.")
	attributes["phase"] = tfvalue.ComputedText("`Starting` while the outcome of the newest run is open or unknown, `Running` or `Stopped` after a successful one, `Failed` after one that failed, `Deleting` while a delete job runs.")
	attributes["ip_address"] = tfvalue.ComputedText("Address of the machine, where the playbook reports `ip_address` among its artifacts. OSAC's own playbook does not, so that it is null there; [Job templates and payload](../guides/payload.md) has the lines that a site adds.")
	attributes["controller_uuid"] = tfvalue.ComputedText("Identity of the automation controller that runs the instance. Another controller under the same hub is an error before anything is done.")
	attributes["last_restarted_at"] = schema.StringAttribute{
		MarkdownDescription: "Moment of the last restart that was requested and done. It is sent with every later run, so that none restarts the machine again.",
		CustomType:          timetypes.RFC3339Type{},
		Computed:            true,
	}
	attributes["artifacts"] = schema.StringAttribute{
		MarkdownDescription: "Outputs of the newest successful job (`set_stats` in its playbook) as a JSON object of up to 64 KiB. Sensitive: `no_log` in a playbook does not hide them.",
		CustomType:          jsontypes.NormalizedType{},
		Computed:            true,
		Sensitive:           true,
	}
	attributes["last_job"] = schema.SingleNestedAttribute{
		MarkdownDescription: "The newest job of the instance; null where none is known.",
		Computed:            true,
		Attributes:          jobAttributes(),
	}
	attributes["open_runs"] = schema.ListNestedAttribute{
		MarkdownDescription: "Runs that may still begin, since their job hasn't been found yet, and second jobs of one run whose cancelling is not confirmed. Normally empty, and at most 5. Each is looked for again before anything is launched.",
		Computed:            true,
		NestedObject:        schema.NestedAttributeObject{Attributes: jobAttributes()},
	}
	return attributes
}

func versionAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"desired_config_version":    tfvalue.ComputedText("Hash of the instance's spec as it is configured, the same that OSAC's operator computes."),
		"reconciled_config_version": tfvalue.ComputedText("Hash of the spec that the newest provision job has applied; null while that is unknown. If it differs from `desired_config_version`, the next apply runs the create template."),
		"inputs_version": schema.StringAttribute{
			MarkdownDescription: "Hash of all that a run is given: the spec, labels, annotations, storage classes, extra vars, `extra_vars_wo_version` and triggers. Sensitive: who knows the hash can try out what a secret among them may be.",
			Computed:            true,
			Sensitive:           true,
		},
	}
}

// metadataAttribute is a map of labels or annotations. Its keys must not be the provider's own.
func metadataAttribute(labels bool, description string) schema.MapAttribute {
	attribute := textMapAttribute(description)
	attribute.Validators = append(attribute.Validators, validate.UnreservedKeys{}, validate.MetadataEntries{Labels: labels})
	return attribute
}

func textMapAttribute(description string) schema.MapAttribute {
	return schema.MapAttribute{
		MarkdownDescription: description,
		ElementType:         types.StringType,
		Optional:            true,
		Validators:          []validator.Map{validate.NoNulls{}},
	}
}
