package osac

import "encoding/json"

// PreviewRunID and PreviewUID replace the run id and the uid in a previewed payload: every run gets a new run id, and
// every life a new uid.
const (
	PreviewRunID = "RUN-ID"
	PreviewUID   = "UID"
)

// Preview returns the extra vars of a launch for a run of the instance, which was last restarted at the given moment.
func Preview(settings PayloadSettings, verb Verb, instance Instance, lastRestartedAt *Timestamp) (json.RawMessage, error) {
	if verb == Provision && lastRestartedAt == nil {
		// As in a creation, so that nothing reboots.
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
