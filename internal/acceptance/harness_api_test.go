package acceptance

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// api is a real controller's API as a person uses it by curl.
type api struct {
	url string
	// token, or user and password.
	token, user, password string
}

// roots are the roots of the API by the controllers' URLs.
var roots sync.Map

// unhurried has the time that a busy controller takes for an answer.
var unhurried = &http.Client{Timeout: 5 * time.Minute}

// root finds the root of the API: AAP's, else AWX's.
func (a *api) root(t *testing.T) string {
	t.Helper()
	if found, _ := roots.Load(a.url); found != nil {
		return fmt.Sprint(found)
	}
	base := strings.TrimSuffix(a.url, "/")
	for _, root := range []string{base + "/api/controller/v2/", base + "/api/v2/"} {
		if status, _, _ := a.send(http.MethodGet, root+"ping/", nil); status == http.StatusOK {
			roots.Store(a.url, root)
			return root
		}
	}
	t.Fatalf("no automation controller at %s", a.url)
	return ""
}

// rows reads a list to its end, page by page.
func rows[T any](t *testing.T, a *api, path string) []T {
	t.Helper()
	var all []T
	address := a.root(t) + path
	for address != "" {
		var page struct {
			Next    string `json:"next"`
			Results []T    `json:"results"`
		}
		a.get(t, address, &page)
		all = append(all, page.Results...)
		address = ""
		if _, below, more := strings.Cut(page.Next, "/api/"); more { // a path from the host's root
			address = strings.TrimSuffix(a.url, "/") + "/api/" + below
		}
	}
	return all
}

// get reads what is at an address; an answer that does not come is asked for twice more.
func (a *api) get(t *testing.T, address string, into any) {
	t.Helper()
	var status int
	var body []byte
	var err error
	for range 3 {
		if status, body, err = a.send(http.MethodGet, address, nil); err == nil && status < http.StatusInternalServerError {
			break
		}
	}
	if err := errors.Join(err, unless(status, http.StatusOK, body)); err != nil {
		t.Fatalf("GET %s: %v", address, err)
	}
	if err := json.Unmarshal(body, into); err != nil {
		t.Fatalf("GET %s: %v", address, err)
	}
}

// do sends what changes something, to a path below the root; the answer must have the status, and what it holds is
// returned. A test that has failed cleans up all the same.
func (a *api) do(t *testing.T, method, path string, given vars, want int) made {
	t.Helper()
	status, body, err := a.send(method, a.root(t)+path, given)
	if err := errors.Join(err, unless(status, want, body)); err != nil {
		t.Errorf("%s %s: %v", method, path, err)
	}
	var answer made
	if len(body) > 0 && err == nil {
		_ = json.Unmarshal(body, &answer) // 0 is no id
	}
	return answer
}

// made is what the controller says of what was made, and of what is there.
type made struct {
	ID           int64  `json:"id"`
	Name         string `json:"name"`
	Token        string `json:"token"`
	IsSuperuser  bool   `json:"is_superuser"`
	Organization int64  `json:"organization"`
	Project      int64  `json:"project"`
	Inventory    int64  `json:"inventory"`
	Playbook     string `json:"playbook"`
	Summary      struct {
		Organization struct {
			Name string `json:"name"`
		} `json:"organization"`
		Roles map[string]struct {
			ID int64 `json:"id"`
		} `json:"object_roles"`
	} `json:"summary_fields"`
}

func unless(status, want int, body []byte) error {
	if status == want {
		return nil
	}
	return fmt.Errorf("answered %d, want %d: %.500s", status, want, body)
}

// send sends a request, without the test's own end: its clean-up asks, too.
func (a *api) send(method, address string, given vars) (int, []byte, error) {
	encoded, err := json.Marshal(given)
	if err != nil {
		return 0, nil, err
	}
	request, err := http.NewRequestWithContext(context.Background(), method, address, bytes.NewReader(encoded))
	if err != nil {
		return 0, nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	if a.token != "" {
		request.Header.Set("Authorization", "Bearer "+a.token)
	} else {
		request.SetBasicAuth(a.user, a.password)
	}
	response, err := unhurried.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = response.Body.Close() }() // nothing is lost
	body, err := io.ReadAll(response.Body)
	return response.StatusCode, body, err
}
