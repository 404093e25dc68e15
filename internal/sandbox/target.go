package sandbox

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// target is a job's compute instance, as read from its extra vars.
type target struct {
	namespace, name string
	restart         string // spec.restartRequestedAt, where the playbook would restart for it
}

// address is the address that a create job reports. It is computed from the name, so it is the same each time.
func (t target) address() string {
	h := derive(t.namespace, t.name)
	return fmt.Sprintf("10.%d.%d.%d", h>>16&0xff, h>>8&0xff, h&0xff%254+1)
}

// resourceOf returns the ComputeInstance in the extra vars, in either envelope.
func resourceOf(variables document) document {
	if resource := variables.object("osac_job_vars", "resource"); resource != nil {
		return resource
	}
	return variables.object("ansible_eda", "event", "payload")
}

func readTarget(variables document) target {
	resource := resourceOf(variables)
	metadata := resource.object("metadata")
	found := target{namespace: metadata.text("namespace"), name: metadata.text("name")}
	// The playbook compares the two as strings.
	requested, last := resource.object("spec").text("restartRequestedAt"), resource.object("status").text("lastRestartedAt")
	if requested != "" && requested > last {
		found.restart = requested
	}
	return found
}

// verb is what the job does to an instance, by the name of its template; empty for other jobs.
func (j *job) verb() string {
	for _, verb := range []string{"create", "delete"} {
		if strings.Contains(j.name, "-"+verb+"-") || strings.HasPrefix(j.name, verb+"-") {
			return verb
		}
	}
	return ""
}

// simulated overrides the template's behavior by the payload's template parameters: {"simulate": {"seconds": 3, "fail":
// "message", "artifacts": {...}, "delete_seconds": 1, "delete_fail": "message"}}. The example playbooks understand the
// same.
func simulated(j *job, variables document) Behavior {
	behavior := j.behavior
	asked := parametersOf(variables).object("simulate")
	if asked == nil {
		return behavior
	}
	prefix := ""
	if j.verb() == "delete" {
		prefix = "delete_"
	}
	if seconds, ok := asked.seconds(prefix + "seconds"); ok {
		behavior.Duration = max(seconds, time.Millisecond)
	}
	if message := asked.text(prefix + "fail"); message != "" {
		behavior.Outcome, behavior.Message = statusFailed, message
	}
	if artifacts := asked.object("artifacts"); artifacts != nil && prefix == "" {
		var decoded map[string]any
		if json.Unmarshal([]byte(wireStyle().dump(artifacts)), &decoded) == nil {
			behavior.Artifacts = decoded
		}
	}
	return behavior
}

// parametersOf returns the job's own template_parameters or, if it has none, the spec's. The example playbooks read the
// same.
func parametersOf(variables document) document {
	if own := variables.object("template_parameters"); own != nil {
		return own
	}
	parsed, err := parseJSON(resourceOf(variables).object("spec").text("templateParameters"))
	if err != nil {
		return nil
	}
	parameters, _ := parsed.(document)
	return parameters
}

func (d document) seconds(key string) (time.Duration, bool) {
	value, _ := d.get(key)
	text, ok := value.(number)
	if !ok {
		return 0, false
	}
	duration, err := time.ParseDuration(string(text) + "s")
	return duration, err == nil
}

// fromGo converts a Go value to a document's value.
func fromGo(value any) any {
	encoded, err := json.Marshal(value)
	if err != nil {
		return nil
	}
	parsed, err := parseJSON(string(encoded))
	if err != nil {
		return nil
	}
	return parsed
}
