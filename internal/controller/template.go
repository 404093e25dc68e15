package controller

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/osac-project/terraform-provider-osac/internal/transport"
)

// Template is a job template or a workflow job template.
type Template struct {
	ID int64
	// Kind is the kind of jobs that a launch makes.
	Kind         Kind
	Name         string
	Organization string
	// AsksVariables is prompt-on-launch for variables. Without it, a launch drops all extra vars that the survey doesn't
	// name, and runs (recordings 203, 223).
	AsksVariables     bool
	SurveyEnabled     bool
	AllowSimultaneous bool
	// Playbook is the path of a job template's playbook in its project (106); ExtraVars are its own variables, JSON or YAML.
	Playbook, ExtraVars string
	// URL is the template's absolute address in the API.
	URL string
}

// The sentinels that a *TemplateError matches through errors.Is.
var (
	// ErrTemplateMissing means that there is no template of this name, or none that the user may see: lists leave out
	// objects that a user has no right to (013).
	ErrTemplateMissing = errors.New("template missing")
	// ErrTemplateAmbiguous means that several templates have the name, which is unique within an organization and kind
	// only (L9).
	ErrTemplateAmbiguous = errors.New("template ambiguous")
)

// TemplateError is a name that does not stand for exactly one template.
type TemplateError struct {
	Name         string
	Organization string
	// URL is the controller's, as configured.
	URL    string
	Reason string

	kind error
}

// Error says which name is wrong, where, and why.
func (e *TemplateError) Error() string {
	where := ""
	if e.Organization != "" {
		where = fmt.Sprintf(" of organization %q", e.Organization)
	}
	return fmt.Sprintf("template %q%s at %s: %s", e.Name, where, e.URL, e.Reason)
}

// Is reports whether the error matches a sentinel.
func (e *TemplateError) Is(target error) bool { return e.kind != nil && target == e.kind }

// templateRow is a template as the API writes it. Other objects that are templates to the API (projects, inventory
// sources) can have the same names, and have other types.
type templateRow struct {
	ID                int64  `json:"id"`
	Type              string `json:"type"`
	Name              string `json:"name"`
	AsksVariables     bool   `json:"ask_variables_on_launch"`
	SurveyEnabled     bool   `json:"survey_enabled"`
	AllowSimultaneous bool   `json:"allow_simultaneous"`
	Playbook          string `json:"playbook"`
	ExtraVars         string `json:"extra_vars"`
	Summary           struct {
		Organization struct {
			Name string `json:"name"`
		} `json:"organization"`
	} `json:"summary_fields"`
}

// Templates finds templates by name, with one request for all that are not known yet. The client keeps the templates
// until Forget. organization may be empty if names are unique. Names that don't stand for exactly one template are
// joined *TemplateErrors, alongside the map of the others.
func (c *Client) Templates(ctx context.Context, organization string, names ...string) (map[string]Template, error) {
	known, err := c.templatesByName(ctx, names)
	if err != nil {
		return nil, err
	}
	found := make(map[string]Template, len(names))
	var problems []error
	for _, name := range names {
		if _, done := found[name]; done {
			continue
		}
		template, problem := c.choose(name, organization, known[name])
		if problem != nil {
			// Somebody may make the missing template, or grant access to it, before the next lookup.
			c.Forget(name)
			problems = append(problems, problem)
			continue
		}
		found[name] = template
	}
	return found, errors.Join(problems...)
}

// Forget drops the known template of a name, for callers that got a 404 at its id.
func (c *Client) Forget(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.templates, name)
}

// templatesByName returns all templates of these names, of any organization.
func (c *Client) templatesByName(ctx context.Context, names []string) (map[string][]Template, error) {
	result := c.knownTemplates(names)
	var unknown []string
	for _, name := range names {
		if _, known := result[name]; !known && !slices.Contains(unknown, name) {
			unknown = append(unknown, name)
		}
	}
	slices.Sort(unknown)
	if _, err := c.root(ctx); err != nil {
		return nil, err
	}
	for _, group := range groupNames(unknown) {
		asked, ended, err := c.templateCalls.do(ctx, strings.Join(group, "\x00"),
			func(ctx context.Context, note func(error)) (map[string][]Template, error) {
				if known := c.knownTemplates(group); len(known) == len(group) {
					return known, nil // another call has ended since they were looked for above
				}
				found, err := c.listTemplates(ctx, group, note)
				if err == nil {
					c.keepTemplates(group, found)
				}
				return found, err
			})
		if !ended {
			return nil, c.left(ctx, "looking for templates", err)
		}
		if err != nil {
			return nil, err
		}
		for _, name := range group {
			result[name] = asked[name]
		}
	}
	return result, nil
}

func (c *Client) knownTemplates(names []string) map[string][]Template {
	c.mu.Lock()
	defer c.mu.Unlock()
	known := map[string][]Template{}
	for _, name := range names {
		if all, ok := c.templates[name]; ok {
			known[name] = all
		}
	}
	return known
}

// keepTemplates keeps an answer before its call is over, so that a caller who comes then does not ask again.
func (c *Client) keepTemplates(names []string, found map[string][]Template) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, name := range names {
		c.templates[name] = found[name]
	}
}

// groupNames splits names into groups that one request can ask for: a comma ends a name in __in, and the request line
// is bounded.
func groupNames(names []string) [][]string {
	var groups [][]string
	var group []string
	length := 0
	for _, name := range names {
		if strings.Contains(name, ",") {
			groups = append(groups, []string{name})
			continue
		}
		if length += 3*len(name) + 1; length > maxNames && len(group) > 0 {
			groups, group, length = append(groups, group), nil, 3*len(name)
		}
		group = append(group, name)
	}
	if len(group) > 0 {
		groups = append(groups, group)
	}
	return groups
}

