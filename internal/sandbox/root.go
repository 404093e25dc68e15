package sandbox

import (
	"net/http"
	"strings"
)

func rootViews() []*view {
	get := func(handle handler) map[string]handler { return map[string]handler{"GET": handle} }
	settings := map[string]handler{"GET": (*call).systemSettings, "PUT": nil, "PATCH": nil, "DELETE": nil}
	return []*view{
		{pattern: []string{":root"}, name: "root", public: true, methods: get((*call).apiRoot)},
		{pattern: []string{""}, name: "version root", public: true, methods: get((*call).versionRoot)},
		{pattern: path("ping"), name: "ping", public: true, methods: get((*call).ping)},
		{pattern: path("config"), name: "config", methods: map[string]handler{"GET": (*call).config, "POST": nil, "DELETE": nil}},
		{pattern: path("settings/system"), name: "settings", methods: settings},
	}
}

// apiRoot is /api/ (recording 001).
func (c *call) apiRoot() *answer {
	d := document{
		{"description", "AWX REST API"}, {"current_version", c.prefix}, {"available_versions", document{{"v2", c.prefix}}},
	}
	if c.platform == nil {
		d = append(d, member{"oauth2", "/api/o/"})
	}
	reply := c.reply(http.StatusOK, append(d, member{"custom_logo", ""}, member{"custom_login_info", ""},
		member{"login_redirect_override", ""}))
	c.ensureCSRFCookie(reply.header)
	return reply
}

// versionRoot is /api/v2/ (recording 005). Not everything that it lists is simulated.
func (c *call) versionRoot() *answer {
	d := document{}
	for _, entry := range rootEntries() {
		name, path := cutEntry(entry)
		if c.platform.lacks(path) {
			continue
		}
		d = append(d, member{name, c.url(path)})
	}
	return c.reply(http.StatusOK, d)
}

// rootEntries are names and their paths, which differ if the entry has a colon.
func rootEntries() []string {
	return []string{
		"ping", "instances", "instance_groups", "receptor_addresses", "config", "settings", "me", "dashboard", "organizations",
		"users", "execution_environments", "projects", "project_updates", "teams", "credentials", "credential_types",
		"credential_input_sources", "applications", "tokens", "metrics", "inventory:inventories",
		"constructed_inventory:constructed_inventories", "inventory_sources", "inventory_updates", "groups", "hosts", "host_metrics",
		"host_metric_summary_monthly", "job_templates", "jobs", "ad_hoc_commands", "system_job_templates", "system_jobs",
		"schedules", "roles", "notification_templates", "notifications", "labels", "unified_job_templates", "unified_jobs",
		"activity_stream", "workflow_job_templates", "workflow_jobs", "workflow_approvals", "workflow_job_template_nodes",
		"workflow_job_nodes", "mesh_visualizer", "bulk", "analytics", "service_index:service-index", "role_definitions",
		"role_user_assignments", "role_team_assignments",
	}
}

// cutEntry returns an entry's name and its path.
func cutEntry(entry string) (string, string) {
	name, path, differ := strings.Cut(entry, ":")
	if !differ {
		path = name
	}
	return name, path
}

func (c *call) ping() *answer {
	group := func(name string) document {
		return document{{"name", name}, {"capacity", 220}, {"instances", []any{nodeName}}}
	}
	return c.reply(http.StatusOK, document{
		{"ha", false},
		{"version", c.productVersion()},
		{"active_node", nodeName},
		{"install_uuid", c.options.InstallUUID},
		{"instances", []any{document{
			{"node", nodeName},
			{"node_type", "hybrid"},
			{"uuid", deriveUUID(c.options.InstallUUID, nodeName)},
			{"heartbeat", c.now},
			{"capacity", 220},
			{"version", c.productVersion()},
		}}},
		{"instance_groups", []any{group("controlplane"), group("default")}},
	})
}

// config has only the fields that identify the system. The later AWX's licence had an eula (1055), the first one's had
// none (004). Only superusers see the folder of projects.
func (c *call) config() *answer {
	d := document{
		{"time_zone", "UTC"},
		{"license_info", document{
			{"license_type", "open"}, {"valid_key", true}, {"subscription_name", "OPEN"}, {"product_name", "AWX"},
		}},
		{"version", c.productVersion()},
		{"analytics_status", "off"},
		{"analytics_collectors", document{}},
		{"become_methods", []any{}},
	}
	if c.user.superuser {
		d = append(d, member{"project_base_dir", "/var/lib/awx/projects/"}, member{"project_local_paths", []any{}},
			member{"custom_virtualenvs", []any{}})
	}
	return c.reply(http.StatusOK, d)
}

// systemSettings reports whether the activity stream is on (recording 868); the rest is left out.
func (c *call) systemSettings() *answer {
	if !c.user.superuser {
		return c.refuse(forbidden())
	}
	return c.reply(http.StatusOK, c.settings())
}

func (c *call) settings() document {
	return document{
		{"ACTIVITY_STREAM_ENABLED", !c.conditions.ActivityStreamOff},
		{"ACTIVITY_STREAM_ENABLED_FOR_INVENTORY_SYNC", false},
		{"INSTALL_UUID", c.options.InstallUUID},
		{"TOWER_URL_BASE", "https://towerhost"},
	}
}
