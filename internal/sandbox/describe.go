package sandbox

import (
	"maps"
	"net/http"
	"slices"
	"strings"
)

// describe answers OPTIONS: what the view accepts and returns. Clients such as awxkit's `awx` build their command line
// from it, and send only described fields. It was not recorded: its form is that of AWX's api/metadata.py, and its
// fields are those that the sandbox can filter by or accepts.
func (c *call) describe() *answer {
	s := c.modelOf()
	d := document{
		{"name", c.title(s)},
		{"description", ""},
		{"renders", []any{"application/json", "text/html"}},
		{"parses", []any{"application/json"}},
	}
	actions := document{}
	if c.view.methods["GET"] != nil {
		actions = append(actions, member{"GET", s.describe()})
	}
	if fields := c.postFields(); c.view.methods["POST"] != nil {
		actions = append(actions, member{"POST", fields})
	}
	if c.view.name == "settings" {
		fields := document{}
		for _, setting := range c.settings() {
			fields = append(fields, member{setting.key, describeField("string", setting.key)})
		}
		actions = append(actions, member{"PUT", fields})
	}
	if c.user == nil {
		return c.reply(http.StatusOK, d)
	}
	d = append(d, member{"actions", actions})
	if s != nil && c.isList() {
		if slices.Contains([]*schema{c.schemas.jobTemplate, c.schemas.workflowTemplate}, s) {
			d = append(d, member{"object_roles", []any{"admin_role", "execute_role", "read_role"}})
		}
		d = append(d, member{"types", []any{snake(s.name)}}, member{"search_fields", texts(s.search)}, member{"max_page_size", c.maxPage()})
	}
	return c.reply(http.StatusOK, d)
}

// isList reports whether the view lists objects of its model.
func (c *call) isList() bool {
	return c.view.methods["GET"] != nil && !slices.Contains(c.view.pattern, "{id}") && c.view.model != ""
}

// title is the view's name, such as Job List.
func (c *call) title(s *schema) string {
	words := c.view.name
	if s != nil && c.isList() {
		words = strings.ReplaceAll(snake(s.name), "_", " ") + " list"
	}
	return titled(words)
}

func titled(words string) string {
	parts := strings.Fields(words)
	for i, part := range parts {
		parts[i] = strings.ToUpper(part[:1]) + part[1:]
	}
	return strings.Join(parts, " ")
}

// snake writes a model's name as its `type`: WorkflowJob is workflow_job.
func snake(model string) string {
	var b strings.Builder
	for i, r := range model {
		if i > 0 && r >= 'A' && r <= 'Z' {
			b.WriteByte('_')
		}
		b.WriteRune(r)
	}
	return strings.ToLower(b.String())
}

func texts(values []string) []any {
	result := make([]any, len(values))
	for i, value := range values {
		result[i] = value
	}
	return result
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

// describe lists the fields. AWX's own description calls all fields filterable, even those whose filters it answers
// with 403 (recording 311).
func (s *schema) describe() document {
	d := document{}
	if s == nil {
		return d
	}
	for _, name := range slices.Sorted(maps.Keys(s.fields)) {
		f := s.fields[name]
		if f.many {
			continue
		}
		if name == "polymorphic_ctype" {
			name = "type"
		}
		described := append(describeField(f.typeName(), name), member{"filterable", true})
		if choices := s.choices(name); choices != nil {
			described = described.with("type", "choice").with("choices", choices)
		}
		d = append(d, member{name, described})
	}
	return d
}

// choices are the choices of a job's field, each as a value and its label.
func (s *schema) choices(name string) []any {
	values := map[string][]string{
		"status":      {"new", "pending", "waiting", "running", "successful", "failed", "error", "canceled"},
		"launch_type": {"manual", "relaunch", "callback", "scheduled", "dependency", "workflow", "webhook", "sync", "scm"},
	}[name]
	if !strings.HasSuffix(s.name, "Job") {
		return nil
	}
	var pairs []any
	for _, value := range values {
		pairs = append(pairs, []any{value, titled(value)})
	}
	return pairs
}

func (f *field) typeName() string {
	if f.forbidden {
		return "json"
	}
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

func describeField(kind, name string) document {
	words := strings.ReplaceAll(name, "_", " ")
	return document{{"type", kind}, {"label", strings.ToUpper(words[:1]) + words[1:]}, {"help_text", ""}}
}

// postFields are the fields of the view's POST, with a star if required.
func (c *call) postFields() document {
	pairs := map[string][]string{
		"create label":        {"name*:string", "organization*:id"},
		"create token":        {"description:string", "application:id", "scope:string"},
		"create user":         {"username*:string", "password:string", "email:string", "is_superuser:boolean"},
		"create organization": {"name*:string", "description:string"},
		"create template": {
			"name*:string", "description:string", "inventory:id", "project:id", "playbook:string", "extra_vars:string",
			"ask_variables_on_launch:boolean", "ask_limit_on_launch:boolean", "ask_tags_on_launch:boolean",
			"ask_labels_on_launch:boolean", "allow_simultaneous:boolean", "timeout:integer",
		},
		"launch": {
			"extra_vars:json", "inventory:id", "scm_branch:string", "limit:string", "job_tags:string", "skip_tags:string",
			"job_type:string", "verbosity:integer", "diff_mode:boolean", "credentials:list_of_ids", "credential_passwords:json",
			"execution_environment:id", "labels:list_of_ids", "forks:integer", "job_slice_count:integer", "timeout:integer",
			"instance_groups:list_of_ids",
		},
		"relaunch": {"hosts:string", "job_type:string", "credential_passwords:json"},
	}[c.view.posts]
	if c.view.posts == "launch" && c.kind() == KindWorkflowJob {
		pairs = []string{
			"extra_vars:json", "inventory:id", "limit:string", "scm_branch:string", "labels:list_of_ids", "skip_tags:string",
			"job_tags:string",
		}
	}
	d := document{}
	for _, pair := range pairs {
		name, kind, _ := strings.Cut(pair, ":")
		name, required := strings.CutSuffix(name, "*")
		d = append(d, member{name, append(describeField(kind, name), member{"required", required})})
	}
	return d
}
