package main

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
)

func TestAccountIsATable(t *testing.T) {
	launch := func(id string, status int) sandbox.Request {
		return sandbox.Request{
			Method: "POST", Path: "/api/controller/v2/job_templates/" + id + "/launch/", Route: "launch", Status: status,
		}
	}
	a := account{
		results: []result{
			{title: "init", took: 640 * time.Millisecond},
			{title: "apply", took: 4 * time.Second, launches: 2, requests: 5, purpose: "to create"},
		},
		requests: []sandbox.Request{
			{Method: "GET", Path: "/api/", Route: "root", Status: 200},
			launch("9", 201), launch("9", 429), launch("9", 201), launch("10", 201),
			{Method: "GET", Path: "/somewhere"},
			{Method: "GET", Path: "/api/controller/v2/job_templates/9/launch/", Route: "launch", Status: 200},
		},
		templates: map[int64]string{9: "osac-create-compute-instance"},
		machines:  2,
		took:      4640 * time.Millisecond,
	}
	want := `  step                                          seconds  launches  requests  per job
  1. init                                           0.6         0         0
  2. apply                                          4.0         2         5      2.5
  in all                                            4.6         2         7      3.5

  launches: 2 osac-create-compute-instance, 1 template 10
  requests: 5 launch, 1 other, 1 root
  requests per machine: 2.5 to create, 3.5 in all
`
	if diff := cmp.Diff(want, a.String()); diff != "" {
		t.Error(diff)
	}
}
