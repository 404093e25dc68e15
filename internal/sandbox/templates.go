package sandbox

import "slices"

// Template describes a job template or a workflow job template.
type Template struct {
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
	// Organization is created if it does not exist; empty: "osac".
	Organization string `json:"organization,omitempty"`
	// Workflow makes it a workflow job template that runs its Nodes one after the other.
	Workflow bool   `json:"workflow,omitempty"`
	Nodes    []Node `json:"nodes,omitempty"`
	Playbook string `json:"playbook,omitempty"`
	// ExtraVars are the template's own, as a JSON object.
	ExtraVars string `json:"extra_vars,omitempty"`
	// AsksVariables and so on are "prompt on launch".
	AsksVariables bool `json:"asks_variables,omitempty"`
	AsksLimit     bool `json:"asks_limit,omitempty"`
	AsksTags      bool `json:"asks_tags,omitempty"`
	AsksLabels    bool `json:"asks_labels,omitempty"`
	// AllowSimultaneous lets several jobs of the template run at once; otherwise they wait for each other.
	AllowSimultaneous bool `json:"allow_simultaneous,omitempty"`
	// Survey is enabled if it has questions.
	Survey []Question `json:"survey,omitempty"`
	// NoInventory leaves out the inventory: a launch is then refused (recording 224).
	NoInventory bool `json:"no_inventory,omitempty"`
	// Timeout is the template's time-out in seconds. It is only shown; a job ends as its Behavior says.
	Timeout int `json:"timeout,omitempty"`
}

// Node is a node of a workflow: a job template of the same organization.
type Node struct {
	Identifier string `json:"identifier,omitempty"`
	Template   string `json:"template"`
}

// Question is a question of a survey.
type Question struct {
	Variable string `json:"variable"`
	// Type is text (also when empty), textarea, password, integer, float, multiplechoice or multiselect.
	Type     string `json:"type,omitempty"`
	Name     string `json:"question_name,omitempty"`
	Required bool   `json:"required,omitempty"`
	// Min and Max bound numbers and lengths; zero: unbounded.
	Min     int      `json:"min,omitempty"`
	Max     int      `json:"max,omitempty"`
	Choices []string `json:"choices,omitempty"`
	Default string   `json:"default,omitempty"`
}

// AddTemplate adds a template and returns its id.
func (s *Sandbox) AddTemplate(added Template) int64 {
	defer s.change()()
	return s.addTemplate(added).id
}

func (s *Sandbox) addTemplate(added Template) *template {
	t := &template{
		Template: added, id: s.nextTemplate, kind: KindJob, created: s.now(), modified: s.now(), createdBy: s.users[0],
		organization: s.organizationNamed(added.Organization),
	}
	if added.Workflow {
		t.kind = KindWorkflowJob
	}
	if t.Playbook == "" {
		t.Playbook = "site.yml"
	}
	s.nextTemplate++
	s.templates = append(s.templates, t)
	return t
}

// organizationNamed returns the organization, and creates it if necessary.
func (s *Sandbox) organizationNamed(name string) *organization {
	if name == "" {
		name = "osac"
	}
	for _, o := range s.organizations {
		if o.name == name {
			return o
		}
	}
	o := &organization{id: int64(len(s.organizations)) + 1, name: name, created: s.now()}
	s.organizations = append(s.organizations, o)
	return o
}

// RemoveTemplate deletes all templates of the name. Their jobs stay, without a template, as in AWX.
func (s *Sandbox) RemoveTemplate(name string) {
	defer s.change()()
	s.templates = slices.DeleteFunc(s.templates, func(t *template) bool {
		if t.Name == name {
			t.removed = true
		}
		return t.removed
	})
}

// SetTemplate changes all templates of the name, except for their kind and organization.
func (s *Sandbox) SetTemplate(name string, change func(*Template)) {
	defer s.change()()
	for _, t := range s.templates {
		if t.Name == name {
			change(&t.Template)
			t.modified = s.now()
		}
	}
}

// TemplateID returns the id of the oldest template of the name, or 0.
func (s *Sandbox) TemplateID(name string) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.templates {
		if t.Name == name {
			return t.id
		}
	}
	return 0
}

// findTemplate finds a template by kind and name, first in the organization.
func (s *Sandbox) findTemplate(kind Kind, name string, home *organization) *template {
	var found *template
	for _, t := range s.templates {
		if t.kind != kind || t.Name != name {
			continue
		}
		if t.organization == home {
			return t
		}
		if found == nil {
			found = t
		}
	}
	return found
}

// anyTemplate finds a template by name, whatever its kind.
func (s *Sandbox) anyTemplate(name string) *template {
	for _, t := range s.templates {
		if t.Name == name {
			return t
		}
	}
	return nil
}

// templateByID finds a template of the kind.
func (s *Sandbox) templateByID(kind Kind, id int64) *template {
	for _, t := range s.templates {
		if t.id == id && t.kind == kind {
			return t
		}
	}
	return nil
}
