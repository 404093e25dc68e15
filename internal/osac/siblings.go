package osac

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// BesideResource returns the extra vars of a launch without the payload's own: the resource in its envelopes, the
// storage classes and the template parameters. Nil means that there are no others. It also returns the names of the
// variables whose value a controller has hidden.
func BesideResource(launchVars json.RawMessage) (json.RawMessage, []string, error) {
	vars, err := DecodeObject(launchVars)
	if err != nil {
		return nil, nil, fmt.Errorf("its extra vars could not be read: %w", err)
	}
	delete(vars, "template_parameters")
	without(vars, "osac_job_vars", "resource", "tenant_storage_classes")
	if eda, ok := vars["ansible_eda"].(map[string]any); ok {
		// A rulebook makes its own additions again (F60, F81).
		without(eda, "event", "payload", "meta", "tenant_storage_classes")
		delete(eda, "ruleset")
		delete(eda, "rule")
		if len(eda) == 0 {
			delete(vars, "ansible_eda")
		}
	}
	if len(vars) == 0 {
		return nil, nil, nil
	}
	encoded, err := json.Marshal(vars)
	return encoded, hiddenIn(vars, ""), err
}

// without deletes keys of an inner object, and deletes the object if it is empty then.
func without(outer map[string]any, name string, keys ...string) {
	inner, ok := outer[name].(map[string]any)
	if !ok {
		return
	}
	for _, key := range keys {
		delete(inner, key)
	}
	if len(inner) == 0 {
		delete(outer, name)
	}
}

// hiddenIn lists the paths of hidden values.
func hiddenIn(vars map[string]any, prefix string) []string {
	var hidden []string
	for _, name := range slices.Sorted(maps.Keys(vars)) {
		switch value := vars[name].(type) {
		case string:
			if value == encrypted {
				hidden = append(hidden, prefix+name)
			}
		case map[string]any:
			hidden = append(hidden, hiddenIn(value, prefix+name+".")...)
		}
	}
	return hidden
}

// encrypted is what a controller shows instead of the answer to a survey's question for a password. It can't be sent
// back: the playbook would get this very text.
const encrypted = "$encrypted$"
