package osac

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
)

// EventVerbs are the values of an event's osac_verb. An event stream has one URL for both. OSAC's rulebook tells them
// apart by its webhook's endpoints create-… and delete-… (F80).
var EventVerbs = map[Verb]string{Provision: "create", Deprovision: "delete"}

// event is the body of a run's event: the resource itself, and the parts that a rulebook passes on. An example rulebook
// gives the job extra_vars as its own extra vars. In any case, the whole body reaches the job as
// ansible_eda.event.payload (F60).
type event struct {
	Resource
	Verb           string         `json:"osac_verb"`
	StorageClasses []StorageClass `json:"tenant_storage_classes,omitempty"`
	ExtraVars      map[string]any `json:"extra_vars,omitempty"`
}

// Event returns the body of the run's event, and the extra vars that its job must have in addition to ansible_eda.
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

// MissingVars returns the paths of the variables that were sent and that a job lacks. It does not compare values: a
// template's own settings may override them.
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
