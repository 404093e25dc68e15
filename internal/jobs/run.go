package jobs

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/controller"
	"github.com/osac-project/terraform-provider-osac/internal/osac"
	"github.com/osac-project/terraform-provider-osac/internal/transport"
)

// Run is one job of an object, and the content of its extra vars.
type Run struct {
	controller.Job
	Verb     osac.Verb
	Backend  string
	Resource JobResource
	// kind is the object's kind.
	kind osac.Kind
	// storageClasses are the resource's sibling of that name.
	storageClasses []osac.StorageClass
	// readSpec reads the spec, once for all callers; nil for a job whose extra vars could not be read.
	readSpec func() (osac.Spec, error)
}

// How a job was started. The extra vars show it: only an event's have ansible_eda.event.meta (internal/sandbox/FACTS.md
// F81).
const (
	BackendAAP = "aap"
	BackendEDA = "eda"
)

// JobResource is an object in a job's extra vars. This provider, the operator or a person may have written it, so
// nothing in it is certain.
type JobResource struct {
	Metadata struct {
		Name        string                     `json:"name"`
		Namespace   string                     `json:"namespace"`
		Labels      map[string]json.RawMessage `json:"labels"`
		Annotations map[string]json.RawMessage `json:"annotations"`
	} `json:"metadata"`
	Spec   json.RawMessage `json:"spec"`
	Status struct {
		DesiredConfigVersion string `json:"desiredConfigVersion"`
		LastRestartedAt      string `json:"lastRestartedAt"`
	} `json:"status"`
}

// jobExtraVars are the places in a job's extra vars that may hold the instance.
type jobExtraVars struct {
	OSACJobVars struct {
		Resource       *JobResource        `json:"resource"`
		StorageClasses []osac.StorageClass `json:"tenant_storage_classes"`
	} `json:"osac_job_vars"`
	AnsibleEDA struct {
		Event struct {
			Payload        *JobResource        `json:"payload"`
			StorageClasses []osac.StorageClass `json:"tenant_storage_classes"`
			Meta           json.RawMessage     `json:"meta"`
		} `json:"event"`
	} `json:"ansible_eda"`
}

// ReadRun reads a job's object and inputs. It returns false for a job without an object. It ignores fields of
// unexpected types: the instance's name may be right all the same.
func ReadRun(kind osac.Kind, job controller.Job, verb osac.Verb) (Run, bool) {
	var vars jobExtraVars
	var otherType *json.UnmarshalTypeError
	if err := json.Unmarshal([]byte(job.ExtraVars), &vars); err != nil && !errors.As(err, &otherType) {
		return Run{}, false
	}
	read := Run{Job: job, Verb: verb, Backend: BackendAAP, kind: kind}
	if len(vars.AnsibleEDA.Event.Meta) > 0 {
		read.Backend = BackendEDA
	}
	switch {
	case vars.OSACJobVars.Resource != nil:
		read.Resource, read.storageClasses = *vars.OSACJobVars.Resource, vars.OSACJobVars.StorageClasses
	case vars.AnsibleEDA.Event.Payload != nil:
		read.Resource, read.storageClasses = *vars.AnsibleEDA.Event.Payload, vars.AnsibleEDA.Event.StorageClasses
	default:
		return Run{}, false
	}
	document := read.Resource.Spec
	read.readSpec = sync.OnceValues(func() (osac.Spec, error) { return kind.ReadSpec(document) })
	return read, true
}

// Key returns the name of the object that the job ran for.
func (r Run) Key() osac.Key {
	return osac.Key{Namespace: r.Resource.Metadata.Namespace, Name: r.Resource.Metadata.Name}
}

// Annotation returns the text of one of the object's annotations; empty if it has none of that name.
func (r Run) Annotation(name string) string {
	var value string
	if json.Unmarshal(r.Resource.Metadata.Annotations[name], &value) != nil {
		return ""
	}
	return value
}

// RunID returns the run that the job was launched for; empty for jobs of other makers.
func (r Run) RunID() string { return aVersion(r.Annotation(osac.AnnotationRunID)) }

// UID returns the life that the job was launched for; empty for jobs of other makers and of older releases.
func (r Run) UID() string { return osac.UIDIn(r.Annotation(osac.AnnotationUID)) }

// IsCopyOf reports whether a job was made for the same run as another one. A job that was relaunched, or that a
// schedule runs, may have the run id, too, but is no copy.
func (r Run) IsCopyOf(other Run) bool {
	return r.RunID() != "" && r.RunID() == other.RunID() && r.ID != other.ID && r.Verb == other.Verb && r.LaunchType == other.LaunchType
}

// Succeeded reports whether the job has succeeded.
func (r Run) Succeeded() bool { return r.Status == controller.StatusSuccessful }

// Active reports whether the job has not ended.
func (r Run) Active() bool { return !r.Terminal() }

// IsStill reports whether a job that has the run's number is the run: a restored database assigns numbers anew. It
// returns true for an answer without extra vars, which proves nothing.
func (r Run) IsStill(job controller.Job) bool {
	if job.ExtraVars == "" || job.ExtraVars == r.ExtraVars {
		return true
	}
	now, ok := ReadRun(r.kind, job, r.Verb)
	return ok && now.Name == r.Name && now.Key() == r.Key() && now.RunID() == r.RunID()
}

// Renumbered is the error of a run whose number belongs to another job by now. The run itself is gone, like a purged
// one.
func (r Run) Renumbered() error {
	return fmt.Errorf("%w: %s (%s) is another run's by now, as after the controller's database was restored", controller.ErrNotFound, r.Ref, r.URL)
}

// Spec returns the job's spec.
func (r Run) Spec() (osac.Spec, error) {
	if r.readSpec == nil {
		return nil, errors.New("no spec was read from the job")
	}
	return r.readSpec()
}

