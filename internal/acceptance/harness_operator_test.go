package acceptance

import (
	"crypto/rand"
	"strings"

	"github.com/osac-project/terraform-provider-osac/internal/sandbox"
)

// operator does at the controller what an administrator does there by hand.
type operator interface {
	// purge deletes a job that has ended.
	purge(ended job)
	// cancel cancels a job as another user than the one who has launched it.
	cancel(running job)
	// launch launches a template as another user.
	launch(template, extraVars string)
	templates
	accounts
}

// templates makes and removes templates. What it has made at a real controller is gone when the test is over.
type templates interface {
	// add makes a template that the site's user may execute; one of the same name is changed.
	add(made template)
	remove(name string)
	// double makes a template of the same name in another organization, and returns the two organizations' names.
	double(name string) (organization, other string)
}

// accounts makes tokens, and takes them back.
type accounts interface {
	// user returns a token of a new user with these roles by the names of templates.
	user(roles map[string]sandbox.Role, scope string) string
	// token returns another token of the site's user.
	token(scope string) string
	revoke(token string)
}

// template is one that a test has made. The zero value is a job template as the provider needs it.
type template struct {
	name string
	// verb is what its jobs do: create or delete.
	verb                     string
	workflow                 bool
	dropsVariables, oneByOne bool
}

// machineNode is the only node of a workflow.
const machineNode = "machine-node"

// own has the site use a pair of templates that nobody else uses, made like the given one.
func (s *Site) own(kind template) {
	s.t.Helper()
	if s.simulated == nil {
		s.prefix = "acceptance-" + strings.ToLower(rand.Text()[:6])
	}
	s.workflows = kind.workflow
	for _, verb := range []string{"create", "delete"} {
		kind.name, kind.verb = s.template(verb), verb
		s.operator.add(kind)
	}
}

// purgeAll deletes all jobs of the instance that have ended.
func (s *Site) purgeAll(name string) {
	s.t.Helper()
	for _, each := range s.jobsOf(name) {
		if each.over() && !each.purged {
			s.operator.purge(each)
		}
	}
}

// sandboxOperator does it by the sandbox's own API.
type sandboxOperator struct {
	site *Site
}

func (o *sandboxOperator) purge(ended job)    { o.site.simulated.Purge(ended.id) }
func (o *sandboxOperator) cancel(running job) { o.site.simulated.CancelByHand(running.id) }

func (o *sandboxOperator) launch(template, extraVars string) {
	o.site.simulated.LaunchByHand(template, extraVars, "admin")
}

// nodes are the job templates in workflows, by their verbs.
func nodes() map[string]string { return map[string]string{"create": makes, "delete": removes} }

func (o *sandboxOperator) add(made template) {
	box := o.site.simulated
	set := func(t *sandbox.Template) { t.AsksVariables, t.AllowSimultaneous = !made.dropsVariables, !made.oneByOne }
	if !made.workflow && box.TemplateID(made.name) != 0 {
		box.SetTemplate(made.name, set)
		return
	}
	added := sandbox.Template{Name: made.name}
	if made.workflow {
		box.RemoveTemplate(made.name)
		node := nodes()[made.verb]
		box.AddTemplate(sandbox.Template{Name: node, AllowSimultaneous: true})
		added.Workflow, added.Nodes = true, []sandbox.Node{{Identifier: machineNode, Template: node}}
	}
	set(&added)
	box.AddTemplate(added)
}

func (o *sandboxOperator) remove(name string) { o.site.simulated.RemoveTemplate(name) }

func (o *sandboxOperator) double(name string) (string, string) {
	const other = "other"
	o.site.simulated.AddTemplate(sandbox.Template{Name: name, Organization: other, AsksVariables: true, AllowSimultaneous: true})
	return "osac", other
}

func (o *sandboxOperator) user(roles map[string]sandbox.Role, scope string) string {
	name, token := "user-"+rand.Text(), o.site.plant("token", nowhere)
	o.site.simulated.AddUser(name, "", "", false, roles)
	o.site.simulated.AddToken(name, token, scope)
	return token
}

func (o *sandboxOperator) token(scope string) string {
	token := o.site.plant("token", nowhere)
	o.site.simulated.AddToken("admin", token, scope)
	return token
}

func (o *sandboxOperator) revoke(token string) { o.site.simulated.RevokeToken(token) }
