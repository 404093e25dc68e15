package controller

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// witness is a recording as the witness of a shape: the request, and the rows that were found.
type witness struct {
	shape  Shape
	query  url.Values
	status int
	// of is the requested collection and the AWX that answered; ids and found are its rows, and page is the whole
	// answer.
	of    string
	ids   []int64
	found []witnessRow
	page  map[string]json.RawMessage
}

type witnessRow = map[string]any

// witnesses returns all recordings by their numbers, and world, the rows that they show of each collection, by id.
func witnesses(t *testing.T) (map[string]*witness, map[string]map[int64]witnessRow) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(recordings, "*.json"))
	if err != nil || len(files) < 200 {
		t.Fatalf("%d recordings, %v", len(files), err)
	}
	all, world := map[string]*witness{}, map[string]map[int64]witnessRow{}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var r struct {
			Request  struct{ Method, Path string }
			Response struct {
				Status int
				Body   json.RawMessage
			}
			Rows []int64
		}
		if err := json.Unmarshal(content, &r); err != nil || r.Request.Path == "" {
			continue // a table of measurements
		}
		asked, err := url.Parse(r.Request.Path)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		number, _, _ := strings.Cut(filepath.Base(file), "-")
		w := &witness{status: r.Response.Status, query: asked.Query(), of: labOf(number) + apiRoot.ReplaceAllString(asked.Path, ""), ids: r.Rows}
		w.shape, _ = shapeOf(r.Request.Method, r.Request.Path)
		_ = json.Unmarshal(r.Response.Body, &w.page) // others are no object
		var list struct{ Results []witnessRow }
		_ = json.Unmarshal(r.Response.Body, &list)
		if world[w.of] == nil {
			world[w.of] = map[int64]witnessRow{}
		}
		for _, shown := range list.Results {
			world[w.of][number64(shown["id"])] = shown
			if r.Rows == nil {
				w.ids = append(w.ids, number64(shown["id"]))
			}
		}
		all[number] = w
	}
	for _, w := range all { // some keep the ids of their rows, which others show
		for _, id := range w.ids {
			if shown, known := world[w.of][id]; known {
				w.found = append(w.found, shown)
			}
		}
	}
	return all, world
}

// labOf returns the AWX of a recording: each AWX has its own ids.
func labOf(number string) string {
	switch {
	case len(number) < 4:
		return "first "
	case number < "1201":
		return "second "
	}
	return "third "
}

// TestShapesAreRecorded checks each shape against its recording. The recorded request must have this form. Each key
// that filters a list must have found a row there, and must have left out a row that another recording shows.
func TestShapesAreRecorded(t *testing.T) {
	t.Parallel()
	all, world := witnesses(t)
	for _, form := range Shapes() {
		w, exists := all[form.Recording]
		if !exists {
			t.Errorf("%s: there is no recording %q", form, form.Recording)
			continue
		}
		if w.shape.Method != form.Method || w.shape.Path != form.Path || !slices.Equal(w.shape.Query, form.Query) {
			t.Errorf("%s: recording %s is of %s", form, form.Recording, w.shape)
		}
		for _, key := range form.Query {
			if slices.Contains(form.Query, "page") && key != "page" {
				continue // a later page has the conditions of the first, a shape of its own
			}
			if !w.shows(t, key, world[w.of]) {
				t.Errorf("%s: recording %s does not show %s", form, form.Recording, key)
			}
		}
		if w.status >= 300 && !strings.HasPrefix(form.Path, "/") {
			t.Errorf("%s: recording %s is of a refusal", form, form.Recording)
		}
	}
}

// shows reports whether a recording shows the effect of a key of a list's query.
func (w *witness) shows(t *testing.T, key string, world map[int64]witnessRow) bool {
	t.Helper()
	values := w.query[key]
	if len(values) == 0 {
		return false
	}
	switch key {
	case "page":
		return len(w.ids) > 0 && strings.Contains(string(w.page["previous"]), "page=1")
	case "page_size":
		most, err := strconv.Atoi(values[0])
		return err == nil && len(w.ids) <= most
	case "order_by":
		return w.sorted(values[0])
	case "count_disabled":
		return len(w.page) == 1
	case "format", "activitystream__operation": // no filter; and one that says whose changes are looked at
		return true
	}
	ids := map[any]bool{}
	for _, r := range w.found {
		ids[r["id"]] = true
		if !meets(t, r, key, values) {
			return false
		}
	}
	leftOut := false
	for _, r := range world {
		leftOut = leftOut || !ids[r["id"]] && !meets(t, r, key, values)
	}
	return len(w.found) > 0 && leftOut
}

