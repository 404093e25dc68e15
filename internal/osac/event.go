package osac

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
)

// EventVerbs are what an event's osac_verb says: an event stream has one URL for both, and OSAC's rulebook names its
// webhook's endpoints create-… and delete-… (contract/osac/README.md, 4).
var EventVerbs = map[Verb]string{Provision: "create", Deprovision: "delete"}

// event is the body of a run's event: the resource itself with what a rulebook hands on beside it. What is in
// extra_vars, an example rulebook gives the job as its own extra vars; the whole body reaches it as
// ansible_eda.event.payload in any case (contract/eda/README.md, 1).
type event struct {
	Resource
	Verb           string         `json:"osac_verb"`
	StorageClasses []StorageClass `json:"tenant_storage_classes,omitempty"`
	ExtraVars      map[string]any `json:"extra_vars,omitempty"`
}

// Event returns the body of the run's event, and the extra vars that its job has to have beside ansible_eda.
func (p Payload) Event(verb Verb, format PayloadFormat) (json.RawMessage, map[string]any, error) {
	vars, err := p.launchVars(format)
	if err != nil {
		return nil, nil, err
	}
	delete(vars, "ansible_eda")
	if _, set := p.ExtraVars["ansible_eda"]; set {
		return nil, nil, errors.New("extra vars below ansible_eda can't be sent by an event: the rulebook writes that variable itself")
	}
	body, err := json.Marshal(event{Resource: p.Resource, Verb: EventVerbs[verb], StorageClasses: p.StorageClasses, ExtraVars: vars})
	if parameters, _ := vars["template_parameters"].(map[string]any); len(parameters) == 0 {
		delete(vars, "template_parameters") // a job that lacks none of them lacks nothing
	}
	return body, vars, err
}

// MissingVars names the variables that were sent and that a job does not have, by their paths. Values are not compared:
// a template's own settings may say otherwise.
func MissingVars(sent map[string]any, extraVars string) []string {
	var has map[string]any
	if json.Unmarshal([]byte(extraVars), &has) != nil {
		has = nil
	}
	var missing []string
	for _, name := range slices.Sorted(maps.Keys(sent)) {
		switch inner, isObject := has[name].(map[string]any); {
		case has == nil || !hasKey(has, name):
			missing = append(missing, name)
		case name == "osac_job_vars" && (!isObject || !hasKey(inner, "resource")):
			missing = append(missing, "osac_job_vars.resource")
		}
	}
	return missing
}

func hasKey(object map[string]any, key string) bool {
	_, has := object[key]
	return has
}
