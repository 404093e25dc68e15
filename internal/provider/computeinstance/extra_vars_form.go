package computeinstance

import (
	"encoding/json"

	"github.com/osac-project/terraform-provider-osac/internal/osac"
)

// noExtraVars is the empty object, another form of no extra vars.
var noExtraVars = json.RawMessage("{}")

// writtenAs returns the extra vars of an instance in the form that its inputs version in state was made of. An empty
// object and no extra vars are the same to a run but not to that version, which never changes for an existing
// configuration. m is nil if there is no state.
func (m *Model) writtenAs(desired osac.Instance) json.RawMessage {
	canonical, err := osac.CanonicalJSON(desired.ExtraVars)
	if desired.ExtraVars != nil && (err != nil || string(canonical) != string(noExtraVars)) {
		return desired.ExtraVars
	}
	if m == nil {
		return nil
	}
	desired.ExtraVars = noExtraVars
	if desired.InputsVersion() == m.InputsVersion.ValueString() {
		return noExtraVars
	}
	return nil
}
