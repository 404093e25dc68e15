package hubs

import (
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/osac-project/terraform-provider-osac/internal/osac"
	"github.com/osac-project/terraform-provider-osac/internal/provider/validate"
	"github.com/osac-project/terraform-provider-osac/internal/provisioning"
)

const providerDescription = `Runs [OSAC](https://github.com/osac-project) compute instances (KubeVirt virtual machines) through Ansible Automation Platform.

A platform team offers two job templates on its automation controller, one that creates or updates an instance and one that deletes it. The provider launches them with the instance as payload, follows the jobs to their end, and reports why one fails.

The block holds the settings of the hub ` + "`default`" + `; more hubs go in ` + "`hubs`" + `. A hub is one automation controller (AAP or AWX). What is left out of the ` + "`default`" + ` hub's settings is taken from the environment, by the names that OSAC's operator uses, then by those of the ` + "`ansible/aap`" + ` provider, then by those of Red Hat's collections.`

// Schema is the provider block: the default hub's settings at the top, and a map of more hubs.
func Schema() schema.Schema {
	attributes := maps.Clone(hubAttributes())
	attributes["hubs"] = schema.MapNestedAttribute{
		MarkdownDescription: "More hubs by name, each with the same settings as the block itself. An instance chooses one with its attribute `hub`. The environment variables are not used for them. If all hubs are in here, the block itself has no settings, and no hub `default` exists unless it is one of them.",
		Optional:            true,
		NestedObject:        schema.NestedAttributeObject{Attributes: hubAttributes()},
		Validators:          []validator.Map{validate.NoNulls{}, mapvalidator.KeysAre(validate.HubKeyValidators()...)},
	}
	return schema.Schema{MarkdownDescription: providerDescription, Attributes: attributes}
}

// hubAttributes are the settings of one hub.
func hubAttributes() map[string]schema.Attribute {
	attributes := connectionAttributes()
	maps.Copy(attributes, templateAttributes())
	maps.Copy(attributes, runAttributes())
	attributes["eda"] = edaAttribute()
	return attributes
}

// connectionAttributes say how to connect to the controller.
func connectionAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"url": schema.StringAttribute{
			MarkdownDescription: "Address of the automation controller, such as `https://aap.example.com`. The root of its API is found from there; an address that already ends in `/api/controller` or `/api/v2` is fine as well. Plain HTTP to another machine is warned of; proxies are taken from `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`. White space around this and every other text setting is taken off. Environment: `OSAC_AAP_URL`, `AAP_HOSTNAME`, `CONTROLLER_HOST`; in the last two `https://` may be left out.",
			Optional:            true,
			Validators:          []validator.String{validate.WebURL{}},
		},
		"token": schema.StringAttribute{
			MarkdownDescription: "OAuth2 token with the scope *write*, of a user who may execute the two templates and read their jobs. Environment: `OSAC_AAP_TOKEN`, `AAP_TOKEN`, `CONTROLLER_OAUTH_TOKEN`.",
			Optional:            true,
			Sensitive:           true,
			Validators:          []validator.String{validate.NotBlank{}, validate.HeaderText{Check: validate.CheckToken}},
		},
		"username": schema.StringAttribute{
			MarkdownDescription: "Name of the user, where there is no token. Environment: `AAP_USERNAME`, `CONTROLLER_USERNAME`.",
			Optional:            true,
			Validators:          []validator.String{validate.NotBlank{}, validate.HeaderText{Check: validate.CheckUsername}},
		},
		"password": schema.StringAttribute{
			MarkdownDescription: "Password of `username`. Environment: `AAP_PASSWORD`, `CONTROLLER_PASSWORD`.",
			Optional:            true,
			Sensitive:           true,
			Validators:          []validator.String{validate.NotBlank{}, validate.HeaderText{Check: validate.CheckPassword}},
		},
		"ca_certificate": schema.StringAttribute{
			MarkdownDescription: "Certificates in PEM form that are trusted beside the system's: the text itself, or the path of a file that holds it.",
			Optional:            true,
			Validators:          []validator.String{validate.NotBlank{}},
		},
		"insecure_skip_verify": schema.BoolAttribute{
			MarkdownDescription: "Accept any TLS certificate. Whoever can intercept the connection can then read the token; prefer `ca_certificate`. Default `false`. Environment: `OSAC_AAP_INSECURE_SKIP_VERIFY`, `AAP_INSECURE_SKIP_VERIFY`, and, with the opposite meaning, `CONTROLLER_VERIFY_SSL`, `AAP_VALIDATE_CERTS`.",
			Optional:            true,
		},
		"request_timeout": schema.StringAttribute{
			MarkdownDescription: "How long a single request may take, as a Go duration such as `30s`, which is the default. A launch has at least 60 seconds. The least is `1s`.",
			CustomType:          timetypes.GoDurationType{},
			Optional:            true,
			Validators:          []validator.String{validate.DurationAtLeast{Least: validate.LeastRequestTimeout}},
		},
		"poll_interval": schema.StringAttribute{
			MarkdownDescription: "Longest pause between two looks at the jobs that are waited for, as a Go duration such as `30s`. All jobs on a hub are watched by one request, and more often than this when an end is near. The least is `100ms`; below some seconds, a controller has little else to do than to answer. Environment: `OSAC_AAP_STATUS_POLL_INTERVAL`.",
			CustomType:          timetypes.GoDurationType{},
			Optional:            true,
			Validators:          []validator.String{validate.DurationAtLeast{Least: validate.LeastPollInterval}},
		},
	}
}

