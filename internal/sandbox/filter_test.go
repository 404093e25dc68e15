package sandbox

import (
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestFilters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(Options{})
		c.box.AddTemplate(Template{Name: "labelled", AsksVariables: true, AsksLabels: true, AsksTags: true, AsksLimit: true, AllowSimultaneous: true})
		c.post(t, "labels/", `{"name": "red", "organization": 2}`)
		c.launch(t, "osac-create-compute-instance", "vm")   // 1
		c.launch(t, "osac-create-compute-instance", "vm-b") // 2
		c.launch(t, "osac-delete-compute-instance", "vm")   // 3
		c.post(t, "job_templates/11/launch/", `{"labels": [1], "job_tags": "all,x", "limit": "localhost,y", "extra_vars": "a: ü"}`)
		time.Sleep(time.Minute)
		c.launch(t, "osac-create-compute-instance", "late") // 5
		for query, want := range map[string]string{
			"":                                  "1 2 3 4 5",
			"id__in=5,1,99":                     "1 5",
			"not__status=successful":            "5",
			"status=successful":                 "1 2 3 4",
			"status__in=pending,running":        "5",
			"status=nonsense":                   "",
			"name=osac-delete-compute-instance": "3",
			"name__in=labelled,osac-delete,x&id__lt=5": "4",
			"id__gt=3":                                 "4 5",
			"job_template=9":                           "1 2 5",
			"job_template__name=labelled":              "4",
			"unified_job_template=10":                  "3",
			"created__gt=2000-01-01T00:00:30Z":         "5",
			"created__gte=2000-01-01T00:01:00Z":        "5",
			"labels__name=red":                         "4",
			"job_tags__contains=x":                     "4",
			"limit__contains=localhost":                "4",
			"limit=localhost":                          "1 2 3 4 5", // a reserved name
			"search=vm-b":                              "",
			"artifacts__icontains=ip_address":          "1 2",
			"order_by=-id&id__in=1,2,3":                "3 2 1",
			`activitystream__changes__contains=\"vm\"`: "1 3",
			`activitystream__changes__contains=\"vm\"&activitystream__operation=create`:                     "1 3",
			`activitystream__changes__contains=\"vm\"&activitystream__operation=delete`:                     "",
			`activitystream__changes__contains=\"vm\"&name=osac-delete-compute-instance`:                    "3",
			`or__activitystream__changes__contains=\"vm-b\"&or__activitystream__changes__contains=\"late\"`: "2 5",
			`activitystream__changes__contains="vm"`:                                                        "",
			`activitystream__changes__contains=vm-`:                                                         "2",
			`activitystream__changes__icontains=\"LATE\"`:                                                   "5",
			`activitystream__changes__contains=\\u00fc`:                                                     "4",
		} {
			expect(t, query, c.get(t, "jobs/?"+encodeQuery(query)).ids(), want)
		}
		c.box.LaunchByHand("osac-create-compute-instance", `{"note": "about ns/vm", "key": "ns/vm"}`, "admin")
		c.box.LaunchByHand("osac-create-compute-instance", `{"ns/vm": 1, "other": "ns/late\\"}`, "admin")
		for query, want := range map[string]string{ // these are answered from the index
			`activitystream__changes__contains=\"ns/vm\"`:                                                    "6 7",
			`activitystream__changes__contains=ns/vm`:                                                        "6 7",
			`activitystream__changes__contains=\"ns/vm\"&order_by=-id`:                                       "7 6",
			`activitystream__changes__contains=\"ns/nosuch\"`:                                                "",
			`or__activitystream__changes__contains=\"ns/vm\"&or__activitystream__changes__contains=\"vm-b\"`: "2 6 7",
		} {
			expect(t, query, c.get(t, "jobs/?"+encodeQuery(query)).ids(), want)
		}
		expect(t, "entries", c.get(t, "activity_stream/?"+encodeQuery(`changes__contains=\"ns/vm\"`)).ids(), "6 7")
		expect(t, "unified by tags", c.get(t, `unified_jobs/?job__job_tags__contains=x`).ids(), "4")
	})
}

// encodeQuery escapes the values of a readable query.
func encodeQuery(query string) string {
	return (&url.URL{RawQuery: query}).Query().Encode()
}

