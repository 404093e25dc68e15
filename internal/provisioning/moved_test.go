package provisioning

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/osac-project/terraform-provider-osac/internal/controller"
	"github.com/osac-project/terraform-provider-osac/internal/jobs"
	"github.com/osac-project/terraform-provider-osac/internal/jobs/jobstest"
	"github.com/osac-project/terraform-provider-osac/internal/osac"
)

const launchedByHand = `{"osac_job_vars":{"resource":{"apiVersion":"osac.openshift.io/v1alpha1","kind":"ComputeInstance",` +
	`"metadata":{"namespace":"ns","name":"web"},"spec":{"templateID":"a.b.c","cores":2,"runStrategy":"Always"}}},"site":"north"}`

// launchedElsewhere is the record that another tool's state makes of a job.
func (s *testSite) launchedElsewhere(template, vars string) jobs.Record {
	s.Helper()
	id := s.sandbox.LaunchByHand(template, vars, "admin")
	if id == 0 {
		s.Fatal("no job was launched")
	}
	instance, err := jobs.ReadLaunch(osac.ComputeInstance, json.RawMessage(vars))
	if err != nil {
		s.Fatal(err)
	}
	return jobs.Record{Instance: instance, LastJob: &jobs.JobRecord{
		ID: strconv.FormatInt(id, 10), Type: osac.Provision, State: jobs.JobUnknown, URL: "/api/v2/jobs/" + strconv.FormatInt(id, 10) + "/",
	}}
}

func (s *testSite) follow(record jobs.Record) {
	s.Helper()
	ref, _ := controller.RefOf(record.LastJob.URL)
	if _, err := s.hub.client.Follow(s.Context(), ref, controller.Follow{}); err != nil {
		s.Fatal(err)
	}
}

// TestMovedNeedsNoRun moves a job that this provider has never seen, and reads the state again and again.
func TestMovedNeedsNoRun(t *testing.T) {
	atSite(t, func(site *testSite) {
		record := site.launchedElsewhere(createTemplate, launchedByHand)
		site.follow(record)
		result, err := site.hub.Moved(site.Context(), record)
		if err != nil {
			t.Fatal(err)
		}
		desired := osac.Instance{
			Key: osac.Key{Namespace: "ns", Name: "web"}, Spec: osac.ComputeInstanceSpec{TemplateID: "a.b.c", Cores: 2, RunStrategy: osac.RunAlways}, ExtraVars: json.RawMessage(`{ "site": "north" }`),
		}
		for range 3 {
			if result.Record.NeedsRun(desired, nil) || result.Record.ControllerUUID == "" || result.Record.Phase != jobs.PhaseRunning {
				t.Fatalf("the record is %+v", result.Record)
			}
			result = site.refresh(*result.Record)
		}
		desired.ExtraVars = nil
		if !result.Record.NeedsRun(desired, nil) {
			t.Error("other extra vars need no run")
		}
		site.wantLaunches(createTemplate)
	})
}

// TestUnmarkedJobIsNoticed lets somebody run a job that doesn't say what it is given, beside the spec: whether it is seen
// while it runs or after, what it applied is not what is on record.
func TestUnmarkedJobIsNoticed(t *testing.T) {
	atSite(t, func(site *testSite) {
		record := site.created()
		vars := strings.ReplaceAll(site.sandbox.Jobs()[0].ExtraVars, osac.AnnotationInputsVersion, "example.com/none")
		launched := site.launchedElsewhere(createTemplate, vars)
		record = *site.refresh(record).Record
		site.follow(launched)
		for range 2 {
			if record = *site.refresh(record).Record; !record.NeedsRun(jobstest.Instance(), nil) {
				t.Error("the job is not noticed")
			}
		}
	})
}

func TestMovedIsNoCreateJob(t *testing.T) {
	for name, change := range map[string]struct {
		template string
		mentions string
		change   func(*jobs.Record)
	}{
		"delete template": {template: deleteTemplate, mentions: deleteTemplate},
		"other instance":  {template: createTemplate, mentions: "ran for instance", change: func(r *jobs.Record) { r.Name = "other" }},
		"no job":          {template: createTemplate, mentions: "is no job's", change: func(r *jobs.Record) { r.LastJob.URL = "" }},
	} {
		t.Run(name, func(t *testing.T) {
			atSite(t, func(site *testSite) {
				record := site.launchedElsewhere(change.template, launchedByHand)
				site.follow(record)
				if change.change != nil {
					change.change(&record)
				}
				_, err := site.hub.Moved(site.Context(), record)
				wantReason(t, err, ReasonMove, change.mentions)
			})
		})
	}
}

// TestMovedUnfinished moves jobs that did not succeed, or that nobody can tell of.
func TestMovedUnfinished(t *testing.T) {
	t.Run("running", func(t *testing.T) {
		atSite(t, func(site *testSite) {
			result, err := site.hub.Moved(site.Context(), site.launchedElsewhere(createTemplate, launchedByHand))
			if err != nil || result.Record.Phase != jobs.PhaseStarting || !result.Record.NeedsRun(result.Record.Instance, nil) {
				t.Errorf("got %+v, %v", result.Record, err)
			}
			site.follow(*result.Record)
		})
	})
	t.Run("purged", func(t *testing.T) {
		atSite(t, func(site *testSite) {
			record := site.launchedElsewhere(createTemplate, launchedByHand)
			site.follow(record)
			site.sandbox.PurgeAll()
			result, err := site.hub.Moved(site.Context(), record)
			if err != nil || len(result.Warnings) != 1 || !result.Record.NeedsRun(result.Record.Instance, nil) {
				t.Errorf("got %+v, %v", result, err)
			}
		})
	})
}

func TestBesideResource(t *testing.T) {
	t.Parallel()
	for vars, want := range map[string]string{
		launchedByHand: `{"site":"north"}`,
		`{"osac_job_vars":{"resource":{},"tenant_storage_classes":[]},"ansible_eda":{"event":{"payload":{},"meta":{}},"rule":"r","ruleset":"s"},"template_parameters":{}}`: ``,
		`{"osac_job_vars":{"resource":{},"more":1},"ansible_eda":{"event":{"payload":{},"own":2}}}`:                                                                        `{"ansible_eda":{"event":{"own":2}},"osac_job_vars":{"more":1}}`,
		`{"big":12345678901234567890}`: `{"big":12345678901234567890}`,
	} {
		got, hidden, err := osac.BesideResource(json.RawMessage(vars))
		if string(got) != want || len(hidden) > 0 || err != nil {
			t.Errorf("beside the resource in %s is %s (%v, %v), want %s", vars, got, hidden, err, want)
		}
	}
	if _, _, err := osac.BesideResource(json.RawMessage("[]")); err == nil || strings.Contains(err.Error(), "[]") {
		t.Errorf("a list gives %v", err)
	}
}
