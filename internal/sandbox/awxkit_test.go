package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// awx is awxkit's command, which knows nothing of this project, at one sandbox.
type awx struct {
	program string
	box     *Sandbox
	environ []string
}

// result is how one command ended.
type result struct {
	code           int
	stdout, stderr string
	reply          // of its stdout, where that is JSON
}

// newAWX serves a sandbox with templates of all kinds. The test is skipped where there is no awx.
func newAWX(t *testing.T, options Options, credentials ...string) *awx {
	t.Helper()
	program := os.Getenv("OSAC_TEST_AWX")
	if program == "" {
		t.Skip("OSAC_TEST_AWX does not name awxkit's awx: `make test-awx` installs it and runs this test")
	}
	t.Parallel()
	options.Token, options.JobDuration = "secret", 500*time.Millisecond
	box := New(options)
	for _, template := range []Template{
		{Name: "slow"},
		{Name: "failing"},
		{Name: "workflow", Workflow: true, Nodes: []Node{{Template: "osac-create-compute-instance"}, {Template: "osac-delete-compute-instance"}}},
		{Name: "slow workflow", Workflow: true, Nodes: []Node{{Template: "slow"}}},
	} {
		template.AsksVariables, template.AllowSimultaneous = true, true
		box.AddTemplate(template)
	}
	box.Behave("slow", Behavior{Duration: time.Hour, PendingShare: -1, WaitingShare: -1, CancelDelay: -1})
	box.Behave("failing", Behavior{Outcome: "failed", Message: "no quota"})
	server := httptest.NewServer(box)
	t.Cleanup(server.Close)
	environ := append(os.Environ(), "CONTROLLER_HOST="+server.URL, "CONTROLLER_COLOR=f", "PYTHONWARNINGS=ignore", "HOME="+t.TempDir())
	if options.Gateway != "" {
		environ = append(environ, "AWXKIT_API_BASE_PATH=/api/controller/")
	}
	if len(credentials) == 0 {
		credentials = []string{"CONTROLLER_OAUTH_TOKEN=secret"}
	}
	return &awx{program, box, append(environ, credentials...)}
}

// with is the same with other credentials.
func (a *awx) with(credentials ...string) *awx {
	return &awx{a.program, a.box, append(append([]string{}, a.environ...), credentials...)}
}

// run runs a command, which must exit with the code, and logs what it says.
func (a *awx) run(t *testing.T, code int, arguments ...string) result {
	t.Helper()
	return a.start(t, code, a.program, arguments...)
}

func (a *awx) start(t *testing.T, code int, program string, arguments ...string) result {
	t.Helper()
	command := exec.CommandContext(t.Context(), program, arguments...)
	var stdout, stderr bytes.Buffer
	command.Env, command.Stdout, command.Stderr = a.environ, &stdout, &stderr
	err := command.Run()
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) {
		t.Fatal(err)
	}
	r := result{code: command.ProcessState.ExitCode(), stdout: stdout.String(), stderr: stderr.String()}
	_ = json.Unmarshal(stdout.Bytes(), &r.body) // not every command prints JSON
	t.Logf("$ %s %s\n%s%sexit code %d", filepath.Base(program), strings.Join(arguments, " "), shorten(r.stdout), shorten(r.stderr), r.code)
	expect(t, "exit code of "+strings.Join(arguments, " "), r.code, code)
	return r
}

// shorten keeps the first and last lines of an output.
func shorten(output string) string {
	lines := strings.SplitAfter(output, "\n")
	if len(lines) > 12 {
		lines = append(append(append([]string{}, lines[:6]...), "[...]\n"), lines[len(lines)-5:]...)
	}
	return strings.Join(lines, "")
}

const awxVariables = `{"osac_job_vars": {"resource": {"metadata": {"name": "vm", "namespace": "ns"}}}}`

