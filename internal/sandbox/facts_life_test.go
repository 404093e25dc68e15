package sandbox

import (
	"testing"
	"time"
)

func TestFactsOfLives(t *testing.T) {
	recorded(t, func(t *testing.T, c *client) {
		running := c.launch(t, "osac-create-compute-instance-simul", "a")
		time.Sleep(2 * time.Second)
		shown := c.get(t, "jobs/"+running+"/")
		expect(t, "213", shown.str("status")+shown.str("finished")+shown.str("artifacts"), "runningnull{}")
		expect(t, "213 started and elapsed", shown.str("started") != "null" && shown.str("elapsed") != "0.0", true)
		time.Sleep(time.Minute)

		c.box.Behave("osac-create-compute-instance", Behavior{Duration: time.Minute})
		first, second := c.launch(t, "osac-create-compute-instance", "a"), c.launch(t, "osac-create-compute-instance", "b")
		time.Sleep(20 * time.Second)
		expect(t, "702", c.get(t, "jobs/"+second+"/").str("status")+c.get(t, "jobs/"+second+"/").str("job_explanation"), "pending")
		time.Sleep(20 * time.Second)
		expect(t, "841", c.get(t, "jobs/"+second+"/").str("job_explanation"), "waiting for job-"+first+" to finish")
		time.Sleep(40 * time.Second)
		expect(t, "703", c.get(t, "jobs/"+second+"/").str("status")+c.get(t, "jobs/"+second+"/").str("job_explanation"), "running")
		time.Sleep(time.Minute)
		over := c.get(t, "jobs/"+second+"/")
		expect(t, "842", over.str("status")+over.str("job_explanation"), "successful")

		for template, b := range map[string]Behavior{
			"osac-timeout": {Outcome: "failed", Explanation: "Job terminated due to timeout"}, "osac-limit": {Outcome: "error"},
			"osac-nohosts": {NoHosts: true},
			"osac-syntax":  {Outcome: "failed", Stdout: "\x1b[0;31mERROR! bad\x1b[0m\n"},
			"osac-nolog":   {Outcome: "failed", NoLog: true}, "osac-ignored-errors": {Outcome: "failed", Ignored: []string{"i"}, Rescued: []string{"r"}},
		} {
			c.box.Behave(template, b)
		}
		timeout, broken := c.launch(t, "osac-timeout", "a"), c.launch(t, "osac-limit", "a")
		noHosts, syntax := c.launch(t, "osac-nohosts", "a"), c.launch(t, "osac-syntax", "a")
		hidden, ignored := c.launch(t, "osac-nolog", "a"), c.launch(t, "osac-ignored-errors", "a")
		time.Sleep(time.Minute)
		timedOut := c.get(t, "jobs/"+timeout+"/")
		expect(t, "821", timedOut.str("status")+timedOut.str("failed")+timedOut.str("job_explanation"), "failedtrueJob terminated due to timeout")
		expect(t, "828", c.get(t, "jobs/"+noHosts+"/").str("status")+c.get(t, "jobs/"+noHosts+"/").str("artifacts"), "successful{}")
		expect(t, "828 counts", c.get(t, "jobs/"+noHosts+"/").str("host_status_counts"), "{}")
		expect(t, "828 summaries", c.get(t, "jobs/"+noHosts+"/job_host_summaries/").str("count"), "0")
		expect(t, "851", c.get(t, "jobs/"+broken+"/").str("status")+c.get(t, "jobs/"+broken+"/").str("job_explanation"), "error")
		expect(t, "851 never had a work unit", c.get(t, "jobs/"+broken+"/").str("work_unit_id"), "null")
		expect(t, "853", c.get(t, "jobs/"+broken+"/job_events/").text, `{"count":0,"next":null,"previous":null,"results":[]}`)
		empty := c.ask(t, "GET", "/api/v2/jobs/"+broken+"/stdout/?format=txt", "", "Accept", "*/*")
		expect(t, "854", empty.text+empty.header.Get("Content-Type"), "")
		text := c.ask(t, "GET", "/api/v2/jobs/"+syntax+"/stdout/?format=txt", "", "Accept", "text/plain")
		expect(t, "823", text.text+text.header.Get("Content-Type"), "ERROR! bad\ntext/plain; charset=utf-8")
		refused := c.ask(t, "GET", "/api/v2/jobs/"+syntax+"/stdout/?format=txt", "")
		expect(t, "807", refused.status, 406)
		expect(t, "808", c.ask(t, "GET", "/api/v2/jobs/"+syntax+"/stdout/?format=txt", "", "Accept", "*/*").status, 200)
		res := reply{body: c.get(t, "jobs/"+hidden+"/job_events/?event=runner_on_failed").results()[0]}
		expect(t, "253", res.str("event_data.res.msg")+" "+res.str("event_data.res.censored"),
			"null the output has been hidden due to the fact that 'no_log: true' was specified for this result")
		failures := c.get(t, "jobs/"+ignored+"/job_events/?failed=true&order_by=-counter").results()
		expect(t, "243 newest", failures[0]["event"], any("playbook_on_stats"))
		expect(t, "252 real failure, then the rescued one", len(failures), 3)
		expect(t, "251", c.get(t, "jobs/"+ignored+"/job_events/?event=runner_on_failed&failed=false").str("count"), "1")
		lines := c.get(t, "jobs/"+ignored+"/stdout/?format=json&start_line=2&end_line=4")
		expect(t, "246", lines.str("range.start")+lines.str("range.end"), "24")
		tail := c.get(t, "jobs/"+ignored+"/stdout/?format=json&start_line=3")
		expect(t, "248", tail.str("range.end"), tail.str("range.absolute_end"))
		download := c.ask(t, "GET", "/api/v2/jobs/"+ignored+"/stdout/?format=txt_download", "", "Accept", "*/*")
		expect(t, "248", download.header.Get("Content-Disposition"), `attachment; filename="job_`+ignored+`.txt"`)
		expect(t, "868", c.get(t, "settings/system/").str("ACTIVITY_STREAM_ENABLED"), "true")
		expect(t, "868", c.as("viewer").get(t, "settings/system/").status, 403)
		reader := c.post(t, "tokens/", `{"scope": "read"}`)
		expect(t, "813", reader.str("scope"), "read")
		expect(t, "814", c.as(reader.str("token")).post(t, "job_templates/9/launch/", "{}").status, 403)
	})
}

