package eda

import (
	"bytes"
	"encoding/json"
	"flag"
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

	"github.com/osac-project/terraform-provider-osac/internal/sandbox/fidelity"
)

var update = flag.Bool("update", false, "write the table of differences into README.md")

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
	var compared []*fidelity.Comparison
	for _, replay := range []func(*testing.T) []*fidelity.Comparison{
		replayWebhook, replayServer, replayAudit, replayTrustedProxy, replayRulebooks,
	} {
		synctest.Test(t, func(t *testing.T) { compared = append(compared, replay(t)...) })
	}
	totals, err := fidelity.Check(compared, *update)
	t.Log("contract: " + totals)
	if err != nil {
		t.Error(err)
	}
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
func (e *exchange) send(t *testing.T, transport http.RoundTripper, change func(*http.Request, []byte)) *fidelity.Comparison {
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

func (e *exchange) compareAnswer(t *testing.T, response *http.Response, content []byte) *fidelity.Comparison {
	t.Helper()
	c := &fidelity.Comparison{Recording: e.id, Even: lasting}
	c.Compare("status", e.Response.Status, response.StatusCode)
	c.Compare("reason", e.Response.Reason, strings.TrimPrefix(response.Status, fmt.Sprint(response.StatusCode)+" "))
	for name, value := range e.Response.Headers {
		if slices.Contains(momentary, name) {
			continue
		}
		c.Compare("header/"+name, value, response.Header.Get(name))
	}
	var text string
	if json.Unmarshal(e.Response.Body, &text) == nil && !strings.HasPrefix(response.Header.Get("Content-Type"), "application/json") {
		c.Compare("body", text, string(content))
		return c
	}
	var got any = string(content)
	if value, err := parseJSON(content); err == nil {
		got = value
	}
	c.Compare("body", parsed(t, e.Response.Body), got)
	return c
}

var (
	timePattern = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$`)
	uuidPattern = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}`)
)

// lasting makes all times the same, and all random ids; and maps of objects, whose order is not compared.
func lasting(want, got any) (any, any) {
	switch want.(type) {
	case object:
		return fields(want), fields(got)
	case []any:
		return want, got
	}
	left, right := uuidPattern.ReplaceAllString(fmt.Sprint(want), "uuid"), uuidPattern.ReplaceAllString(fmt.Sprint(got), "uuid")
	if timePattern.MatchString(left) && timePattern.MatchString(right) {
		return "time", "time"
	}
	return left, right
}

// fields makes a map of an object.
func fields(value any) any {
	o, ok := value.(object)
	if !ok {
		return value
	}
	result := map[string]any{}
	for _, m := range o {
		result[m.key] = m.value
	}
	return result
}
