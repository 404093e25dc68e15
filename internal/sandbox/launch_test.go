package sandbox

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestLaunchBodies(t *testing.T) {
	c := newClient(Options{})
	c.box.AddTemplate(Template{Name: "no ask", ExtraVars: "---\nown: 1\nkept: yes"})                          // 11
	c.box.AddTemplate(Template{Name: "survey", Survey: []Question{{Variable: "id", Required: true, Max: 4}}}) // 12
	for _, check := range []struct {
		template, body string
		status         int
		field, want    string
	}{
		{"9", ``, 201, "extra_vars", `{}`},
		{"9", `{"extra_vars": {"b": 1.0, "a": [null, true, 12345678901234567890], "ü": "ï\n"}}`, 201, "extra_vars", `{"b": 1.0, "a": [null, true, 12345678901234567890], "\u00fc": "\u00ef\n"}`},
		{"9", `{"extra_vars": "{\"a\":{\"b\":1e3}}"}`, 201, "extra_vars", `{"a": {"b": 1000.0}}`},
		{"9", `{"extra_vars": "---\na: 1\nb:\n  c: 'x: y'\n  d:\n  - e\n"}`, 201, "extra_vars", `{"a": 1, "b": {"c": "x: y", "d": ["e"]}}`},
		{"9", `{"limit": "x", "nosuch": 1}`, 201, "ignored_fields", `{"limit":"x"}`},
		{"9", `{"extra_vars": [1]}`, 400, "extra_vars", `["Cannot parse as JSON (error: the JSON object must be str, bytes or bytearray, not list) or YAML (error: 'list' object has no attribute 'read')."]`},
		{"9", `{"extra_vars": `, 400, "detail", "JSON parse error - Expecting value: line 1 column 16 (char 15)\nPossible cause: trailing comma."},
		{"9", `{"extra_vars": "{bad"}`, 400, "extra_vars", `["Cannot parse as JSON (error: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)) or YAML (error: while parsing a flow mapping\n  in \"\u003cunicode string\u003e\", line 1, column 1:\n    {bad\n    ^\nexpected ',' or '}', but got '\u003cstream end\u003e'\n  in \"\u003cunicode string\u003e\", line 1, column 5:\n    {bad\n        ^)."]`},
		{"9", `{"extra_vars": "just words"}`, 400, "extra_vars", "[\"Cannot parse as JSON (error: Expecting value: line 1 column 1 (char 0)) or YAML (error: Input type `str` is not a dictionary).\"]"},
		{"9", `[]`, 400, "detail", "JSON parse error - not a JSON object"},
		{"11", `{"extra_vars": {"a": 1, "own": 1}}`, 201, "ignored_fields", `{"extra_vars":{"a":1}}`},
		{"11", `{}`, 201, "extra_vars", `{"own": 1, "kept": true}`},
		{"12", `{}`, 400, "variables_needed_to_start", `["'id' value missing"]`},
		{"12", `{"extra_vars": {"id": "12345"}}`, 400, "variables_needed_to_start", `["'id' value 12345 is too large (must be no more than 4)."]`},
		{"12", `{"extra_vars": {"id": 1}}`, 400, "variables_needed_to_start", `["Value 1 for 'id' expected to be a string."]`},
		{"12", `{"extra_vars": {"id": "1", "x": 2}}`, 201, "ignored_fields", `{"extra_vars":{"x":2}}`},
		{"99", `{}`, 404, "detail", "No JobTemplate matches the given query."},
	} {
		answered := c.post(t, "job_templates/"+check.template+"/launch/", check.body)
		expect(t, check.body, answered.status, check.status)
		expect(t, check.body, answered.str(check.field), check.want)
	}
	c.box.BehaveNext("osac-create-compute-instance", Behavior{DropsVariables: true})
	dropped := c.post(t, "job_templates/9/launch/", `{"extra_vars": {"a": 1}}`)
	expect(t, "dropped", dropped.str("ignored_fields")+dropped.str("extra_vars"), `{"extra_vars":{"a":1}}{}`)
	form := c.ask(t, "POST", "/api/v2/job_templates/9/launch/", "a=b", "Content-Type", "application/x-www-form-urlencoded")
	expect(t, "form", form.status, 415)
}

