package osac

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// keyVCPUs is OSAC's name for cores since autumn 2026. A playbook reads one of the two names, so both are sent. The
// config version has cores alone.
const keyVCPUs = "vcpus"

// Sent returns the keys that are sent: both names of the cores, and the further keys merged in.
func (s ComputeInstanceSpec) Sent() (map[string]any, error) {
	encoded, err := json.Marshal(s.normal())
	if err != nil {
		return nil, err
	}
	keys, err := DecodeObject(encoded)
	if err != nil {
		return nil, err
	}
	if s.Cores != 0 {
		keys[keyVCPUs] = s.Cores
	}
	extra, err := DecodeObject(s.Extra)
	if err != nil {
		return nil, fmt.Errorf("the spec's further keys must be a JSON object: %w", err)
	}
	return mergeFurther(keys, extra), nil
}

// Keys returns the JSON of what is sent by its keys. The cores have one of their two names.
func (s ComputeInstanceSpec) Keys() map[string]string {
	sent, err := s.Sent()
	if err != nil {
		return nil
	}
	keys := make(map[string]string, len(sent))
	for name, value := range sent {
		encoded, err := json.Marshal(value)
		if err != nil {
			return nil
		}
		keys[name] = string(encoded)
	}
	if keys[keyVCPUs] == keys["cores"] {
		delete(keys, keyVCPUs)
	}
	return keys
}

// readComputeInstance is ReadComputeInstanceSpec for all who don't know the kind.
func readComputeInstance(document json.RawMessage) (Spec, error) {
	spec, err := ReadComputeInstanceSpec(document)
	if err != nil {
		return nil, err
	}
	return spec, nil
}

// ReadComputeInstanceSpec reads a spec of whatever origin. Keys that the provider does not know are kept as further keys, those
// within a list in a list as long.
func ReadComputeInstanceSpec(document json.RawMessage) (ComputeInstanceSpec, error) {
	var spec ComputeInstanceSpec
	if err := json.Unmarshal(document, &spec); err != nil {
		return ComputeInstanceSpec{}, err
	}
	keys, err := DecodeObject(document)
	if err != nil {
		return ComputeInstanceSpec{}, err
	}
	extra := unknownIn(keys, reflect.TypeFor[ComputeInstanceSpec]())
	if err := spec.takeVCPUs(extra); err != nil {
		return ComputeInstanceSpec{}, err
	}
	if len(extra) > 0 {
		if spec.Extra, err = json.Marshal(extra); err != nil {
			return ComputeInstanceSpec{}, err
		}
	}
	return spec.normal(), nil
}