func TestFactsOfCancels(t *testing.T) {
	recorded(t, func(t *testing.T, c *client) {
		c.box.Behave("osac-create-compute-instance-simul", Behavior{Duration: time.Hour, PendingShare: 0.001, WaitingShare: 0.001, CancelDelay: 2 * time.Second})
		c.box.Behave("osac-create-compute-instance", Behavior{Duration: time.Hour})
		at := func(id string) string { return "jobs/" + id + "/" }
		pending := c.launch(t, "osac-create-compute-instance-simul", "a")
		expect(t, "413", c.post(t, at(pending)+"cancel/", "").status, 202)
		time.Sleep(900 * time.Millisecond)
		over := c.get(t, at(pending))
		expect(t, "414", over.str("status")+over.str("started")+over.str("elapsed")+over.str("failed"), "cancelednull0true")
		expect(t, "613", c.ask(t, "DELETE", "/api/v2/"+at(pending), "").status, 204)
		for _, f := range []fact{
			{"403", "", "POST", at("9999") + "cancel/", "", 404, `{"detail":"No Job matches the given query."}`},
			{"404", "", "GET", at("9999") + "cancel/", "", 404, `{"detail":"No Job matches the given query."}`},
			{"602", "", "GET", at(pending), "", 404, ""},
			{"603", "", "POST", at(pending) + "cancel/", "", 404, `{"detail":"No Job matches the given query."}`},
			{"605", "", "DELETE", at(pending), "", 404, ""},
			{"607", "", "POST", at(pending) + "relaunch/", "{}", 404, ""},
			{"608", "", "GET", at(pending) + "job_events/", "", 404, `{"detail":"No Job matches the given query."}`},
			{"623", "", "GET", "jobs/?id__in=" + pending, "", 200, `{"count":0,"next":null,"previous":null,"results":[]}`},
		} {
			f.check(t, c)
		}
		entry := reply{body: c.get(t, "activity_stream/?operation=create&object1=job").results()[0]}
		expect(t, "628", entry.str("changes.id")+entry.str("related.job"), pending+"null")

		own := c.as("execer").launch(t, "osac-create-compute-instance-simul", "b")
		admins := c.launch(t, "osac-create-compute-instance-simul", "c")
		time.Sleep(time.Minute)
		for _, f := range []fact{
			{"448", "nobody", "POST", at(own) + "cancel/", "", 403, `{"detail":"You do not have permission to perform this action."}`},
			{"L6", "execer", "POST", at(admins) + "cancel/", "", 403, ""},
			{"L6", "execer", "GET", at(admins) + "cancel/", "", 200, `{"can_cancel":true}`},
			{"610", "", "DELETE", at(own), "", 403, `{"detail":"Cannot delete running job resource."}`},
			{"415", "execer", "POST", at(own) + "cancel/", "", 202, ""},
			{"417", "execer", "POST", at(own) + "cancel/", "", 202, ""},
		} {
			f.check(t, c)
		}
		expect(t, "416", c.get(t, at(own)).str("status"), "running")
		time.Sleep(5 * time.Second)
		stopped := c.get(t, at(own))
		expect(t, "418", stopped.str("status")+stopped.str("failed")+stopped.str("job_explanation")+stopped.str("artifacts"), "canceledtrue{}")
		expect(t, "418 times", stopped.str("canceled_on") < stopped.str("finished"), true)
		fact{"L6", "execer", "POST", at(own) + "cancel/", "", 403, ""}.check(t, c)
		fact{"419", "", "POST", at(own) + "cancel/", "", 405, `{"detail":"Method \"POST\" not allowed."}`}.check(t, c)
	})
}