// TestAwxkitReads looks around.
func TestAwxkitReads(t *testing.T) {
	a := newAWX(t, Options{InstallUUID: "63fa5e1a-9958-4b49-afa1-fc90539ba77e"})
	expect(t, "ping", a.run(t, 0, "ping").str("install_uuid"), "63fa5e1a-9958-4b49-afa1-fc90539ba77e")
	expect(t, "me", a.run(t, 0, "me").results()[0]["username"], any("admin"))
	expect(t, "config", a.run(t, 0, "config").str("token"), "secret")
	human := a.run(t, 0, "users", "list", "-f", "human").stdout
	expect(t, "users", human, "id username \n== ======== \n1  admin    \n")
	expect(t, "templates", a.run(t, 0, "job_templates", "list", "--name", "osac-create-compute-instance").ids(), "9")
	expect(t, "template by name", a.run(t, 0, "job_templates", "get", "osac-create-compute-instance").str("id"), "9")
	expect(t, "both kinds", a.run(t, 0, "unified_job_templates", "list", "--name", "workflow").results()[0]["type"], any("workflow_job_template"))
	expect(t, "organization", a.run(t, 0, "organizations", "get", "osac").str("id"), "2")
	expect(t, "inventory", a.run(t, 0, "inventory", "list").ids(), "2")
	expect(t, "settings", a.run(t, 0, "settings", "list", "--slug", "system").str("ACTIVITY_STREAM_ENABLED"), "true")
	missing := a.run(t, 2, "job_templates", "get", "nosuch")
	expect(t, "no such template", contains(missing.stdout+missing.stderr, "Could not find any job_templates with that name."), true)
	expect(t, "no such job", a.run(t, 1, "jobs", "get", "99").str("detail"), "No Job matches the given query.")
	refused := a.with("CONTROLLER_OAUTH_TOKEN=wrong").run(t, 1, "jobs", "list")
	expect(t, "wrong token", contains(refused.stderr, "Valid credentials were not provided."), true)
}

// TestAwxkitJobs launches, waits for, monitors, lists, reads and deletes jobs.
func TestAwxkitJobs(t *testing.T) {
	a := newAWX(t, Options{})
	launched := a.run(t, 0, "job_templates", "launch", "osac-create-compute-instance", "--extra_vars", awxVariables)
	expect(t, "status", launched.str("status"), "pending")
	expect(t, "extra_vars", launched.str("extra_vars"), awxVariables)
	waited := a.run(t, 0, "job_templates", "launch", "9", "--extra_vars", awxVariables, "--wait", "--interval", "2.5")
	expect(t, "waited", waited.str("status"), "successful")
	monitored := a.run(t, 0, "job_templates", "launch", "osac-delete-compute-instance", "--monitor", "--interval", "2.5")
	expect(t, "monitored", contains(monitored.stdout, "PLAY RECAP ***"), true)
	expect(t, "failed", a.run(t, 1, "job_templates", "launch", "failing", "--wait", "--interval", "2.5").str("status"), "failed")
	expect(t, "in the sandbox", len(a.box.Jobs()), 4)

	expect(t, "list", a.run(t, 0, "jobs", "list", "--status", "successful", "--order_by=-id").ids(), "3 2 1")
	expect(t, "none runs", a.run(t, 0, "jobs", "list", "--status", "running", "--all").str("count"), "0")
	expect(t, "by template", a.run(t, 0, "jobs", "list", "--job_template", "failing").ids(), "4")
	expect(t, "by name", a.run(t, 0, "unified_jobs", "list", "--name", "failing").ids(), "4")
	a.run(t, 2, "jobs", "list", "--status", "nonsense")
	forbidden := a.run(t, 1, "jobs", "list", "--extra_vars", `{"a": 1}`)
	expect(t, "forbidden filter", forbidden.str("detail"), "Filtering on extra_vars is not allowed.")
	expect(t, "activity", len(a.run(t, 0, "activity_stream", "list", "--operation", "create").results()), 4)
	expect(t, "artifacts", contains(a.run(t, 0, "jobs", "get", "1").str("artifacts"), "ip_address"), true)
	expect(t, "stdout", contains(a.run(t, 0, "jobs", "stdout", "4").stdout, "no quota"), true)
	expect(t, "over", a.run(t, 0, "jobs", "monitor", "1").stdout, "Unable to monitor finished job\n")

	a.run(t, 0, "jobs", "delete", "1")
	expect(t, "deleted", a.run(t, 1, "jobs", "get", "1").str("detail"), "No Job matches the given query.")
	expect(t, "gone from the sandbox", a.box.Jobs()[0].ID, int64(2))
	for range 60 {
		a.box.LaunchByHand("slow", "{}", "admin")
	}
	expect(t, "all pages", len(a.run(t, 0, "jobs", "list", "--status", "running", "--all").results()), 60)
	expect(t, "delete of a running one", a.run(t, 1, "jobs", "delete", "5").str("detail"), "Cannot delete running job resource.")
}

