package sandbox

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

const createName = "osac-create-compute-instance"

// under runs a test with a client of a sandbox under conditions.
func under(t *testing.T, conditions Conditions, test func(t *testing.T, c *client)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { test(t, newClient(Options{Conditions: conditions})) })
}

// shape says which of artifacts and extra_vars a row has.
func shape(row map[string]any) string {
	var has []string
	for _, key := range []string{"artifacts", "extra_vars"} {
		if _, ok := row[key]; ok {
			has = append(has, key)
		}
	}
	return strings.Join(has, " ")
}

func TestRowsThatLackFields(t *testing.T) {
	for _, test := range []struct {
		conditions           Conditions
		row, included, asked string
	}{
		{Conditions{}, "artifacts extra_vars", "", `400 Job has no field named 'include'`},
		{Conditions{RowsLackArtifacts: true}, "extra_vars", "", `400 Job has no field named 'include'`},
		{Conditions{RowsLackPayload: true}, "", "extra_vars", "200 null"},
	} {
		under(t, test.conditions, func(t *testing.T, c *client) {
			id := c.launch(t, createName, "vm")
			time.Sleep(time.Minute)
			expect(t, "row", shape(c.get(t, "jobs/?id__in="+id).results()[0]), test.row)
			expect(t, "detail", shape(c.get(t, "jobs/"+id+"/").body), "artifacts extra_vars")
			included := c.get(t, "jobs/?include=extra_vars&id__in="+id)
			expect(t, "include", text(int64(included.status))+" "+included.str("detail"), test.asked)
			if included.status == http.StatusOK {
				expect(t, "row with include", shape(included.results()[0]), test.included)
			}
		})
	}
}

func TestPageCap(t *testing.T) {
	under(t, Conditions{PageCap: 10}, func(t *testing.T, c *client) {
		for range 30 {
			c.box.LaunchByHand(createName, "{}", "admin")
		}
		page := c.get(t, "jobs/?order_by=-id&page_size=200")
		expect(t, "rows", len(page.results()), 10)
		expect(t, "count", page.str("count"), "30")
		expect(t, "next", page.str("next"), "/api/v2/jobs/?order_by=-id&page=2&page_size=10")
		expect(t, "usual", len(c.get(t, "jobs/").results()), 10)
		expect(t, "smaller", len(c.get(t, "jobs/?page_size=3").results()), 3)
		uncounted := c.get(t, "jobs/?order_by=-id&page_size=200&count_disabled=1")
		expect(t, "uncounted", uncounted.ids(), "30 29 28 27 26 25 24 23 22 21")
		expect(t, "and nothing else (1081)", len(uncounted.body), 1)
	})
}

func TestAnswersCost(t *testing.T) {
	under(t, Conditions{RequestCost: 80 * time.Millisecond, RowCost: 10 * time.Millisecond}, func(t *testing.T, c *client) {
		for range 7 {
			c.box.LaunchByHand(createName, "{}", "admin")
		}
		c.box.ClearRequests()
		began := time.Now()
		listed := c.get(t, "jobs/?page_size=5")
		expect(t, "five rows", time.Since(began), 130*time.Millisecond)
		began = time.Now()
		c.get(t, "jobs/1/")
		expect(t, "a detail", time.Since(began), 80*time.Millisecond)
		log := c.box.Requests()
		expect(t, "logged rows", log[0].Rows, 5)
		expect(t, "logged bytes", log[0].Size, len(listed.text))
		expect(t, "logged rows of a detail", log[1].Rows, 0)
		c.box.Fault(Fault{Path: "jobs list", Status: 503, AfterHandling: true})
		c.get(t, "jobs/")
		expect(t, "rows of an answer that was replaced", c.box.Requests()[2].Rows, 0)
	})
}

