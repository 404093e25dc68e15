package sandbox

import "strings"

// describedViews are only described: AWX's own client asks OPTIONS of them before it makes or grants something that may
// name one (F24). What they hold is not simulated.
func describedViews() []*view {
	var views []*view
	for pattern, model := range map[string]string{
		"teams": "Team", "credentials": "Credential", "instance_groups": "InstanceGroup",
		"settings": "", "settings/all": "",
	} {
		name := "described"
		if strings.HasPrefix(pattern, "settings") {
			name = "settings"
		}
		views = append(views, &view{
			pattern: path(pattern), name: name, model: model, methods: map[string]handler{"GET": (*call).unsimulated},
		})
	}
	return views
}