// TestAwxkitWorkflows does the same with workflow jobs.
func TestAwxkitWorkflows(t *testing.T) {
	a := newAWX(t, Options{})
	expect(t, "templates", a.run(t, 0, "workflow_job_templates", "list", "--name", "workflow").ids(), "13")
	launched := a.run(t, 0, "workflow_job_templates", "launch", "workflow", "--extra_vars", awxVariables)
	expect(t, "type", launched.str("type"), "workflow_job")
	monitored := a.run(t, 0, "workflow_job_templates", "launch", "workflow", "--monitor", "--interval", "2.5").stdout
	expect(t, "children", contains(monitored, "osac-create-compute-instance successful\n"), true)
	ids := strings.Fields(a.run(t, 0, "workflow_jobs", "list", "--status", "successful").ids())
	expect(t, "list", len(ids), 2)
	expect(t, "get", a.run(t, 0, "workflow_jobs", "get", "1").str("status"), "successful")
	expect(t, "both kinds", len(a.run(t, 0, "unified_jobs", "list", "--order_by", "id", "--all").results()), 6)
	expect(t, "monitor", a.run(t, 0, "workflow_jobs", "monitor", "1").stdout, "Unable to monitor finished job\n")
	a.run(t, 0, "workflow_jobs", "delete", "1")
	expect(t, "deleted", a.run(t, 1, "workflow_jobs", "get", "1").str("detail"), "No WorkflowJob matches the given query.")
	expect(t, "a workflow is no job", a.run(t, 1, "jobs", "get", ids[1]).str("detail"), "No Job matches the given query.")
}

// TestAwxkitAccounts logs in as people do, and sets up a service account as examples/playbooks/README.md has it.
func TestAwxkitAccounts(t *testing.T) {
	a := newAWX(t, Options{}, "CONTROLLER_USERNAME=admin", "CONTROLLER_PASSWORD=password")
	expect(t, "session", a.run(t, 0, "me").results()[0]["username"], any("admin"))
	expect(t, "launch", a.run(t, 0, "job_templates", "launch", "9").str("status"), "pending")
	a.with("CONTROLLER_PASSWORD=wrong").run(t, 1, "me")

	a.run(t, 0, "users", "create", "--username", "terraform", "--password", "let me in")
	a.run(t, 0, "organizations", "create", "--name", "other")
	made := a.run(t, 0, "job_templates", "create", "--name", "made", "--project", "osac-proj", "--inventory", "osac-inv",
		"--playbook", "create.yml", "--ask_variables_on_launch", "true", "--allow_simultaneous", "true")
	expect(t, "made", made.str("ask_variables_on_launch")+made.str("allow_simultaneous"), "truetrue")
	expect(t, "made twice", a.run(t, 1, "job_templates", "create", "--name", "made", "--project", "8", "--playbook", "x").str("__all__"), `["JobTemplate with this (organization, name) combination already exists."]`)
	account := a.with("CONTROLLER_USERNAME=terraform", "CONTROLLER_PASSWORD=let me in")
	expect(t, "sees", account.run(t, 0, "job_templates", "list").str("count"), "0")
	expect(t, "may not", account.run(t, 1, "job_templates", "launch", made.str("id")).str("detail"), "You do not have permission to perform this action.")
	a.run(t, 0, "users", "grant", "terraform", "--job_template", "made", "--role", "execute")
	token := account.run(t, 0, "login", "-f", "json").str("token")
	account = a.with("CONTROLLER_OAUTH_TOKEN=" + token)
	expect(t, "with its token", account.run(t, 0, "job_templates", "launch", "made").str("status"), "pending")
	expect(t, "who", a.box.Jobs()[len(a.box.Jobs())-1].CreatedBy, "terraform")
	expect(t, "not all", account.run(t, 0, "jobs", "list").ids(), "2")
	a.run(t, 0, "users", "revoke", "terraform", "--job_template", "made", "--role", "execute")
	expect(t, "no more", account.run(t, 0, "jobs", "list").ids(), "")
}

