package sandbox

import (
	"net/http"
	"slices"
	"strings"
)

// filter is a query's conditions on a list's rows, as Django combines them into one query.
type filter struct {
	// all must hold, and any of some, each for the same row of every to-many relation in their paths.
	all, some []*condition
	// none must hold for any row of the relations in their paths.
	none  []*condition
	words []*condition // ?search=: each word in one of the columns
	// bound are the to-many relations in the paths of all and some.
	bound []string
}

// condition is one key of the query with one value.
type condition struct {
	path   []*field // relations, then the field itself
	keys   []string // the path's prefixes, which name bindings
	negate bool
	test   func(c *call, row any, last *field) bool
	any    []*condition // for a word: one of these
}

func badFilter(message string) *failure { return detail(http.StatusBadRequest, message) }

// reservedNames are never filters. Since `limit` is one of them, ?limit=x lists everything (recording 323).
func reservedNames() []string {
	return []string{
		"page", "page_size", "format", "order", "order_by", "search", "type", "host_filter", "count_disabled",
		"no_truncate", "limit", "validate",
	}
}

// lookups are Django's operators.
func lookups() []string {
	return []string{
		"exact", "iexact", "contains", "icontains", "startswith", "istartswith", "endswith", "iendswith", "regex", "iregex",
		"gt", "gte", "lt", "lte", "in", "isnull", "search",
	}
}

// parseFilter reads the query's conditions.
func (c *call) parseFilter(s *schema) (*filter, *failure) {
	f := &filter{}
	for _, key := range c.keys {
		if slices.Contains(reservedNames(), key) || key == "role_level" || c.includes(key) {
			continue
		}
		for _, value := range c.query[key] {
			if strings.HasSuffix(key, "type__in") && s.fields["polymorphic_ctype"] != nil {
				// AWX never splits this value at its commas, and searches for types named by single characters: it finds
				// nothing, whatever is asked (recording 1002).
				f.all = append(f.all, &condition{path: []*field{s.fields["id"]}, keys: []string{"__id"}, test: nothing})
				continue
			}
			if refusal := f.add(s, key, value); refusal != nil {
				return nil, refusal
			}
		}
	}
	if refusal := f.addTypes(c, s); refusal != nil {
		return nil, refusal
	}
	f.addSearch(s, c.query.Get("search"))
	for _, cond := range append(slices.Clone(f.all), f.some...) {
		for i, step := range cond.path {
			if step.many && !slices.Contains(f.bound, cond.keys[i]) {
				f.bound = append(f.bound, cond.keys[i])
			}
		}
	}
	slices.SortStableFunc(f.bound, func(a, b string) int { return len(a) - len(b) })
	return f, nil
}

func (f *filter) add(s *schema, key, value string) *failure {
	name, or := strings.CutPrefix(strings.TrimPrefix(key, "chain__"), "or__")
	name, negate := strings.CutPrefix(name, "not__")
	name = strings.TrimSuffix(name, "__int")
	cond, refusal := newCondition(s, name, value)
	if refusal != nil {
		return refusal
	}
	cond.negate = negate
	switch {
	case or:
		f.some = append(f.some, cond)
	case negate:
		f.none = append(f.none, cond)
	default:
		f.all = append(f.all, cond)
	}
	return nil
}

func nothing(*call, any, *field) bool { return false }

// addTypes handles ?type=job,workflow_job, which is no ordinary filter.
func (f *filter) addTypes(c *call, s *schema) *failure {
	values, asked := c.query["type"]
	if !asked || s.fields["polymorphic_ctype"] == nil {
		return nil
	}
	cond, refusal := newCondition(s, "type__in", values[len(values)-1])
	if refusal == nil {
		f.all = append(f.all, cond)
	}
	return refusal
}

// addSearch handles ?search=: every word must be in one of the model's search columns.
func (f *filter) addSearch(s *schema, search string) {
	for word := range strings.FieldsFuncSeq(search, func(r rune) bool { return r == ',' || r == ' ' }) {
		cond := &condition{}
		for _, name := range s.search {
			if alternative, refusal := newCondition(s, name+"__icontains", word); refusal == nil {
				cond.any = append(cond.any, alternative)
			}
		}
		f.words = append(f.words, cond)
	}
}

