package sandbox

import "slices"

// absentPaths are paths that AWX does not have, below names that it has.
func absentPaths() []absentPath {
	return []absentPath{
		{"jobs/{word}", "347"},
		{"job_events", "811"},
		{"unified_jobs/{id}", "1215"},
		{"unified_jobs/{id}/cancel", "449"},
		{"workflow_jobs/{id}/stdout", "509"},
		{"workflow_job_templates/{word}", "1216"},
	}
}

// backedPaths is the table of the answered paths.
func backedPaths() []backedPath {
	return []backedPath{
		{"GET", ":root", "001"},
		{"GET", "", "005"},
		{"GET", "ping", "002 1052"},
		{"GET", "config", "004 1055"},
		{"GET", "me", "003 1056"},
		{"GET", "settings/system", "F9"},

		{"GET", "unified_job_templates", "104 1001"},
		{"GET", "job_templates", "101"},
		{"POST", "job_templates", "F25"},
		{"GET", "job_templates/{id}", "107"},
		{"GET", "job_templates/{id}/launch", "108 1010"},
		{"POST", "job_templates/{id}/launch", "201 1083"},
		{"GET", "job_templates/{id}/survey_spec", "110 1011"},
		{"GET", "job_templates/{id}/jobs", "F22"},
		{"GET", "workflow_job_templates", "103"},
		{"GET", "workflow_job_templates/{id}", "115"},
		{"GET", "workflow_job_templates/{id}/launch", "116"},
		{"POST", "workflow_job_templates/{id}/launch", "501"},
		{"GET", "workflow_job_templates/{id}/workflow_jobs", "F22"},
		{"GET", "workflow_job_templates/{id}/survey_spec", "1212"},

		{"GET", "jobs", "301 1012"},
		{"GET", "workflow_jobs", "506 1069"},
		{"GET", "unified_jobs", "302"},
		{"GET", "jobs/{id}", "211 1034"},
		{"DELETE", "jobs/{id}", "601"},
		{"GET", "workflow_jobs/{id}", "502 1068"},
		{"DELETE", "workflow_jobs/{id}", "F26"},
		{"GET", "jobs/{id}/cancel", "401 1039"},
		{"POST", "jobs/{id}/cancel", "415 1094"},
		{"GET", "workflow_jobs/{id}/cancel", "441"},
		{"POST", "workflow_jobs/{id}/cancel", "442"},
		{"GET", "jobs/{id}/relaunch", "255"},
		{"POST", "jobs/{id}/relaunch", "256"},
		{"GET", "workflow_jobs/{id}/relaunch", "511"},
		{"POST", "workflow_jobs/{id}/relaunch", "F26"},
		{"GET", "workflow_jobs/{id}/workflow_nodes", "444 1070"},
		{"GET", "jobs/{id}/create_schedule", "257"},
		{"GET", "jobs/{id}/job_events", "250 1063"},
		{"GET", "jobs/{id}/job_events/children_summary", "254"},
		{"GET", "jobs/{id}/job_host_summaries", "249"},
		{"GET", "jobs/{id}/stdout", "244 1037"},
		{"GET", "jobs/{id}/activity_stream", "F10"},
		{"GET", "execution_environments/{id}", "F27"},

		{"GET", "activity_stream", "801 1057"},
		{"POST", "labels", "232"},

		{"GET", "tokens", "019"},
		{"POST", "tokens", "F11"},
		{"POST", "users/{id}/personal_tokens", "F28"},
		{"GET", "users", "F25"},
		{"POST", "users", "F25"},
		{"GET", "users/{id}", "F25"},
		{"POST", "users/{id}/roles", "F29"},
		{"GET", "roles/{id}/users", "F30"},
		{"POST", "roles/{id}/users", "F30"},
		{"GET", "organizations", "F25"},
		{"POST", "organizations", "F25"},
		{"GET", "organizations/{id}", "F25"},
		{"GET", "inventories", "F25"},
		{"POST", "inventories", "F31"},
		{"GET", "inventories/{id}", "F31"},
		{"PUT", "inventories/{id}", "F31"},
		{"PATCH", "inventories/{id}", "F31"},
		{"DELETE", "inventories/{id}", "F31"},
		{"GET", "projects", "F25"},

		{"GET", ":gateway", "F32"},
		{"GET", ":gateway versions", "F32"},
		{"GET", "gateway/", "F32"},
		{"GET", "gateway/ping", "F32"},
		{"GET", "gateway/me", "F33"},
		{"GET", "gateway/users", "F33"},
		{"GET", "gateway/users/{id}", "F33"},
		{"GET", "gateway/tokens", "F32"},
		{"POST", "gateway/tokens", "F32"},
		{"GET", "gateway/tokens/{id}", "F32"},
		{"DELETE", "gateway/tokens/{id}", "F32"},
	}
}

// rootNames are the names directly below the API's root: those that the root lists (recording 005), and one that events
// link to (250). AWX answers 404 below any other name (016, 811).
func rootNames() []string {
	var names []string
	for _, entry := range rootEntries() {
		_, path := cutEntry(entry)
		names = append(names, path)
	}
	return slices.Concat(names, []string{"job_events", "job_host_summaries"})
}
