package sandbox

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestJobLivesByTheClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(Options{JobDuration: 10 * time.Second})
		id := c.launch(t, "osac-create-compute-instance", "vm")
		path := "jobs/" + id + "/"
		expect(t, "at first", c.get(t, path).str("status"), "pending")
		time.Sleep(200 * time.Millisecond)
		expect(t, "after 0.2 s", c.get(t, path).str("status"), "waiting")
		time.Sleep(400 * time.Millisecond)
		running := c.get(t, path)
		expect(t, "after 0.6 s", running.str("status"), "running")
		expect(t, "artifacts while running", running.str("artifacts"), "{}")
		time.Sleep(9400 * time.Millisecond)
		over := c.get(t, path)
		expect(t, "after 10 s", over.str("status"), "successful")
		expect(t, "elapsed", over.str("elapsed"), "9.5")
		if over.str("artifacts.ip_address") == "null" {
			t.Error("the first successful answer has no artifacts")
		}
		expect(t, "events at first", over.str("event_processing_finished"), "false")
		expect(t, "early delete", c.ask(t, "DELETE", "/api/v2/"+path, "").text, `{"error":"Job has not finished processing events."}`)
		time.Sleep(time.Second)
		expect(t, "events a second later", c.get(t, path).str("event_processing_finished"), "true")
		expect(t, "delete", c.ask(t, "DELETE", "/api/v2/"+path, "").status, 204)
		expect(t, "afterwards", c.get(t, path).text, `{"detail":"No Job matches the given query."}`)
	})
}

func TestFailureComesInLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(Options{JobDuration: time.Second})
		c.box.BehaveNext("osac-create-compute-instance", Behavior{
			Outcome: "failed", Task: "Create", Message: "no room", Ignored: []string{"a"}, Rescued: []string{"b"}, EventDelay: 2 * time.Second,
		})
		id := c.launch(t, "osac-create-compute-instance", "vm")
		time.Sleep(time.Second)
		over := c.get(t, "jobs/"+id+"/")
		expect(t, "status", over.str("status"), "failed")
		expect(t, "explanation", over.str("job_explanation"), "")
		query := "jobs/" + id + "/job_events/?event__in=runner_on_failed,runner_on_unreachable&failed=true&order_by=-counter&page_size=1"
		expect(t, "no failure yet", c.get(t, query).str("count"), "0")
		time.Sleep(2 * time.Second)
		late := c.get(t, query)
		expect(t, "failures that did not count are not ignored ones", late.str("count"), "2")
		event := reply{body: late.results()[0]}
		expect(t, "task", event.str("task"), "Create")
		expect(t, "message", event.str("event_data.res.msg"), "no room")
		output := c.ask(t, "GET", "/api/v2/jobs/"+id+"/stdout/?format=txt", "", "Accept", "text/plain")
		expect(t, "all failures", c.get(t, "jobs/"+id+"/job_events/?event=runner_on_failed").str("count"), "3")
		for _, line := range []string{`fatal: [localhost]: FAILED! => {"changed": false, "msg": "no room"}`, "...ignoring", "PLAY RECAP"} {
			if !contains(output.text, line) {
				t.Errorf("stdout lacks %q:\n%s", line, output.text)
			}
		}
	})
}

func TestBlockedBehindAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(Options{JobDuration: 40 * time.Second})
		c.box.SetTemplate("osac-create-compute-instance", func(t *Template) { t.AllowSimultaneous = false })
		var ids []string
		for _, name := range []string{"a", "b", "c"} {
			ids = append(ids, c.launch(t, "osac-create-compute-instance", name))
		}
		status := func(i int) string { return c.get(t, "jobs/"+ids[i]+"/").str("status") }
		time.Sleep(29 * time.Second)
		expect(t, "second", status(1), "pending")
		expect(t, "no explanation at first", c.get(t, "jobs/"+ids[1]+"/").str("job_explanation"), "")
		time.Sleep(2 * time.Second)
		expect(t, "explanation", c.get(t, "jobs/"+ids[1]+"/").str("job_explanation"), "waiting for job-1 to finish")
		time.Sleep(10*time.Second + time.Second) // 42 s
		expect(t, "first", status(0), "successful")
		expect(t, "second", status(1), "running")
		expect(t, "explanation is gone", c.get(t, "jobs/"+ids[1]+"/").str("job_explanation"), "")
		expect(t, "third", status(2), "pending")
		expect(t, "cancel the second", c.post(t, "jobs/"+ids[1]+"/cancel/", "").status, 202)
		time.Sleep(3 * time.Second)
		expect(t, "second", status(1), "canceled")
		expect(t, "third", status(2), "running")
		// Whoever looks only at the end sees the same.
		time.Sleep(time.Hour)
		expect(t, "third", c.get(t, "jobs/"+ids[2]+"/").str("elapsed"), "39.5")
	})
}

func TestOverriddenStatus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(Options{})
		c.box.Behave("osac-create-compute-instance", Behavior{Status: "tomorrow"})
		id := c.launch(t, "osac-create-compute-instance", "vm")
		time.Sleep(time.Second)
		expect(t, "active", c.get(t, "jobs/"+id+"/").str("status"), "tomorrow")
		expect(t, "filter", c.get(t, "jobs/?status=tomorrow").ids(), id)
		time.Sleep(3 * time.Second)
		expect(t, "over", c.get(t, "jobs/"+id+"/").str("status"), "successful")
	})
}

func TestErrorHasTracebackInDetailOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(Options{})
		c.box.BehaveNext("osac-create-compute-instance", Behavior{Outcome: "error", Traceback: "boom"})
		id := c.launch(t, "osac-create-compute-instance", "vm")
		time.Sleep(10 * time.Second)
		expect(t, "status", c.get(t, "jobs/"+id+"/").str("status"), "error")
		expect(t, "traceback", c.get(t, "jobs/"+id+"/").str("result_traceback"), "boom")
		if _, has := c.get(t, "jobs/?id__in="+id).results()[0]["result_traceback"]; has {
			t.Error("a list shows the traceback")
		}
		expect(t, "events", c.get(t, "jobs/"+id+"/job_events/").str("count"), "0")
		output := c.ask(t, "GET", "/api/v2/jobs/"+id+"/stdout/?format=txt", "", "Accept", "text/plain")
		expect(t, "stdout", output.text, "")
		expect(t, "content type of nothing", output.header.Get("Content-Type"), "")
	})
}
