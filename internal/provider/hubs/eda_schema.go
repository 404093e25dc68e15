package hubs

import (
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/osac-project/terraform-provider-osac/internal/provider/validate"
)

// edaAttribute says how events start runs.
func edaAttribute() schema.Attribute {
	attributes := edaConnectionAttributes()
	attributes["create_url"] = eventURL("Where the event to create or change an instance is posted: a rulebook's webhook with the endpoint that its rule waits for, such as `http://eda.example.com:5000/create-compute-instance`. OSAC's own rulebook also wants `payload_format = \"ansible_eda\"`. Environment: `OSAC_COMPUTE_INSTANCE_PROVISION_WEBHOOK`.", "event_stream_url")
	attributes["delete_url"] = eventURL("Where the event to delete an instance is posted, such as `http://eda.example.com:5000/delete-compute-instance`. OSAC's own rulebook also wants `payload_format = \"ansible_eda\"`. Environment: `OSAC_COMPUTE_INSTANCE_DEPROVISION_WEBHOOK`.", "event_stream_url")
	attributes["event_stream_url"] = eventURL("URL of an event stream, in place of the two webhooks: `https://aap.example.com/eda-event-streams/api/eda/v1/external_event_stream/<uuid>/post/`, slash at the end included. The event's `osac_verb` tells what it is for.", "create_url", "delete_url")
	attributes["start_timeout"] = duration("How long after its event a job may take to appear, as a Go duration. The time begins anew whenever a job of the template starts or ends, since a sequential rulebook works through a queue. The least is `1s`. Default `2m`.", validate.LeastTimeout)
	attributes["minimum_request_interval"] = duration("Least time between two events for the same instance to the same URL, as a Go duration. The next event waits for the rest of it. Default none. Environment: `OSAC_MINIMUM_REQUEST_INTERVAL`.")
	attributes["api"] = schema.SingleNestedAttribute{
		MarkdownDescription: "API of the EDA server, of which the rule audit is read to tell why an event led to no job. Its user needs the role *Organization Auditor*.",
		Optional:            true,
		Attributes: map[string]schema.Attribute{
			"url":      schema.StringAttribute{MarkdownDescription: "Address of AAP or of the EDA server.", Required: true, Validators: []validator.String{validate.WebURL{}}},
			"token":    credential(validate.CheckToken, "Token. AAP's gateway (2.5 and later) takes one, made as that for the controller; an EDA server without it takes none."),
			"username": headerName("Name of the user, where there is no token."),
			"password": credential(validate.CheckPassword, "Password of `username`."),
		},
	}
	return schema.SingleNestedAttribute{
		MarkdownDescription: "Start runs by Event-Driven Ansible: an event is posted, on which a rulebook launches the template. If it is left out, the provider launches the templates itself. Either way the job is found on the controller, followed and reported. Write-only variables are refused, since EDA stores events in clear.",
		Optional:            true,
		Attributes:          attributes,
	}
}

// edaConnectionAttributes say how events are authenticated and sent.
func edaConnectionAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"token":    credential(validate.CheckToken, "Sent as a bearer token with each event. One of `token`, `username` with `password`, and `hmac` may be set."),
		"username": headerName("Name for basic authentication, which event streams can ask for."),
		"password": credential(validate.CheckPassword, "Password of `username`."),
		"hmac": schema.SingleNestedAttribute{
			MarkdownDescription: "Sign each event.",
			Optional:            true,
			Attributes: map[string]schema.Attribute{
				"secret": schema.StringAttribute{
					MarkdownDescription: "The secret that the rulebook or the event stream's credential has, too.",
					Required:            true, Sensitive: true, Validators: []validator.String{validate.NotBlank{}},
				},
				"header":    optionalText("Header that carries the signature. Default `X-Hub-Signature-256`."),
				"algorithm": optionalText("Hash algorithm by its name in Python, such as `sha512`. Default `sha256`."),
				"format": schema.StringAttribute{
					MarkdownDescription: "`hex`, which is the default, or `base64`.",
					Optional:            true, Validators: []validator.String{stringvalidator.OneOf("hex", "base64")},
				},
				"prefix": schema.StringAttribute{
					MarkdownDescription: "What stands before the signature; may be empty. Default is the algorithm's name and `=`, as in `sha256=`.",
					Optional:            true,
				},
			},
		},
		"ca_certificate":     optionalText("Certificates in PEM form that are trusted beside the system's: the text itself, or the path of a file."),
		"client_certificate": optionalText("Certificate in PEM form, or the path of a file, that is shown to a webhook that asks for one."),
		"client_key":         optionalSecret("Private key of `client_certificate` in PEM form, or the path of a file."),
		"insecure_skip_verify": schema.BoolAttribute{
			MarkdownDescription: "Accept any TLS certificate of the event source. Whoever can intercept the connection can then read events and credentials; prefer `ca_certificate`. Default `false`.",
			Optional:            true,
		},
		"request_timeout": duration("How long posting one event may take, as a Go duration. A rulebook that is busy answers late; its job is looked for then all the same. The least is `1s`. Default `10s`.", validate.LeastRequestTimeout),
	}
}

func eventURL(description string, others ...string) schema.Attribute {
	var conflicts []path.Expression
	for _, other := range others {
		conflicts = append(conflicts, path.MatchRelative().AtParent().AtName(other))
	}
	return schema.StringAttribute{
		MarkdownDescription: description, Optional: true,
		Validators: []validator.String{validate.WebURL{}, stringvalidator.ConflictsWith(conflicts...)},
	}
}

func optionalText(description string) schema.StringAttribute {
	return schema.StringAttribute{
		MarkdownDescription: description, Optional: true, Validators: []validator.String{validate.NotBlank{}},
	}
}

func optionalSecret(description string) schema.Attribute {
	attribute := optionalText(description)
	attribute.Sensitive = true
	return attribute
}

// headerName is the attribute of a username.
func headerName(description string) schema.Attribute {
	attribute := optionalText(description)
	attribute.Validators = append(attribute.Validators, validate.HeaderText{Check: validate.CheckUsername})
	return attribute
}

// credential is the attribute of a secret in a request's header.
func credential(check func(string) string, description string) schema.Attribute {
	attribute := optionalText(description)
	attribute.Sensitive = true
	attribute.Validators = append(attribute.Validators, validate.HeaderText{Check: check})
	return attribute
}

func duration(description string, least ...time.Duration) schema.Attribute {
	return schema.StringAttribute{
		MarkdownDescription: description, Optional: true, CustomType: timetypes.GoDurationType{},
		Validators: []validator.String{validate.DurationAtLeast{Least: slices.Max(append(least, 0))}},
	}
}
