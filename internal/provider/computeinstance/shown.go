package computeinstance

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
)

// shownDescriptions are what is told of the attributes that a configuration sets, where they are only shown. What else
// the resource has is either computed, and described there, or says nothing of the instance.
//
//nolint:gosec // a secret's name is none
var shownDescriptions = map[string]string{
	"tenant":               "Tenant that the instance belongs to.",
	"template_id":          "Ansible role that makes the machine.",
	"template_parameters":  "JSON object of the parameters for the role.",
	"image":                "Image that the boot disk was filled with.",
	"cores":                "Number of virtual CPU cores.",
	"memory_gib":           "Memory in GiB.",
	"boot_disk":            "The boot disk.",
	"additional_disks":     "Disks beside the boot disk.",
	"gpu":                  "Devices that are passed through to the machine.",
	"guest_os_family":      "Family of the guest's operating system.",
	"run_strategy":         "`Always` if the machine is kept running, `Halted` if it is kept stopped.",
	"ssh_public_key":       "Public key that was put into the machine.",
	"user_data_secret_ref": "Name of the Secret with the machine's user data.",
	"network_attachments":  "Subnets that the machine is joined to, the first being the primary one.",
	"restart_requested_at": "When a restart was last asked for.",
	"spec_extra":           "JSON object of the spec's keys that the provider has no attribute for.",
	"storage_classes":      "Storage classes that the playbooks choose from, where they aren't the hub's.",
	"labels":               "Labels of the instance.",
	"annotations":          "Annotations of the instance, but for the provider's own.",
}

// shownAttributes are the resource's attributes of an instance, read-only.
func shownAttributes(ctx context.Context) map[string]schema.Attribute {
	all := map[string]schema.Attribute{}
	for name, attribute := range computeInstanceSchema(ctx).Attributes {
		if description, ok := shownDescriptions[name]; ok {
			all[name] = shown(attribute, description)
		}
	}
	maps.Copy(all, computedAttributes())
	delete(all, "open_runs") // only the state that has started a run knows that it is open
	return all
}

// shown returns an attribute in its read-only form.
func shown(attribute schema.Attribute, description string) schema.Attribute {
	switch a := attribute.(type) {
	case schema.StringAttribute:
		return schema.StringAttribute{MarkdownDescription: description, CustomType: a.CustomType, Sensitive: a.Sensitive, Computed: true}
	case schema.Int64Attribute:
		return schema.Int64Attribute{MarkdownDescription: description, Computed: true}
	case schema.MapAttribute:
		return schema.MapAttribute{MarkdownDescription: description, ElementType: a.ElementType, Computed: true}
	case schema.SetAttribute:
		return schema.SetAttribute{MarkdownDescription: description, ElementType: a.ElementType, Computed: true}
	case schema.SingleNestedAttribute:
		return schema.SingleNestedAttribute{MarkdownDescription: description, Attributes: shownWithin(a.Attributes), Computed: true}
	case schema.ListNestedAttribute:
		return schema.ListNestedAttribute{
			MarkdownDescription: description, Computed: true,
			NestedObject: schema.NestedAttributeObject{Attributes: shownWithin(a.NestedObject.Attributes)},
		}
	default:
		return attribute
	}
}

func shownWithin(attributes map[string]schema.Attribute) map[string]schema.Attribute {
	all := map[string]schema.Attribute{}
	for name, attribute := range attributes {
		all[name] = shown(attribute, attribute.GetMarkdownDescription())
	}
	return all
}