func TestReplicaLag(t *testing.T) {
	under(t, Conditions{ReplicaLag: 5 * time.Second}, func(t *testing.T, c *client) {
		c.box.Behave(createName, Behavior{Duration: 10 * time.Second, PendingShare: -1, WaitingShare: -1})
		id := c.launch(t, createName, "vm")
		seen := func() string {
			job := c.get(t, "jobs/"+id+"/")
			listed := c.get(t, "jobs/?id__in="+id).ids() + c.get(t, `jobs/?name=`+createName+"&order_by=-id&count_disabled=1").ids() +
				c.get(t, "activity_stream/").ids() + c.get(t, "job_templates/9/").str("summary_fields.current_job.id")
			return text(int64(job.status)) + job.str("status") + " " + listed
		}
		time.Sleep(4 * time.Second)
		expect(t, "not there", seen(), "404null null")
		time.Sleep(2 * time.Second)
		expect(t, "as it was", seen(), "200running 1111")
		c.post(t, "jobs/"+id+"/cancel/", "")
		time.Sleep(4 * time.Second)
		expect(t, "cancel is not seen", c.get(t, "jobs/"+id+"/").str("canceled_on"), "null")
		expect(t, "but a POST meets it", c.post(t, "jobs/"+id+"/cancel/", "").status, 405)
		time.Sleep(3 * time.Second)
		expect(t, "in the end", c.get(t, "jobs/"+id+"/").str("status"), "canceled")
	})
}

func TestClockSkew(t *testing.T) {
	under(t, Conditions{ClockSkew: -time.Hour}, func(t *testing.T, c *client) {
		created := c.post(t, "job_templates/9/launch/", "{}")
		expect(t, "created", created.str("created"), "1999-12-31T23:00:00Z")
		expect(t, "Date", created.header.Get("Date"), "Fri, 31 Dec 1999 23:00:00 GMT")
		expect(t, "filter", c.get(t, "jobs/?created__gt=1999-12-31T23:00:00Z").ids()+c.get(t, "jobs/?created__gte=1999-12-31T23:00:00Z").ids(), "1")
		time.Sleep(time.Minute)
		expect(t, "finished", c.get(t, "jobs/1/").str("finished"), "1999-12-31T23:00:03Z")
	})
}

func TestActivityStreamOff(t *testing.T) {
	under(t, Conditions{ActivityStreamOff: true}, func(t *testing.T, c *client) {
		c.launch(t, createName, "vm")
		expect(t, "entries", c.get(t, "activity_stream/").str("count"), "0")
		expect(t, "jobs by it", c.get(t, "jobs/?"+encodeQuery(`activitystream__changes__contains=\"vm\"`)).ids(), "")
		expect(t, "setting", c.get(t, "settings/system/").str("ACTIVITY_STREAM_ENABLED"), "false")
	})
}

func TestLateLaunch(t *testing.T) {
	for name, test := range map[string]struct {
		fault      Fault
		status     int
		late, next string
	}{
		"with an id of then": {Fault{Path: "launch", Times: 1, Late: time.Minute}, 504, "2", "3"},
		"with a reserved id": {Fault{Path: "launch", Times: 1, Late: time.Minute, ReserveID: true, Status: 503, Body: "{}"}, 503, "1", "3"},
	} {
		t.Run(name, func(t *testing.T) {
			under(t, Conditions{}, func(t *testing.T, c *client) {
				c.box.Fault(test.fault)
				expect(t, "answer", c.post(t, "job_templates/9/launch/", `{"extra_vars": {"late": true}}`).status, test.status)
				time.Sleep(30 * time.Second)
				meanwhile := c.launch(t, createName, "vm")
				expect(t, "one job meanwhile", c.get(t, "jobs/").ids(), meanwhile)
				time.Sleep(31 * time.Second)
				made := c.get(t, "jobs/"+test.late+"/")
				expect(t, "the late one", made.str("extra_vars"), `{"late": true}`)
				expect(t, "its time", made.str("created"), "2000-01-01T00:01:00Z")
				expect(t, "the next one", c.launch(t, createName, "vm"), test.next)
				expect(t, "requests in the log", len(c.box.Requests()), 5)
			})
		})
	}
}