func (w *witness) sorted(by string) bool {
	field, descending := strings.CutPrefix(by, "-")
	return slices.IsSortedFunc(w.found, func(a, b witnessRow) int {
		if descending {
			a, b = b, a
		}
		return int(number64(a[field]) - number64(b[field]))
	})
}

func number64(value any) int64 {
	number, _ := value.(float64)
	return int64(number)
}

// meets reports whether a row matches a key and its values.
func meets(t *testing.T, r witnessRow, key string, values []string) bool {
	t.Helper()
	value := values[0]
	field, operator, _ := strings.Cut(key, "__")
	bound, _ := strconv.ParseInt(value, 10, 64)
	switch {
	case strings.HasSuffix(key, "activitystream__changes__contains"):
		vars, _ := r["extra_vars"].(string)
		return slices.ContainsFunc(values, func(one string) bool { return strings.Contains(vars, strings.ReplaceAll(one, `\"`, `"`)) })
	case key == "unified_job_node__workflow_job":
		related, _ := r["related"].(map[string]any)
		origin, _ := related["source_workflow_job"].(string)
		return strings.HasSuffix(origin, "/"+value+"/")
	case key == "created__gt":
		after, err := time.Parse(time.RFC3339, value)
		text, _ := r["created"].(string)
		created, other := time.Parse(time.RFC3339, text)
		return err == nil && other == nil && created.After(after)
	case operator == "gt":
		return number64(r[field]) > bound
	case operator == "lt":
		return number64(r[field]) < bound
	case operator == "in", key == "type":
		text, isText := r[field].(string)
		if !isText {
			text = strconv.FormatInt(number64(r[field]), 10)
		}
		return slices.Contains(strings.Split(value, ","), text)
	case operator == "":
		if flag, isFlag := r[field].(bool); isFlag {
			return strconv.FormatBool(flag) == value
		}
		return r[field] == value
	}
	t.Errorf("nobody knows what %s asks for", key)
	return false
}

// TestNothingElseIsSent has the client make requests of forms that are not listed.
func TestNothingElseIsSent(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	c := f.client()
	if _, err := c.Installation(t.Context()); err != nil {
		t.Fatal(err)
	}
	sent := len(f.requests)
	for _, q := range []query{{"type__in=job"}, {"name__in=a", "order_by=-id"}, {"name__in=a", "order_by=-id", "page_size=1", "count_disabled=1", "exclude=artifacts"}} {
		_, err := c.rows(t.Context(), KindJob, q, 1, false)
		if err == nil || !strings.Contains(err.Error(), "a request of the form GET jobs/?") {
			t.Errorf("%s: %v", q, err)
		}
	}
	for _, s := range []Search{{}, {Kinds: []Kind{KindJob}, AfterID: 7}, {IDs: []int64{1}, ExtraVarsValues: []string{"a"}}} {
		if found, err := c.Find(t.Context(), s); err == nil || !strings.Contains(err.Error(), "never recorded") {
			t.Errorf("%+v: %v, %v", s, found, err)
		}
	}
	if len(f.requests) != sent {
		t.Errorf("sent: %v", f.requests[sent:])
	}
}

func TestWitnessed(t *testing.T) {
	t.Parallel()
	for target, want := range map[string]string{
		"GET /api/v2/jobs/?id__in=628,627,626&page_size=200&count_disabled=1":                                "1012",
		"GET https://aap:8443/prefix/api/controller/v2/workflow_jobs/?page_size=1&id__in=7&count_disabled=1": "1069",
		"GET /api/v2/jobs/?id__gt=424&name__in=a,b&id__lt=623&order_by=-id&page_size=2&count_disabled=1":     "1341",
		"GET /api/v2/workflow_jobs/?id__gt=4&name__in=a&order_by=-id&page_size=2&count_disabled=1":           "1229",
		"POST /api/controller/v2/job_templates/9/launch/":                                                    "1083",
		"POST /api/v2/jobs/702/cancel/": "1094",
		"GET /api/v2/ping/":             "1052",
		"GET /api/gateway/v1/ping/":     "1054",
		"GET /api/v2/unified_job_templates/?name__in=a,b&type__in=job_template&page_size=200": "",
		"DELETE /api/v2/jobs/7/": "",
		"GET /api/v2/jobs/7":     "",
		"GET /api/v2/jobs/?extra_vars__contains=a&order_by=-id&page_size=1&count_disabled=1": "",
		"GET %zz": "",
	} {
		method, path, _ := strings.Cut(target, " ")
		if got, ok := Witnessed(method, path); got != want || ok != (want != "") {
			t.Errorf("%s: %q, %v", target, got, ok)
		}
	}
	if _, ok := Witnessed(http.MethodGet, "/api/v2/jobs/?id__in=1&id__in=2&page_size=1&count_disabled=1"); !ok {
		t.Error("a key that is there twice is another key")
	}
}
