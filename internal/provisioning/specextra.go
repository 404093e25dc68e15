package provisioning

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// keyVCPUs is what OSAC calls cores since autumn 2026. Playbooks read the one or the other, so that both are sent; the
// config version knows cores alone.
const keyVCPUs = "vcpus"

// SentSpec is a spec as it is sent: with both names of its cores, and its further keys merged in.
type SentSpec struct{ Spec }

// MarshalJSON writes what is sent.
func (s SentSpec) MarshalJSON() ([]byte, error) {
	keys, err := s.object()
	if err != nil {
		return nil, err
	}
	return json.Marshal(keys)
}

// object returns what is sent as an object.
func (s SentSpec) object() (map[string]any, error) {
	encoded, err := json.Marshal(s.normal())
	if err != nil {
		return nil, err
	}
	keys, err := decodeObject(encoded)
	if err != nil {
		return nil, err
	}
	if s.Cores != 0 {
		keys[keyVCPUs] = s.Cores
	}
	extra, err := decodeObject(s.Extra)
	if err != nil {
		return nil, fmt.Errorf("the spec's further keys must be a JSON object: %w", err)
	}
	return mergeDeeply(keys, extra), nil
}

// ReadSpec reads a spec of whatever origin. Keys that the provider does not know are kept as further keys, unless they stand
// within a list, where they can't be.
func ReadSpec(document json.RawMessage) (Spec, error) {
	var spec Spec
	if err := json.Unmarshal(document, &spec); err != nil {
		return Spec{}, err
	}
	keys, err := decodeObject(document)
	if err != nil {
		return Spec{}, err
	}
	extra, err := unknownIn(keys, reflect.TypeFor[Spec](), "")
	if err != nil {
		return Spec{}, err
	}
	if err := spec.takeVCPUs(extra); err != nil {
		return Spec{}, err
	}
	if len(extra) > 0 {
		if spec.Extra, err = json.Marshal(extra); err != nil {
			return Spec{}, err
		}
	}
	return spec.normal(), nil
}

// takeVCPUs takes the newer name of the cores from the further keys. It stays there if it says another number: which of the
// two counts depends on the playbook.
func (s *Spec) takeVCPUs(extra map[string]any) error {
	given, exists := extra[keyVCPUs]
	if !exists {
		return nil
	}
	number, isNumber := given.(json.Number)
	if !isNumber {
		return errors.New(keyVCPUs + " is no number")
	}
	count, err := number.Int64()
	if err != nil {
		return fmt.Errorf("%s is no whole number", keyVCPUs)
	}
	if s.Cores == 0 {
		s.Cores = count
	}
	if s.Cores == count {
		delete(extra, keyVCPUs)
	}
	return nil
}

// unknownIn returns what an object has that a type has no field for. A null means nothing.
func unknownIn(object map[string]any, typ reflect.Type, at string) (map[string]any, error) {
	known := fieldsOf(typ)
	unknown := map[string]any{}
	for _, key := range slices.Sorted(maps.Keys(object)) {
		field, isKnown := known[strings.ToLower(key)]
		switch value := object[key].(type) {
		case nil:
		case map[string]any:
			if !isKnown {
				unknown[key] = value
			} else if inner, err := unknownIn(value, field, at+key+"."); err != nil {
				return nil, err
			} else if len(inner) > 0 {
				unknown[key] = inner
			}
		case []any:
			if !isKnown {
				unknown[key] = value
			} else if err := allKnown(value, field, at+key); err != nil {
				return nil, err
			}
		default:
			if !isKnown {
				unknown[key] = value
			}
		}
	}
	return unknown, nil
}

// allKnown refuses a list with keys in its elements that their type has no field for.
func allKnown(list []any, typ reflect.Type, at string) error {
	for i, element := range list {
		object, isObject := element.(map[string]any)
		if !isObject || typ.Kind() != reflect.Slice {
			continue
		}
		inner, err := unknownIn(object, typ.Elem(), fmt.Sprintf("%s[%d].", at, i))
		if err != nil {
			return err
		}
		for _, key := range slices.Sorted(maps.Keys(inner)) {
			return fmt.Errorf("%s[%d] has the key %q, which this provider does not know", at, i, key)
		}
	}
	return nil
}

// fieldsOf returns the types of a struct's fields by their keys, of which encoding/json ignores the case; none for other
// types, such as a time.
func fieldsOf(typ reflect.Type) map[string]reflect.Type {
	if typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	fields := map[string]reflect.Type{}
	if typ.Kind() != reflect.Struct {
		return fields
	}
	for field := range typ.Fields() {
		if key, _, _ := strings.Cut(field.Tag.Get("json"), ","); key != "" && key != "-" {
			fields[strings.ToLower(key)] = field.Type
		}
	}
	return fields
}

// CheckExtra finds the further keys of a spec that the provider knows. Those that the spec has as well are an error: one of
// the two would be passed over. The others are returned: they are sent, and belong into attributes of their own.
func (s Spec) CheckExtra() ([]string, error) {
	extra, err := decodeObject(s.Extra)
	if err != nil {
		return nil, err
	}
	plain := s
	plain.Extra = nil
	own, err := SentSpec{plain}.object()
	if err != nil {
		return nil, err
	}
	unknown, _ := unknownIn(extra, reflect.TypeFor[Spec](), "")
	delete(unknown, keyVCPUs)
	var known []string
	for _, key := range slices.Sorted(maps.Keys(extra)) {
		isUnknown := sameValue(extra[key], unknown[key])
		if _, set := own[key]; set && !isUnknown {
			return nil, fmt.Errorf("the key %q is set by an attribute already", key)
		}
		if !isUnknown {
			known = append(known, key)
		}
	}
	return known, nil
}

func sameValue(a, b any) bool {
	left, leftErr := json.Marshal(a)
	right, rightErr := json.Marshal(b)
	return leftErr == nil && rightErr == nil && bytes.Equal(left, right)
}

// Same reports whether two specs are the same configuration, further keys included, whatever they say of a restart, which is
// a signal and not configuration.
func (s Spec) Same(other Spec) bool { return s.comparable() == other.comparable() }

func (s Spec) comparable() string {
	s.RestartRequestedAt = nil
	normal := s.normal()
	return version(normal) + string(normal.Extra)
}