func TestFilterErrors(t *testing.T) {
	c := newClient(Options{})
	for query, want := range map[string]string{
		"jobs/?nosuch=1":                            `400 {"detail":"Job has no field named 'nosuch'"}`,
		"jobs/?job_template__nosuch=1":              `400 {"detail":"JobTemplate has no field named 'nosuch'"}`,
		"jobs/?order_by=nosuch":                     `400 {"detail":"Job has no field named 'nosuch'"}`,
		"jobs/?fields=id":                           `400 {"detail":"Job has no field named 'fields'"}`,
		"jobs/?event_processing_finished=true":      `400 {"detail":"Job has no field named 'event_processing_finished'"}`,
		"jobs/?id__in=":                             `400 {"detail":"cannot provide empty value for __in"}`,
		"jobs/?id__in=1,x":                          `400 {"detail":"[\"“x” value must be an integer.\"]"}`,
		"jobs/?id__in=16,":                          `400 {"detail":"[\"“” value must be an integer.\"]"}`,
		"jobs/?failed=perhaps":                      `400 {"detail":"Unable to convert \"perhaps\" to boolean"}`,
		"jobs/?unified_job_template=x":              `400 {"detail":"Invalid unified_job_template id: x"}`,
		"jobs/?extra_vars__contains=x":              `403 {"detail":"Filtering on extra_vars is not allowed."}`,
		"jobs/?order_by=extra_vars":                 `403 {"detail":"Filtering on extra_vars is not allowed."}`,
		"unified_jobs/?job__extra_vars__contains=x": `403 {"detail":"Filtering on extra_vars is not allowed."}`,
		"unified_jobs/?extra_vars__contains=x":      `400 {"detail":"UnifiedJob has no field named 'extra_vars'"}`,
		"unified_jobs/?job_tags__contains=x":        `400 {"detail":"UnifiedJob has no field named 'job_tags'"}`,
		"jobs/?page=0":                              `404 {"detail":"Invalid page."}`,
		"jobs/?page=2&count_disabled=1":             `404 {"detail":"Invalid page."}`,
		"jobs/?count_disabled=1":                    `200 {"results":[]}`,
		"jobs/?page_size=abc":                       `200 {"count":0,"next":null,"previous":null,"results":[]}`,
		"jobs/?created__gt=yesterday":               `400 {"detail":"[\"“yesterday” value has an invalid format. It must be in YYYY-MM-DD HH:MM[:ss[.uuuuuu]][TZ] format.\"]"}`,
		"job_templates/?nosuch=1":                   `400 {"detail":"JobTemplate has no field named 'nosuch'"}`,
		"jobs/?__in=1":                              `400 {"detail":"Query string field name not provided."}`,
		"jobs/?name__x=1":                           `400 {"detail":"No related model for field x."}`,
		"jobs/?job_template__last_job__unified_job_template__nosuch=1": `400 {"detail":"UnifiedJobTemplate has no field named 'nosuch'"}`,
		"jobs/?format=xml": `404 {"detail":"Not found."}`,
	} {
		answered := c.get(t, query)
		expect(t, query, text(int64(answered.status))+" "+answered.text, want)
	}
}

func TestPages(t *testing.T) {
	c := newClient(Options{})
	for range 30 {
		c.box.LaunchByHand("osac-create-compute-instance", "{}", "admin")
	}
	page := c.get(t, "jobs/?order_by=-id&page_size=7&page=2")
	expect(t, "next", page.str("next"), "/api/v2/jobs/?order_by=-id&page=3&page_size=7")
	expect(t, "previous", page.str("previous"), "/api/v2/jobs/?order_by=-id&page=1&page_size=7")
	expect(t, "ids", page.ids(), "23 22 21 20 19 18 17")
	expect(t, "usual size", len(c.get(t, "jobs/?page_size=-1").results()), 25)
	expect(t, "capped size", len(c.get(t, "jobs/?page_size=1000").results()), 30)
	expect(t, "malformed with more pages", c.get(t, "jobs/?page_size=abc").status, 500)
	expect(t, "long query", c.get(t, "jobs/?id__in=1"+strings.Repeat(",1", 2100)).status, 414)
	expect(t, "last", c.get(t, "jobs/?page=last&page_size=8").ids(), "25 26 27 28 29 30")
}

// What no recording shows is refused, and says what it is; what AWX refuses itself goes first.
func TestUnbackedIsRefused(t *testing.T) {
	c := newClient(Options{})
	c.launch(t, "osac-create-compute-instance", "vm")
	const refused = "The sandbox does not answer this. "
	shows := func(key, list string) string {
		return refused + "No recording of a real AWX shows what " + key + " finds and leaves out at " + list + "/."
	}
	for path, want := range map[string]string{
		"jobs/?name__startswith=osac":                      "501 " + shows("name__startswith", "jobs"),
		"jobs/?chain__labels__name=red":                    "501 " + shows("chain__labels__name", "jobs"),
		"jobs/?or__id=1":                                   "501 " + shows("or__id", "jobs"),
		"jobs/?order_by=-id,name":                          "501 " + shows("order_by=name", "jobs"),
		"jobs/?id__in=1&name__regex=x":                     "501 " + shows("name__regex", "jobs"),
		"unified_jobs/?status__in=successful":              "501 " + shows("status__in", "unified_jobs"),
		"users/?is_superuser=true":                         "501 " + shows("is_superuser", "users"),
		"jobs/1/?fields=id":                                "501 " + shows("fields", "jobs/{id}"),
		"jobs/?search=osac":                                "501 " + refused + "No recording of a real AWX shows a row that search finds at jobs/.",
		"unified_jobs/?id=1":                               "501 " + refused + "No recording of a real AWX shows a row that id finds at unified_jobs/.",
		"hosts/":                                           "501 " + refused + "GET /api/v2/hosts/ is not simulated.",
		"jobs/1/credentials/":                              "501 " + refused + "GET /api/v2/jobs/1/credentials/ is not simulated.",
		"teams/":                                           "501 " + refused + "GET /api/v2/teams/ is not simulated.",
		"bulk/job_launch/":                                 "501 " + refused + "GET /api/v2/bulk/job_launch/ is not simulated.",
		"jobs/?nosuch=1&name__regex=x":                     "400 Job has no field named 'nosuch'",
		"jobs/?extra_vars__contains=x":                     "403 Filtering on extra_vars is not allowed.",
		"jobs/?id__in=99&unified_job_node__workflow_job=1": "200 null",
		"unified_jobs/?id=99":                              "200 null",
		"unified_job_templates/?type__in=job_template":     "200 null",
		"nonexistent/":                                     "404 null",
		"jobs/abc/":                                        "404 null",
		"unified_jobs/1/":                                  "404 null",
	} {
		answered := c.get(t, path)
		expect(t, path, text(int64(answered.status))+" "+answered.str("detail"), want)
	}
	log := c.box.Requests()
	for _, r := range log {
		if r.Status == 501 && r.Rows > 0 {
			t.Errorf("%s?%s is logged with %d rows", r.Path, r.Query, r.Rows)
		}
	}
}
