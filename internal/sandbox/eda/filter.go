package eda

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"
)

// auditRuleFields are fields that the database has in addition to the shown ones of the same name.
var auditRuleFields = map[string][]string{
	"activation_instance": {"activation_instance", "id"}, "activation_instance_id": {"activation_instance", "id"},
	"organization": {"organization", "id"}, "organization_id": {"organization", "id"},
}

// filtered applies a list's query: field=value, field__lookup=value, order_by. An unknown field is refused (eda 24),
// and so is any field of a related object.
func filtered(model string, rows []object, query url.Values, related map[string][]string) ([]object, error) {
	known := map[string][]string{"id": {"id"}}
	maps.Copy(known, related)
	for _, field := range modelFields[model] {
		known[field] = []string{field}
	}
	for key, values := range query {
		if slices.Contains([]string{"page", "page_size", "format", "order_by", "order", "search"}, key) {
			continue
		}
		field, operator, _ := strings.Cut(key, "__")
		path, ok := known[field]
		if !ok {
			return nil, badRequest("%s has no field named '%s'", model, field)
		}
		for _, value := range values {
			var err error
			rows = slices.DeleteFunc(slices.Clone(rows), func(row object) bool {
				has, _ := lookup(row, path)
				kept, wrong := compares(fmt.Sprint(has), operator, value)
				if wrong {
					err = badRequest("Unsupported lookup '%s' for field %s.", operator, field)
				}
				return !kept
			})
			if err != nil {
				return nil, err
			}
		}
	}
	for _, order := range slices.Backward(strings.Split(query.Get("order_by"), ",")) {
		field, descending := strings.CutPrefix(order, "-")
		if field == "" {
			continue
		}
		path, ok := known[field]
		if !ok {
			return nil, badRequest("%s has no field named '%s'", model, field)
		}
		slices.SortStableFunc(rows, func(a, b object) int {
			left, _ := lookup(a, path)
			right, _ := lookup(b, path)
			if descending {
				left, right = right, left
			}
			return ordered(fmt.Sprint(left), fmt.Sprint(right))
		})
	}
	return rows, nil
}

// modelFields are the models' fields that queries may use.
var modelFields = map[string][]string{
	"AuditRule":   {"name", "status", "fired_at", "ruleset_name", "created_at"},
	"AuditAction": {"name", "status", "url", "fired_at", "rule_fired_at", "audit_rule_id", "status_message"},
	"AuditEvent":  {"source_name", "source_type", "payload", "received_at", "rule_fired_at"},
}

// compares reports whether a value meets a lookup, and whether there is no such lookup.
func compares(has, operator, value string) (bool, bool) {
	switch operator {
	case "", "exact":
		return ordered(has, value) == 0, false
	case "iexact":
		return strings.EqualFold(has, value), false
	case "gt":
		return ordered(has, value) > 0, false
	case "gte":
		return ordered(has, value) >= 0, false
	case "lt":
		return ordered(has, value) < 0, false
	case "lte":
		return ordered(has, value) <= 0, false
	case "contains":
		return strings.Contains(has, value), false
	case "icontains":
		return strings.Contains(strings.ToLower(has), strings.ToLower(value)), false
	case "startswith":
		return strings.HasPrefix(has, value), false
	case "in":
		return slices.Contains(strings.Split(value, ","), has), false
	}
	return false, true
}

// ordered compares times as times, numbers as numbers, and the rest as text.
func ordered(a, b string) int {
	left, errLeft := time.Parse(time.RFC3339Nano, a)
	right, errRight := time.Parse(time.RFC3339Nano, b)
	if errLeft == nil && errRight == nil {
		return left.Compare(right)
	}
	x, errX := json.Number(a).Float64()
	y, errY := json.Number(b).Float64()
	if errX == nil && errY == nil {
		return cmp.Compare(x, y)
	}
	return cmp.Compare(a, b)
}