func (c *Client) listTemplates(ctx context.Context, names []string, note func(error)) (map[string][]Template, error) {
	var q query
	if len(names) == 1 {
		q.add("name", names[0])
	} else {
		q.add("name__in", strings.Join(names, ","))
	}
	q.add("type", "job_template,workflow_job_template") // type__in finds nothing (1002)
	q.add("page_size", "200")
	address, err := c.address(ctx, q, "unified_job_templates/")
	if err != nil {
		return nil, err
	}
	root, err := c.root(ctx)
	if err != nil {
		return nil, err
	}
	found, read := map[string][]Template{}, 0
	for pages := 0; address != "" && pages < maxCountedPages; pages++ {
		var list templateList
		k := call{url: address, note: note}
		answer, err := c.getCall(ctx, k, &list)
		if err != nil {
			return nil, err
		}
		if err := list.addTo(found, root); err != nil {
			return nil, c.unreadable(k, answer, err)
		}
		if read += len(*list.Results); len(*list.Results) == 0 || list.Count != nil && read >= *list.Count {
			break
		}
		if address, err = nextPage(address, list.Next); err != nil {
			return nil, c.unreadable(k, answer, err)
		}
	}
	return found, nil
}

type templateList struct {
	Count   *int           `json:"count"`
	Results *[]templateRow `json:"results"`
	Next    *string        `json:"next"`
}

// addTo adds the templates of a list by their names.
func (l templateList) addTo(found map[string][]Template, root string) error {
	if l.Results == nil {
		// Otherwise, other JSON would mean "none", and people would search for a template that exists.
		return errNoResults
	}
	for _, r := range *l.Results {
		kind := KindJob
		switch r.Type {
		case "job_template":
		case "workflow_job_template":
			kind = KindWorkflowJob
		default:
			continue
		}
		if r.ID <= 0 || len(r.Name) > maxTemplateName || len(r.Summary.Organization.Name) > maxTemplateName {
			return errors.New("a template without an id, or with a name of excessive length")
		}
		t := Template{
			ID: r.ID, Kind: kind, Name: r.Name, Organization: r.Summary.Organization.Name,
			AsksVariables: r.AsksVariables, SurveyEnabled: r.SurveyEnabled, AllowSimultaneous: r.AllowSimultaneous,
			Playbook: r.Playbook, ExtraVars: r.ExtraVars,
		}
		t.URL = fmt.Sprintf("%s%s/%d/", root, t.path(), t.ID)
		found[r.Name] = append(found[r.Name], t)
	}
	return nil
}

// choose returns the organization's template of a name.
func (c *Client) choose(name, organization string, all []Template) (Template, error) {
	failed := &TemplateError{Name: name, Organization: organization, URL: c.url, kind: ErrTemplateMissing}
	var fitting []Template
	var elsewhere []string
	for _, t := range all {
		if organization == "" || t.Organization == organization {
			fitting = append(fitting, t)
		} else if len(elsewhere) < maxTemplatesNamed {
			elsewhere = append(elsewhere, quoteOrganization(t.Organization))
		}
	}
	switch {
	case len(fitting) == 1:
		return fitting[0], nil
	case len(fitting) == 0 && len(elsewhere) > 0:
		failed.Reason = "there is none, but there is one of " + strings.Join(elsewhere, " and of ") + "; check the organization"
	case len(fitting) == 0:
		failed.Reason = "there is none that this user may see: check the name, and that the user has the template's execute role, " +
			"of which read is enough where events start the runs (the controller leaves out of its lists what a user has no right to)"
	default:
		failed.kind = ErrTemplateAmbiguous
		failed.Reason = ambiguity(fitting)
	}
	return Template{}, failed
}

// maxTemplatesNamed bounds how many of an answer's templates an error names.
const maxTemplatesNamed = 10

func ambiguity(all []Template) string {
	var organizations, kinds []string
	for _, t := range all[:min(len(all), maxTemplatesNamed)] {
		if name := quoteOrganization(t.Organization); !slices.Contains(organizations, name) {
			organizations = append(organizations, name)
		}
		kinds = append(kinds, fmt.Sprintf("%s (id %d)", strings.ReplaceAll(strings.TrimSuffix(t.path(), "s"), "_", " "), t.ID))
	}
	if len(organizations) > 1 {
		return "several have this name, of " + strings.Join(organizations, " and of ") + "; set organization"
	}
	return "several have this name: " + strings.Join(kinds, " and ") + "; rename one of them"
}

func quoteOrganization(name string) string {
	if name == "" {
		return "no organization"
	}
	return fmt.Sprintf("organization %q", transport.Cut(name, maxName))
}

// path returns the path of templates of this kind below the API's root.
func (t Template) path() string {
	if t.Kind == KindWorkflowJob {
		return "workflow_job_templates"
	}
	return "job_templates"
}

// VariablesNeeded returns the variables that a launch must set: the survey's required ones without a default
// (recordings 108, 109, 116).
func (c *Client) VariablesNeeded(ctx context.Context, t Template) ([]string, error) {
	address, err := c.address(ctx, nil, "%s/%d/launch/", t.path(), t.ID)
	if err != nil {
		return nil, err
	}
	var form struct {
		Needed []string `json:"variables_needed_to_start"`
	}
	if err := c.get(ctx, address, &form); err != nil {
		return nil, err
	}
	return variableNames(form.Needed), nil
}

// maxVariables bounds how many names of variables are read from an answer.
const maxVariables = 200

// variableNames makes names of variables safe to print.
func variableNames(names []string) []string {
	shown := make([]string, 0, min(len(names), maxVariables))
	for _, name := range names[:min(len(names), maxVariables)] {
		shown = append(shown, nameText(name))
	}
	return shown
}
