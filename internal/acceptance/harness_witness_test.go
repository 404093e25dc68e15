package acceptance

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
)

// sandboxWitness reads the sandbox's own books: they know purged jobs, too.
type sandboxWitness struct {
	sandbox *sandbox.Sandbox
}

func (w *sandboxWitness) jobs(*testing.T) []job {
	var jobs []job
	for _, each := range w.sandbox.AllJobs() {
		if each.Template != createTemplate && each.Template != deleteTemplate {
			continue // a node's job of a workflow
		}
		jobs = append(jobs, job{
			id: each.ID, template: each.Template, status: each.Status, created: each.Created, finished: each.Finished,
			extraVars: each.ExtraVars, purged: each.Purged,
		})
	}
	return jobs
}

// apiWitness asks a real controller by its API, as anybody could.
type apiWitness struct {
	url, token string
	// since is when the test began: older jobs are nobody's here.
	since time.Time
	root  string
}

func (w *apiWitness) jobs(t *testing.T) []job {
	t.Helper()
	query := url.Values{
		"name__in":    {createTemplate + "," + deleteTemplate},
		"created__gt": {w.since.UTC().Format(time.RFC3339)},
		"order_by":    {"id"},
		"page_size":   {"200"},
	}
	var list struct {
		Results []struct {
			ID        int64      `json:"id"`
			Name      string     `json:"name"`
			Status    string     `json:"status"`
			Created   time.Time  `json:"created"`
			Finished  *time.Time `json:"finished"`
			ExtraVars string     `json:"extra_vars"`
		} `json:"results"`
	}
	w.get(t, w.api(t)+"jobs/?"+query.Encode(), &list)
	var jobs []job
	for _, row := range list.Results {
		found := job{id: row.ID, template: row.Name, status: row.Status, created: row.Created, extraVars: row.ExtraVars}
		if row.Finished != nil {
			found.finished = *row.Finished
		}
		jobs = append(jobs, found)
	}
	return jobs
}

// api finds the root of the API: AAP's, else AWX's.
func (w *apiWitness) api(t *testing.T) string {
	t.Helper()
	if w.root != "" {
		return w.root
	}
	base := strings.TrimSuffix(w.url, "/")
	for _, root := range []string{base + "/api/controller/v2/", base + "/api/v2/"} {
		if status, _ := w.send(t, root+"ping/"); status == http.StatusOK {
			w.root = root
			return root
		}
	}
	t.Fatalf("no automation controller at %s", w.url)
	return ""
}

func (w *apiWitness) get(t *testing.T, address string, into any) {
	t.Helper()
	status, body := w.send(t, address)
	if status != http.StatusOK {
		t.Fatalf("%s answers %d", address, status)
	}
	if err := json.Unmarshal(body, into); err != nil {
		t.Fatal(err)
	}
}

func (w *apiWitness) send(t *testing.T, address string) (int, []byte) {
	t.Helper()
	// Without the test's own end: its clean-up asks, too.
	request, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+w.token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }() // nothing is lost
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, body
}
