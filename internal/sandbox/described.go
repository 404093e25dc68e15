package sandbox

import "strings"

// describedViews are only described: AWX's own client sends OPTIONS to them before it makes or grants an object that
// may name one of theirs (F24). Their objects are not simulated.
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