// configVersion returns the version of the configuration that the job applies. It is computed from the spec, since a
// person who runs a changed payload does not change the version in it. Only if the spec can't be represented, the
// payload's version counts.
func (r Run) configVersion() string {
	spec, err := r.Spec()
	if err != nil {
		return aVersion(r.Resource.Status.DesiredConfigVersion)
	}
	return spec.ConfigVersion()
}

// InputsVersion returns the payload's inputs version; empty if it has none.
func (r Run) InputsVersion() string { return aVersion(r.Annotation(osac.AnnotationInputsVersion)) }

// aVersion returns a version from a payload. Those of other makers may have another form, but none is long.
func aVersion(text string) string { return transport.Cut(transport.OneLine(text), MaxVersion) }

// Bounds of the parts that are kept of a job, in bytes.
const (
	MaxVersion    = 64
	MaxJobMessage = 2 << 10
	MaxAddress    = 256
	// MaxArtifacts bounds the artifacts that a record keeps.
	MaxArtifacts = 64 << 10
)

// Applies reports whether the job's spec is the same configuration as the given one, whatever its restart.
func (r Run) Applies(spec osac.Spec) bool {
	own, err := r.Spec()
	return err == nil && own.Same(spec)
}

// Restart returns the moment of the requested restart; nil if none was requested.
func (r Run) Restart() *osac.Timestamp {
	spec, err := r.Spec()
	if err != nil {
		return nil
	}
	return osac.RestartRequest(spec)
}

// LastRestartedAt returns when the instance was last restarted if the job has succeeded: by the job itself or before.
func (r Run) LastRestartedAt() *osac.Timestamp {
	before, err := time.Parse(time.RFC3339, r.Resource.Status.LastRestartedAt)
	if err != nil || !osac.Writable(before) {
		return r.Restart()
	}
	normal := osac.NewTimestamp(before)
	return LaterOf(r.Restart(), &normal)
}

// LaterOf returns the later of two moments, of which either may be nil.
func LaterOf(a, b *osac.Timestamp) *osac.Timestamp {
	switch {
	case a == nil:
		return b
	case b == nil || a.After(b.Time):
		return a
	default:
		return b
	}
}

// Serves reports whether the job does the same as a run for the instance: it has the same inputs, and the restart if
// one is due. An inputs version is the same with the hub's storage classes and with none, but the payload differs.
func (r Run) Serves(desired osac.Instance, hubStorageClasses []osac.StorageClass, restartDue bool) bool {
	if r.InputsVersion() != desired.InputsVersion() || !r.Applies(desired.Spec) {
		return false
	}
	if desired.StorageClasses == nil && len(hubStorageClasses) > 0 && len(r.storageClasses) == 0 ||
		desired.StorageClasses != nil && len(desired.StorageClasses) == 0 && len(r.storageClasses) > 0 {
		return false
	}
	if !restartDue {
		return true
	}
	restart := r.Restart()
	return restart != nil && restart.Equal(osac.RestartRequest(desired.Spec).Time)
}

// Record returns the job's entry in an instance's history.
func (r Run) Record() JobRecord {
	entry := NewJobRecord(r.Job, r.Verb, r.Backend, r.configVersion())
	entry.RunID = r.RunID()
	return entry
}

// NewJobRecord returns the entry of a job that applies a config version.
func NewJobRecord(job controller.Job, verb osac.Verb, backend, configVersion string) JobRecord {
	message := string(job.Status)
	if job.Explanation != "" {
		message += ": " + job.Explanation
	}
	return JobRecord{
		ID:            strconv.FormatInt(job.ID, 10),
		Type:          verb,
		Kind:          string(job.Kind),
		Backend:       backend,
		State:         StateOf(job.Status),
		Message:       transport.Cut(transport.OneLine(message), MaxJobMessage),
		ConfigVersion: configVersion,
		CreatedAt:     job.Created.UTC().Truncate(time.Microsecond),
		URL:           job.URL,
		UIURL:         job.UIURL,
	}
}

// StateOf maps the controller's status as OSAC's operator does (internal/sandbox/FACTS.md F83).
func StateOf(status controller.Status) JobState {
	switch status {
	case controller.StatusPending:
		return JobPending
	case controller.StatusWaiting:
		return JobWaiting
	case controller.StatusRunning:
		return JobRunning
	case controller.StatusSuccessful:
		return JobSucceeded
	case controller.StatusFailed, controller.StatusError:
		return JobFailed
	case controller.StatusCanceled:
		return JobCanceled
	default:
		return JobUnknown
	}
}

// gaveWayTo reports whether a cancelled job has changed nothing that another one did not repair. It was a second job of
// the other's run, or its younger twin, which never began, ended first, or was about to do the same.
func (r Run) gaveWayTo(other Run) bool {
	switch {
	case other.Verb != r.Verb, !other.Succeeded():
		return false
	case r.IsCopyOf(other):
		return true
	case other.ID >= r.ID, !other.Finished.After(r.Created):
		return false
	default:
		return other.Finished.After(r.Finished) || r.Started.IsZero() || other.DoesAs(r)
	}
}

// DoesAs reports whether two jobs ran for the same inputs, and the same restart.
func (r Run) DoesAs(other Run) bool {
	if r.InputsVersion() == "" || r.InputsVersion() != other.InputsVersion() {
		return false
	}
	own, err := r.Spec()
	theirs, otherErr := other.Spec()
	if err != nil || otherErr != nil || !own.Same(theirs) {
		return false
	}
	before, after := osac.RestartRequest(own), osac.RestartRequest(theirs)
	return before == nil && after == nil || before != nil && after != nil && before.Equal(after.Time)
}
