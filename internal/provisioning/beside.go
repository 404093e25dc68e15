package provisioning

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/osac-project/terraform-provider-osac/internal/controller"
)

// BesideResource returns the extra vars of a launch without what the payload itself puts there: the resource in its
// envelopes, the storage classes and the template parameters. Nil means that there are no others. Beside them it names
// the variables whose value a controller has hidden.
func BesideResource(launchVars json.RawMessage) (json.RawMessage, []string, error) {
	vars, err := decodeObject(launchVars)
	if err != nil {
		return nil, nil, fmt.Errorf("its extra vars could not be read: %w", err)
	}
	delete(vars, "template_parameters")
	without(vars, "osac_job_vars", "resource", "tenant_storage_classes")
	if eda, ok := vars["ansible_eda"].(map[string]any); ok {
		// A rulebook's own additions (contract/eda/README.md, 8) are its to make again.
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

// without deletes keys of an inner object, and the object when nothing is left of it.
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

// ReadLaunch reads an instance from the extra vars of a launch that somebody else has made, as far as they say: what the
// provider or a hub adds is left out, and what stands beside the resource becomes the instance's own extra vars. Variables
// that hold no ComputeInstance, or one that can't be represented, are an error.
func ReadLaunch(launchVars json.RawMessage) (Instance, error) {
	read, ok := readRun(controller.Job{ExtraVars: string(launchVars)}, Provision)
	if !ok {
		return Instance{}, errors.New("there is no ComputeInstance at osac_job_vars.resource or ansible_eda.event.payload")
	}
	if key := read.key(); key.Name == "" || key.Namespace == "" {
		return Instance{}, errors.New("the ComputeInstance has no metadata.name or no metadata.namespace")
	}
	instance, err := read.instance(nil)
	if err != nil {
		return Instance{}, err
	}
	instance.ExtraVars, _, err = BesideResource(launchVars)
	return instance, err
}
