package sandbox

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// These tests hold the sandbox to the facts in FACTS.md that no recording shows.
// Names of templates, ids and users are those of the recordings: see newRecorded.

// fact is a request and what its answer must have.
type fact struct {
	number, as, method, path, body string
	status                         int
	text                           string // the whole body, where it is given
}

func (f fact) check(t *testing.T, c *client) reply {
	t.Helper()
	if f.as != "" {
		c = c.as(f.as)
	}
	answered := c.ask(t, f.method, "/api/v2/"+f.path, f.body)
	what := f.number + " " + f.method + " " + f.path
	expect(t, what, answered.status, f.status)
	if f.text != "" {
		expect(t, what, answered.text, f.text)
	}
	return answered
}

// recorded runs a test on a sandbox that is as the recorded AWX, at a known time.
func recorded(t *testing.T, test func(t *testing.T, c *client)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		box := newRecorded()
		box.AddUser("execer", "", "execer", false, map[string]Role{
			"osac-create-compute-instance-simul": RoleExecute, "osac-wf-create-compute-instance": RoleExecute,
		})
		test(t, &client{box, "admin"})
	})
}

func TestFactsOfLaunches(t *testing.T) {
	recorded(t, func(t *testing.T, c *client) {
		dropped := fact{"203", "", "POST", "job_templates/12/launch/", `{"extra_vars": {"a": 1}, "limit": "x"}`, 201, ""}.check(t, c)
		expect(t, "203", dropped.str("ignored_fields")+dropped.str("extra_vars"), `{"extra_vars":{"a":1},"limit":"x"}{}`)
		kept := fact{"223", "", "POST", "job_templates/15/launch/", `{"extra_vars": {"instance_id": "vm", "b": 2}}`, 201, ""}.check(t, c)
		expect(t, "223", kept.str("extra_vars")+kept.str("ignored_fields"), `{"instance_id": "vm"}{"extra_vars":{"b":2}}`)
		bad := fact{"208", "", "POST", "job_templates/9/launch/", `{"extra_vars": "not: a: valid: {"}`, 400, ""}.check(t, c)
		expect(t, "208", strings.HasPrefix(bad.str("extra_vars"), `["Cannot parse as JSON (error: Expecting value: line 1 column 1 (char 0)) or YAML (error: `), true)
		for _, f := range []fact{
			{"205", "", "POST", "job_templates/999/launch/", `{}`, 404, `{"detail":"No JobTemplate matches the given query."}`},
			{"228", "", "POST", "job_templates/19/launch/", `{}`, 404, `{"detail":"No JobTemplate matches the given query."}`},
			{"228", "", "POST", "workflow_job_templates/9/launch/", `{}`, 404, `{"detail":"No WorkflowJobTemplate matches the given query."}`},
			{"L2", "viewer", "POST", "job_templates/9/launch", `{}`, 404, `{"detail":"Not found."}`},
			{"L2", "", "POST", "job_templates/14/launch", `{}`, 400, `{"variables_needed_to_start":["'instance_id' value missing"]}`},
			{"233", "", "POST", "labels/", `{"name": "osac-instance-uid-123", "organization": 2}`, 400, `{"__all__":["Label with this Name and Organization already exists."]}`},
			{"L6", "execer", "POST", "labels/", `{"name": "x", "organization": 2}`, 403, ""},
			{"805", "", "POST", "jobs/1/labels/", `{"id": 1}`, 405, `{"detail":"Method \"POST\" not allowed."}`},
			{"806", "", "PATCH", "jobs/1/", `{"limit": "x"}`, 405, ""},
			{"L19", "", "PUT", "jobs/1/", `{}`, 405, ""},
		} {
			f.check(t, c)
		}
		large := `{"extra_vars": {"a": "` + strings.Repeat("x", 300_000) + `"}}`
		expect(t, "L14", fact{"L14", "", "POST", "job_templates/11/launch/", large, 201, ""}.check(t, c).str("status"), "pending")
		asked := fact{"230", "", "POST", "job_templates/13/launch/", `{"limit": "localhost", "job_tags": "all,x", "labels": [1]}`, 201, ""}.check(t, c)
		expect(t, "230", asked.str("limit")+" "+asked.str("job_tags")+" "+asked.str("summary_fields.labels.count"), "localhost all,x 1")
		time.Sleep(time.Minute)
		again := fact{"256", "", "POST", "jobs/" + asked.str("id") + "/relaunch/", `{}`, 201, ""}.check(t, c)
		expect(t, "256", again.str("launch_type")+again.str("ignored_fields")+again.str("extra_vars"), "relaunchnull{}")
		expect(t, "256 keeps the prompts", again.str("limit")+" "+again.str("job_tags"), "localhost all,x")
	})
}