// A launch that takes long is a fault with a delay: the job is made when the delay is over, and answered then.
func TestSlowLaunch(t *testing.T) {
	under(t, Conditions{}, func(t *testing.T, c *client) {
		c.box.Fault(Fault{Path: "launch", Times: 1, Delay: 40 * time.Second})
		go func() {
			time.Sleep(39 * time.Second)
			expect(t, "not there before", c.get(t, "jobs/").str("count"), "0")
		}()
		began := time.Now()
		expect(t, "made", c.post(t, "job_templates/9/launch/", "{}").str("created"), "2000-01-01T00:00:40Z")
		expect(t, "taken", time.Since(began), 40*time.Second)
	})
}

// A change from outside does not reach back: what was due before it goes as it was to go.
// TestChangesLeaveThePastAlone has a workflow whose jobs are all due when somebody looks next: whatever is changed before
// that, they have come to the end that they had then.
func TestChangesLeaveThePastAlone(t *testing.T) {
	nodes := []string{createName, "create-vm", "osac-delete-compute-instance"}
	failing := Behavior{Outcome: "failed"}
	for name, change := range map[string]func(box *Sandbox){
		"behaviour": func(box *Sandbox) {
			for _, name := range nodes {
				box.Behave(name, failing)
			}
		},
		"behaviour of the next": func(box *Sandbox) {
			for _, name := range nodes {
				box.BehaveNext(name, failing, failing)
			}
		},
		"templates gone": func(box *Sandbox) {
			for _, name := range nodes {
				box.RemoveTemplate(name)
			}
		},
		"templates changed": func(box *Sandbox) {
			for _, name := range nodes {
				box.SetTemplate(name, func(t *Template) { t.Survey = []Question{{Variable: "x", Required: true}} })
			}
		},
		"numbers":  func(box *Sandbox) { box.SetNextJobID(900) },
		"a launch": func(box *Sandbox) { box.LaunchByHand(createName, "{}", "admin") },
		"a cancel": func(box *Sandbox) { box.CancelByHand(1) },
		"a history": func(box *Sandbox) {
			box.SeedJobs(slices.Values([]Seed{{Template: createName, ExtraVars: "{}", Created: time.Now(), Length: time.Second}}))
		},
		"conditions": func(box *Sandbox) { box.SetConditions(Conditions{ClockSkew: -time.Hour}) },
	} {
		synctest.Test(t, func(t *testing.T) {
			c := workflowClient(t)
			c.launch(t, "wf-create-vm", "a")
			time.Sleep(time.Minute)
			change(c.box)
			c.box.SetConditions(Conditions{})
			expect(t, name+": workflow", c.get(t, "workflow_jobs/1/").str("status"), "successful")
			expect(t, name+": its jobs", c.get(t, "jobs/?unified_job_node__workflow_job=1&order_by=-id&page_size=200").ids(), "3 2")
		})
	}
}

func TestConditionsOverHTTP(t *testing.T) {
	box := New(Options{})
	server := httptest.NewServer(box)
	defer server.Close()
	for body, want := range map[string]Conditions{
		`{"conditions": {"page_cap": 5, "row_cost": 10000000, "rows_lack_artifacts": true}}`: {PageCap: 5, RowCost: 10 * time.Millisecond, RowsLackArtifacts: true},
		`{"conditions": {}}`: {},
	} {
		response, err := http.Post(server.URL+"/sandbox/api/conditions", "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if err := response.Body.Close(); err != nil {
			t.Fatal(err)
		}
		expect(t, body, response.StatusCode, http.StatusOK)
		expect(t, body, box.Conditions(), want)
	}
	response, err := http.Get(server.URL + "/sandbox/api/conditions")
	if err != nil {
		t.Fatal(err)
	}
	expect(t, "read", response.StatusCode, http.StatusOK)
	if err := response.Body.Close(); err != nil {
		t.Fatal(err)
	}
}
