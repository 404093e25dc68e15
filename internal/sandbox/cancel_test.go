package sandbox

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func contains(text, part string) bool { return strings.Contains(text, part) }

func TestCancelRunning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(Options{JobDuration: time.Minute})
		c.box.Behave("osac-create-compute-instance", Behavior{CancelDelay: 5 * time.Second})
		id := c.launch(t, "osac-create-compute-instance", "vm")
		time.Sleep(10 * time.Second)
		path := "jobs/" + id + "/"
		expect(t, "can cancel", c.get(t, path+"cancel/").text, `{"can_cancel":true}`)
		canceled := c.post(t, path+"cancel/", "")
		expect(t, "cancel", canceled.status, 202)
		expect(t, "cancel has no body", canceled.text, "")
		expect(t, "cancel has no content type", canceled.header.Get("Content-Type"), "")
		stopping := c.get(t, path)
		expect(t, "still", stopping.str("status"), "running")
		if stopping.str("canceled_on") == "null" {
			t.Error("canceled_on is not set at once")
		}
		time.Sleep(4 * time.Second)
		expect(t, "again while stopping", c.post(t, path+"cancel/", "").status, 202)
		time.Sleep(time.Second)
		over := c.get(t, path)
		expect(t, "then", over.str("status"), "canceled")
		expect(t, "failed", over.str("failed"), "true")
		expect(t, "artifacts", over.str("artifacts"), "{}")
		expect(t, "too late", c.post(t, path+"cancel/", "").text, `{"detail":"Method \"POST\" not allowed."}`)
		expect(t, "without slash", c.post(t, "jobs/"+id+"/cancel", "").status, 301)
	})
}

func TestCancelPendingNeverStarts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(Options{JobDuration: time.Minute})
		id := c.launch(t, "osac-create-compute-instance", "vm")
		expect(t, "cancel", c.post(t, "jobs/"+id+"/cancel/", "").status, 202)
		time.Sleep(time.Second)
		over := c.get(t, "jobs/"+id+"/")
		expect(t, "status", over.str("status"), "canceled")
		expect(t, "started", over.str("started"), "null")
		expect(t, "events", over.str("event_processing_finished"), "true")
	})
}

func TestCancelThatDoesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(Options{JobDuration: 10 * time.Second})
		c.box.BehaveNext("osac-create-compute-instance", Behavior{IgnoreCancel: true}, Behavior{CancelTooLate: true}, Behavior{CancelTooLate: true})
		c.box.AddUser("worker", "", "worker", false, map[string]Role{"osac-create-compute-instance": RoleExecute})
		ignoring := c.launch(t, "osac-create-compute-instance", "a")
		late := c.launch(t, "osac-create-compute-instance", "b")
		worker := c.as("worker")
		lateForWorker := worker.launch(t, "osac-create-compute-instance", "c")
		time.Sleep(time.Second)
		expect(t, "ignored", c.post(t, "jobs/"+ignoring+"/cancel/", "").status, 202)
		expect(t, "too late", c.post(t, "jobs/"+late+"/cancel/", "").status, 405)
		expect(t, "too late, and it ended well", c.get(t, "jobs/"+late+"/").str("status"), "successful")
		expect(t, "too late for an ordinary user", worker.post(t, "jobs/"+lateForWorker+"/cancel/", "").status, 403)
		expect(t, "another's job", worker.post(t, "jobs/"+ignoring+"/cancel/", "").status, 403)
		expect(t, "though it could be canceled", worker.get(t, "jobs/"+ignoring+"/cancel/").text, `{"can_cancel":true}`)
		time.Sleep(10 * time.Second)
		expect(t, "ran to its end", c.get(t, "jobs/"+ignoring+"/").str("status"), "successful")
	})
}

func workflowClient(t *testing.T) *client {
	t.Helper()
	c := newClient(Options{JobDuration: 10 * time.Second})
	c.box.AddTemplate(Template{
		Name: "wf-create-vm", Workflow: true, AsksVariables: true, AllowSimultaneous: true,
		Nodes: []Node{{Identifier: "create", Template: "osac-create-compute-instance"}, {Template: "osac-delete-compute-instance"}},
	})
	return c
}

func TestWorkflow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := workflowClient(t)
		id := c.launch(t, "wf-create-vm", "vm")
		nodes := "workflow_jobs/" + id + "/workflow_nodes/"
		expect(t, "before its jobs", c.get(t, nodes).str("count"), "2")
		time.Sleep(2 * time.Second)
		expect(t, "running", c.get(t, "workflow_jobs/"+id+"/").str("status"), "running")
		child := c.get(t, "jobs/?unified_job_node__workflow_job="+id)
		expect(t, "child", child.ids(), "2")
		expect(t, "child's variables", reply{body: child.results()[0]}.str("extra_vars"), payload("vm"))
		expect(t, "child's launch type", reply{body: child.results()[0]}.str("launch_type"), "workflow")
		expect(t, "delete of the child", c.ask(t, "DELETE", "/api/v2/jobs/2/", "").status, 403)
		time.Sleep(30 * time.Second)
		over := c.get(t, "workflow_jobs/"+id+"/")
		expect(t, "over", over.str("status"), "successful")
		if _, has := over.body["artifacts"]; has {
			t.Error("a workflow job has artifacts")
		}
		expect(t, "both ran", c.get(t, "unified_jobs/?order_by=-id").ids(), "3 2 1")
		expect(t, "no stdout", c.get(t, "workflow_jobs/"+id+"/stdout/").status, 404)
	})
}

func TestWorkflowFailsWithItsNode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := workflowClient(t)
		c.box.BehaveNext("osac-create-compute-instance", Behavior{Outcome: "failed"})
		id := c.launch(t, "wf-create-vm", "vm")
		time.Sleep(30 * time.Second)
		over := c.get(t, "workflow_jobs/"+id+"/")
		expect(t, "status", over.str("status"), "failed")
		expect(t, "explanation", over.str("job_explanation"), nobodyHandles)
		last := reply{body: c.get(t, "workflow_jobs/"+id+"/workflow_nodes/").results()[1]}
		expect(t, "the other node", last.str("do_not_run")+last.str("job"), "truenull")
	})
}

func TestWorkflowCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := workflowClient(t)
		whole, part := c.launch(t, "wf-create-vm", "a"), c.launch(t, "wf-create-vm", "b")
		time.Sleep(5 * time.Second)
		child := c.get(t, "jobs/?unified_job_node__workflow_job="+part).ids()
		expect(t, "cancel", c.post(t, "workflow_jobs/"+whole+"/cancel/", "").status, 202)
		expect(t, "cancel the child", c.post(t, "jobs/"+child+"/cancel/", "").status, 202)
		time.Sleep(3 * time.Second)
		expect(t, "workflow canceled", c.get(t, "workflow_jobs/"+whole+"/").str("status"), "canceled")
		expect(t, "its child", reply{body: c.get(t, "jobs/?unified_job_node__workflow_job="+whole).results()[0]}.str("status"), "canceled")
		spoilt := c.get(t, "workflow_jobs/"+part+"/")
		expect(t, "workflow of a canceled child", spoilt.str("status"), "failed")
		expect(t, "canceled_on", spoilt.str("canceled_on"), "null")
	})
}
