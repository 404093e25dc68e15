package sandbox

import "slices"

// allViews are all the paths of the API that are simulated.
func allViews() []*view {
	return slices.Concat(rootViews(), gatewayRootViews(), sessionViews(), templateViews(), jobViews(), eventViews(), stdoutViews(), activityViews(), accountViews(), inventoryViews(), setupViews(), environmentViews(),
		labelViews(), describedViews())
}
