package eda

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
)

// exchange is a request that a real EDA answered, or one that a real ansible-rulebook sent.
type exchange struct {
	id      string // "04/12 json array"
	Case    string `json:"case"`
	T       float64
	Request struct {
		Method  string            `json:"method"`
		Path    string            `json:"path"`
		Headers map[string]string `json:"headers"`
		Body    json.RawMessage   `json:"body"`
	} `json:"request"`
	Response struct {
		Status  int               `json:"status"`
		Reason  string            `json:"reason"`
		Headers map[string]string `json:"headers"`
		Body    json.RawMessage   `json:"body"`
	} `json:"response"`
}

// TestContract replays the recordings and compares the answers, and the requests to the controller.
func TestContract(t *testing.T) {
	known := loadDifferences(t)
	totals := tally{}
	for _, replay := range []func(*testing.T) []*compared{
		replayWebhook, replayServer, replayAudit, replayTrustedProxy, replayRulebooks,
	} {
		var results []*compared
		synctest.Test(t, func(t *testing.T) { results = replay(t) })
		for _, c := range results {
			totals.count(t, c, known)
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

// recordings reads a list of exchanges at a path of keys in a file.
func recordings(t *testing.T, number, name string, keys ...string) []*exchange {
	t.Helper()
	var value any
	if err := json.Unmarshal(recorded(t, number, name), &value); err != nil {
		t.Fatal(err)
	}
	for _, key := range keys {
		object, _ := value.(map[string]any)
		value = object[key]
	}
	if _, single := value.(map[string]any); single {
		value = []any{value}
	}
	content, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	var result []*exchange
	if err := json.Unmarshal(content, &result); err != nil {
		t.Fatalf("%s %v: %v", name, keys, err)
	}
	for i, e := range result {
		scene := number
		for _, key := range keys[:len(keys)-1] {
			key, _, _ = strings.Cut(key, " ")
			scene += "/" + key
		}
		e.id = fmt.Sprintf("%s/%d", scene, i)
		if e.Case != "" {
			e.id += " " + e.Case
		}
		if keys[len(keys)-1] == "webhook" || keys[len(keys)-1] == "post" {
			e.id = strings.TrimSuffix(e.id, "/0") + "/webhook"
		}
	}
	return result
}

func recorded(t *testing.T, number, name string) []byte {
	t.Helper()
	files, err := filepath.Glob("testdata/eda/" + number + "-*" + name + "*.json")
	if err != nil || len(files) != 1 {
		t.Fatalf("recording %s %s: %v %v", number, name, files, err)
	}
	content, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// sentBody is what went over the wire: the recorder has parsed JSON, written by Python, and has cut long text.
func (e *exchange) sentBody(t *testing.T) []byte {
	t.Helper()
	for _, size := range []struct {
		name   string
		length int
	}{{"900 kB", 900_000}, {"2 MB", 2_000_000}, {"100 kB", 100_000}, {"3 MB", 3_000_000}} {
		if strings.HasPrefix(e.Case, size.name) {
			return []byte(`{"pad": "` + strings.Repeat("x", size.length) + `"}`)
		}
	}
	var text string
	switch {
	case string(e.Request.Body) == "null" || len(e.Request.Body) == 0:
		return nil
	case e.Case == "invalid utf-8":
		return []byte("{\"a\":\"\xff\xfe\"}")
	case json.Unmarshal(e.Request.Body, &text) == nil:
		return []byte(text)
	}
	return pythonJSON(parsed(t, e.Request.Body))
}

func parsed(t *testing.T, content []byte) any {
	t.Helper()
	value, err := parseJSON(content)
	if err != nil {
		t.Fatalf("%s: %v", content, err)
	}
	return value
}

// send sends the recorded request, with the headers that Python added to it.
func (e *exchange) send(t *testing.T, transport http.RoundTripper, change func(*http.Request, []byte)) *compared {
	t.Helper()
	body := e.sentBody(t)
	request, err := http.NewRequestWithContext(t.Context(), e.Request.Method, "http://EDA"+e.Request.Path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Accept-Encoding", "identity")
	request.Header.Set("User-Agent", "")
	for name, value := range e.Request.Headers {
		request.Header.Set(name, value)
	}
	request.Header.Del("Host")
	if change != nil {
		change(request, body)
	}
	response, err := transport.RoundTrip(request)
	if err != nil {
		t.Fatalf("%s: %v", e.id, err)
	}
	content, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	return e.compareAnswer(t, response, content)
}

// momentary headers are compared for being there.
var momentary = []string{"Date", "X-Request-Id", "Content-Length", "X-Api-Time", "Transfer-Encoding"}

func (e *exchange) compareAnswer(t *testing.T, response *http.Response, content []byte) *compared {
	t.Helper()
	c := &compared{id: e.id}
	c.scalar("status", e.Response.Status, response.StatusCode)
	c.scalar("reason", e.Response.Reason, strings.TrimPrefix(response.Status, fmt.Sprint(response.StatusCode)+" "))
	for name, value := range e.Response.Headers {
		if slices.Contains(momentary, name) {
			continue
		}
		c.scalar("header/"+name, value, response.Header.Get(name))
	}
	var text string
	if json.Unmarshal(e.Response.Body, &text) == nil && !strings.HasPrefix(response.Header.Get("Content-Type"), "application/json") {
		c.scalar("body", text, string(content))
		return c
	}
	var got any = string(content)
	if value, err := parseJSON(content); err == nil {
		got = value
	}
	c.compare("body", parsed(t, e.Response.Body), got)
	return c
}

// compared collects differences, each as a path and what differs, and counts the values compared.
type compared struct {
	id             string
	found          []string
	values, differ int
}

func (c *compared) add(path string, want, got any) {
	c.differ++
	c.found = append(c.found, fmt.Sprintf("%s: recorded %.160s, got %.160s", path, fmt.Sprint(want), fmt.Sprint(got)))
}

var (
	timePattern = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$`)
	uuidPattern = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}`)
)

// scalar compares two values. Times and random ids are compared for being such.
func (c *compared) scalar(path string, want, got any) {
	c.values++
	left, right := uuidPattern.ReplaceAllString(fmt.Sprint(want), "uuid"), uuidPattern.ReplaceAllString(fmt.Sprint(got), "uuid")
	if left != right && (!timePattern.MatchString(left) || !timePattern.MatchString(right)) {
		c.add(path, want, got)
	}
}

func (c *compared) compare(path string, want, got any) {
	switch w := want.(type) {
	case object:
		g, ok := got.(object)
		if !ok {
			c.add(path, want, got)
			return
		}
		for _, m := range w {
			if value, has := g.get(m.key); has {
				c.compare(path+"/"+m.key, m.value, value)
			} else {
				c.add(path+"/"+m.key, m.value, "nothing")
			}
		}
		for _, m := range g {
			if _, has := w.get(m.key); !has {
				c.add(path+"/"+m.key, "nothing", m.value)
			}
		}
	case []any:
		g, ok := got.([]any)
		if !ok || len(w) != len(g) {
			c.add(path, fmt.Sprintf("%d items", len(w)), got)
			return
		}
		for i := range w {
			c.compare(path+"/[]", w[i], g[i])
		}
	default:
		c.scalar(path, want, got)
	}
}