// takeVCPUs moves the newer name of the cores out of the further keys. It stays there if its number differs: the
// playbook decides which of the two counts.
func (s *ComputeInstanceSpec) takeVCPUs(extra map[string]any) error {
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

// unknownIn returns the keys of an object that a type has no field for. A null counts as missing.
func unknownIn(object map[string]any, typ reflect.Type) map[string]any {
	known := fieldsOf(typ)
	unknown := map[string]any{}
	for key, value := range object {
		field, isKnown := known[strings.ToLower(key)]
		inner, isObject := value.(map[string]any)
		list, isList := value.([]any)
		switch {
		case value == nil:
		case !isKnown:
			unknown[key] = value
		case isObject:
			if further := unknownIn(inner, field); len(further) > 0 {
				unknown[key] = further
			}
		case isList && field.Kind() == reflect.Slice:
			if further := unknownInEach(list, field.Elem()); further != nil {
				unknown[key] = further
			}
		}
	}
	return unknown
}

// unknownInEach returns the keys of a list's elements that their type has no field for, an object for each element; nil
// if there are none.
func unknownInEach(list []any, typ reflect.Type) []any {
	found := false
	further := make([]any, len(list))
	for i := range list {
		element, _ := list[i].(map[string]any)
		unknown := unknownIn(element, typ)
		further[i], found = unknown, found || len(unknown) > 0
	}
	if !found {
		return nil
	}
	return further
}

// mergeFurther merges further keys into a spec as mergeDeeply does, and those in lists element by element.
func mergeFurther(own, further map[string]any) map[string]any {
	merged := maps.Clone(own)
	for key, value := range further {
		left, leftIsList := merged[key].([]any)
		right, rightIsList := value.([]any)
		if !leftIsList || !rightIsList || len(left) != len(right) {
			merged = mergeDeeply(merged, map[string]any{key: value})
			continue
		}
		elements := make([]any, len(left))
		for i := range left {
			element := mergeDeeply(map[string]any{key: left[i]}, map[string]any{key: right[i]})
			elements[i] = element[key]
		}
		merged[key] = elements
	}
	return merged
}

// fieldsOf returns the types of a struct's fields by their keys, whose case encoding/json ignores. It returns none for
// other types, such as a time.
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

// CheckExtra finds the further keys of a spec that the provider knows. A key that the spec has as well is an error,
// since one of the two would be ignored. CheckExtra returns the others: they are sent, but belong into their own
// attributes.
func (s ComputeInstanceSpec) CheckExtra() ([]string, error) {
	extra, err := DecodeObject(s.Extra)
	if err != nil {
		return nil, err
	}
	plain := s
	plain.Extra = nil
	own, err := plain.Sent()
	if err != nil {
		return nil, err
	}
	unknown := unknownIn(extra, reflect.TypeFor[ComputeInstanceSpec]())
	delete(unknown, keyVCPUs)
	var known []string
	for _, key := range slices.Sorted(maps.Keys(extra)) {
		isUnknown := sameValue(extra[key], unknown[key])
		if _, set := own[key]; set && !isUnknown {
			return nil, fmt.Errorf("the key %q is set by an attribute already", key)
		}
		further, isList := unknown[key].([]any)
		elements, _ := own[key].([]any)
		if known := fieldsOf(reflect.TypeFor[ComputeInstanceSpec]())[strings.ToLower(key)]; isList && known != nil && len(further) != len(elements) {
			return nil, fmt.Errorf("%q has %d elements, and its attribute %d: each element of the one adds to that of the other", key, len(further), len(elements))
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

// Same reports whether two specs are the same configuration, including further keys. It ignores a restart, which is a
// signal and not configuration.
func (s ComputeInstanceSpec) Same(other Spec) bool {
	spec, isSpec := other.(ComputeInstanceSpec)
	return isSpec && s.comparable() == spec.comparable()
}

// comparable is the same for all specs that a job reads the same in: a further key may turn out to be a field, or to say
// nothing, and a controller writes numbers in its own way.
func (s ComputeInstanceSpec) comparable() string {
	if sent, err := json.Marshal(SentSpec{s}); err == nil {
		if read, err := ReadComputeInstanceSpec(sent); err == nil {
			s = read
		}
	}
	s.RestartRequestedAt = nil
	normal := s.normal()
	extra, _ := DecodeObject(normal.Extra)
	return version(normal) + fmt.Sprint(valueOf(extra))
}

// valueOf replaces the numbers in a document by their values.
func valueOf(value any) any {
	switch value := value.(type) {
	case json.Number:
		if exact, ok := new(big.Int).SetString(value.String(), decimal); ok {
			return "number " + exact.String()
		}
		float, _ := value.Float64()
		if exact, accuracy := big.NewFloat(float).Int(nil); accuracy == big.Exact {
			return "number " + exact.String()
		}
		return "number " + strconv.FormatFloat(float, 'g', -1, 64)
	case string:
		return strconv.Quote(value)
	case []any:
		worth := make([]any, len(value))
		for i := range value {
			worth[i] = valueOf(value[i])
		}
		return worth
	case map[string]any:
		worth := make(map[string]any, len(value))
		for key, element := range value {
			worth[strconv.Quote(key)] = valueOf(element)
		}
		return worth
	}
	return value
}

const decimal = 10
