package sandbox

import (
	"maps"
	"net/http"
	"slices"
	"strings"
)

// describe answers OPTIONS: what the view takes and gives. Clients such as awxkit's `awx` build their command line
// from it. It was not recorded; the fields are those that the sandbox can filter on.
func (c *call) describe() *answer {
	d := document{
		{"name", strings.ToUpper(c.view.name[:1]) + c.view.name[1:]},
		{"description", ""},
		{"renders", []any{"application/json", "text/html"}},
		{"parses", []any{"application/json"}},
	}
	actions := document{}
	if s := c.modelOf(); s != nil && c.view.methods["GET"] != nil {
		actions = append(actions, member{"GET", s.describe()})
	}
	switch c.view.posts {
	case "launch":
		actions = append(actions, member{"POST", launchFields()})
	case "create label":
		actions = append(actions, member{"POST", document{
			{"name", describeField("string", "name", true)}, {"organization", describeField("id", "organization", true)},
		}})
	}
	if c.user != nil && len(actions) > 0 {
		d = append(d, member{"actions", actions})
	}
	return c.reply(http.StatusOK, d)
}

func (c *call) modelOf() *schema {
	for _, s := range []*schema{
		c.schemas.job, c.schemas.workflowJob, c.schemas.unifiedJob, c.schemas.jobTemplate, c.schemas.workflowTemplate,
		c.schemas.unifiedTemplate, c.schemas.organization, c.schemas.user, c.schemas.label, c.schemas.activity, c.schemas.event,
		c.schemas.inventory, c.schemas.project, c.schemas.token,
	} {
		if s.name == c.view.model {
			return s
		}
	}
	return nil
}

func (s *schema) describe() document {
	var d document
	for _, name := range slices.Sorted(maps.Keys(s.fields)) {
		f := s.fields[name]
		if name == "polymorphic_ctype" {
			name = "type"
		}
		described := describeField(f.typeName(), name, false)
		if f.forbidden || f.many {
			described = append(described, member{"filterable", false})
		} else {
			described = append(described, member{"filterable", true})
		}
		d = append(d, member{name, described})
	}
	return d
}

func (f *field) typeName() string {
	switch f.kind {
	case integerField:
		return "integer"
	case booleanField:
		return "boolean"
	case timeField:
		return "datetime"
	case decimalField:
		return "decimal"
	case relationField:
		return "id"
	default:
		return "string"
	}
}

func describeField(kind, name string, required bool) document {
	words := strings.ReplaceAll(name, "_", " ")
	return document{
		{"type", kind}, {"required", required}, {"label", strings.ToUpper(words[:1]) + words[1:]}, {"help_text", ""},
	}
}

// launchFields are what a launch takes.
func launchFields() document {
	var d document
	for _, pair := range [][2]string{
		{"extra_vars", "json"},
		{"inventory", "id"},
		{"limit", "string"},
		{"job_tags", "string"},
		{"skip_tags", "string"},
		{"scm_branch", "string"},
		{"job_type", "string"},
		{"verbosity", "integer"},
		{"labels", "list_of_ids"},
		{"timeout", "integer"},
		{"forks", "integer"},
		{"diff_mode", "boolean"},
	} {
		d = append(d, member{pair[0], describeField(pair[1], pair[0], false)})
	}
	return d
}
