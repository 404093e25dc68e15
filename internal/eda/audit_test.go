package eda

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/transport"
)

// The recorded answers of rule audit (eda 24, 26).
const (
	recordedRules = `{"count":2,"next":null,"previous":null,"page_size":20,"page":1,"results":[
		{"id":2,"name":"Create compute instance","status":"failed","activation_instance":{"id":1,"name":"osac-act"},
		 "organization":{"id":1,"name":"Default","description":"The default organization"},"fired_at":"2026-11-23T09:29:53.526181Z"},
		{"id":1,"name":"Create compute instance","status":"successful","activation_instance":{"id":1,"name":"osac-act"},
		 "organization":{"id":1,"name":"Default","description":"The default organization"},"fired_at":"2026-11-23T09:28:24.132702Z"}]}`
	recordedActions = `{"count":1,"next":null,"previous":null,"page_size":20,"page":1,"results":[
		{"id":"3a516349-1cb9-45dd-b968-3c1b175a7ac4","name":"run_job_template","status":"failed","url":"",
		 "fired_at":"2026-11-23T09:29:53.548619Z","rule_fired_at":"2026-11-23T09:29:53.526181Z","audit_rule_id":2,
		 "status_message":"Job template osac-create-compute-instance in organization osac does not exist"}]}`
	recordedEvents = `{"count":1,"next":null,"previous":null,"page_size":20,"page":1,"results":[
		{"id":"bbd72414-bdce-4025-ad10-c43304c0eeab","source_name":"osac-tok","source_type":"eda.builtin.pg_listener",
		 "payload":"payload:\n  action: create-compute-instance\n  metadata:\n    name: vm-missing\n",
		 "audit_actions":["3a516349-1cb9-45dd-b968-3c1b175a7ac4"],"received_at":"2026-11-23T09:29:53.521934Z",
		 "rule_fired_at":"2026-11-23T09:29:53.526181Z"}]}`
	emptyList = `{"count":0,"next":null,"previous":null,"page_size":20,"page":1,"results":[]}`
)

var posted = time.Date(2026, 11, 23, 9, 29, 50, 0, time.UTC)

func json200(body string) reply { return reply{status: 200, body: body} }

// paths answers by path below the API's root, without the query.
func paths(answers map[string]reply) *server {
	s := &server{}
	s.answer = func(r request) reply {
		path, _, _ := strings.Cut(strings.TrimPrefix(r.url, "https://aap.example/api/eda/v1/"), "?")
		if answer, known := answers[path]; known {
			return answer
		}
		return detail(404, "No AuditRule matches the given query.")
	}
	return s
}

func newTestAPI(t *testing.T, s *server) *API {
	t.Helper()
	a, err := NewAPI(APISettings{
		URL: "https://aap.example", Username: "auditor", Password: "hidden-password", Transport: transport.Settings{RoundTripper: s},
	})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestFailureOfAsRecorded(t *testing.T) {
	t.Parallel()
	s := paths(map[string]reply{
		"audit-rules/": json200(recordedRules), "audit-rules/2/events/": json200(recordedEvents), "audit-rules/2/actions/": json200(recordedActions),
	})
	a := newTestAPI(t, s)
	got, err := a.FailureOf(t.Context(), posted, "vm-missing")
	if err != nil || got == nil {
		t.Fatalf("%v, %v", got, err)
	}
	want := Failure{
		Rule: "Create compute instance", Action: "run_job_template", Activation: "osac-act",
		Message: "Job template osac-create-compute-instance in organization osac does not exist",
		FiredAt: time.Date(2026, 11, 23, 9, 29, 53, 548619000, time.UTC),
	}
	if *got != want {
		t.Errorf("got %+v", *got)
	}
	sent := s.requests()
	first, err := url.Parse(sent[0].url)
	if err != nil || first.RawQuery != "order_by=-fired_at" {
		t.Errorf("first request %s", sent[0].url)
	}
	if len(sent) != 3 || sent[0].header.Get("Authorization") != "Basic YXVkaXRvcjpoaWRkZW4tcGFzc3dvcmQ=" {
		t.Errorf("%d requests", len(sent))
	}
	// Of another run nothing is reported, and nothing is read again.
	if got, err := a.FailureOf(t.Context(), posted, "another"); got != nil || err != nil || len(s.requests()) != 4 {
		t.Errorf("another: %v, %v after %d requests", got, err, len(s.requests()))
	}
	if _, err := a.FailureOf(t.Context(), posted, ""); err == nil || len(s.requests()) != 4 {
		t.Error("an empty marker is in everything")
	}
}

func TestFailureOfFindsNone(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		server *server
		kind   error
		want   []string
		later  time.Duration
	}{
		"eda 25: nothing to see":         {replies(json200(emptyList)), ErrAuditHidden, []string{"https://aap.example/api/eda/v1/audit-rules/", "Organization Auditor"}, 0},
		"nothing since":                  {replies(json200(recordedRules)), nil, nil, time.Hour},
		"eda 25: no longer to see":       {paths(map[string]reply{"audit-rules/": json200(recordedRules)}), nil, nil, 0},
		"eda 20: no credentials":         {replies(detail(401, "Authentication credentials were not provided.")), ErrUnauthorized, []string{"401 Unauthorized", "credentials"}, 0},
		"eda 24: another server's field": {replies(detail(400, "AuditRule has no field named 'fired_at'")), ErrRejected, []string{"no field named"}, 0},
		"web interface":                  {replies(htmlPage(200, "Ansible")), ErrRejected, []string{"not that of an EDA server's API"}, 0},
		"no such path":                   {replies(htmlPage(404, "Not Found")), ErrRejected, []string{"not that of an EDA server's API"}, 0},
		"other JSON":                     {replies(json200(`{"changed":true}`)), ErrRejected, []string{"no list of results"}, 0},
		"broken JSON":                    {replies(json200(`{"results":[`)), ErrRejected, []string{"not what this API gives"}, 0},
	} {
		got, err := newTestAPI(t, test.server).FailureOf(t.Context(), posted.Add(test.later), "vm-missing")
		if got != nil || test.kind == nil && err != nil || test.kind != nil && !errors.Is(err, test.kind) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
		if test.later > 0 && len(test.server.requests()) != 1 {
			t.Errorf("%s: %d requests", name, len(test.server.requests()))
		}
		for _, part := range test.want {
			if err == nil || !strings.Contains(err.Error(), part) {
				t.Errorf("%s: %q is missing in: %v", name, part, err)
			}
		}
	}
}

