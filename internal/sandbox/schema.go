package sandbox

import (
	"strings"
	"time"
)

// fieldKind is a column's type, as far as filters need it.
type fieldKind int

const (
	integerField fieldKind = iota
	textField
	booleanField
	timeField
	decimalField
	relationField
	typeField // polymorphic_ctype, asked for as `type`
)

// field is a column or a relation of a model, as filters and order_by see it.
type field struct {
	name string
	kind fieldKind
	// value gives a column's value of a row: int64, string, bool, float64, time.Time, or nil for null.
	value func(c *call, row any) any
	// contains answers contains and icontains without building the whole text.
	contains func(c *call, row any, needle string, fold bool) bool
	// follow returns the rows that a relation leads to, and many reports whether there can be several.
	follow func(c *call, row any) []any
	target *schema
	many   bool
	// Columns that are forbidden can't be filtered by (recordings 311, 322).
	forbidden bool
}

// schema is a model of AWX: its name stands in error messages.
type schema struct {
	name   string
	fields map[string]*field
	// reverse are relations from the other side; their names in queries have no underscores.
	reverse map[string]*field
	// search are the columns that ?search= searches, and order is the default order of rows.
	search []string
	order  []string
}

// schemas are the models that have lists, or that filters reach from those.
type schemas struct {
	job, workflowJob, unifiedJob                   *schema
	jobTemplate, workflowTemplate, unifiedTemplate *schema
	organization, user, label, activity, event     *schema
	node, inventory, project, hostSummary, token   *schema
}

func newSchema(name string, order ...string) *schema {
	return &schema{
		name: name, fields: map[string]*field{}, reverse: map[string]*field{}, search: []string{"name", "description"},
		order: order,
	}
}

// column adds a column whose rows are of type T.
func column[T any](s *schema, name string, kind fieldKind, value func(c *call, row T) any) *field {
	f := &field{name: name, kind: kind, value: func(c *call, row any) any {
		typed, ok := row.(T)
		if !ok {
			return nil
		}
		return value(c, typed)
	}}
	s.fields[name] = f
	return f
}

// constants adds columns that have the same value in every row.
func (s *schema) constants(kind fieldKind, value any, names ...string) {
	for _, name := range names {
		s.fields[name] = &field{name: name, kind: kind, value: func(*call, any) any { return value }}
	}
}

// prevented adds columns that can't be filtered by.
func (s *schema) prevented(names ...string) {
	for _, name := range names {
		s.fields[name] = &field{name: name, forbidden: true}
	}
}

// relation adds a relation to one row or none.
func relation[T any, R any](s *schema, name string, target *schema, follow func(c *call, row T) *R) {
	s.fields[name] = &field{name: name, kind: relationField, target: target, follow: func(c *call, row any) []any {
		if typed, ok := row.(T); ok {
			if found := follow(c, typed); found != nil {
				return []any{found}
			}
		}
		return nil
	}}
}

// relations adds a relation to any number of rows. Names of reverse ones have no underscores in queries.
func relations[T any](s *schema, name string, target *schema, follow func(c *call, row T) []any) {
	f := &field{name: name, kind: relationField, target: target, many: true, follow: func(c *call, row any) []any {
		if typed, ok := row.(T); ok {
			return follow(c, typed)
		}
		return nil
	}}
	if own, reversed := strings.CutPrefix(name, "^"); reversed {
		f.name = own
		s.reverse[strings.ReplaceAll(f.name, "_", "")] = f
		return
	}
	s.fields[name] = f
}

// field finds a field by its name in a query.
func (s *schema) field(name string) (*field, *failure) {
	if name == "pk" {
		name = "id"
	}
	if name == "type" && s.fields["polymorphic_ctype"] != nil {
		name = "polymorphic_ctype"
	}
	f := s.reverse[strings.ReplaceAll(name, "_", "")]
	if f == nil {
		f = s.fields[name]
	}
	if f == nil {
		return nil, badFilter(s.name + " has no field named '" + name + "'")
	}
	if f.forbidden {
		return nil, detail(403, "Filtering on "+name+" is not allowed.")
	}
	return f, nil
}

// one wraps a row that may be missing.
func one[R any](row *R) []any {
	if row == nil {
		return nil
	}
	return []any{row}
}

func timeValue(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t
}