func TestFactsOfLists(t *testing.T) {
	recorded(t, func(t *testing.T, c *client) {
		for _, template := range []string{"osac-create-compute-instance-simul", "osac-limit", "osac-wf-create-compute-instance"} {
			c.launch(t, template, "vm-"+template[5:7]) // 1, 2, and 3 with its child 4
		}
		c.post(t, "job_templates/13/launch/", `{"limit": "localhost,uid", "job_tags": "all,uid", "labels": [1]}`) // 4 or 5
		time.Sleep(time.Minute)
		c.launch(t, "osac-create-compute-instance-simul", "late")
		jobs := func(query string) string { return c.get(t, "jobs/?"+encodeQuery(query)).ids() }
		unified := func(query string) string { return c.get(t, "unified_jobs/?"+encodeQuery(query)).ids() }
		all := jobs("")
		for what, check := range map[string][2]string{
			"303 308":           {jobs("unified_job_template=11&order_by=-id&page_size=1"), "6"},
			"323":               {jobs("limit=localhost"), all},
			"324":               {jobs("limit__exact=localhost,uid"), "4"},
			"333":               {jobs("not__status=successful"), "6"},
			"331":               {jobs("launch_type=workflow"), "5"},
			"505":               {unified("unified_job_node__workflow_job=3"), "5"},
			"863":               {jobs(`activitystream__changes__icontains="late"&activitystream__operation=create`), ""},
			"863 escaped":       {jobs(`activitystream__changes__icontains=\"LATE\"`), "6"},
			"L10 workflows":     {c.get(t, "workflow_jobs/?"+encodeQuery(`activitystream__changes__contains=vm-wf\"`)).ids(), "3"},
			"L10 child":         {jobs(`activitystream__changes__contains=vm-wf\"`), "5"},
			"1002 one":          {c.get(t, "unified_job_templates/?type__in=job_template").ids(), ""},
			"803 of a job":      {c.get(t, "jobs/1/activity_stream/").str("count"), "1"},
			"803 by object":     {c.get(t, "activity_stream/?object1=workflow_job&operation=create").str("count"), "1"},
			"304":               {jobs("id__in=1,3,99"), "1"},
			"450 through lists": {c.get(t, "workflow_jobs/?id__in=1,3").ids(), "3"},
			"template's jobs":   {c.get(t, "job_templates/11/jobs/").ids(), "1 6"},
			"template's own":    {c.get(t, "workflow_job_templates/19/workflow_jobs/").ids(), "3"},
			"L9":                {c.get(t, "unified_job_templates/?name=osac-limit").ids(), "26"},
			"106":               {c.get(t, "unified_job_templates/?name__in=osac-limit,osac-wf-create-compute-instance&order_by=id").ids(), "19 26"},
		} {
			expect(t, what, check[0], check[1])
		}
		for _, f := range []fact{
			{"313", "", "GET", "jobs/?extra_vars__contains=x", "", 403, `{"detail":"Filtering on extra_vars is not allowed."}`},
			{"L12", "", "GET", "jobs/?extra_vars=x", "", 403, `{"detail":"Filtering on extra_vars is not allowed."}`},
			{"328", "", "GET", "jobs/?created__gt=yesterday", "", 400, ""},
			{"338", "", "GET", "jobs/?page_size=-1", "", 200, ""},
			{"339", "", "GET", "jobs/?page=9", "", 404, `{"detail":"Invalid page."}`},
			{"343", "", "GET", "jobs/?fields=id", "", 400, `{"detail":"Job has no field named 'fields'"}`},
			{"348", "", "GET", "unified_jobs/1/", "", 404, ""},
			{"449", "", "POST", "unified_jobs/1/cancel/", "", 404, ""},
			{"347", "", "GET", "jobs/abc/", "", 404, ""},
			{"509", "", "GET", "workflow_jobs/3/stdout/", "", 404, ""},
			{"811", "", "GET", "job_events/?event=x", "", 404, ""},
			{"451", "", "GET", "workflow_jobs/1/", "", 404, `{"detail":"No WorkflowJob matches the given query."}`},
			{"450", "", "GET", "jobs/3/", "", 404, `{"detail":"No Job matches the given query."}`},
			{"L4", "x", "GET", "", "", 200, ""},
		} {
			answered := f.check(t, c)
			page := f.status == 404 && f.text == ""
			expect(t, f.number+" in HTML", strings.HasPrefix(answered.header.Get("Content-Type"), "text/html"), page)
		}
		row, detail := c.get(t, "jobs/?id__in=1").results()[0], c.get(t, "jobs/1/").body
		for _, field := range []string{
			"result_traceback", "event_processing_finished", "job_args", "job_cwd", "job_env", "host_status_counts", "playbook_counts",
			"custom_virtualenv",
		} {
			_, inRow := row[field]
			_, inDetail := detail[field]
			expect(t, "only the detail has "+field, !inRow && inDetail, true)
		}
	})
}
