package acceptance

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"testing"
)

// vars are the configuration's variables.
type vars map[string]any

// variablesFile holds the configuration's variables.
const variablesFile = "acceptance.auto.tfvars.json"

// workspace is a directory with a configuration in which the real CLI runs the built provider.
type workspace struct {
	t           *testing.T
	site        *Site
	directory   string
	terraform   string
	environment []string
	variables   vars
	// passed are all the values that the variables have had.
	passed   string
	commands int
}

// workspace makes a workspace with a configuration of testdata, for the site's controller.
func (s *Site) workspace(configuration string, variables vars) *workspace {
	s.t.Helper()
	terraform, err := terraformPath()
	if err != nil {
		s.t.Fatal(err)
	}
	// Not t.TempDir: a test that fails may leave processes behind, and their files must not fail it a second time.
	directory, err := os.MkdirTemp(scratch, "workspace-")
	if err != nil {
		s.t.Fatal(err)
	}
	w := &workspace{
		t: s.t, site: s, directory: directory, terraform: terraform,
		environment: cliEnvironment(s.t, filepath.Join(directory, "trace.log")), variables: vars{},
	}
	s.t.Cleanup(w.checkSecrets)
	if s.simulated == nil {
		s.t.Cleanup(w.cleanUp) // a sandbox ends with its test
	}
	w.add(configuration)
	w.set(s.connection())
	w.set(variables)
	return w
}

// cleanUp destroys what a test has left at a real controller, by jobs that take no longer than they must.
func (w *workspace) cleanUp() {
	w.set(vars{"token": os.Getenv("OSAC_ACC_TOKEN")}) // the test may have gone on with another
	w.simulate(vars{"seconds": 1, "delete_seconds": 1})
	_ = w.tryDestroy() // the test has failed otherwise, or is about what can't be destroyed
}

// simulate has the jobs go as asked that the workspace launches from now on: the sandbox and the example playbooks read it
// from the extra vars of the hub, which are no input of the instance, so nothing is planned for it.
func (w *workspace) simulate(course vars) {
	w.t.Helper()
	given := vars{}
	if document, ok := w.variables["hub_extra_vars"].(string); ok {
		given = decode[vars](w.t, document)
	}
	given["template_parameters"] = vars{"simulate": course}
	encoded, err := json.Marshal(given)
	if err != nil {
		w.t.Fatal(err)
	}
	w.set(vars{"hub_extra_vars": string(encoded)})
}

// connection are the variables that lead to the site's controller and its templates.
func (s *Site) connection() vars {
	connection := vars{"url": s.url, "token": s.token}
	if s.prefix != usualPrefix {
		connection["template_prefix"] = s.prefix
	}
	if s.simulated == nil {
		connection["poll_interval"] = "2s"
	}
	if s.events != nil {
		connection["eda"] = s.events
	}
	return connection
}

// instance makes a workspace with one instance, whose attributes are the given ones, and returns the instance's name as
// well. Secrets are planted in it.
func (s *Site) instance(attributes vars) (*workspace, string) {
	s.t.Helper()
	name := s.newName()
	variables := vars{
		"name": name, "instance": attributes,
		"hub_extra_vars": `{"site_secret":"` + s.plant("hub_extra_vars", nowhere) + `"}`,
		"extra_vars":     `{"instance_secret":"` + s.plant("extra_vars", stateOnly) + `"}`,
	}
	if s.events == nil { // events can't carry them
		variables["extra_vars_wo"] = `{"written_only":"` + s.plant("extra_vars_wo", nowhere) + `"}`
	}
	return s.workspace("instance.tf", variables), name
}

// add copies a file of testdata into the workspace.
func (w *workspace) add(file string) {
	w.t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		w.t.Fatal(err)
	}
	w.write(filepath.Base(file), string(content))
}

func (w *workspace) write(file, content string) {
	w.t.Helper()
	if err := os.WriteFile(filepath.Join(w.directory, file), []byte(content), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

func (w *workspace) remove(file string) {
	w.t.Helper()
	if err := os.Remove(filepath.Join(w.directory, file)); err != nil {
		w.t.Fatal(err)
	}
}

// set changes variables; nil takes one away.
func (w *workspace) set(variables vars) {
	w.t.Helper()
	maps.Copy(w.variables, variables)
	maps.DeleteFunc(w.variables, func(_ string, value any) bool { return value == nil })
	encoded, err := json.Marshal(w.variables)
	if err != nil {
		w.t.Fatal(err)
	}
	w.passed += string(encoded)
	w.write(variablesFile, string(encoded))
}

// change replaces attributes of the instance; nil takes one away.
func (w *workspace) change(attributes vars) {
	w.t.Helper()
	changed := vars{}
	if before, ok := w.variables["instance"].(vars); ok {
		maps.Copy(changed, before)
	}
	maps.Copy(changed, attributes)
	maps.DeleteFunc(changed, func(_ string, value any) bool { return value == nil })
	w.set(vars{"instance": changed})
}

// env sets variables of Terraform's environment.
func (w *workspace) env(entries ...string) { w.environment = append(w.environment, entries...) }

// run runs Terraform to its end.
func (w *workspace) run(arguments ...string) result {
	w.t.Helper()
	return w.start(arguments...).wait()
}

// apply applies and wants success.
func (w *workspace) apply(arguments ...string) result {
	w.t.Helper()
	return w.tryApply(arguments...).want(0)
}

// tryApply applies, whatever comes of it.
func (w *workspace) tryApply(arguments ...string) result {
	w.t.Helper()
	return w.run(applyWith(arguments...)...)
}

func applyWith(arguments ...string) []string {
	return append([]string{"apply", "-auto-approve", "-no-color"}, arguments...)
}

// destroy destroys and wants success.
func (w *workspace) destroy() result {
	w.t.Helper()
	return w.tryDestroy().want(0)
}

// tryDestroy destroys, whatever comes of it.
func (w *workspace) tryDestroy() result {
	w.t.Helper()
	return w.run("destroy", "-auto-approve", "-no-color")
}

// wantNoWork plans, and wants there to be nothing to do.
func (w *workspace) wantNoWork() result {
	w.t.Helper()
	return w.run("plan", "-no-color", "-detailed-exitcode").want(0)
}
