package provider

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// upgrade reads a state of version 0.
func (s *server) upgrade(t *testing.T, state []byte) *tfprotov6.UpgradeResourceStateResponse {
	t.Helper()
	resp, err := s.UpgradeResourceState(t.Context(), &tfprotov6.UpgradeResourceStateRequest{
		TypeName: instanceType, Version: 0, RawState: &tfprotov6.RawState{JSON: state},
	})
	if err != nil {
		t.Fatal(err)
	}
	return resp
}

func (s *server) upgraded(t *testing.T, state []byte) map[string]tftypes.Value {
	t.Helper()
	resp := s.upgrade(t, state)
	noErrors(t, resp.Diagnostics)
	value, err := resp.UpgradedState.Unmarshal(s.instance)
	if err != nil {
		t.Fatal(err)
	}
	return attributesOf(t, value)
}

func TestStatesOfTheFirstReleaseAreRead(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("../acceptance/testdata/releases/0.1.0/release.tfstate")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Resources []struct {
			Instances []struct {
				Attributes json.RawMessage `json:"attributes"`
			} `json:"instances"`
		} `json:"resources"`
	}
	if err := json.Unmarshal(content, &file); err != nil {
		t.Fatal(err)
	}
	values := newServer(t).upgraded(t, file.Resources[0].Instances[0].Attributes)
	last := attributesOf(t, values["last_job"])
	for name, want := range map[string]string{
		"id": "2", "type": "provision", "kind": "job", "state": "Succeeded", "url": "https://aap.example.com/api/v2/jobs/2/",
		"created_at": "2026-11-23T22:18:45.552083Z",
	} {
		if !last[name].Equal(text(want)) {
			t.Errorf("last_job.%s is %s, want %q", name, last[name], want)
		}
	}
	for _, name := range []string{"uid", "hub_identity"} {
		if !values[name].IsNull() {
			t.Errorf("%s is %s", name, values[name])
		}
	}
	if !values["name"].Equal(text("richest")) || !values["cores"].Equal(number(4)) || values["open_runs"].IsNull() {
		t.Errorf("the state is %s", values)
	}
}

func TestJobsOfTheFirstReleaseAreToldApart(t *testing.T) {
	t.Parallel()
	const found = `{"id":"7","type":"provision","backend":"eda","state":"Succeeded","message":"successful","config_version":"a",
		"created_at":"2026-11-23T10:00:00.5Z","url":"https://aap/api/v2/workflow_jobs/7/"}`
	const earlier = `{"id":"3","type":"provision","backend":"eda","state":"Failed","message":"failed","config_version":"a",
		"created_at":"2026-11-23T09:00:00Z","url":"https://aap/api/v2/jobs/3/"}`
	open := func(run, at string) string {
		return `{"id":null,"type":"deprovision","backend":"eda","state":"Unknown","message":"event posted, its job has not been found yet; run ` +
			run + `","config_version":"a","created_at":"` + at + `","url":null}`
	}
	s := newServer(t)
	for name, test := range map[string]struct {
		jobs, last string
		runs       []string
	}{
		"none":                {jobs: "", last: ""},
		"history":             {jobs: found + "," + earlier, last: "7"},
		"history out of turn": {jobs: earlier + "," + found, last: "7"},
		"open":                {jobs: open("0197c5a2", "2026-11-23T11:00:00Z"), runs: []string{"0197c5a2"}},
		"open and found":      {jobs: open("0197c5a2", "2026-11-23T11:00:00Z") + "," + found, last: "7", runs: []string{"0197c5a2"}},
		"many open": {
			jobs: open("1", "2026-11-23T11:01:00Z") + "," + open("6", "2026-11-23T11:06:00Z") + "," + open("2", "2026-11-23T11:02:00Z") + "," +
				open("3", "2026-11-23T11:03:00Z") + "," + open("4", "2026-11-23T11:04:00Z") + "," + open("5", "2026-11-23T11:05:00Z"),
			runs: []string{"6", "5", "4", "3", "2"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			values := s.upgraded(t, []byte(`{"name":"vm","namespace":"ns","jobs":[`+test.jobs+`]}`))
			if test.last == "" != values["last_job"].IsNull() {
				t.Fatalf("last_job is %s", values["last_job"])
			}
			if test.last != "" && !attributesOf(t, values["last_job"])["id"].Equal(text(test.last)) {
				t.Errorf("last_job is %s, want %s", values["last_job"], test.last)
			}
			var runs []tftypes.Value
			if err := values["open_runs"].As(&runs); err != nil || values["open_runs"].IsNull() || len(runs) != len(test.runs) {
				t.Fatalf("open_runs is %s, want %s", values["open_runs"], test.runs)
			}
			for i, want := range test.runs {
				if run := attributesOf(t, runs[i]); !run["run_id"].Equal(text(want)) || !run["id"].IsNull() {
					t.Errorf("open run %d is %s, want %s", i, runs[i], want)
				}
			}
		})
	}
}

func TestStatesThatAreBrokenAreRefused(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for _, state := range []string{`{"name":"vm","jobs":"none"}`, `{"name":{},"jobs":[]}`, `[]`} {
		if resp := s.upgrade(t, []byte(state)); len(resp.Diagnostics) == 0 {
			t.Errorf("%s is read as a state", state)
		}
	}
}