// TestAwxkitGateway does its work at AAP's gateway, with a token that the gateway has made. People can't log in there: this
// awxkit has only the session's login for its command, and later ones have AWXKIT_FORCE_BASIC_AUTH for that reason.
func TestAwxkitGateway(t *testing.T) {
	for _, release := range Gateways() {
		t.Run(release, func(t *testing.T) {
			a := newAWX(t, Options{Gateway: release})
			c := &client{a.box, ""}
			const basic = "Basic YWRtaW46cGFzc3dvcmQ="
			made := c.ask(t, "POST", "/api/gateway/v1/tokens/", `{"description": "awxkit"}`, "Authorization", basic).str("token")
			people := a.with("CONTROLLER_OAUTH_TOKEN=", "CONTROLLER_USERNAME=admin", "CONTROLLER_PASSWORD=password")
			a = a.with("CONTROLLER_OAUTH_TOKEN=" + made)
			expect(t, "ping", a.run(t, 0, "ping").str("active_node"), "awx-1")
			expect(t, "launch", a.run(t, 0, "job_templates", "launch", "9", "--wait", "--interval", "2.5").str("status"), "successful")
			expect(t, "workflow", a.run(t, 0, "workflow_job_templates", "launch", "workflow", "--wait", "--interval", "2.5").str("status"), "successful")
			expect(t, "list", a.run(t, 0, "jobs", "list", "--status", "successful", "--all").str("count"), "3")
			expect(t, "stdout", contains(a.run(t, 0, "jobs", "stdout", "1").stdout, "PLAY RECAP"), true)
			a.run(t, 0, "jobs", "delete", "1")
			people.run(t, 1, "me")
			if release == AAP27 { // its controller makes no tokens
				expect(t, "no token", contains(people.run(t, 0, "login", "-f", "json").stdout, "Error retrieving an OAuth2.0 token"), true)
			} else {
				token := people.run(t, 0, "login", "-f", "json").str("token")
				expect(t, "made token", a.with("CONTROLLER_OAUTH_TOKEN="+token).run(t, 0, "jobs", "list").str("count"), "2")
			}
			switch release {
			case AAP25:
				checkLibrary(t, a, "token", made)
			case AAP27:
				checkLibrary(t, a, "basic", "admin", "password")
			}
		})
	}
}

// TestAwxkitLibrary cancels and relaunches, which awxkit's library can do and its command can not.
func TestAwxkitLibrary(t *testing.T) {
	for _, credentials := range [][]string{{"token", "secret"}, {"basic", "admin", "password"}} {
		t.Run(credentials[0], func(t *testing.T) { checkLibrary(t, newAWX(t, Options{}), credentials...) })
	}
}

func checkLibrary(t *testing.T, a *awx, credentials ...string) {
	t.Helper()
	host := ""
	for _, variable := range a.environ {
		if value, ok := strings.CutPrefix(variable, "CONTROLLER_HOST="); ok {
			host = value
		}
	}
	python := filepath.Join(filepath.Dir(a.program), "python")
	report := a.start(t, 0, python, append([]string{"testdata/awxkit_jobs.py", host}, credentials...)...)
	expect(t, "me", report.str("me"), "admin")
	for kind, model := range map[string]string{"job_templates": "Job", "workflow_job_templates": "WorkflowJob"} {
		expect(t, kind, report.str(kind+".canceled"), "canceled")
		expect(t, kind, report.str(kind+".delete of a running one"), "Cannot delete running job resource.")
		expect(t, kind, report.str(kind+".cancel of a canceled one"), `Method "POST" not allowed.`)
		expect(t, kind, contains(report.str(kind+".relaunched"), `"relaunch"`), true)
		expect(t, kind, report.str(kind+".deleted"), "No "+model+" matches the given query.")
	}
	expect(t, "artifacts", contains(report.str("artifacts"), "ip_address"), true)
	expect(t, "reason of a failure", report.str("failed"), "true")
	expect(t, "nodes", report.str("nodes"), `["successful","successful"]`)
	expect(t, "events", contains(report.str("events"), `"playbook_on_stats"`), true)
}
