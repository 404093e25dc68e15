package controller

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// Shape is a form of request: a method, a path below the API's root, and the keys of a query with their operators. A
// list's keys that are not listed here were never seen to work on a real controller, so they are not sent: type__in, for
// one, is taken by every version and finds nothing (recording 1002).
type Shape struct {
	Method string
	// Path has {id} where a number stands. One that begins with a slash is no path of the API's, but the host's.
	Path string
	// Query are the keys, sorted.
	Query []string
	// Recordings are the numbers of the files in internal/sandbox/testdata/awx in which a real AWX answers. One that has
	// this very query is enough; where there is none, each key is in one of them.
	Recordings []string
}

// String returns the shape as errors show it, e.g. "GET jobs/?id__in&page_size".
func (s Shape) String() string {
	text := s.Method + " " + s.Path
	if len(s.Query) > 0 {
		text += "?" + strings.Join(s.Query, "&")
	}
	return text
}

// Shapes are all forms of requests that a Client can send. What is not among them is refused by Client.send.
func Shapes() []Shape { return slices.Clone(shapes) }

var shapes = slices.Concat(singleShapes, jobListShapes())

func shape(method, path string, query, recordings string) Shape {
	keys := strings.Fields(query)
	slices.Sort(keys)
	return Shape{Method: method, Path: path, Query: keys, Recordings: strings.Fields(recordings)}
}

// singleShapes are those that stand for themselves.
var singleShapes = []Shape{
	shape("GET", "ping/", "", "1052"),
	// Plain AWX knows no gateway; what one answers was read in its source (https://github.com/ansible/jewel).
	shape("GET", "/api/gateway/v1/ping/", "", "1054"),
	shape("GET", "unified_job_templates/", "name__in type page_size", "1001"),
	shape("GET", "unified_job_templates/", "name type page_size", "1004"),
	shape("GET", "unified_job_templates/", "name__in type page_size page", "1001 902"),
	shape("GET", "unified_job_templates/", "name type page_size page", "1004 902"),
	shape("GET", "job_templates/{id}/launch/", "", "1010"),
	shape("GET", "workflow_job_templates/{id}/launch/", "", "116"),
	shape("GET", "job_templates/{id}/survey_spec/", "", "1011"),
	shape("GET", "workflow_job_templates/{id}/survey_spec/", "", "110"),
	shape("POST", "job_templates/{id}/launch/", "", "1083"),
	shape("POST", "workflow_job_templates/{id}/launch/", "", "501"),
	shape("GET", "jobs/{id}/", "", "1034"),
	shape("GET", "workflow_jobs/{id}/", "", "1068"),
	shape("POST", "jobs/{id}/cancel/", "", "1094"),
	shape("POST", "workflow_jobs/{id}/cancel/", "", "442"),
	shape("GET", "jobs/{id}/job_events/", "event__in failed order_by page_size", "1062"),
	shape("GET", "jobs/{id}/job_events/", "event order_by page_size", "1064"),
	shape("GET", "jobs/{id}/stdout/", "format", "1037"),
	shape("GET", "workflow_jobs/{id}/workflow_nodes/", "page_size", "1070"),
	shape("GET", "workflow_jobs/{id}/workflow_nodes/", "page_size page", "1070 902"),
	shape("GET", "jobs/", "id__in page_size count_disabled", "1012"),
	shape("GET", "workflow_jobs/", "id__in page_size count_disabled", "1069"),
	shape("GET", "jobs/", "unified_job_node__workflow_job order_by page_size count_disabled", "1071"),
	shape("GET", "jobs/", "unified_job_node__workflow_job order_by page_size", "1071 1079"),
	shape("GET", "jobs/", "unified_job_node__workflow_job id__gt id__lt order_by page_size", "1071 1020"),
	shape("GET", "jobs/", "unified_job_node__workflow_job id__gt id__lt order_by page_size count_disabled", "1071 1020"),
}

// The conditions of lists of jobs by their template's name, and what shows them where no recording has all of a list's.
const (
	conditionNames   = "name__in"
	conditionName    = "name" // a name that holds a comma, at which name__in would split it
	conditionAfter   = "id__gt"
	conditionBetween = "id__gt id__lt"
	conditionCreated = "created__gt"
	conditionOne     = "activitystream__changes__contains activitystream__operation"
	conditionActive  = "status__in"
	conditionSeveral = "or__activitystream__changes__contains activitystream__operation"
)