func TestInstances(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(Options{})
		const create, remove = "osac-create-compute-instance", "osac-delete-compute-instance"
		by := func(template, variables string) {
			t.Helper()
			if c.box.LaunchByHand(template, variables, "admin") == 0 {
				t.Fatal("not launched")
			}
			time.Sleep(time.Minute)
		}
		by(create, payload("a"))
		by(create, `{"ansible_eda": {"event": {"payload": {"metadata": {"name": "b", "namespace": "ns"}, "spec": {"cores": 1}}}}}`)
		c.box.BehaveNext(create, Behavior{Outcome: "failed"})
		by(create, payload("c"))
		restart := func(requested, last string) string {
			return `{"osac_job_vars": {"resource": {"metadata": {"name": "a", "namespace": "ns"},
				"spec": {"cores": 3, "restartRequestedAt": "` + requested + `"}, "status": {"lastRestartedAt": "` + last + `"}}}}`
		}
		by(create, restart("2026-01-02T00:00:00Z", "2026-01-02T00:00:00Z"))
		by(create, restart("2026-01-03T00:00:00Z", "2026-01-02T00:00:00Z"))
		c.box.PurgeAll()
		by(remove, payload("b"))
		instances := c.box.Instances()
		expect(t, "instances", len(instances), 1)
		a := instances[0]
		expect(t, "name", a.Namespace+"/"+a.Name, "ns/a")
		expect(t, "spec", a.Spec, `{"cores":3,"restartRequestedAt":"2026-01-03T00:00:00Z"}`)
		expect(t, "last job", a.LastJob, 5)
		expect(t, "restarts", len(a.Restarts), 1)
	})
}

func TestPayloadSimulates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(Options{})
		variables := func(parameters string) string {
			return `{"osac_job_vars": {"resource": {"metadata": {"name": "a", "namespace": "ns"},
				"spec": {"templateParameters": ` + wireStyle().dump(parameters) + `}}}}`
		}
		simulate := variables(`{"simulate": {"seconds": 30, "fail": "no quota", "delete_seconds": 0.5}}`)
		outcome := variables(`{"simulate": {"artifacts": {"ip_address": "10.9.9.9", "x": [1]}}}`)
		c.box.LaunchByHand("osac-create-compute-instance", simulate, "admin")
		c.box.LaunchByHand("osac-delete-compute-instance", simulate, "admin")
		c.box.LaunchByHand("osac-create-compute-instance", outcome, "admin")
		c.box.BehaveNext("osac-create-compute-instance", Behavior{Duration: time.Second})
		c.box.LaunchByHand("osac-create-compute-instance", simulate, "admin")
		own := strings.Replace(simulate, "{", `{"template_parameters": {"simulate": {"seconds": 1}}, `, 1)
		c.box.LaunchByHand("osac-create-compute-instance", own, "admin")
		time.Sleep(4 * time.Second)
		jobs := c.box.Jobs()
		expect(t, "create", jobs[0].Status, "running")
		expect(t, "the job's own count more", jobs[4].Status, "successful")
		expect(t, "delete", jobs[1].Status, "successful")
		expect(t, "delete took", jobs[1].Finished.Sub(jobs[1].Created), 500*time.Millisecond)
		expect(t, "artifacts", c.get(t, "jobs/3/").str("artifacts"), `{"ip_address":"10.9.9.9","x":[1]}`)
		expect(t, "BehaveNext comes first", jobs[3].Status, "successful")
		time.Sleep(30 * time.Second)
		expect(t, "create", c.box.Jobs()[0].Status, "failed")
		events := c.get(t, "jobs/1/job_events/?event=runner_on_failed").results()
		expect(t, "reason", reply{body: events[0]}.str("event_data.res.msg"), "no quota")
	})
}

func TestRelaunchAndByHand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(Options{})
		c.box.AddUser("other", "", "other", false, map[string]Role{"osac-create-compute-instance": RoleExecute})
		id := c.launch(t, "osac-create-compute-instance", "a")
		time.Sleep(time.Minute)
		again := c.as("other").post(t, "jobs/"+id+"/relaunch/", "{}")
		expect(t, "relaunch", again.status, 201)
		expect(t, "launch type", again.str("launch_type"), "relaunch")
		expect(t, "by", again.str("launched_by.name"), "other")
		expect(t, "by hand", c.box.Relaunch(1, "admin"), 3)
		c.box.CancelByHand(3)
		c.box.SetExtraVars(2, `{"x": 1}`)
		expect(t, "other variables", c.get(t, "jobs/2/").str("extra_vars"), `{"x": 1}`)
		c.box.RemoveTemplate("osac-create-compute-instance")
		orphan := c.get(t, "jobs/1/")
		expect(t, "template is gone", orphan.str("job_template")+orphan.str("name"), "nullosac-create-compute-instance")
		expect(t, "nobody else sees it", c.as("other").get(t, "jobs/1/").status, 403)
		c.box.Purge(1)
		c.box.SetNextJobID(1)
		c.launch(t, "osac-delete-compute-instance", "z")
		expect(t, "the id again", c.get(t, "jobs/?order_by=id").ids(), "1 2 3")
	})
}
