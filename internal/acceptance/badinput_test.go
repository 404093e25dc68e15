package acceptance

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// badInput is input that is refused before anything is done.
type badInput struct {
	variables vars
	// attributes are the instance's.
	attributes vars
	// says are what the error must tell, the line of the configuration that it points at among them.
	says []string
}

func (b badInput) put(w *workspace) {
	w.t.Helper()
	w.set(b.variables)
	w.change(b.attributes)
}

// answering starts a server that is no controller.
func answering(t *testing.T, contentType, body string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		_, _ = w.Write([]byte(body)) // the client may be gone
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// badConnections are those of the provider block.
func badConnections(t *testing.T) map[string]badInput {
	t.Helper()
	page := answering(t, "text/html", "<!DOCTYPE html><html><body>Welcome to nginx!</body></html>")
	service := answering(t, "application/json", `{"status": "ok", "version": "1.2.3"}`)
	return map[string]badInput{
		"no URL":        {variables: vars{"url": nil}, says: []string{"URL is missing", `in provider "osac"`, "OSAC_AAP_URL"}},
		"malformed URL": {variables: vars{"url": "aap.example.com"}, says: []string{"URL is malformed", "url = var.url"}},
		"no such port":  {variables: vars{"url": "https://127.0.0.1:99999"}, says: []string{"1 to 65535", "url = var.url"}},
		// No resolver is asked for such a name, so that the answer is the same everywhere.
		"no such host":       {variables: vars{"url": "https://aap..example.com"}, says: []string{"does not resolve", "aap..example.com"}},
		"an HTML page":       {variables: vars{"url": page}, says: []string{page, "HTML"}},
		"another service":    {variables: vars{"url": service}, says: []string{service}},
		"no token":           {variables: vars{"token": nil}, says: []string{"No credentials", `in provider "osac"`, "OSAC_AAP_TOKEN"}},
		"bad token":          {variables: vars{"token": "made-up"}, says: []string{"401"}},
		"token of two lines": {variables: vars{"token": "made-up\nsecond"}, says: []string{"credential can't be sent", "token = var.token"}},
		"hasty polls":        {variables: vars{"hub": vars{"poll_interval": "10ms"}}, says: []string{"at least 100ms", "poll_interval = try(var.hub.poll_interval"}},
		"password alone":     {variables: vars{"token": nil, "password": "made-up"}, says: []string{"username is missing"}},
		"token and password": {variables: vars{"username": "admin", "password": "made-up"}, says: []string{"Two ways to authenticate", "token = var.token"}},
		"missing template": {
			variables: vars{"hub": vars{"template_prefix": "nobody"}}, says: []string{"nobody-create-compute-instance", "not"},
		},
		"invalid hub extra vars": {variables: vars{"hub_extra_vars": "[]"}, says: []string{"JSON object", "extra_vars = var.hub_extra_vars"}},
	}
}

// badAttributes are those of the resource: they are refused by validation or at plan.
func badAttributes() map[string]badInput {
	soon := time.Now().Add(time.Hour).Format(time.RFC3339)
	return map[string]badInput{
		"unknown hub":        {attributes: vars{"hub": "nowhere"}, says: []string{"nowhere", "hub = try(var.instance.hub"}},
		"capital letters":    {variables: vars{"name": "Web"}, says: []string{"RFC 1123", "name = var.name"}},
		"underscore":         {variables: vars{"name": "web_1"}, says: []string{"RFC 1123", "name = var.name"}},
		"64 letters":         {variables: vars{"name": strings.Repeat("a", 64)}, says: []string{"63", "name = var.name"}},
		"no name":            {variables: vars{"name": ""}, says: []string{"name = var.name"}},
		"bad namespace":      {attributes: vars{"namespace": "-x"}, says: []string{"RFC 1123", "namespace = try("}},
		"bad template id":    {attributes: vars{"template_id": "a-b"}, says: []string{"template_id = try("}},
		"invalid parameters": {attributes: vars{"template_parameters": "{"}, says: []string{"JSON", "template_parameters = try("}},
		"parameters a list":  {attributes: vars{"template_parameters": "[1]"}, says: []string{"JSON object", "template_parameters = try("}},
		"invalid extra vars": {variables: vars{"extra_vars": "x"}, says: []string{"JSON object", "extra_vars = var.extra_vars"}},
		"extra vars that reach into the resource": {
			variables: vars{"extra_vars": `{"osac_job_vars":{"resource":{}}}`}, says: []string{"osac_job_vars.resource", "extra_vars = var.extra_vars"},
		},
		"write-only extra vars": {variables: vars{"extra_vars_wo": "null"}, says: []string{"extra_vars_wo = var.extra_vars_wo"}},
		"restart in the future": {attributes: vars{"restart_requested_at": soon}, says: []string{"future", "restart_requested_at = try("}},
		"restart while halted": {
			attributes: vars{"restart_requested_at": time.Now().Format(time.RFC3339), "run_strategy": "Halted"},
			says:       []string{"Halted", "restart_requested_at = try("},
		},
		"restart that is no time": {attributes: vars{"restart_requested_at": "tomorrow"}, says: []string{"restart_requested_at = try("}},
		"no cores":                {attributes: vars{"cores": 0}, says: []string{"cores = try("}},
		"too many cores":          {attributes: vars{"cores": 129}, says: []string{"128", "cores = try("}},
		"unknown run strategy":    {attributes: vars{"run_strategy": "Sometimes"}, says: []string{"Halted", "run_strategy = try("}},
		"subnet twice": {
			attributes: vars{"network_attachments": []any{attachment("a"), attachment("a")}}, says: []string{"Subnet given twice"},
		},
		"reserved label":    {attributes: vars{"labels": vars{"osac.openshift.io/tenant": "x"}}, says: []string{"Reserved key", "labels = try("}},
		"reserved run id":   {attributes: vars{"annotations": vars{"osac.openshift.io/run-id": "x"}}, says: []string{"Reserved key", "annotations = try("}},
		"bad timeout":       {attributes: vars{"timeouts": vars{"create": "soon"}}, says: []string{"\"soon\"", address}},
		"image of a medium": {attributes: vars{"image": vars{"source_type": "floppy", "source_ref": "a"}}, says: []string{"registry"}},
	}
}

func TestAccBadInput_refusedAtPlan(t *testing.T) {
	t.Parallel()
	for name, bad := range badConnections(t) {
		t.Run(name, func(t *testing.T) { t.Parallel(); refusedAtPlan(t, bad) })
	}
	for name, bad := range badAttributes() {
		t.Run(name, func(t *testing.T) { t.Parallel(); refusedAtPlan(t, bad) })
	}
}

func refusedAtPlan(t *testing.T, bad badInput) {
	t.Helper()
	site := StartSandbox(t)
	w, name := site.instance(nil)
	bad.put(w)
	w.run("plan", "-no-color").want(1).says(bad.says...)
	site.wantLaunches(name)
}

// TestAccBadInput_secretsNotRepeated gives secrets in documents that can't be used: no error may repeat them.
func TestAccBadInput_secretsNotRepeated(t *testing.T) {
	t.Parallel()
	site := StartSandbox(t)
	w, name := site.instance(nil)
	for _, document := range []string{`{"password": "%s"`, `["%s"]`, `%s`, `{"ansible_eda": {"event": {"payload": "%s"}}}`} {
		fill := func(variable string) string { return strings.ReplaceAll(document, "%s", site.plant(variable, nowhere)) }
		w.set(vars{"extra_vars": fill("extra_vars"), "extra_vars_wo": fill("extra_vars_wo"), "hub_extra_vars": nil})
		w.run("plan", "-no-color").want(1).says("extra_vars = var.extra_vars", "extra_vars_wo = var.extra_vars_wo")
		w.set(vars{"extra_vars": nil, "extra_vars_wo": nil, "hub_extra_vars": fill("hub_extra_vars")})
		w.run("plan", "-no-color").want(1).says("extra_vars = var.hub_extra_vars")
	}
	// Template parameters aren't sensitive, but a broken document may hold anything.
	w.set(vars{"hub_extra_vars": nil})
	w.change(vars{"template_parameters": `{"password": "` + site.plant("template_parameters", nowhere) + `"`})
	w.run("plan", "-no-color").want(1).says("template_parameters")
	site.wantLaunches(name)
}

// TestAccBadInput_keepsInstance breaks the configuration of an instance that exists in one way after the other.
func TestAccBadInput_keepsInstance(t *testing.T) {
	t.Parallel()
	site := StartSandbox(t)
	w, name := site.instance(nil)
	w.apply()
	good, attributes := w.variables, w.variables["instance"]
	for cause, bad := range badConnections(t) {
		w.variables = vars{}
		w.set(good)
		w.set(vars{"instance": attributes})
		bad.put(w)
		if cause == "missing template" {
			w.change(vars{"run_strategy": "Halted"}) // templates are looked at only where there is work
		}
		w.tryApply().want(1).says(bad.says...)
	}
	w.variables = vars{}
	w.set(good)
	w.inState().wantTainted(false).wantReconciled(true)
	w.wantNoWork()
	site.wantLaunches(name, "create")
}
