package sandbox

import (
	"net/http"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestEveryView asks every view once with every method, for what is there and for what is not.
func TestEveryView(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := workflowClient(t)
		c.post(t, "labels/", `{"name": "red", "organization": 2}`)
		c.launch(t, "osac-create-compute-instance", "a")
		c.launch(t, "wf-create-vm", "b")
		time.Sleep(time.Minute)
		ids := map[string]string{
			"job_templates": "9", "workflow_job_templates": "11", "inventories": "2", "projects": "8", "workflow_jobs": "2",
			"job_events": "10001", "roles": "62",
		}
		for _, v := range allViews() {
			if strings.HasPrefix(v.pattern[0], ":") {
				continue
			}
			base := strings.TrimSuffix("/api/v2/"+strings.Join(v.pattern, "/"), "/") + "/"
			id := ids[v.pattern[0]]
			setDefault(&id, "1")
			found := strings.ReplaceAll(base, "{id}", id)
			read := 200
			if refuses(v.methods["GET"]) {
				read = 501
			}
			for method, want := range map[string]int{"GET": read, "HEAD": read, "OPTIONS": 200, "PUT": 405} {
				expect(t, method+" "+found, c.ask(t, method, found, "", "Accept", "*/*").status, want)
			}
			if strings.Contains(base, "{id}") && read == 200 {
				missing := c.ask(t, "GET", strings.ReplaceAll(base, "{id}", "999999"), "")
				expect(t, "GET of a missing one: "+base, missing.text, `{"detail":"No `+v.model+` matches the given query."}`)
			}
			unknown := c.as("x").ask(t, "GET", found, "").status
			expect(t, "without a token: "+found, unknown, map[bool]int{true: 200, false: 401}[v.public])
		}
	})
}

// refuses reports whether the handler answers 501 whatever is asked.
func refuses(handle handler) bool {
	return reflect.ValueOf(handle).Pointer() == reflect.ValueOf((*call).unsimulated).Pointer()
}

func TestTokens(t *testing.T) {
	c := newClient(Options{})
	made := c.post(t, "tokens/", `{"scope": "read", "description": "mine"}`)
	expect(t, "status", made.status, http.StatusCreated)
	reader := c.as(made.str("token"))
	expect(t, "reads", reader.get(t, "me/").status, http.StatusOK)
	expect(t, "does not write", reader.post(t, "job_templates/9/launch/", "").status, http.StatusForbidden)
	expect(t, "hidden in the list", reply{body: c.get(t, "tokens/").results()[1]}.str("token"), "************")
	expect(t, "wrong scope", c.post(t, "tokens/", `{"scope": "all"}`).status, http.StatusBadRequest)
}
