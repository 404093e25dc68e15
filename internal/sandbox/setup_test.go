package sandbox

import (
	"testing"
)

func TestSetup(t *testing.T) {
	c := newClient(Options{})
	const template = `{"name": "made", "project": 8, "inventory": 2, "playbook": "x.yml", "ask_variables_on_launch": true}`
	c.box.AddUser("viewer", "", "viewer", false, map[string]Role{"osac-create-compute-instance": RoleRead})
	for _, check := range []struct {
		as, path, body string
		status         int
		text           string
	}{
		{"viewer", "users/", `{"username": "x", "password": "y"}`, 403, ""},
		{"viewer", "job_templates/", template, 403, ""},
		{"viewer", "organizations/", `{"name": "x"}`, 403, ""},
		{"viewer", "users/2/roles/", `{"id": 63}`, 403, ""},
		{"viewer", "users/1/roles/", `{"id": 63}`, 403, ""},
		{"admin", "users/", `{}`, 400, `{"username":["This field is required."]}`},
		{"admin", "users/", `{"username": "worker"}`, 400, `{"password":["Password required for new User."]}`},
		{"admin", "users/", `{"username": "worker", "password": "p"}`, 201, ""},
		{"admin", "users/", `{"username": "worker", "password": "p"}`, 400, `{"username":["A user with that username already exists."]}`},
		{"admin", "organizations/", `{"name": "more"}`, 201, ""},
		{"admin", "organizations/", `{"name": "more"}`, 400, `{"name":["Organization with this Name already exists."]}`},
		{"admin", "job_templates/", `{"name": "x", "project": 9}`, 400, `{"project":["Invalid pk \"9\" - object does not exist."]}`},
		{"admin", "job_templates/", `{"name": "x", "project": 8}`, 400, `{"playbook":["Must select playbook for project."]}`},
		{"admin", "job_templates/", template, 201, ""},
		{"admin", "job_templates/", template, 400, `{"__all__":["JobTemplate with this (organization, name) combination already exists."]}`},
		{"admin", "workflow_job_templates/", `{"name": "x"}`, 405, ""},
		{"admin", "users/99/roles/", `{"id": 63}`, 404, `{"detail":"No User matches the given query."}`},
		{"admin", "users/3/roles/", `{"id": 1}`, 400, `{"detail":"No Role matches the given query."}`},
		{"admin", "users/3/roles/", `{"id": 69}`, 204, ""}, // execute on template 11
	} {
		answered := c.as(check.as).post(t, check.path, check.body)
		expect(t, check.path+check.body, answered.status, check.status)
		if check.text != "" {
			expect(t, check.path+check.body, answered.text, check.text)
		}
	}
	c.box.AddToken("worker", "worker", "write")
	expect(t, "sees its template", c.as("worker").get(t, "job_templates/").ids(), "11")
	expect(t, "launches it", c.as("worker").post(t, "job_templates/11/launch/", `{"extra_vars": {"a": 1}}`).str("extra_vars"), `{"a": 1}`)
	for _, check := range []struct {
		as, method, body string
		status           int
		text             string
	}{
		{"admin", "GET", "", 200, ""},
		{"worker", "POST", `{"id": 2}`, 403, ""},
		{"admin", "POST", `{}`, 400, `{"msg":"User 'id' field is missing."}`},
		{"admin", "POST", `{"id": 99}`, 400, `{"detail":"No User matches the given query."}`},
		{"admin", "POST", `{"id": 2}`, 204, ""},
	} {
		answered := c.as(check.as).ask(t, check.method, "/api/v2/roles/69/users/", check.body)
		expect(t, check.method+" "+check.body, answered.status, check.status)
		if check.text != "" {
			expect(t, check.body, answered.text, check.text)
		}
	}
	expect(t, "who has the role", c.get(t, "roles/69/users/").ids(), "2 3")
	expect(t, "no such role", c.get(t, "roles/999/users/").text, `{"detail":"No Role matches the given query."}`)
	expect(t, "not for others", c.as("worker").get(t, "roles/63/users/").status, 403)
	c.post(t, "roles/69/users/", `{"id": 2, "disassociate": true}`)
	expect(t, "taken away", c.post(t, "users/3/roles/", `{"id": 69, "disassociate": true}`).status, 204)
	expect(t, "sees nothing", c.as("worker").get(t, "job_templates/").ids(), "")
}

// TestDescribe looks at what `awx` builds its command line from.
func TestDescribe(t *testing.T) {
	c := newClient(Options{})
	describe := func(path string) reply { return c.ask(t, "OPTIONS", "/api/v2/"+path, "") }
	jobs := describe("jobs/")
	expect(t, "name", jobs.str("name"), "Job List")
	expect(t, "types", jobs.str("types")+jobs.str("max_page_size"), `["job"]200`)
	expect(t, "status", jobs.str("actions.GET.status.type")+jobs.str("actions.GET.status.filterable"), "choicetrue")
	expect(t, "template", jobs.str("actions.GET.job_template.type"), "id")
	expect(t, "no create", jobs.str("actions.POST"), "null")
	expect(t, "launch", describe("job_templates/1/launch/").str("actions.POST.extra_vars.type"), "json")
	expect(t, "workflow's launch", describe("workflow_job_templates/1/launch/").str("actions.POST.verbosity"), "null")
	expect(t, "roles", describe("job_templates/").str("object_roles"), `["admin_role","execute_role","read_role"]`)
	expect(t, "required", describe("labels/").str("actions.POST.name.required"), "true")
	expect(t, "settings", describe("settings/all/").str("actions.PUT.TOWER_URL_BASE.type"), "string")
}