// newCondition resolves the path of a key and reads its value.
func newCondition(s *schema, name, value string) (*condition, *failure) {
	lookup := "exact"
	if cut := strings.LastIndex(name, "__"); cut >= 0 && slices.Contains(lookups(), name[cut+2:]) {
		name, lookup = name[:cut], name[cut+2:]
	}
	if name == "" {
		return nil, badFilter("Query string field name not provided.")
	}
	cond := &condition{}
	var key strings.Builder
	for part := range strings.SplitSeq(name, "__") {
		if s == nil {
			return nil, badFilter("No related model for field " + part + ".")
		}
		f, refusal := s.field(part)
		if refusal != nil {
			return nil, refusal
		}
		if slices.Contains(cond.path, f) {
			return nil, badFilter("Loops not allowed in filters, detected on field " + f.name + ".")
		}
		key.WriteString("__" + f.name)
		cond.path, cond.keys = append(cond.path, f), append(cond.keys, key.String())
		s = f.target
	}
	test, refusal := newTest(cond.path[len(cond.path)-1], lookup, value)
	cond.test = test
	return cond, refusal
}

// matches reports whether the row meets the filter.
func (f *filter) matches(c *call, row any) bool {
	for _, cond := range f.none {
		if cond.exists(c, row) {
			return false
		}
	}
	for _, word := range f.words {
		if !slices.ContainsFunc(word.any, func(cond *condition) bool { return cond.exists(c, row) }) {
			return false
		}
	}
	return f.bind(c, row, nil)
}

// bind tries the related rows of the to-many relations one after the other: all conditions must hold for the same row.
func (f *filter) bind(c *call, row any, bindings []any) bool {
	if len(bindings) < len(f.bound) {
		candidates := f.candidates(c, row, bindings)
		if len(candidates) == 0 {
			candidates = []any{nil} // as an outer join
		}
		for _, candidate := range candidates {
			if f.bind(c, row, append(slices.Clip(bindings), candidate)) {
				return true
			}
		}
		return false
	}
	for _, cond := range f.all {
		if !f.holds(c, cond, row, bindings) {
			return false
		}
	}
	return len(f.some) == 0 || slices.ContainsFunc(f.some, func(cond *condition) bool {
		return f.holds(c, cond, row, bindings) != cond.negate
	})
}

// candidates are the rows that the next unbound relation leads to.
func (f *filter) candidates(c *call, row any, bindings []any) []any {
	wanted := f.bound[len(bindings)]
	for _, cond := range append(slices.Clone(f.all), f.some...) {
		at := slices.Index(cond.keys, wanted)
		if at < 0 {
			continue
		}
		if origin := f.walk(c, cond, row, bindings, at); origin != nil {
			return cond.path[at].follow(c, origin)
		}
		return nil
	}
	return nil
}

// walk follows the first steps of a condition's path.
func (f *filter) walk(c *call, cond *condition, row any, bindings []any, steps int) any {
	for i := range steps {
		if row == nil {
			return nil
		}
		if cond.path[i].many {
			row = bindings[slices.Index(f.bound, cond.keys[i])]
			continue
		}
		row = first(cond.path[i].follow(c, row))
	}
	return row
}

func (f *filter) holds(c *call, cond *condition, row any, bindings []any) bool {
	last := len(cond.path) - 1
	origin := f.walk(c, cond, row, bindings, last)
	final := cond.path[last]
	if final.kind != relationField {
		return cond.test(c, origin, final)
	}
	if final.many {
		return cond.test(c, bindings[slices.Index(f.bound, cond.keys[last])], final)
	}
	if origin == nil {
		return cond.test(c, nil, final)
	}
	return cond.test(c, first(final.follow(c, origin)), final)
}

// exists reports whether the condition holds for any related row in its path.
func (cond *condition) exists(c *call, row any) bool {
	rows := []any{row}
	for i, step := range cond.path {
		if i == len(cond.path)-1 && step.kind != relationField {
			break
		}
		var next []any
		for _, origin := range rows {
			if origin != nil {
				next = append(next, step.follow(c, origin)...)
			}
		}
		if len(next) == 0 {
			next = []any{nil}
		}
		rows = next
	}
	last := cond.path[len(cond.path)-1]
	return slices.ContainsFunc(rows, func(related any) bool { return cond.test(c, related, last) })
}

func first(rows []any) any {
	if len(rows) == 0 {
		return nil
	}
	return rows[0]
}