// templateAttributes say which templates run instances.
func templateAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"organization": schema.StringAttribute{
			MarkdownDescription: "Name of the organization that owns the templates. Needed only where templates of the same name exist in several organizations.",
			Optional:            true,
			Validators:          []validator.String{validate.NotBlank{}},
		},
		"template_prefix": schema.StringAttribute{
			MarkdownDescription: "Prefix of the template names: `<prefix>-create-compute-instance` and `<prefix>-delete-compute-instance`. Default `osac`. Environment: `OSAC_AAP_TEMPLATE_PREFIX`.",
			Optional:            true,
			Validators:          []validator.String{validate.NotBlank{}},
		},
		"create_template": schema.StringAttribute{
			MarkdownDescription: "Name of the job template or workflow template that creates and updates instances; wins over `template_prefix`. Environment: `OSAC_AAP_PROVISION_TEMPLATE`.",
			Optional:            true,
			Validators:          []validator.String{validate.NotBlank{}},
		},
		"delete_template": schema.StringAttribute{
			MarkdownDescription: "Name of the job template or workflow template that deletes instances; wins over `template_prefix`. Environment: `OSAC_AAP_DEPROVISION_TEMPLATE`.",
			Optional:            true,
			Validators:          []validator.String{validate.NotBlank{}},
		},
	}
}

// runAttributes say what the hub's runs are given, and what is kept of them.
func runAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"namespace": schema.StringAttribute{
			MarkdownDescription: "Namespace of instances that name none. A change affects new instances only. OSAC's own installer keeps instances and tenants in the namespace that it installs into, such as `osac`. Default `" + provisioning.DefaultNamespace + "`, that of OSAC's operator where nothing is set. Environment: `OSAC_COMPUTE_INSTANCE_NAMESPACE`.",
			Optional:            true,
			Validators:          validate.LabelValidators(),
		},
		"tenant": schema.StringAttribute{
			MarkdownDescription: "Tenant of instances that name none. A change affects new instances only. OSAC's own playbooks require one.",
			Optional:            true,
			Validators:          validate.SubdomainValidators(),
		},
		"tenant_namespace": schema.StringAttribute{
			MarkdownDescription: "Namespace on the hub in which OSAC's Tenant objects are. Default: that of each instance, which is right for OSAC as it is installed.",
			Optional:            true,
			Validators:          validate.LabelValidators(),
		},
		"owner": schema.StringAttribute{
			MarkdownDescription: "Names the state that the instances belong to; no two states may have the same. It is written into every payload, and only a machine of an equal owner is taken for one's own where state has been lost, as after a crash. Environment, for every hub: `OSAC_OWNER`, then what names one state: `TFC_WORKSPACE_SLUG` (HCP Terraform), `TF_HTTP_ADDRESS` (the http backend, as in GitLab). Else it is empty, and nothing is adopted.",
			Optional:            true,
			Validators:          []validator.String{validate.NotBlank{}, stringvalidator.LengthAtMost(maxOwner)},
		},
		"place": schema.StringAttribute{
			MarkdownDescription: "Names where the hub's machines run, in your own words. Two hubs on one controller are the same place if their organization and their templates are the same; set this where that is wrong: to different texts where such hubs run machines in different places, as by their `extra_vars`, or to the same text where renamed templates still run the same machines.",
			Optional:            true,
			Validators:          []validator.String{validate.NotBlank{}, stringvalidator.LengthAtMost(253)},
		},
		"payload_format": schema.StringAttribute{
			MarkdownDescription: "Where the playbooks look for the instance: `osac_job_vars` (OSAC from August 2026 on), `ansible_eda` (before), or `both`, which is the default and right for either.",
			Optional:            true,
			Validators: []validator.String{stringvalidator.OneOf(
				string(osac.FormatBoth), string(osac.FormatOSACJobVars), string(osac.FormatAnsibleEDA))},
		},
		"storage_classes": schema.ListNestedAttribute{
			MarkdownDescription: "Storage classes of instances that name none: the stock playbooks require at least one, as `tenant_storage_classes`. They are read at each run; a change runs nothing by itself.",
			Optional:            true,
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"name": schema.StringAttribute{
					MarkdownDescription: "Name of the StorageClass on the cluster that runs the machines.",
					Required:            true,
					Validators:          validate.SubdomainValidators(),
				},
				"tier": schema.StringAttribute{
					MarkdownDescription: "Storage tier that the class serves, such as `local`.",
					Required:            true,
					Validators:          validate.TierValidators(),
				},
			}},
			Validators: []validator.List{validate.NoNulls{}, listvalidator.UniqueValues()},
		},
		"extra_vars": schema.StringAttribute{
			MarkdownDescription: "JSON object of variables that are sent with every run, deletes included, and merged under the instance's own. AAP keeps the variables of a job in clear.",
			Optional:            true,
			Sensitive:           true,
			Validators:          []validator.String{validate.ExtraVarsObject{}},
		},
		"max_job_history": schema.Int64Attribute{
			MarkdownDescription: "How many jobs of an instance the data sources show in `jobs`. Default 10. Environment: `OSAC_MAX_JOB_HISTORY`.",
			Optional:            true,
			Validators:          []validator.Int64{int64validator.Between(1, 1000)},
		},
	}
}