func TestFactsOfWorkflows(t *testing.T) {
	recorded(t, func(t *testing.T, c *client) {
		c.box.Behave("osac-create-compute-instance", Behavior{Duration: time.Minute, CancelDelay: time.Second})
		workflow := c.as("execer").launch(t, "osac-wf-create-compute-instance", "a")
		path := "workflow_jobs/" + workflow + "/"
		time.Sleep(30 * time.Second)
		node := reply{body: c.get(t, path+"workflow_nodes/").results()[0]}
		child := node.str("job")
		expect(t, "503", node.str("identifier")+node.str("do_not_run")+node.str("summary_fields.job.status"), "createfalserunning")
		expect(t, "504", c.get(t, "jobs/"+child+"/").str("extra_vars"), c.get(t, path).str("extra_vars"))
		for _, f := range []fact{
			{"L6", "execer", "GET", path + "workflow_nodes/", "", 200, ""},
			{"L6", "execer", "GET", "jobs/" + child + "/", "", 403, ""},
			{"L6", "execer", "GET", "jobs/" + child + "/job_events/", "", 403, ""},
			{"L6", "", "DELETE", "jobs/" + child + "/", "", 403, `{"detail":"Cannot delete job resource when associated workflow job is running."}`},
			{"441", "", "GET", path + "cancel/", "", 200, `{"can_cancel":true,"job_explanation":""}`},
			{"442", "execer", "POST", path + "cancel/", "", 202, ""},
		} {
			f.check(t, c)
		}
		expect(t, "L6 only the workflow", c.as("execer").get(t, "unified_jobs/?id__in="+workflow+","+child).ids(), workflow)
		time.Sleep(10 * time.Second)
		expect(t, "443", c.get(t, path).str("status")+c.get(t, path).str("failed"), "canceledtrue")
		stopped := c.get(t, "jobs/"+child+"/")
		expect(t, "444", stopped.str("status")+stopped.str("launch_type"), "canceledworkflow")
		fact{"445", "", "POST", path + "cancel/", "", 405, ""}.check(t, c)

		c.box.BehaveNext("osac-create-compute-instance", Behavior{Outcome: "failed"})
		failing := "workflow_jobs/" + c.launch(t, "osac-wf-create-compute-instance", "b") + "/"
		time.Sleep(5 * time.Minute)
		expect(t, "507", c.get(t, failing).str("status")+c.get(t, failing).str("job_explanation"), "failedNo error handling paths found, marking workflow as failed")
		failed := reply{body: c.get(t, failing+"workflow_nodes/").results()[0]}
		expect(t, "508", failed.str("summary_fields.job.status")+failed.str("summary_fields.job.failed"), "failedtrue")
		_, has := c.get(t, failing).body["artifacts"]
		expect(t, "502 no artifacts", has, false)
		expect(t, "511", c.get(t, failing+"relaunch/").text, "{}")
	})
}
