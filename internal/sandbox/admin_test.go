package sandbox

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestAdmin(t *testing.T) {
	c := newClient(Options{})
	ask := func(method, path, body string) *httptest.ResponseRecorder {
		t.Helper()
		recorder := httptest.NewRecorder()
		c.box.ServeHTTP(recorder, httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body)))
		return recorder
	}
	expect(t, "launch", strings.TrimSpace(ask("POST", "/sandbox/api/launches", `{"template": "osac-create-compute-instance", "extra_vars": `+payload("<vm>")+`}`).Body.String()), "{\n  \"job\": 1\n}")
	page := ask("GET", "/sandbox/", "").Body.String()
	if !strings.Contains(page, "ns/&lt;vm&gt;") {
		t.Errorf("the page lacks the job's instance, escaped:\n%s", page)
	}
	expect(t, "behaviors", ask("POST", "/sandbox/api/behaviors", `{"template": "osac-create-compute-instance", "next": [{"outcome": "failed", "message": "no"}]}`).Code, http.StatusOK)
	expect(t, "fault", ask("POST", "/sandbox/api/faults", `{"fault": {"path": "me", "status": 502, "times": 1}}`).Code, http.StatusOK)
	expect(t, "disturbed", c.get(t, "me/").status, http.StatusBadGateway)
	expect(t, "undisturbed", c.get(t, "me/").status, http.StatusOK)
	expect(t, "unknown field", ask("POST", "/sandbox/api/faults", `{"nosuch": 1}`).Code, http.StatusBadRequest)
	expect(t, "unknown name", ask("GET", "/sandbox/api/nosuch", "").Code, http.StatusNotFound)
	if requests := ask("GET", "/sandbox/api/requests", "").Body.String(); !strings.Contains(requests, `"route": "me"`) {
		t.Errorf("requests: %s", requests)
	}
	ask("DELETE", "/sandbox/api/jobs/1", "")
	expect(t, "purged", len(c.box.Jobs()), 0)
	ask("POST", "/sandbox/api/down", `{"seconds": 60}`)
	expect(t, "down", c.box.isDown(c.box.now()), true)
	ask("POST", "/sandbox/api/up", "")
	expect(t, "up", c.get(t, "ping/").status, http.StatusOK)
}
