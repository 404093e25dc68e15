package provisioning

import (
	"encoding/json"
	"regexp"
	"slices"

	"github.com/osac-project/terraform-provider-osac/internal/transport"
)

// secrets are the texts that no message may show although a playbook prints them: the hub's credentials, all extra vars,
// and those template parameters whose name says that they are secret. Whether a configuration holds the others to be
// sensitive is not known here: Terraform keeps that to itself, and a message without them would say too little.
func (o *operationState) secrets() []string {
	all := slices.Clone(o.hub.settings.Secrets)
	for _, document := range []json.RawMessage{o.hub.settings.ExtraVars, o.record.ExtraVars, o.writeOnly} {
		all = append(all, transport.ValuesOf(document)...)
	}
	return append(all, secretParameters(o.record.Spec.TemplateParameters)...)
}

// secretsOf are the same of a run's payload.
func (h *Hub) secretsOf(payload Payload) []string {
	vars, _ := json.Marshal(payload.ExtraVars) //nolint:errchkjson // it was JSON when it came
	return slices.Concat(h.settings.Secrets, transport.ValuesOf(vars), secretParameters(payload.Resource.Spec.TemplateParameters))
}

// hide takes the secrets out of a text.
func (o *operationState) hide(text string) string {
	return transport.NewSecrets(o.secrets()).Hide(transport.Plain(text))
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
