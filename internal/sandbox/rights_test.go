package sandbox

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

func TestRights(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(Options{})
		const create = "osac-create-compute-instance"
		c.box.AddUser("viewer", "", "viewer", false, map[string]Role{create: RoleRead})
		c.box.AddUser("worker", "", "worker", false, map[string]Role{create: RoleExecute})
		c.box.AddUser("nobody", "", "nobody", false, nil)
		c.box.AddToken("admin", "reader", "read")
		c.launch(t, create, "a")                         // 1
		c.as("worker").launch(t, create, "b")            // 2
		c.launch(t, "osac-delete-compute-instance", "a") // 3
		time.Sleep(time.Minute)
		for _, check := range []struct {
			token, method, path string
			status              int
			body                string
		}{
			{"nobody", "GET", "jobs/1/", 403, ""},
			{"nobody", "GET", "jobs/99/", 404, ""},
			{"nobody", "GET", "jobs/1/job_events/", 403, ""},
			{"nobody", "GET", "jobs/?id__in=1,2,3", 200, `{"count":0,"next":null,"previous":null,"results":[]}`},
			{"nobody", "GET", "activity_stream/", 200, `{"count":0,"next":null,"previous":null,"results":[]}`},
			{"nobody", "GET", "job_templates/9/", 403, ""},
			{"nobody", "POST", "job_templates/9/launch/", 403, ""},
			{"nobody", "POST", "job_templates/9/launch", 404, `{"detail":"Not found."}`},
			{"nobody", "GET", "job_templates/osac-create-compute-instance++osac/", 404, `{"detail":"Not found."}`},
			{"viewer", "POST", "job_templates/osac-create-compute-instance++osac/launch/", 404, `{"detail":"Not found."}`},
			{"viewer", "GET", "job_templates/9/", 200, ""},
			{"viewer", "POST", "job_templates/9/launch/", 403, ""},
			{"worker", "POST", "labels/", 403, ""},
			{"worker", "DELETE", "jobs/2/", 403, ""},
			{"worker", "POST", "jobs/2/cancel/", 403, ""},
			{"worker", "GET", "jobs/2/cancel/", 200, `{"can_cancel":false}`},
			{"worker", "GET", "jobs/3/", 403, ""},
			{"reader", "GET", "jobs/1/", 200, ""},
			{"reader", "POST", "job_templates/9/launch/", 403, ""},
			{"wrong", "GET", "jobs/1/", 401, ""},
			{"wrong", "GET", "ping/", 200, ""},
		} {
			answered := c.as(check.token).ask(t, check.method, "/api/v2/"+check.path, "")
			expect(t, check.token+" "+check.method+" "+check.path, answered.status, check.status)
			if check.body != "" {
				expect(t, check.token+" "+check.path, answered.text, check.body)
			}
		}
		expect(t, "worker sees all jobs of its template", c.as("worker").get(t, "jobs/").ids(), "1 2")
		expect(t, "and their entries", c.as("worker").get(t, "activity_stream/").ids(), "1 2")
		c.box.RevokeToken("worker")
		expect(t, "revoked", c.as("worker").get(t, "jobs/").status, 401)
		c.box.DisableActivityStream(true)
		c.launch(t, create, "quiet")
		expect(t, "not recorded", c.get(t, "activity_stream/").ids(), "1 2 3")
	})
}

func TestPaths(t *testing.T) {
	c := newClient(Options{})
	c.box.AddTemplate(Template{Name: "wf", Workflow: true, AsksVariables: true})
	c.launch(t, "osac-create-compute-instance", "a")
	for _, check := range []struct {
		method, path string
		status       int
		location     string
	}{
		{"GET", "/api/v2/jobs?id__in=1", 301, "/api/v2/jobs/?id__in=1"},
		{"POST", "/api/v2/jobs/1/cancel", 301, "/api/v2/jobs/1/cancel/"},
		{"GET", "/api/v2/job_templates/9", 200, ""},
		{"GET", "/api/v2/job_templates/osac-create-compute-instance/", 200, ""},
		{"GET", "/api/v2/job_templates/osac-create-compute-instance++/", 200, ""},
		{"GET", "/api/v2/job_templates/osac-create-compute-instance++other/", 404, ""},
		{"GET", "/api/v2/workflow_job_templates/wf++osac/", 200, ""},
		{"GET", "/api/v2/workflow_job_templates/wf/", 404, ""},
		{"POST", "/api/v2/job_templates/11/launch/", 404, ""},
		{"POST", "/api/v2/workflow_job_templates/11/launch/", 201, "/api/v2/workflow_jobs/2/"},
		{"GET", "/api/v2/organizations/osac/", 200, ""},
		{"GET", "/api/v2/organizations/nosuch/", 404, ""},
		{"GET", "/api/v2/users/admin/", 200, ""},
		{"GET", "/api", 301, "/api/"},
		{"GET", "/api/v2", 301, "/api/v2/"},
		{"GET", "/api/controller/v2/ping/", 404, ""},
		{"PUT", "/api/v2/jobs/1/", 405, ""},
		{"HEAD", "/api/v2/ping/", 200, ""},
		{"OPTIONS", "/api/v2/jobs/", 200, ""},
	} {
		answered := c.ask(t, check.method, check.path, "")
		expect(t, check.method+" "+check.path, answered.status, check.status)
		expect(t, check.path+" location", answered.header.Get("Location"), check.location)
	}
	expect(t, "type of an unknown path", c.get(t, "nonexistent/").header.Get("Content-Type"), "text/html; charset=utf-8")
	echoed := c.ask(t, "GET", "/api/v2/ping/", "", "X-API-Request-Id", "mine")
	expect(t, "request id", echoed.header.Get("X-API-Request-Id"), "mine")
	expect(t, "unacceptable", c.ask(t, "GET", "/api/v2/jobs/", "", "Accept", "application/xml").status, http.StatusNotAcceptable)
}

func TestGateway(t *testing.T) {
	c := newClient(Options{Gateway: AAP25})
	expect(t, "ping", c.ask(t, "GET", "/api/controller/v2/ping/", "").status, 200)
	expect(t, "plain ping", c.get(t, "ping/").status, 404)
	expect(t, "root", c.ask(t, "GET", "/api/", "").str("apis.controller"), "/api/controller/")
	expect(t, "controller's root", c.ask(t, "GET", "/api/controller/", "").str("current_version"), "/api/controller/v2/")
	launched := c.ask(t, "POST", "/api/controller/v2/job_templates/9/launch/", "")
	expect(t, "location", launched.header.Get("Location"), "/api/controller/v2/jobs/1/")
}
