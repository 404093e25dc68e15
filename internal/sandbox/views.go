package sandbox

import "slices"

// allViews are all simulated paths of the API.
func allViews() []*view {
	return slices.Concat(rootViews(), gatewayRootViews(), sessionViews(), templateViews(), jobViews(), eventViews(), stdoutViews(), activityViews(), accountViews(), inventoryViews(), setupViews(), environmentViews(),
		labelViews(), describedViews())
}
