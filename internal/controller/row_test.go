package controller

import (
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"
)

func parseJob(t *testing.T, body string) (Job, error) {
	t.Helper()
	f := newFake(t)
	f.serve("GET /api/v2/jobs/16/", reply{status: 200, body: body})
	return f.client().Job(within(t, time.Minute), jobRef(16))
}

func TestRecordedDetails(t *testing.T) {
	t.Parallel()
	j, err := parseJob(t, record(t, "214").body)
	if err != nil {
		t.Fatal(err)
	}
	if j.Status != StatusSuccessful || j.TemplateID != 9 || j.Name != createTemplate || j.Organization != "osac" || j.CreatedBy != "admin" ||
		!j.EventsProcessed || j.Started.IsZero() || j.Finished.IsZero() || !j.CanceledOn.IsZero() || j.URL != "https://aap.example.com/api/v2/jobs/16/" ||
		compact(t, string(j.Artifacts)) != `{"compute_instance":{"name":"vm-a","ip":"10.0.0.5"}}` || !strings.Contains(j.ExtraVars, `"uid-vm-a"`) {
		t.Errorf("%+v", j)
	}
	if j, err = parseJob(t, record(t, "211").body); err != nil || j.Status != StatusPending || !j.Started.IsZero() || j.Artifacts != nil {
		t.Errorf("%+v, %v", j, err)
	}
	f := newFake(t)
	f.serve("GET /api/v2/workflow_jobs/62/", record(t, "502"))
	if j, err = f.client().Job(within(t, time.Minute), Ref{KindWorkflowJob, 62}); err != nil || j.Kind != KindWorkflowJob || j.TemplateID != 19 || !j.EventsProcessed || j.Artifacts != nil {
		t.Errorf("%+v, %v", j, err)
	}
	f.serve("GET /api/v2/jobs/16/", record(t, "346"))
	if _, err := f.client().Job(within(t, time.Minute), jobRef(16)); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
}

func TestRecordedRows(t *testing.T) {
	t.Parallel()
	for number, want := range map[string]int{"304": 1, "344": 3, "505": 1, "506": 1, "627": 0} {
		f := newFake(t)
		kind := KindJob
		if number == "506" {
			kind = KindWorkflowJob
		}
		f.serve("GET /api/v2/"+kind.path()+"/?name__in="+createTemplate+"&order_by=-id&page_size="+strconv.Itoa(max(want, 1))+"&count_disabled=1", record(t, number))
		got, err := f.client().Find(within(t, time.Minute), Search{TemplateNames: []string{createTemplate}, Kinds: []Kind{kind}, Limit: max(want, 1)})
		if err != nil || len(got) != want {
			t.Errorf("%s: %d jobs, %v", number, len(got), err)
		}
		for _, j := range got {
			if j.Kind != kind || !j.Terminal() || j.TemplateID == 0 || j.Traceback != "" || j.ExtraVars == "" {
				t.Errorf("%s: %+v", number, j)
			}
		}
	}
}

func TestOddRows(t *testing.T) {
	t.Parallel()
	for body, ok := range map[string]bool{
		`{"id":16}`: true, `{"id":16,"type":"job","extra_vars":{"a":1}}`: true, `{"id":16,"extra_vars":null,"status":null,"created":null,"summary_fields":null}`: true,
		`{"id":16,"created":"","elapsed":-5,"artifacts":"","unknown":[]}`: true, `{"id":16,"artifacts":[1]}`: true,
		`{"id":16,"extra_vars":5}`: false, `{"id":"16"}`: false, `{"id":null}`: false, `{}`: false, `[]`: false, `{"id":16,"created":"yesterday"}`: false,
		`{"id":16,"status":5}`: false, `{"id":17}`: false, `{"id":16,"type":"ad_hoc_command"}`: false, `{"id":16,"elapsed":"x"}`: false, `nonsense`: false, ``: false,
	} {
		j, err := parseJob(t, body)
		if (err == nil) != ok {
			t.Errorf("%s: %v", body, err)
		}
		if ok && (j.ID != 16 || j.Artifacts != nil) {
			t.Errorf("%s: %+v", body, j)
		}
	}
}
