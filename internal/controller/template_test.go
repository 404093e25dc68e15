package controller

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

const (
	createTemplate   = "osac-create-compute-instance"
	workflowTemplate = "osac-wf-create-compute-instance"
)

func TestRecordedTemplates(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.serve("GET /api/v2/unified_job_templates/?name__in="+createTemplate+","+workflowTemplate+
		"&type=job_template,workflow_job_template&page_size=200", record(t, "106"))
	c := f.client()
	for range 2 {
		got, err := c.Templates(within(t, time.Minute), "osac", workflowTemplate, createTemplate, createTemplate)
		if err != nil || len(got) != 2 {
			t.Fatalf("%+v, %v", got, err)
		}
		want := Template{
			ID: 9, Kind: KindJob, Name: createTemplate, Organization: "osac", AsksVariables: true, Playbook: "create.yml",
			URL: "https://aap.example.com/api/v2/job_templates/9/",
		}
		if got[createTemplate] != want {
			t.Errorf("%+v", got[createTemplate])
		}
		if wf := got[workflowTemplate]; wf.ID != 19 || wf.Kind != KindWorkflowJob || !strings.HasSuffix(wf.URL, "/workflow_job_templates/19/") {
			t.Errorf("%+v", wf)
		}
	}
	if n := f.count("unified_job_templates"); n != 1 {
		t.Errorf("%d requests", n)
	}
	c.Forget(createTemplate)
	f.serve("GET /api/v2/unified_job_templates/?name="+createTemplate+"&type=job_template,workflow_job_template&page_size=200", record(t, "104"))
	if _, err := c.Templates(within(t, time.Minute), "", createTemplate, workflowTemplate); err != nil || f.count("unified_job_templates") != 2 {
		t.Errorf("after Forget: %v, %v", err, f.requests)
	}
}

// templateRows serves templates made of "type name organization".
func templateRows(f *fake, rows ...string) {
	f.intercept = func(r *http.Request) *reply {
		if !strings.HasSuffix(r.URL.Path, "/unified_job_templates/") {
			return nil
		}
		names := append(strings.Split(r.URL.Query().Get("name__in"), ","), r.URL.Query().Get("name"))
		var found []string
		for i, row := range rows {
			parts := strings.SplitN(row, " ", 3)
			if slices.Contains(names, parts[1]) {
				found = append(found, fmt.Sprintf(`{"id":%d,"type":%q,"name":%q,"summary_fields":{"organization":{"name":%q}}}`, i+1, parts[0], parts[1], parts[2]))
			}
		}
		return &reply{status: 200, body: `{"count":1,"next":null,"results":[` + strings.Join(found, ",") + `]}`}
	}
}

func TestTemplateProblems(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	templateRows(f, "job_template a one", "job_template a two", "job_template b one", "workflow_job_template b one",
		"project c one", "job_template d,e one", "job_template f two", "inventory_source f one", "job_template g ")
	c := f.client()
	for _, test := range []struct {
		name, organization string
		want               error
		text               string
	}{
		{"a", "", ErrTemplateAmbiguous, `organization "one" and of organization "two"; set organization`},
		{"a", "one", nil, ""},
		{"a", "three", ErrTemplateMissing, `organization "one"`},
		{"b", "one", ErrTemplateAmbiguous, "job template (id 3) and workflow job template (id 4)"},
		{"c", "", ErrTemplateMissing, "execute role"},
		{"d,e", "", nil, ""},
		{"f", "", nil, ""},
		{"g", "", nil, ""},
		{"g", "one", ErrTemplateMissing, "no organization"},
	} {
		got, err := c.Templates(within(t, time.Minute), test.organization, test.name)
		if !errors.Is(err, test.want) {
			t.Errorf("%+v: %v, %v", test, got, err)
		}
		if test.want == nil {
			if got[test.name].Name != test.name {
				t.Errorf("%+v: %v", test, got)
			}
			continue
		}
		var failed *TemplateError
		if !errors.As(err, &failed) || failed.Name != test.name || !strings.Contains(err.Error(), test.text) || !strings.Contains(err.Error(), c.URL()) {
			t.Errorf("%+v: %v", test, err)
		}
	}
	got, err := c.Templates(within(t, time.Minute), "", "a", "c", "f")
	if !errors.Is(err, ErrTemplateMissing) || !errors.Is(err, ErrTemplateAmbiguous) || len(got) != 1 {
		t.Errorf("several: %v, %v", got, err)
	}
}

func TestTemplatesAreShared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		f.delay = time.Second
		templateRows(f, "job_template a one", "job_template b one")
		c := f.client()
		var group sync.WaitGroup
		for range 10 {
			group.Go(func() {
				if got, err := c.Templates(within(t, time.Minute), "", "a", "b"); err != nil || len(got) != 2 {
					t.Error(got, err)
				}
			})
		}
		group.Wait()
		if n := f.count("unified_job_templates"); n != 1 {
			t.Errorf("%d requests", n)
		}
	})
}

func TestTemplatesTellTheLastError(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		f.intercept = func(r *http.Request) *reply {
			if strings.Contains(r.URL.Path, "templates") {
				return &reply{status: 503, body: `{"detail":"starting up"}`}
			}
			return nil
		}
		_, err := f.client().Templates(within(t, 20*time.Second), "", "a")
		if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, ErrUnavailable) || !strings.Contains(err.Error(), "starting up") {
			t.Error(err)
		}
	})
}

func TestManyTemplateNames(t *testing.T) {
	t.Parallel()
	var names, rows []string
	for i := range 60 {
		names = append(names, fmt.Sprintf("template-with-a-long-name-ü-%d", i))
		rows = append(rows, "job_template "+names[i]+" one")
	}
	f := newFake(t)
	templateRows(f, rows...)
	got, err := f.client().Templates(within(t, time.Minute), "", names...)
	if err != nil || len(got) != len(names) {
		t.Errorf("%d, %v", len(got), err)
	}
	for _, r := range f.requests {
		if len(r) > 4000 {
			t.Errorf("%d bytes", len(r))
		}
	}
}

func TestVariablesNeeded(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.serve("GET /api/v2/job_templates/14/launch/", record(t, "109"))
	f.serve("GET /api/v2/workflow_job_templates/19/launch/", record(t, "116"))
	c := f.client()
	if got, err := c.VariablesNeeded(within(t, time.Minute), Template{ID: 14, Kind: KindJob}); err != nil || !slices.Equal(got, []string{"instance_id"}) {
		t.Errorf("%v, %v", got, err)
	}
	if got, err := c.VariablesNeeded(within(t, time.Minute), Template{ID: 19, Kind: KindWorkflowJob}); err != nil || len(got) != 0 {
		t.Errorf("%v, %v", got, err)
	}
}
