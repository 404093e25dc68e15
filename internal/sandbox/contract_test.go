package sandbox

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/osac-project/terraform-provider-osac/internal/sandbox/fidelity"
)

var update = flag.Bool("update", false, "write the table of differences into README.md")

// recording is one request that a real AWX answered.
type recording struct {
	file    string
	Request struct {
		Method string `json:"method"`
		Path   string `json:"path"`
		// As is whose credentials the request had, in the recordings from 1001 on.
		As      string            `json:"as"`
		Headers map[string]string `json:"headers"`
		Body    json.RawMessage   `json:"body"`
	} `json:"request"`
	Response struct {
		Status  int               `json:"status"`
		Headers map[string]string `json:"headers"`
		Body    any               `json:"body"`
	} `json:"response"`
	// Rows are the ids of all the rows that a list had, of which the recorder kept four (recordings from 1001 on).
	Rows []int64 `json:"rows"`
	Cut  string  `json:"cut"`
}

// number is what the recording is called.
func (r *recording) number() string {
	number, _, _ := strings.Cut(r.file, "-")
	return strings.TrimSuffix(number, "b")
}

// later reports whether the recording is of an AWX that answered the provider's own requests, from 1001 on.
func (r *recording) later() bool { return len(r.number()) == 4 }

// lab is which AWX has answered: one was made for the recordings up to 902, one for those from 1001 on, one for those from
// 1201 on.
func (r *recording) lab() int {
	switch {
	case !r.later():
		return 0
	case r.number() < listsFrom:
		return 1
	}
	return 2
}

// TestContract replays every recording on a sandbox that is made alike, and compares the answers.
func TestContract(t *testing.T) {
	recordings := loadRecordings(t)
	var labs [3][]*recording
	for _, r := range recordings {
		labs[r.lab()] = append(labs[r.lab()], r)
	}
	casts := [3]*cast{newCast(labs[0]), newCast(labs[1]), newCast(labs[2])}
	var compared []*fidelity.Comparison
	for _, r := range recordings {
		synctest.Test(t, func(t *testing.T) { compared = append(compared, replay(t, casts[r.lab()], r)) })
	}
	totals, err := fidelity.Check(compared, *update)
	t.Log("contract: " + totals)
	if err != nil {
		t.Error(err)
	}
}

func loadRecordings(t *testing.T) []*recording {
	t.Helper()
	files, err := filepath.Glob("testdata/awx/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no recordings: %v", err)
	}
	var result []*recording
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		r := &recording{file: filepath.Base(file)}
		if err := json.Unmarshal(content, r); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if r.Request.Method != "" { // some files are tables of measurements
			result = append(result, r)
		}
	}
	return result
}

// replay sends the recorded request and returns how the answers differ.
func replay(t *testing.T, cast *cast, r *recording) *fidelity.Comparison {
	t.Helper()
	box := cast.stage(r)
	var body io.Reader
	if string(r.Request.Body) != "null" {
		content := []byte(r.Request.Body)
		var raw string
		if r.Request.Headers["Content-Type"] != "application/json" || strings.HasPrefix(r.file, "206") {
			if err := json.Unmarshal(content, &raw); err == nil {
				content = []byte(raw)
			}
		}
		body = bytes.NewReader(content)
	}
	request, err := http.NewRequestWithContext(t.Context(), r.Request.Method, "http://awx"+r.Request.Path, body)
	if err != nil {
		t.Fatalf("%s: %v", r.file, err)
	}
	for key, value := range r.Request.Headers {
		request.Header.Set(key, value)
	}
	authorize(request, r)
	response, err := box.RoundTripper().RoundTrip(request)
	if err != nil {
		t.Fatalf("%s: %v", r.file, err)
	}
	content, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := response.Body.Close(); err != nil {
		t.Fatal(err)
	}
	return compareAnswers(r, response, content)
}

// authorize puts in what the recorder took out of the requests.
func authorize(request *http.Request, r *recording) {
	number := r.number()
	if number == "816" {
		request.SetBasicAuth("admin", "password")
		return
	}
	if request.Header.Get("Authorization") != "Bearer TOKEN" {
		return
	}
	token := "admin"
	switch number {
	case "010", "804":
		token = "viewer"
	case "011", "012", "013", "018", "448", "612":
		token = "nobody"
	case "813", "814", "815":
		token = "reader"
	}
	if r.later() {
		token = r.Request.As
	}
	request.Header.Set("Authorization", "Bearer "+token)
}

