package controller

import (
	"testing"
	"time"
)

const taskLine = "GET /api/v2/jobs/16/job_events/?event=playbook_on_task_start&order_by=-counter&page_size=1"

func TestTask(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status Status
		events reply
		want   string
	}{
		"a task":         {StatusRunning, reply{status: 200, body: `{"results":[{"task":"Wait for\u001b[31m the VM","event_data":{}}]}`}, "Wait for the VM"},
		"not yet":        {StatusRunning, reply{status: 200, body: `{"results":[]}`}, ""},
		"no rights":      {StatusRunning, reply{status: 403, body: `{"detail":"no"}`}, ""},
		"no job running": {StatusPending, reply{status: 500, body: "never asked"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			f.serve("GET /api/v2/jobs/16/", reply{status: 200, body: `{"id":16,"type":"job","status":"` + string(test.status) + `"}`})
			f.serve(taskLine, test.events)
			job, task, err := f.client().Task(within(t, time.Minute), jobRef(16))
			if err != nil || job.Status != test.status || task != test.want {
				t.Errorf("got %q of a job %s, %v", task, job.Status, err)
			}
		})
	}
}
