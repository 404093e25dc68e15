package sandbox

import (
	"bytes"
	"encoding/json"
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
)

// recording is one request that a real AWX answered.
type recording struct {
	file    string
	Request struct {
		Method  string            `json:"method"`
		Path    string            `json:"path"`
		Headers map[string]string `json:"headers"`
		Body    json.RawMessage   `json:"body"`
	} `json:"request"`
	Response struct {
		Status  int               `json:"status"`
		Headers map[string]string `json:"headers"`
		Body    any               `json:"body"`
	} `json:"response"`
}

// difference is one that remains between the sandbox and the recordings. Recordings and Path are shell patterns.
type difference struct {
	Recordings string   `json:"recordings"`
	Path       string   `json:"path"`
	Reason     string   `json:"reason"`
	shows      []string // the numbers of the recordings that it shows in
}

// TestContract replays every recording on a sandbox that is made alike, and compares the answers.
func TestContract(t *testing.T) {
	recordings := loadRecordings(t)
	known := loadDifferences(t)
	cast := newCast(recordings)
	totals := tally{recordings: len(recordings)}
	for _, r := range recordings {
		var compared *comparison
		synctest.Test(t, func(t *testing.T) { compared = replay(t, cast, r) })
		found := compared.found
		totals.values += compared.values
		totals.differ += compared.differ
		unlisted := slices.DeleteFunc(slices.Clone(found), func(path string) bool { return explain(known, r.file, path) })
		for _, path := range unlisted {
			t.Errorf("%s: %s", r.file, path)
		}
		switch {
		case len(found) == 0:
			totals.equal++
		case len(unlisted) == 0:
			totals.listed++
		}
	}
	for _, d := range known {
		if len(d.shows) == 0 {
			t.Errorf("testdata/differences.json: %s %s no longer differs: take it out", d.Recordings, d.Path)
		}
	}
	t.Log("contract: " + totals.String())
	checkReadme(t, totals, known)
}

func explain(known []*difference, file, found string) bool {
	path, _, _ := strings.Cut(found, ": ")
	for _, d := range known {
		inFile, _ := filepath.Match(d.Recordings, file[:3])
		// Segments are separated as files are, so that * stays within one and ** is any number of them.
		if inFile && matchPath(strings.Split(d.Path, "/"), strings.Split(path, "/")) {
			if !slices.Contains(d.shows, file[:3]) {
				d.shows = append(d.shows, file[:3])
			}
			return true
		}
	}
	return false
}

func matchPath(pattern, path []string) bool {
	if len(pattern) == 0 {
		return len(path) == 0
	}
	if pattern[0] == "**" {
		return matchPath(pattern[1:], path) || len(path) > 0 && matchPath(pattern, path[1:])
	}
	if len(path) == 0 {
		return false
	}
	matched, _ := filepath.Match(pattern[0], path[0])
	return matched && matchPath(pattern[1:], path[1:])
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

func loadDifferences(t *testing.T) []*difference {
	t.Helper()
	content, err := os.ReadFile("testdata/differences.json")
	if err != nil {
		t.Fatal(err)
	}
	var known []*difference
	if err := json.Unmarshal(content, &known); err != nil {
		t.Fatal(err)
	}
	return known
}

// replay sends the recorded request and returns how the answers differ.
func replay(t *testing.T, cast *cast, r *recording) *comparison {
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
	number := r.file[:3]
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
	request.Header.Set("Authorization", "Bearer "+token)
}

func compareAnswers(r *recording, response *http.Response, content []byte) *comparison {
	c := &comparison{}
	c.values++
	if response.StatusCode != r.Response.Status {
		c.add("status", r.Response.Status, response.StatusCode)
	}
	for _, key := range []string{
		"Content-Type", "Location", "Allow", "WWW-Authenticate", "Vary", "Content-Language", "X-UI-Max-Events",
		"X-API-Product-Version", "X-API-Product-Name", "X-API-Node", "Access-Control-Expose-Headers", "Content-Disposition",
	} {
		if want, got := r.Response.Headers[key], response.Header.Get(key); want != got {
			c.add("header/"+key, want, got)
		}
	}
	for _, key := range []string{"X-API-Time", "X-API-Total-Time", "X-API-Request-Id"} {
		if want, got := r.Response.Headers[key] != "", response.Header.Get(key) != ""; want != got {
			c.add("header/"+key, want, got)
		}
	}
	var got any = string(content)
	if strings.HasPrefix(response.Header.Get("Content-Type"), "application/json") {
		if err := json.Unmarshal(content, &got); err != nil {
			c.add("body", "JSON", err)
		}
	}
	c.compare("body", r.Response.Body, got)
	return c
}

// comparison collects differences, each as a path and what differs, and counts the values compared.
type comparison struct {
	found          []string
	values, differ int
}

func (c *comparison) add(path string, want, got any) {
	c.differ++
	found := fmt.Sprintf("%s: recorded %.160s, got %.160s", path, fmt.Sprint(want), fmt.Sprint(got))
	if !slices.Contains(c.found, found) {
		c.found = append(c.found, found)
	}
}

func (c *comparison) compare(path string, want, got any) {
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			c.add(path, want, got)
			return
		}
		for _, key := range slices.Sorted(maps.Keys(w)) {
			if value, has := g[key]; has {
				c.compare(path+"/"+key, w[key], value)
			} else if !cutDown(w) {
				c.add(path+"/"+key, w[key], "nothing")
			}
		}
		for _, key := range slices.Sorted(maps.Keys(g)) {
			if _, has := w[key]; !has && !cutDown(w) {
				c.add(path+"/"+key, "nothing", g[key])
			}
		}
	case []any:
		g, ok := got.([]any)
		if len(w) == 3 && len(g) > 3 && rowCutDown(w[0]) {
			g = g[:3] // the recorder kept three rows (recording 866)
		}
		if !ok || len(w) != len(g) {
			c.add(path, fmt.Sprintf("%d items", len(w)), fmt.Sprintf("%d items: %.80s", len(g), fmt.Sprint(got)))
			return
		}
		for i := range w {
			c.compare(path+"/[]", w[i], g[i])
		}
	case string:
		c.values++
		if g, ok := got.([]any); ok && strings.HasSuffix(w, " results") { // the recorder left the rows out
			got = fmt.Sprintf("%d results", len(g))
		}
		if want != got {
			c.add(path, want, got)
		}
	default:
		c.values++
		if want != got {
			c.add(path, want, got)
		}
	}
}

// cutDown tells whether the recorder kept only some fields of a row (recordings 711, 866).
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
