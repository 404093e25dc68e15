package acceptance

import (
	"crypto/rand"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
)

// startReal takes a real controller.
func (s *Site) startReal(url, token, administrators string) {
	s.url, s.token = url, token
	user := &api{url: url, token: token}
	witness := &apiWitness{site: s, api: user, since: time.Now().Add(-time.Minute), known: map[int64]job{}}
	s.witness = witness
	s.operator = &controllerOperator{
		t: s.t, site: s, witness: witness, person: user, admin: &api{url: url, token: administrators}, tokens: map[string]int64{},
	}
	s.hide(administrators, nowhere)
	s.t.Cleanup(s.tellAfterFailure)
}

// controllerOperator does it by a real controller's API, with an administrator's token where one is needed.
type controllerOperator struct {
	t             *testing.T
	site          *Site
	witness       *apiWitness
	person, admin *api
	// tokens are the ids of those that it has made.
	tokens map[string]int64
}

// Where the controller has the templates, by whether they are of workflows.
func templatesPath(workflow bool) string {
	if workflow {
		return "workflow_job_templates/"
	}
	return "job_templates/"
}

func at(path string, id int64) string { return path + strconv.FormatInt(id, 10) + "/" }

func (o *controllerOperator) purge(ended job) {
	o.t.Helper()
	o.unmake(at(o.site.jobsPath(), ended.id))
	ended.purged = true
	o.witness.known[ended.id] = ended
}

func (o *controllerOperator) cancel(running job) {
	o.t.Helper()
	o.admin.do(o.t, http.MethodPost, at(o.site.jobsPath(), running.id)+"cancel/", nil, http.StatusAccepted)
}

func (o *controllerOperator) launch(template, extraVars string) {
	o.t.Helper()
	path := templatesPath(o.site.workflows)
	o.admin.do(o.t, http.MethodPost, at(path, o.named(path, template).ID)+"launch/", vars{"extra_vars": extraVars}, http.StatusCreated)
}

// named returns what has the name in a list, the first if there are several.
func (o *controllerOperator) named(path, name string) made {
	o.t.Helper()
	found := rows[made](o.t, o.admin, path+"?"+url.Values{"name": {name}, "order_by": {"id"}}.Encode())
	if len(found) == 0 {
		o.t.Fatalf("%s has no %s", path, name)
	}
	return found[0]
}

// usual returns the controller's own template of a verb, which examples/playbooks/README.md says how to make.
func (o *controllerOperator) usual(verb string) made {
	o.t.Helper()
	return o.named(templatesPath(false), usualPrefix+"-"+verb+"-compute-instance")
}

// make makes something that is deleted when the test is over.
func (o *controllerOperator) make(path string, given vars) made {
	o.t.Helper()
	added := o.admin.do(o.t, http.MethodPost, path, given, http.StatusCreated)
	if added.ID == 0 {
		o.t.FailNow()
	}
	o.t.Cleanup(func() { o.unmake(at(path, added.ID)) })
	return added
}

// unmake deletes what is at a path. For a while it is refused: a job whose events are not all there (400), and what such a
// job (403) or an active one (409) still needs.
func (o *controllerOperator) unmake(path string) {
	var status int
	var body []byte
	var err error
	for range 30 {
		status, body, err = o.admin.send(http.MethodDelete, o.admin.root(o.t)+path, nil)
		if err == nil && (status < http.StatusBadRequest || status == http.StatusNotFound) {
			return
		}
		time.Sleep(2 * time.Second)
	}
	o.t.Errorf("%s stays at the controller: %d %s %v", path, status, body, err)
}

func (o *controllerOperator) add(wanted template) {
	o.t.Helper()
	usual := o.usual(wanted.verb)
	given := vars{"name": wanted.name, "ask_variables_on_launch": !wanted.dropsVariables, "allow_simultaneous": !wanted.oneByOne}
	if wanted.workflow {
		given["organization"] = usual.Organization
	} else {
		given["project"], given["inventory"], given["playbook"] = usual.Project, usual.Inventory, usual.Playbook
	}
	path := templatesPath(wanted.workflow)
	added := o.make(path, given)
	if wanted.workflow {
		o.admin.do(o.t, http.MethodPost, at(path, added.ID)+"workflow_nodes/",
			vars{"unified_job_template": usual.ID, "identifier": machineNode}, http.StatusCreated)
	}
	o.grant(o.me(o.person), added, sandbox.RoleExecute)
}

// me returns whose token it is.
func (o *controllerOperator) me(who *api) made {
	o.t.Helper()
	return rows[made](o.t, who, "me/")[0]
}

func (o *controllerOperator) grant(user, template made, role sandbox.Role) {
	o.t.Helper()
	if user.IsSuperuser {
		return
	}
	o.admin.do(o.t, http.MethodPost, at("users/", user.ID)+"roles/", vars{"id": template.Summary.Roles[string(role)+"_role"].ID}, http.StatusNoContent)
}

func (o *controllerOperator) remove(name string) {
	o.t.Helper()
	path := templatesPath(o.site.workflows)
	o.admin.do(o.t, http.MethodDelete, at(path, o.named(path, name).ID), nil, http.StatusNoContent)
}

// double makes a workflow template of the name: it is in an organization by itself, and a job template by its project.
func (o *controllerOperator) double(name string) (string, string) {
	o.t.Helper()
	other := o.make("organizations/", vars{"name": "acceptance-" + strings.ToLower(rand.Text()[:6])})
	added := o.make(templatesPath(true), vars{"name": name, "organization": other.ID, "ask_variables_on_launch": true})
	o.grant(o.me(o.person), added, sandbox.RoleExecute)
	return o.usual("create").Summary.Organization.Name, other.Name
}

func (o *controllerOperator) user(roles map[string]sandbox.Role, scope string) string {
	o.t.Helper()
	name, password := "acceptance-"+strings.ToLower(rand.Text()[:6]), o.site.plant("password", nowhere)
	user := o.make("users/", vars{"username": name, "password": password})
	for template, role := range roles {
		o.grant(user, o.named(templatesPath(false), template), role)
	}
	return o.tokenOf(&api{url: o.site.url, user: name, password: password}, scope)
}

func (o *controllerOperator) token(scope string) string { return o.tokenOf(o.person, scope) }

func (o *controllerOperator) tokenOf(who *api, scope string) string {
	o.t.Helper()
	added := who.do(o.t, http.MethodPost, "tokens/", vars{"scope": scope, "description": "acceptance test"}, http.StatusCreated)
	o.site.hide(added.Token, nowhere)
	o.tokens[added.Token] = added.ID
	o.t.Cleanup(func() {
		if _, has := o.tokens[added.Token]; has && who == o.person { // a user's own go with the user
			o.revoke(added.Token)
		}
	})
	return added.Token
}

func (o *controllerOperator) revoke(token string) {
	o.t.Helper()
	o.person.do(o.t, http.MethodDelete, at("tokens/", o.tokens[token]), nil, http.StatusNoContent)
	delete(o.tokens, token)
}
