package provisioning

import (
	"encoding/json"
	"slices"

	"github.com/osac-project/terraform-provider-osac/internal/controller"
	"github.com/osac-project/terraform-provider-osac/internal/osac"
	"github.com/osac-project/terraform-provider-osac/internal/redact"
	"github.com/osac-project/terraform-provider-osac/internal/transport"
)

// secrets are the texts that no message about a job of the operation may show, even if a playbook prints them: the
// hub's credentials, all extra vars, and template parameters whose name says that they are secret. Terraform does not
// tell a provider which other values are sensitive, and a message without any of them would say too little.
func (o *operationState) secrets(job controller.Job) []redact.Secret {
	all := o.hub.secretsOf(job)
	for _, document := range []json.RawMessage{o.record.ExtraVars, o.writeOnly} {
		all = append(all, redact.Values(document)...)
	}
	return slices.Concat(all, secretsIn(o.record.Spec))
}

// secretsOf are the same of any job, as far as it shows what it was given.
func (h *Hub) secretsOf(job controller.Job) []redact.Secret {
	all := slices.Concat(redact.Credentials(h.settings.Secrets...), redact.Values(h.settings.ExtraVars))
	// Variables that can't be read can't be told from secrets, and an output that shows them neither.
	if beside, _, err := osac.BesideResource(json.RawMessage(job.ExtraVars)); err == nil {
		all = append(all, redact.Values(beside)...)
	}
	var vars struct {
		TemplateParameters json.RawMessage `json:"template_parameters"`
	}
	if json.Unmarshal([]byte(job.ExtraVars), &vars) != nil {
		return all
	}
	return append(all, redact.NamedValues(vars.TemplateParameters)...)
}

// secretsSent are the same of what an event carries.
func (h *Hub) secretsSent(payload osac.Payload) []redact.Secret {
	vars, _ := json.Marshal(payload.ExtraVars) //nolint:errchkjson // it was JSON when it came
	return slices.Concat(redact.Credentials(h.settings.Secrets...), redact.Values(vars), secretsIn(payload.Resource.Spec.Spec))
}

// secretsIn are the template parameters and further keys of a spec whose name says that they are secret.
func secretsIn(spec osac.Spec) []redact.Secret {
	if spec == nil { // the object is only looked for
		return nil
	}
	_, further := spec.Hashed()
	return slices.Concat(redact.NamedValues(json.RawMessage(spec.Parameters())), redact.NamedValues(further))
}

// hide removes the secrets from a text about a job.
func (o *operationState) hide(job controller.Job, text string) string {
	return redact.New(o.secrets(job)).Hide(transport.Plain(text))
}
