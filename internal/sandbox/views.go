package sandbox

import "slices"

// allViews are all the paths of the API that are simulated.
func allViews() []*view {
	return slices.Concat(rootViews(), sessionViews(), templateViews(), jobViews(), eventViews(), stdoutViews(), activityViews(), accountViews(), setupViews(), environmentViews(), labelViews(), describedViews())
}
