package provisioning

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/controller"
	"github.com/osac-project/terraform-provider-osac/internal/transport"
)

// run is one job of an instance, with what its extra vars say of it.
type run struct {
	controller.Job
	verb     Verb
	backend  string
	resource jobResource
	// storageClasses are the resource's sibling of that name.
	storageClasses []StorageClass
	// readSpec reads the spec, once for all who ask; nil for a job whose extra vars could not be read.
	readSpec func() (Spec, error)
}

// How a job was started, as its extra vars show it: only an event's carry ansible_eda.event.meta
// (contract/eda/README.md, 8).
const (
	backendAAP = "aap"
	backendEDA = "eda"
)

// jobResource is a ComputeInstance as found in a job's extra vars: written by this provider, by the operator or by
// hand, so nothing in it is taken for granted.
type jobResource struct {
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

// jobExtraVars are the places in a job's extra vars where the instance is looked for.
type jobExtraVars struct {
	OSACJobVars struct {
		Resource       *jobResource   `json:"resource"`
		StorageClasses []StorageClass `json:"tenant_storage_classes"`
	} `json:"osac_job_vars"`
	AnsibleEDA struct {
		Event struct {
			Payload        *jobResource    `json:"payload"`
			StorageClasses []StorageClass  `json:"tenant_storage_classes"`
			Meta           json.RawMessage `json:"meta"`
		} `json:"event"`
	} `json:"ansible_eda"`
}

// readRun reads what a job ran for. It reports false for a job that isn't one of a compute instance's. Fields of
// another type than expected are passed over: what names the instance may be right all the same.
func readRun(job controller.Job, verb Verb) (run, bool) {
	var vars jobExtraVars
	var otherType *json.UnmarshalTypeError
	if err := json.Unmarshal([]byte(job.ExtraVars), &vars); err != nil && !errors.As(err, &otherType) {
		return run{}, false
	}
	read := run{Job: job, verb: verb, backend: backendAAP}
	if len(vars.AnsibleEDA.Event.Meta) > 0 {
		read.backend = backendEDA
	}
	switch {
	case vars.OSACJobVars.Resource != nil:
		read.resource, read.storageClasses = *vars.OSACJobVars.Resource, vars.OSACJobVars.StorageClasses
	case vars.AnsibleEDA.Event.Payload != nil:
		read.resource, read.storageClasses = *vars.AnsibleEDA.Event.Payload, vars.AnsibleEDA.Event.StorageClasses
	default:
		return run{}, false
	}
	document := read.resource.Spec
	read.readSpec = sync.OnceValues(func() (Spec, error) { return ReadSpec(document) })
	return read, true
}

func (r run) key() Key {
	return Key{Namespace: r.resource.Metadata.Namespace, Name: r.resource.Metadata.Name}
}

func (r run) annotation(name string) string {
	var value string
	if json.Unmarshal(r.resource.Metadata.Annotations[name], &value) != nil {
		return ""
	}
	return value
}

// runID names the run that the job was launched for; empty for jobs of other makers.
func (r run) runID() string { return aVersion(r.annotation(AnnotationRunID)) }

// uid names the life that the job was launched for; empty for jobs of other makers and of older releases.
func (r run) uid() string { return aUID(r.annotation(AnnotationUID)) }

// isCopyOf reports whether a job was made for the same run as another one. A job that was relaunched, or that a
// schedule runs, may have the run id, too, and ran for itself.
func (r run) isCopyOf(other run) bool {
	return r.runID() != "" && r.runID() == other.runID() && r.ID != other.ID && r.verb == other.verb && r.LaunchType == other.LaunchType
}

func (r run) succeeded() bool { return r.Status == controller.StatusSuccessful }

func (r run) active() bool { return !r.Terminal() }

// isStill tells whether a job that has the run's number is the run: a restored database gives numbers out anew. An answer
// that leaves the extra vars out tells nothing.
func (r run) isStill(job controller.Job) bool {
	if job.ExtraVars == "" || job.ExtraVars == r.ExtraVars {
		return true
	}
	now, ok := readRun(job, r.verb)
	return ok && now.Name == r.Name && now.key() == r.key() && now.runID() == r.runID()
}

// renumbered is the error of a run whose number is another job's by now: the run itself is gone, as one that was purged.
func (r run) renumbered() error {
	return fmt.Errorf("%w: %s (%s) is another run's by now, as after the controller's database was restored", controller.ErrNotFound, r.Ref, r.URL)
}

// spec returns the job's spec.
func (r run) spec() (Spec, error) {
	if r.readSpec == nil {
		return ReadSpec(r.resource.Spec)
	}
	return r.readSpec()
}

// configVersion is that of what the job applies. It is computed: somebody who runs a changed payload by hand does not
// change the version that it carries. Only for a spec that can't be represented, the job's own word is taken.
func (r run) configVersion() string {
	spec, err := r.spec()
	if err != nil {
		return aVersion(r.resource.Status.DesiredConfigVersion)
	}
	return spec.ConfigVersion()
}

// inputsVersion is what the job says of its inputs; empty for a job that doesn't.
func (r run) inputsVersion() string { return aVersion(r.annotation(AnnotationInputsVersion)) }

// aVersion is a version that a job carries: other makers' may be of another form, but none is long.
func aVersion(text string) string { return transport.Cut(transport.OneLine(text), maxVersion) }

// Bounds of what is kept of a job, in bytes.
const (
	maxVersion    = 64
	maxJobMessage = 2 << 10
	maxAddress    = 256
	// maxArtifacts bounds the artifacts that a record keeps.
	maxArtifacts = 64 << 10
)

// applies tells whether the job's spec is the same configuration as the given one, whatever it says of a restart.
func (r run) applies(spec Spec) bool {
	own, err := r.spec()
	return err == nil && own.Same(spec)
}

// restart is the moment of the restart that the job was asked for; nil when none was.
func (r run) restart() *Timestamp {
	spec, err := r.spec()
	if err != nil {
		return nil
	}
	return spec.RestartRequestedAt
}

// lastRestartedAt is when the instance was last restarted once the job has succeeded: by the job itself or before.
func (r run) lastRestartedAt() *Timestamp {
	before, err := time.Parse(time.RFC3339, r.resource.Status.LastRestartedAt)
	if err != nil || !writable(before) {
		return r.restart()
	}
	normal := NewTimestamp(before)
	return laterOf(r.restart(), &normal)
}

func laterOf(a, b *Timestamp) *Timestamp {
	switch {
	case a == nil:
		return b
	case b == nil || a.After(b.Time):
		return a
	default:
		return b
	}
}

// serves reports whether the job does what a run for the instance would do: the same inputs, and the restart if one is due.
// An inputs version does not tell the hub's storage classes from none, but the payload does.
func (r run) serves(desired Instance, hubStorageClasses []StorageClass, restartDue bool) bool {
	if r.inputsVersion() != desired.InputsVersion() || !r.applies(desired.Spec) {
		return false
	}
	if desired.StorageClasses == nil && len(hubStorageClasses) > 0 && len(r.storageClasses) == 0 ||
		desired.StorageClasses != nil && len(desired.StorageClasses) == 0 && len(r.storageClasses) > 0 {
		return false
	}
	if !restartDue {
		return true
	}
	restart := r.restart()
	return restart != nil && restart.Equal(desired.Spec.RestartRequestedAt.Time)
}

// record returns the job's entry in an instance's history.
func (r run) record() JobRecord {
	entry := jobRecord(r.Job, r.verb, r.backend, r.configVersion())
	entry.RunID = r.runID()
	return entry
}

func jobRecord(job controller.Job, verb Verb, backend, configVersion string) JobRecord {
	message := string(job.Status)
	if job.Explanation != "" {
		message += ": " + job.Explanation
	}
	return JobRecord{
		ID:            strconv.FormatInt(job.ID, 10),
		Type:          verb,
		Kind:          string(job.Kind),
		Backend:       backend,
		State:         stateOf(job.Status),
		Message:       transport.Cut(transport.OneLine(message), maxJobMessage),
		ConfigVersion: configVersion,
		CreatedAt:     job.Created.UTC().Truncate(time.Microsecond),
		URL:           job.URL,
		UIURL:         job.UIURL,
	}
}

// stateOf maps the controller's status as OSAC's operator does (contract/osac/README.md, 3.1).
func stateOf(status controller.Status) JobState {
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

// history is what a hub's jobs say of one instance, newest first. Ids grow with time on one controller.
type history []run

func newHistory(runs []run) history {
	sorted := slices.Clone(runs)
	slices.SortStableFunc(sorted, func(a, b run) int { return cmp.Compare(b.ID, a.ID) })
	return slices.CompactFunc(sorted, func(a, b run) bool { return a.ID == b.ID })
}

// newest returns the newest run that fits, or nil.
func (h history) newest(fits func(run) bool) *run {
	for i := range h {
		if fits(h[i]) {
			return &h[i]
		}
	}
	return nil
}

// after returns the runs that are newer than the given job.
func (h history) after(id int64) history {
	return slices.DeleteFunc(slices.Clone(h), func(r run) bool { return r.ID <= id })
}

// effective leaves out the cancelled provision jobs that a successful one has outlived, or that gave way to it: what counts
// is what was applied last, and of two jobs that were there side by side for a moment, the cancelled twin is the younger but
// not the later one.
func (h history) effective() history {
	outlived := func(r run) bool {
		return r.verb == Provision && r.Status == controller.StatusCanceled && h.newest(r.gaveWayTo) != nil
	}
	return slices.DeleteFunc(slices.Clone(h), outlived)
}

// gaveWayTo reports whether a cancelled job has changed nothing that another one did not make good: it was a second job of
// that one's run, or its younger twin, which never began, ended first or was about to do the same.
func (r run) gaveWayTo(other run) bool {
	switch {
	case other.verb != r.verb, !other.succeeded():
		return false
	case r.isCopyOf(other):
		return true
	case other.ID >= r.ID, !other.Finished.After(r.Created):
		return false
	default:
		return other.Finished.After(r.Finished) || r.Started.IsZero() || other.doesAs(r)
	}
}

// doesAs reports whether two jobs ran for the same inputs, and the same restart.
func (r run) doesAs(other run) bool {
	if r.inputsVersion() == "" || r.inputsVersion() != other.inputsVersion() {
		return false
	}
	own, err := r.spec()
	theirs, otherErr := other.spec()
	if err != nil || otherErr != nil || !own.Same(theirs) {
		return false
	}
	before, after := own.RestartRequestedAt, theirs.RestartRequestedAt
	return before == nil && after == nil || before != nil && after != nil && before.Equal(after.Time)
}

func (h history) has(id int64) bool {
	return h.newest(func(r run) bool { return r.ID == id }) != nil
}

// with puts a run among the others, in place of what was known of it.
func (h history) with(added run) history { return newHistory(append(history{added}, h...)) }

func isActive(verb Verb) func(run) bool {
	return func(r run) bool { return r.verb == verb && r.active() }
}

func hasSucceeded(verb Verb) func(run) bool {
	return func(r run) bool { return r.verb == verb && r.succeeded() }
}

// thisLife returns the runs since the instance was last deleted: a successful delete ends what came before it.
func (h history) thisLife() history {
	if ended := h.newest(hasSucceeded(Deprovision)); ended != nil {
		return h.after(ended.ID)
	}
	return h
}

// lastRestartedAt is when the instance was last restarted by any of these jobs that has succeeded: the newest may be one of
// old inputs that somebody has run again. Nil means never.
func (h history) lastRestartedAt() *Timestamp {
	var last *Timestamp
	for _, each := range h {
		if each.verb == Provision && each.succeeded() {
			last = laterOf(last, each.lastRestartedAt())
		}
	}
	return last
}

// makerOf names the user who launched a job, for messages.
func makerOf(user string) string {
	if user == "" {
		return "an unknown user"
	}
	return user
}

func recordOf(r *run) *JobRecord {
	record := r.record()
	return &record
}