var conditionRecordings = map[string]string{
	conditionNames: "1017", conditionName: "1018", conditionAfter: "1019", conditionBetween: "1020", conditionCreated: "1021",
	conditionActive: "1088", conditionOne: "1029", conditionSeveral: "1031",
}

// wholeRecordings are those of lists with several conditions at once.
var wholeRecordings = map[string]string{
	"name__in": "1017", "name": "1018", "name__in id__gt": "1019", "name__in id__gt id__lt": "1020", "name__in created__gt": "1021",
	"name__in created__gt id__gt": "1023", "name__in status__in": "1088", "name__in " + conditionOne: "1029", "name__in " + conditionSeveral: "1031",
	"name created__gt " + conditionOne: "1093",
}

// jobListShapes combines the conditions as Search does, and each with a count and without. Lists of workflow jobs were
// recorded without most of them; the filters are the same, since jobs and workflow jobs are rows of one table.
func jobListShapes() []Shape {
	var all []Shape
	for _, names := range []string{conditionNames, conditionName} {
		for _, ids := range []string{"", conditionAfter, conditionBetween} {
			all = append(all, jobListShape("jobs/", names, conditionActive, ids)...)
			all = append(all, jobListShape("workflow_jobs/", names, conditionActive, ids)...)
		}
		for _, stream := range []string{"", conditionOne, conditionSeveral} {
			for _, created := range []string{"", conditionCreated} {
				for _, ids := range []string{"", conditionAfter, conditionBetween} {
					if stream != "" && ids == conditionAfter {
						continue // of what the stream finds, the older are left out on our side
					}
					all = append(all, jobListShape("jobs/", names, created, ids, stream)...)
					all = append(all, jobListShape("workflow_jobs/", names, created, ids, stream)...)
				}
			}
		}
	}
	return all
}

func jobListShape(path string, conditions ...string) []Shape {
	conditions = slices.DeleteFunc(conditions, func(one string) bool { return one == "" })
	whole := strings.Join(conditions, " ")
	recordings := wholeRecordings[whole]
	if recordings == "" {
		for _, one := range conditions {
			recordings += " " + conditionRecordings[one]
		}
	}
	switch {
	case path == "workflow_jobs/" && whole == conditionNames:
		recordings = "1078"
	case path == "workflow_jobs/":
		recordings = "1078 " + recordings
	}
	all := []Shape{shape("GET", path, whole+" order_by page_size count_disabled", recordings)}
	if len(conditions) > 1 { // the list of all jobs of some templates is never counted
		all = append(all, shape("GET", path, whole+" order_by page_size", recordings+" 1079"))
	}
	return all
}

// apiRoot matches a path up to the API's root, wherever that is.
var apiRoot = regexp.MustCompile(`^.*?/api/(?:controller/)?v2/`)

// gatewayRoot matches a path up to the host's own part of it.
var gatewayRoot = regexp.MustCompile(`^.*?(/api/gateway/v1/)`)

var number = regexp.MustCompile(`/[0-9]+/`)

// shapeOf returns the shape of a request by its method and its target, a path or an address with its query. It reports
// false, beside the shape that the request would have, for one that is not among Shapes.
func shapeOf(method, target string) (Shape, bool) {
	asked := Shape{Method: method}
	at, err := url.Parse(target)
	if err != nil {
		return asked, false
	}
	path := at.Path
	if apiRoot.MatchString(path) {
		path = apiRoot.ReplaceAllString(path, "")
	} else {
		path = gatewayRoot.ReplaceAllString(path, "$1")
	}
	asked.Path = number.ReplaceAllString(path, "/{id}/")
	for part := range strings.SplitSeq(at.RawQuery, "&") {
		if key, _, _ := strings.Cut(part, "="); key != "" {
			asked.Query = append(asked.Query, key)
		}
	}
	slices.Sort(asked.Query)
	asked.Query = slices.Compact(asked.Query)
	for _, known := range shapes {
		if known.Method == asked.Method && known.Path == asked.Path && slices.Equal(known.Query, asked.Query) {
			return known, true
		}
	}
	return asked, false
}

// Witnessed returns the recordings that show a request's shape, e.g. "1012" or "1078+1020", by its method and its path
// with the query. It reports false for a request that no Client can send.
func Witnessed(method, target string) (string, bool) {
	found, ok := shapeOf(method, target)
	return strings.Join(found.Recordings, "+"), ok
}