func compareAnswers(r *recording, response *http.Response, content []byte) *fidelity.Comparison {
	c := &fidelity.Comparison{Recording: r.number() + " in " + r.file, Even: kept}
	c.Compare("status", r.Response.Status, response.StatusCode)
	for _, key := range []string{
		"Content-Type", "Location", "Allow", "WWW-Authenticate", "Vary", "Content-Language", "X-UI-Max-Events",
		"X-API-Product-Version", "X-API-Product-Name", "X-API-Node", "Access-Control-Expose-Headers", "Content-Disposition",
	} {
		if want, got := r.Response.Headers[key], response.Header.Get(key); want != got && r.kept(key) {
			c.Differ("header/"+key, want, got)
		}
	}
	for _, key := range []string{"X-API-Time", "X-API-Total-Time", "X-API-Request-Id"} {
		if !r.kept(key) {
			continue
		}
		if want, got := r.Response.Headers[key] != "", response.Header.Get(key) != ""; want != got {
			c.Differ("header/"+key, want, got)
		}
	}
	var got any = string(content)
	if strings.HasPrefix(response.Header.Get("Content-Type"), "application/json") {
		if err := json.Unmarshal(content, &got); err != nil {
			c.Differ("body", "JSON", err)
		}
	}
	if rows, ok := rowsOf(got); ok && r.Rows != nil {
		c.Compare("rows", fmt.Sprint(r.Rows), fmt.Sprint(idsOf(rows)))
		if want, _ := rowsOf(r.Response.Body); r.Cut != "" && len(rows) > len(want) {
			body, _ := got.(map[string]any)
			body["results"] = rows[:len(want)]
		}
	}
	c.Compare("body", r.Response.Body, got)
	return c
}

// kept reports whether the recorder kept the header: the later one did not keep all.
func (r *recording) kept(header string) bool {
	return !r.later() || !slices.Contains([]string{
		"Content-Language", "X-API-Node", "X-API-Time", "X-API-Request-Id", "Access-Control-Expose-Headers",
	}, header)
}

// rowsOf returns the rows of a list, and whether the body is one.
func rowsOf(body any) ([]any, bool) {
	list, _ := body.(map[string]any)
	rows, ok := list["results"].([]any)
	return rows, ok
}

func idsOf(rows []any) []int64 {
	ids := make([]int64, 0, len(rows))
	for _, value := range rows {
		object, _ := value.(map[string]any)
		ids = append(ids, row(object).id("id"))
	}
	return ids
}

// kept takes out of both what the recorder left out: fields of rows, rows but three (recording 866), rows but their number.
func kept(want, got any) (any, any) {
	switch w := want.(type) {
	case map[string]any:
		if g, ok := got.(map[string]any); ok && cutDown(w) {
			w, g = maps.Clone(w), maps.Clone(g)
			maps.DeleteFunc(w, func(key string, _ any) bool { _, has := g[key]; return !has })
			maps.DeleteFunc(g, func(key string, _ any) bool { _, has := w[key]; return !has })
			return w, g
		}
	case []any:
		if g, ok := got.([]any); ok && len(w) == 3 && len(g) > 3 && rowCutDown(w[0]) {
			return w, g[:3]
		}
	case string:
		if g, ok := got.([]any); ok && strings.HasSuffix(w, " results") {
			return w, fmt.Sprintf("%d results", len(g))
		}
	}
	return want, got
}

// cutDown reports whether the recorder kept only some fields of a row (recordings 711, 866).
func cutDown(row map[string]any) bool {
	_, id := row["id"]
	_, url := row["url"]
	_, status := row["status"]
	_, extraVars := row["extra_vars"]
	return id && !url && len(row) <= 5 && (extraVars || status && row["started"] != nil || len(row) == 5 && row["job_explanation"] != nil)
}

func rowCutDown(value any) bool {
	row, _ := value.(map[string]any)
	return cutDown(row)
}
