package sandbox

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestConcurrently is for the race detector: requests over the network, while a test changes things.
func TestConcurrently(t *testing.T) {
	box := New(Options{Token: "admin", JobDuration: 20 * time.Millisecond})
	box.AddTemplate(Template{Name: "queued", AsksVariables: true})
	box.AddTemplate(Template{Name: "wf", Workflow: true, AsksVariables: true, Nodes: []Node{{Template: "queued"}}})
	server := httptest.NewServer(box)
	defer server.Close()
	var group sync.WaitGroup
	for worker := range 8 {
		group.Go(func() {
			for i := range 20 {
				ask := func(method, path, body string) {
					request, err := http.NewRequestWithContext(t.Context(), method, server.URL+"/api/v2/"+path, strings.NewReader(body))
					if err != nil {
						t.Error(err)
						return
					}
					request.Header.Set("Authorization", "Bearer admin")
					request.Header.Set("Content-Type", "application/json")
					if response, err := server.Client().Do(request); err != nil {
						t.Error(err)
					} else {
						_ = response.Body.Close()
					}
				}
				template := []string{"job_templates/9", "job_templates/11", "workflow_job_templates/12"}[(worker+i)%3]
				ask("POST", template+"/launch/", `{"extra_vars": `+payload(fmt.Sprintf("vm-%d-%d", worker, i))+`}`)
				ask("GET", "unified_jobs/?order_by=-id&page_size=5", "")
				ask("POST", fmt.Sprintf("jobs/%d/cancel/", worker*20+i), "")
				ask("GET", fmt.Sprintf("jobs/%d/job_events/", i), "")
				box.BehaveNext("queued", Behavior{Outcome: "failed"})
				box.Jobs()
				box.Instances()
				if i%10 == 9 {
					box.PurgeAll()
				}
			}
		})
	}
	group.Wait()
	expect(t, "launches", len(box.AllJobs()) >= 160, true)
}

func TestPurgeOfARunningJobLetsTheNextStart(t *testing.T) {
	c := newClient(Options{JobDuration: time.Hour, SchedulerTick: time.Nanosecond})
	c.box.SetTemplate("osac-create-compute-instance", func(t *Template) { t.AllowSimultaneous = false })
	c.launch(t, "osac-create-compute-instance", "a")
	c.launch(t, "osac-create-compute-instance", "b")
	c.box.Purge(1)
	if _, err := c.box.WaitForJob(t.Context(), func(j Job) bool { return j.ID == 2 && j.Status == "running" }); err != nil {
		t.Error(err)
	}
}