func TestTokenWithoutGateway(t *testing.T) {
	t.Parallel()
	s := replies(detail(401, "Authentication credentials were not provided."))
	a, err := NewAPI(APISettings{URL: "https://aap.example", Token: "hidden-token", Transport: transport.Settings{RoundTripper: s}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = a.FailureOf(t.Context(), posted, "vm-missing")
	if !errors.Is(err, ErrUnauthorized) || !strings.Contains(err.Error(), "takes no token") || s.requests()[0].header.Get("Authorization") != "Bearer hidden-token" {
		t.Errorf("error %v", err)
	}
}

// auditOf is a rule audit of many failed rules, each for the run of its number, newest first, in pages of 20.
func auditOf(many int, began time.Time) *server {
	s := &server{}
	s.answer = func(r request) reply {
		u, _ := url.Parse(r.url)
		path := strings.TrimPrefix(u.Path, "/api/eda/v1/audit-rules/")
		var id int
		if n, _ := fmt.Sscanf(path, "%d/", &id); n == 1 && strings.HasSuffix(path, "events/") {
			return json200(fmt.Sprintf(`{"next":null,"results":[{"payload":"payload:\n  run: run-%04d\n"}]}`, id))
		} else if n == 1 {
			return json200(fmt.Sprintf(`{"next":null,"results":[
				{"name":"run_job_template","status":"successful","url":"","fired_at":"2026-11-23T10:00:00Z","status_message":null},
				{"name":"run_job_template","status":"failed","url":"http://AAP/#/jobs/playbook/%d/details/","fired_at":null,"status_message":null}]}`, id))
		}
		page := 1
		_, _ = fmt.Sscan(u.Query().Get("page"), &page)
		var rows []string
		next := "null"
		for at := (page - 1) * 20; at < many && at < page*20; at++ {
			id := many - at
			rows = append(rows, fmt.Sprintf(`{"id":%d,"name":"r","status":"failed","activation_instance":null,"fired_at":%q}`,
				id, began.Add(time.Duration(id)*time.Second).Format(time.RFC3339Nano)))
		}
		if page*20 < many {
			next = `"http://inside/api/eda/v1/audit-rules/?page=2"`
		}
		return reply{status: 200, after: 100 * time.Millisecond, body: fmt.Sprintf(`{"next":%s,"results":[%s]}`, next, strings.Join(rows, ","))}
	}
	return s
}

func TestFailureOnALaterPage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := auditOf(45, posted)
		got, err := newTestAPI(t, s).FailureOf(t.Context(), posted, "run-0003")
		if err != nil || got == nil || got.URL != "http://AAP/#/jobs/playbook/3/details/" || got.Activation != "" || !got.FiredAt.Equal(posted.Add(3*time.Second)) {
			t.Errorf("%+v, %v", got, err)
		}
		if n := len(s.requests()); n != 3+43+1 {
			t.Errorf("%d requests", n)
		}
	})
}

// TestManyFailTogether lets many runs search at once: no event is requested twice.
func TestManyFailTogether(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const many = 50
		s := auditOf(many, posted)
		a := newTestAPI(t, s)
		var all sync.WaitGroup
		for run := 1; run <= many; run++ {
			all.Go(func() {
				got, err := a.FailureOf(t.Context(), posted, fmt.Sprintf("run-%04d", run))
				if err != nil || got == nil || !strings.Contains(got.URL, fmt.Sprintf("/%d/", run)) {
					t.Errorf("run %d: %+v, %v", run, got, err)
				}
			})
		}
		all.Wait()
		asked := map[string]int{}
		for _, r := range s.requests() {
			if strings.Contains(r.url, "/events/") {
				asked[r.url]++
			}
		}
		for address, times := range asked {
			if times != 1 {
				t.Errorf("%s was asked for %d times", address, times)
			}
		}
	})
}

func TestSearchIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := auditOf(1000, posted)
		a := newTestAPI(t, s)
		_, err := a.FailureOf(t.Context(), posted, "none")
		if n := len(s.requests()); !errors.Is(err, ErrAuditIncomplete) || n > auditEvents+auditPages {
			t.Errorf("after %d requests: %v", n, err)
		}
		// Further searches reach further, up to the bound of pages.
		for range 5 {
			_, _ = a.FailureOf(t.Context(), posted, "none")
		}
		before := len(s.requests())
		_, err = a.FailureOf(t.Context(), posted, "none")
		if n := len(s.requests()) - before; !errors.Is(err, ErrAuditIncomplete) || n != auditPages {
			t.Errorf("after %d requests: %v", n, err)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		a := newTestAPI(t, replies(reply{status: 503}))
		var all sync.WaitGroup
		for range 3 {
			all.Go(func() {
				_, err := a.FailureOf(t.Context(), posted, "none")
				if !errors.Is(err, ErrUnavailable) || !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("error %v", err)
				}
			})
		}
		all.Wait()
		if took := time.Since(began); took != auditTime {
			t.Errorf("took %s", took)
		}
	})
}
