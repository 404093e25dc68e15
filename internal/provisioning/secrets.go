package provisioning

import (
	"encoding/json"
	"regexp"
	"slices"

	"github.com/osac-project/terraform-provider-osac/internal/controller"
	"github.com/osac-project/terraform-provider-osac/internal/transport"
)

// secrets are the texts that no message about a job of the operation may show although a playbook prints them: the hub's
// credentials, all extra vars, and those template parameters whose name says that they are secret. Whether a configuration
// holds the others to be sensitive is not known here: Terraform keeps that to itself, and a message without them would say
// too little.
func (o *operationState) secrets(job controller.Job) []string {
	all := o.hub.secretsOf(job)
	for _, document := range []json.RawMessage{o.record.ExtraVars, o.writeOnly} {
		all = append(all, transport.ValuesOf(document)...)
	}
	return append(all, secretParameters(o.record.Spec.TemplateParameters)...)
}

// secretsOf are the same of any job, as far as it shows what it was given.
func (h *Hub) secretsOf(job controller.Job) []string {
	all := slices.Concat(h.settings.Secrets, transport.ValuesOf(h.settings.ExtraVars))
	// Variables that can't be read can't be told from secrets, and an output that shows them neither.
	if beside, _, err := BesideResource(json.RawMessage(job.ExtraVars)); err == nil {
		all = append(all, transport.ValuesOf(beside)...)
	}
	var vars struct {
		TemplateParameters json.RawMessage `json:"template_parameters"`
	}
	if json.Unmarshal([]byte(job.ExtraVars), &vars) != nil {
		return all
	}
	return append(all, secretParameters(string(vars.TemplateParameters))...)
}

// secretsSent are the same of what an event carries.
func (h *Hub) secretsSent(payload Payload) []string {
	vars, _ := json.Marshal(payload.ExtraVars) //nolint:errchkjson // it was JSON when it came
	return slices.Concat(h.settings.Secrets, transport.ValuesOf(vars), secretParameters(payload.Resource.Spec.TemplateParameters))
}

// hide takes the secrets out of a text about a job.
func (o *operationState) hide(job controller.Job, text string) string {
	return transport.NewSecrets(o.secrets(job)).Hide(transport.Plain(text))
}

// secretName is what names of secrets have in common.
var secretName = regexp.MustCompile(`(?i)passw|passphrase|secret|token|credential|private_?key|api_?key`)

// secretParameters are the values, however deep, of what is called a secret in a JSON document.
func secretParameters(document string) []string {
	var found []string
	var walk func(json.RawMessage)
	walk = func(value json.RawMessage) {
		var object map[string]json.RawMessage
		if json.Unmarshal(value, &object) == nil {
			for name, inner := range object {
				if secretName.MatchString(name) {
					found = append(found, transport.ValuesOf(inner)...)
				} else {
					walk(inner)
				}
			}
		}
		var list []json.RawMessage
		if json.Unmarshal(value, &list) == nil {
			for _, inner := range list {
				walk(inner)
			}
		}
	}
	walk(json.RawMessage(document))
	return found
}
