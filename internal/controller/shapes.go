package controller

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// Shape is a form of request: a method, a path below the API's root, and the keys of a query with their operators. Keys
// of a list that are not among the shapes were never seen to work on a real controller, so the client does not send
// them. For instance, every version accepts type__in, and finds nothing by it (recording 1002).
type Shape struct {
	Method string
	// Path has {id} in place of a number. A path that begins with a slash is below the host, not below the API's root.
	Path string
	// Query are the keys, sorted.
	Query []string
	// Recording is the number of the file in internal/sandbox/testdata/awx with a real AWX's answer to this form. It
	// shows rows that are found, and other rows that each key leaves out.
	Recording string
}

// String returns the shape as errors show it, e.g. "GET jobs/?id__in&page_size".
func (s Shape) String() string {
	text := s.Method + " " + s.Path
	if len(s.Query) > 0 {
		text += "?" + strings.Join(s.Query, "&")
	}
	return text
}

// Shapes returns all forms of requests that a Client can send. Client.send refuses any other.
func Shapes() []Shape { return slices.Clone(shapes) }

var shapes = slices.Concat(singleShapes, jobListShapes())

func shape(method, path string, query, recording string) Shape {
	keys := strings.Fields(query)
	slices.Sort(keys)
	return Shape{Method: method, Path: path, Query: keys, Recording: recording}
}

// singleShapes are the shapes that are not made by combination.
var singleShapes = []Shape{
	shape("GET", "ping/", "", "1052"),
	// No recording shows this shape at work: plain AWX has no gateway (404), and we had no AAP. The answer was read in
	// the gateway's source (https://github.com/ansible/jewel).
	shape("GET", "/api/gateway/v1/ping/", "", "1054"),
	shape("GET", "unified_job_templates/", "name__in type page_size", "1001"),
	shape("GET", "unified_job_templates/", "name type page_size", "1004"),
	shape("GET", "unified_job_templates/", "name__in type page_size page", "1209"),
	shape("GET", "unified_job_templates/", "name type page_size page", "1210"),
	shape("GET", "job_templates/{id}/launch/", "", "1010"),
	shape("GET", "workflow_job_templates/{id}/launch/", "", "116"),
	shape("GET", "job_templates/{id}/survey_spec/", "", "1011"),
	shape("GET", "workflow_job_templates/{id}/survey_spec/", "", "1212"),
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
	shape("GET", "workflow_jobs/{id}/workflow_nodes/", "page_size page", "1207"),
	shape("GET", "jobs/", "id__in page_size count_disabled", "1012"),
	shape("GET", "workflow_jobs/", "id__in page_size count_disabled", "1069"),
	shape("GET", "jobs/", "unified_job_node__workflow_job order_by page_size count_disabled", "1071"),
	shape("GET", "jobs/", "unified_job_node__workflow_job order_by page_size", "1203"),
	shape("GET", "jobs/", "unified_job_node__workflow_job id__gt id__lt order_by page_size", "1204"),
	shape("GET", "jobs/", "unified_job_node__workflow_job id__gt id__lt order_by page_size count_disabled", "1205"),
}

// jobLists are the conditions of the lists of jobs by their templates' names, as Search combines them. name is for a
// name with a comma, at which name__in would split it. The recordings are those of jobs/ without a count and with one,
// and then of workflow_jobs/ in the same order. The list of all jobs of some templates is never counted.
var jobLists = [][2]string{
	{"name__in", "1338 - 1339 -"},
	{"name__in id__gt", "1340 1228 1229 1230"},
	{"name__in id__gt id__lt", "1341 1231 1232 1233"},
	{"name__in created__gt", "1342 1234 1235 1236"},
	{"name__in created__gt id__gt", "1343 1237 1238 1239"},
	{"name__in created__gt id__gt id__lt", "1240 1241 1242 1243"},
	{"name__in status__in", "1344 1217 1218 1219"},
	{"name__in status__in id__gt", "1220 1221 1222 1223"},
	{"name__in status__in id__gt id__lt", "1224 1225 1226 1227"},
	{"name__in one", "1345 1244 1245 1246"},
	{"name__in id__gt id__lt one", "1247 1248 1249 1250"},
	{"name__in created__gt one", "1251 1252 1253 1254"},
	{"name__in created__gt id__gt id__lt one", "1255 1256 1257 1258"},
	{"name__in several", "1346 1259 1260 1261"},
	{"name__in id__gt id__lt several", "1262 1263 1264 1265"},
	{"name__in created__gt several", "1266 1267 1268 1269"},
	{"name__in created__gt id__gt id__lt several", "1270 1271 1272 1273"},
	{"name", "1018 - 1286 -"},
	{"name id__gt", "1287 1288 1289 1290"},
	{"name id__gt id__lt", "1291 1292 1293 1294"},
	{"name created__gt", "1295 1296 1297 1298"},
	{"name created__gt id__gt", "1299 1300 1301 1302"},
	{"name created__gt id__gt id__lt", "1303 1304 1305 1306"},
	{"name status__in", "1274 1275 1276 1277"},
	{"name status__in id__gt", "1278 1279 1280 1281"},
	{"name status__in id__gt id__lt", "1282 1283 1284 1285"},
	{"name one", "1307 1308 1309 1310"},
	{"name id__gt id__lt one", "1311 1312 1313 1314"},
	{"name created__gt one", "1093 1315 1316 1317"},
	{"name created__gt id__gt id__lt one", "1318 1319 1320 1321"},
	{"name several", "1322 1323 1324 1325"},
	{"name id__gt id__lt several", "1326 1327 1328 1329"},
	{"name created__gt several", "1330 1331 1332 1333"},
	{"name created__gt id__gt id__lt several", "1334 1335 1336 1337"},
}

// streamKeys are the keys that search the activity stream for a value, or for one of several.
var streamKeys = strings.NewReplacer(
	"one", "activitystream__changes__contains activitystream__operation",
	"several", "or__activitystream__changes__contains activitystream__operation",
)

func jobListShapes() []Shape {
	var all []Shape
	for _, list := range jobLists {
		query := streamKeys.Replace(list[0]) + " order_by page_size"
		for i, recording := range strings.Fields(list[1]) {
			path, keys := [...]string{"jobs/", "workflow_jobs/"}[i/2], query
			if i%2 == 0 {
				keys += " count_disabled"
			}
			if recording != "-" {
				all = append(all, shape("GET", path, keys, recording))
			}
		}
	}
	return all
}

// apiRoot matches a path up to the API's root, wherever that is.
var apiRoot = regexp.MustCompile(`^.*?/api/(?:controller/)?v2/`)

// gatewayRoot matches a path up to the gateway's root.
var gatewayRoot = regexp.MustCompile(`^.*?(/api/gateway/v1/)`)

var number = regexp.MustCompile(`/[0-9]+/`)

// shapeOf returns the shape of a request by its method and its target, which is a path or an address with its query. It
// returns false, along with the shape that the request would have, if that shape is not among Shapes.
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

// Witnessed returns the number of the recording that shows a request's shape, e.g. "1012", by its method and its path
// with the query. It returns false for a request that no Client can send.
func Witnessed(method, target string) (string, bool) {
	found, ok := shapeOf(method, target)
	return found.Recording, ok
}
