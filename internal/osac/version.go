package osac

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"maps"
	"slices"
)

// ConfigVersion returns the spec's config version: FNV-1a 64 of its JSON as 16 hex digits, as OSAC's operator computes
// it (F82).
func (s ComputeInstanceSpec) ConfigVersion() string { return version(s.normal()) }

// InputsVersion returns the hash of all inputs of a run, except for the hub's own settings. It leaves out a restart
// request: times decide whether a restart is due, so removing an old request runs nothing. Only the version of
// write-only variables is in it.
func (i Instance) InputsVersion() string {
	fields, further := i.Spec.Hashed()
	return version(struct {
		Spec             any               `json:"spec"`
		Tenant           string            `json:"tenant,omitempty"`
		Labels           map[string]string `json:"labels,omitempty"`
		Annotations      map[string]string `json:"annotations,omitempty"`
		Triggers         map[string]string `json:"triggers,omitempty"`
		StorageClasses   []StorageClass    `json:"storageClasses,omitempty"`
		ExtraVars        json.RawMessage   `json:"extraVars,omitempty"`
		WriteOnlyVersion *int64            `json:"extraVarsWOVersion,omitempty"`
		SpecExtra        json.RawMessage   `json:"specExtra,omitempty"`
	}{
		fields, i.Tenant, i.Labels, i.Annotations, i.Triggers, i.StorageClasses,
		CanonicalOrNil(i.ExtraVars), i.WriteOnlyExtraVarsVersion, further,
	})
}

// normal returns the spec in the form that is hashed and sent: times in UTC seconds, security groups sorted and each once, template
// parameters compact with sorted keys. The receiver's slices are left as they are.
func (s ComputeInstanceSpec) normal() ComputeInstanceSpec {
	if canonical, err := CanonicalJSON([]byte(s.TemplateParameters)); err == nil {
		s.TemplateParameters = string(canonical)
	}
	if s.RestartRequestedAt != nil {
		restart := NewTimestamp(s.RestartRequestedAt.Time)
		s.RestartRequestedAt = &restart
	}
	if s.Extra = CanonicalOrNil(s.Extra); string(s.Extra) == "{}" {
		s.Extra = nil
	}
	s.NetworkAttachments = slices.Clone(s.NetworkAttachments)
	for i := range s.NetworkAttachments {
		s.NetworkAttachments[i].SecurityGroupRefs = slices.Compact(slices.Sorted(slices.Values(s.NetworkAttachments[i].SecurityGroupRefs)))
	}
	return s
}

// Hashed returns the fields and the further keys that the inputs version is of: all but a request to restart.
func (s ComputeInstanceSpec) Hashed() (any, json.RawMessage) {
	normal := s.normal()
	normal.RestartRequestedAt = nil
	return normal, normal.Extra
}

func version(value any) string {
	encoded, err := json.Marshal(value)
	if err != nil {
		// Reached only by raw JSON that was never checked: canonicalOrNil drops such.
		panic(fmt.Sprintf("encoding a version: %v", err))
	}
	hash := fnv.New64a()
	_, _ = hash.Write(encoded)
	return fmt.Sprintf("%016x", hash.Sum64())
}

// CanonicalJSON returns a JSON document in the normal form that is hashed and sent: compact, keys sorted, numbers as
// written, HTML characters escaped as Go's encoder does by default.
func CanonicalJSON(document []byte) ([]byte, error) {
	decoder := json.NewDecoder(bytes.NewReader(document))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is more after the end of the JSON document")
	}
	return json.Marshal(value)
}

// CanonicalOrNil returns a document in the normal form, or nil if it is not JSON.
func CanonicalOrNil(document json.RawMessage) json.RawMessage {
	canonical, err := CanonicalJSON(document)
	if err != nil {
		return nil
	}
	return canonical
}

// DecodeObject reads a JSON object, keeping numbers as they were written. An empty document is an empty object.
func DecodeObject(document json.RawMessage) (map[string]any, error) {
	object := map[string]any{}
	if len(document) == 0 {
		return object, nil
	}
	decoder := json.NewDecoder(bytes.NewReader(document))
	decoder.UseNumber()
	if err := decoder.Decode(&object); err != nil {
		return nil, err
	}
	if object == nil {
		return nil, errors.New("null is not a JSON object")
	}
	return object, nil
}

// mergeDeeply returns base with overlay merged into it: objects key by key, everything else replaced.
func mergeDeeply(base, overlay map[string]any) map[string]any {
	merged := maps.Clone(base)
	for key, value := range overlay {
		left, leftIsObject := merged[key].(map[string]any)
		right, rightIsObject := value.(map[string]any)
		if leftIsObject && rightIsObject {
			merged[key] = mergeDeeply(left, right)
			continue
		}
		merged[key] = value
	}
	return merged
}
