package sandbox

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
)

// reply is an answer as tests look at it.
type reply struct {
	status int
	header http.Header
	text   string
	body   map[string]any
}

// client asks a sandbox in memory.
type client struct {
	box   *Sandbox
	token string
}

func newClient(options Options) *client {
	options.Token = "admin"
	return &client{New(options), "admin"}
}

func (c *client) as(token string) *client { return &client{c.box, token} }

func (c *client) ask(t *testing.T, method, path, body string, headers ...string) reply {
	t.Helper()
	usual := []string{"Accept", "application/json"}
	if c.token != "" {
		usual = append(usual, "Authorization", "Bearer "+c.token)
	}
	if body != "" {
		usual = append(usual, "Content-Type", "application/json")
	}
	return askThrough(t, c.box.RoundTripper(), method, path, body, append(usual, headers...)...)
}

// askThrough asks with these headers, and no others.
func askThrough(t *testing.T, transport http.RoundTripper, method, path, body string, headers ...string) reply {
	t.Helper()
	if strings.HasPrefix(path, "/") {
		path = "http://awx" + path
	}
	request, err := http.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := transport.RoundTrip(request)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	content, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := response.Body.Close(); err != nil {
		t.Fatal(err)
	}
	answered := reply{status: response.StatusCode, header: response.Header, text: string(content)}
	_ = json.Unmarshal(content, &answered.body) // not every answer is JSON
	return answered
}

func (c *client) get(t *testing.T, path string) reply {
	t.Helper()
	return c.ask(t, http.MethodGet, "/api/v2/"+path, "")
}

func (c *client) post(t *testing.T, path, body string) reply {
	t.Helper()
	return c.ask(t, http.MethodPost, "/api/v2/"+path, body)
}

// launch launches a template by name, for the instance ns/name, and returns the job's id as a path wants it.
func (c *client) launch(t *testing.T, template, name string) string {
	t.Helper()
	id := c.box.TemplateID(template)
	for _, base := range []string{"job_templates", "workflow_job_templates"} {
		answered := c.post(t, base+"/"+text(id)+"/launch/", `{"extra_vars": `+payload(name)+`}`)
		if answered.status == http.StatusCreated {
			return answered.str("id")
		}
	}
	t.Fatalf("launch of %s failed", template)
	return ""
}

func payload(name string) string {
	return `{"osac_job_vars": {"resource": {"metadata": {"name": "` + name + `", "namespace": "ns"}, "spec": {"cores": 2}}}}`
}

// str is a field of the body as text; fields of objects within it are named with dots.
func (r reply) str(path string) string {
	var value any = r.body
	for key := range strings.SplitSeq(path, ".") {
		object, _ := value.(map[string]any)
		value = object[key]
	}
	if text, ok := value.(string); ok {
		return text
	}
	encoded, _ := json.Marshal(value)
	return string(encoded)
}

// results are the rows of a list.
func (r reply) results() []map[string]any {
	rows, _ := r.body["results"].([]any)
	result := make([]map[string]any, 0, len(rows))
	for _, value := range rows {
		row, _ := value.(map[string]any)
		result = append(result, row)
	}
	return result
}

// ids are the ids of a list's rows, e.g. "1 2".
func (r reply) ids() string {
	var ids []string
	for _, row := range r.results() {
		encoded, _ := json.Marshal(row["id"])
		ids = append(ids, string(encoded))
	}
	return strings.Join(ids, " ")
}

func expect[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}
