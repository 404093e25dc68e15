package osac

import "encoding/json"

// Kind is one kind of OSAC's objects: what is the same for all objects of a kind, and differs between kinds. All else of an
// object is in its [Spec].
type Kind struct {
	// Name is that of the resource, such as ComputeInstance.
	Name string
	// Slug is the kind's part in the names of templates, such as compute-instance.
	Slug string
	// ReadSpec reads a spec of whatever origin: one that this provider, OSAC's operator or a user has sent.
	ReadSpec func(document json.RawMessage) (Spec, error)
	// Stock is OSAC's own create playbook.
	Stock StockPlaybook
}

// Spec is the configuration of one object of some kind. It is a value: nothing changes it.
type Spec interface {
	// ConfigVersion returns the hash of the spec, as OSAC's operator computes it.
	ConfigVersion() string
	// Same reports whether two specs are the same configuration, whatever they say of a restart.
	Same(other Spec) bool
	// Sent returns the keys that are sent.
	Sent() (map[string]any, error)
	// Keys returns the JSON of what is sent by its keys, each once, whatever other names it is sent by.
	Keys() map[string]string
	// Hashed returns the fields, and the further keys beside them, that the inputs version is of. A request to restart is none
	// of them.
	Hashed() (fields any, further json.RawMessage)
	// Parameters returns the JSON object of the template's parameters; empty means none.
	Parameters() string
}

// Restartable is the spec of a kind whose objects run: they can be stopped and restarted.
type Restartable interface {
	Spec
	// RestartRequest returns the moment for which a restart is requested; nil means none.
	RestartRequest() *Timestamp
	// Restarted returns the spec with a request to restart.
	Restarted(at Timestamp) Spec
	// Stopped reports whether the object is not to run.
	Stopped() bool
}

// RestartRequest returns the moment for which a spec requests a restart; nil means none, or that its kind knows none.
func RestartRequest(spec Spec) *Timestamp {
	if restartable, ok := spec.(Restartable); ok {
		return restartable.RestartRequest()
	}
	return nil
}

// Stopped reports whether an object is not to run.
func Stopped(spec Spec) bool {
	restartable, ok := spec.(Restartable)
	return ok && restartable.Stopped()
}

// Annotated is the spec of a kind whose playbooks read more annotations than all objects have.
type Annotated interface {
	Spec
	// Annotations returns those annotations that nobody else would write.
	Annotations() map[string]string
}

// AnnotationsOf returns the annotations that a spec asks for.
func AnnotationsOf(spec Spec) map[string]string {
	if annotated, ok := spec.(Annotated); ok {
		return annotated.Annotations()
	}
	return nil
}

// SentSpec is a spec as it is sent.
type SentSpec struct{ Spec }

// MarshalJSON writes what is sent.
func (s SentSpec) MarshalJSON() ([]byte, error) {
	keys, err := s.Sent()
	if err != nil {
		return nil, err
	}
	return json.Marshal(keys)
}
