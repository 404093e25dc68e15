package controller

import (
	"errors"
	"slices"
	"testing"
	"time"
)

func TestSurvey(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	c := f.client()
	for _, off := range []Kind{KindJob, KindWorkflowJob} {
		if got, err := c.Survey(within(t, time.Minute), Template{ID: 14, Kind: off}); err != nil || got != nil || f.count("survey_spec") != 0 {
			t.Errorf("a survey that is off: %v, %v", got, err)
		}
	}
	f.serve("GET /api/v2/job_templates/14/survey_spec/", record(t, "110"))
	got, err := c.Survey(within(t, time.Minute), Template{ID: 14, Kind: KindJob, SurveyEnabled: true})
	if err != nil || len(got) != 1 || got[0].Variable != "instance_id" || got[0].Text != "Instance" || got[0].Type != "text" || !got[0].Required || got[0].Choices != nil {
		t.Errorf("as recorded: %+v, %v", got, err)
	}
	f.serve("GET /api/v2/workflow_job_templates/14/survey_spec/", reply{status: 200, body: `{"spec":[
		{"variable":"a","type":"password","default":"$encrypted$"},{"variable":"b","type":"password","default":"in clear"},
		{"variable":"c","type":"integer","default":3},{"variable":"d","type":"multiselect","choices":"x\ny","default":"x\ny"},
		{"variable":"e","type":"multiselect","choices":["x","y"],"default":["x"]},{"variable":"f","type":"text","default":null}]}`})
	got, err = c.Survey(within(t, time.Minute), Template{ID: 14, Kind: KindWorkflowJob, SurveyEnabled: true})
	if err != nil || len(got) != 6 {
		t.Fatalf("%+v, %v", got, err)
	}
	for i, want := range []string{"", "", "3", "x\ny", "x", ""} {
		if got[i].Default != want {
			t.Errorf("the default of %s is %q, want %q", got[i].Variable, got[i].Default, want)
		}
	}
	for _, question := range got[3:5] {
		if !slices.Equal(question.Choices, []string{"x", "y"}) {
			t.Errorf("the choices of %s are %q", question.Variable, question.Choices)
		}
	}
}

func TestAnyJob(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.serve("GET /api/v2/jobs/62/", record(t, "450"))
	f.serve("GET /api/v2/workflow_jobs/62/", record(t, "502"))
	got, err := f.client().AnyJob(within(t, time.Minute), 62)
	if err != nil || got.Ref != (Ref{KindWorkflowJob, 62}) {
		t.Errorf("%+v, %v", got, err)
	}
	f.serve("GET /api/v2/jobs/16/", record(t, "346"))
	f.serve("GET /api/v2/workflow_jobs/16/", record(t, "346"))
	if _, err := f.client().AnyJob(within(t, time.Minute), 16); !errors.Is(err, ErrNotFound) {
		t.Errorf("a job that is neither: %v", err)
	}
	f.serve("GET /api/v2/jobs/17/", reply{status: 403, body: `{"detail":"You do not have permission to perform this action."}`})
	if _, err := f.client().AnyJob(within(t, time.Minute), 17); !errors.Is(err, ErrForbidden) || f.count("workflow_jobs/17/") != 0 {
		t.Errorf("a job without rights: %v", err)
	}
}
