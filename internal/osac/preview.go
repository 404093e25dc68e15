package osac

import "encoding/json"

// PreviewRunID and PreviewUID stand in a previewed payload for the run id, which is made up anew for every run, and for the
// uid, which is made up anew for every life.
const (
	PreviewRunID = "RUN-ID"
	PreviewUID   = "UID"
)

// Preview returns the extra vars that a run of the instance would be launched with by the template itself, for an instance
// that was last restarted at the given moment.
func Preview(settings PayloadSettings, verb Verb, instance Instance, lastRestartedAt *Timestamp) (json.RawMessage, error) {
	if verb == Provision && lastRestartedAt == nil {
		// As a creation does, so that nothing reboots.
		lastRestartedAt = RestartRequest(instance.Spec)
	}
	payload, err := NewPayload(settings, instance, lastRestartedAt, RunLabels{
		UID: PreviewUID, RunID: PreviewRunID, Owner: settings.Owner, Place: settings.Place, InputsVersion: instance.InputsVersion(),
	})
	if err != nil {
		return nil, err
	}
	return payload.LaunchVars(settings.Format)
}
