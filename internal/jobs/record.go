package jobs

import (
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"github.com/osac-project/terraform-provider-osac/internal/controller"
	"github.com/osac-project/terraform-provider-osac/internal/osac"
)

// Phase is the instance's state in the words of OSAC's API, as far as jobs show it.
type Phase string

// The phases: Starting while the outcome of the newest run is open or unknown, Running or Stopped (run strategy
// Halted) after a successful provision, Failed after a failed run, Deleting while a delete job runs.
const (
	PhaseStarting Phase = "Starting"
	PhaseRunning  Phase = "Running"
	PhaseStopped  Phase = "Stopped"
	PhaseFailed   Phase = "Failed"
	PhaseDeleting Phase = "Deleting"
)

// JobState is a job's state in OSAC's words, with Purged added for jobs that the controller no longer has.
type JobState string

// The states. Unknown is not terminal: a future status maps to it.
const (
	JobPending   JobState = "Pending"
	JobWaiting   JobState = "Waiting"
	JobRunning   JobState = "Running"
	JobSucceeded JobState = "Succeeded"
	JobFailed    JobState = "Failed"
	JobCanceled  JobState = "Canceled"
	JobUnknown   JobState = "Unknown"
	JobPurged    JobState = "Purged"
)

// Terminal reports whether a job in this state has ended, or is gone.
func (s JobState) Terminal() bool {
	switch s {
	case JobSucceeded, JobFailed, JobCanceled, JobPurged:
		return true
	default:
		return false
	}
}

// JobRecord is a job's entry in a record, or that of a run whose job has not been found.
type JobRecord struct {
	// ID is the controller's number of the job; empty while the run's job has not been found.
	ID   string
	Type osac.Verb
	// Kind is the controller's: "job" or "workflow_job"; empty while the run's job has not been found.
	Kind    string
	Backend string
	// RunID is the run that the job was launched for; empty for jobs of other makers.
	RunID         string
	State         JobState
	Message       string
	ConfigVersion string
	CreatedAt     time.Time
	// URL is the job's address in the API, and UIURL is its web page.
	URL, UIURL string
}

// Record is all that Terraform's state keeps of an instance.
type Record struct {
	osac.Instance
	// UID is the life's id. It is empty in states of older releases until they are refreshed or applied.
	UID string
	// HubIdentity names the instance's place. It is empty in states of older releases.
	HubIdentity          string
	Phase                Phase
	DesiredConfigVersion string
	// ReconciledConfigVersion is the version that the newest provision job applied; empty while that is unknown.
	ReconciledConfigVersion string
	// InputsVersion is the version of the inputs of the last operation or, if a refresh has found that others were
	// applied since, of those. It is empty for a job that has none.
	InputsVersion   string
	LastRestartedAt *osac.Timestamp
	// LastJob is the newest job of this life; nil means none is known.
	LastJob *JobRecord
	// OpenRuns are runs that may still begin, and second jobs of a run whose end is not confirmed.
	OpenRuns  []JobRecord
	IPAddress string
	// Artifacts is the JSON object of the newest successful provision job's set_stats; nil means none.
	Artifacts json.RawMessage
	// Seen is the watermark of the last lookup; zero if there was none.
	Seen Watermark
	// ControllerUUID is the install uuid of the controller that runs the instance.
	ControllerUUID string
}

// maxOpenRuns bounds the open runs that a record keeps, the newest.
const maxOpenRuns = 5

// Note puts a job on record: among the open runs while its number is unknown, else as the newest job if it is that. It
// removes the open run that the job belongs to.
func (r *Record) Note(job JobRecord) {
	r.OpenRuns = slices.DeleteFunc(slices.Clone(r.OpenRuns), func(open JobRecord) bool {
		return open.RunID == job.RunID && (open.ID == "" || open.ID == job.ID)
	})
	if job.ID == "" {
		r.KeepOpen(job)
		return
	}
	if r.LastJob == nil || r.LastJob.ID == job.ID || !r.LastJob.Newer(job) {
		r.LastJob = &job
	}
}

// KeepOpen puts a run on record that may still begin, or whose second job may still run.
func (r *Record) KeepOpen(job JobRecord) {
	r.OpenRuns = slices.DeleteFunc(slices.Clone(r.OpenRuns), func(open JobRecord) bool {
		return open.RunID == job.RunID && open.ID == job.ID
	})
	r.OpenRuns = append([]JobRecord{job}, r.OpenRuns...)
	r.OpenRuns = r.OpenRuns[:min(len(r.OpenRuns), maxOpenRuns)]
}

// CloseRun removes an open run from the record.
func (r *Record) CloseRun(job JobRecord) {
	r.OpenRuns = slices.DeleteFunc(slices.Clone(r.OpenRuns), func(open JobRecord) bool {
		return open.RunID == job.RunID && open.ID == job.ID
	})
}

// Knows reports whether a job is on record.
func (r *Record) Knows(job JobRecord) bool {
	is := func(known JobRecord) bool { return known.ID == job.ID && job.ID != "" }
	return r.LastJob != nil && is(*r.LastJob) || slices.ContainsFunc(r.OpenRuns, is)
}

// Number is the controller's id of the job; zero while it has not been found.
func (j JobRecord) Number() int64 {
	id, err := strconv.ParseInt(j.ID, 10, 64)
	if err != nil {
		return 0
	}
	return max(0, id)
}

// IsJob reports whether a job is the entry's. The number alone does not suffice, since a restored database assigns
// numbers anew: the run id or, for jobs of other makers, the creation time must match.
func (j JobRecord) IsJob(job Run) bool {
	if j.Number() == 0 || j.Number() != job.ID {
		return false
	}
	if j.RunID != "" {
		return j.RunID == job.RunID()
	}
	return j.CreatedAt.IsZero() || job.Created.IsZero() || j.CreatedAt.Sub(job.Created).Abs() <= idJitter
}

// IsOf reports whether a job is that of an open run.
func (j JobRecord) IsOf(found Run) bool {
	return j.ID == "" && j.RunID != "" && j.RunID == found.RunID()
}

// Newer compares the numbers, which grow with time on one controller. Only a restored database assigns lower numbers
// again: a job with the lower number that was made clearly later is the newer one.
func (j JobRecord) Newer(other JobRecord) bool {
	madeBefore := !j.CreatedAt.IsZero() && other.CreatedAt.Sub(j.CreatedAt) > idJitter
	return j.Number() > other.Number() && !madeBefore
}

// idJitter is how far numbers and creation times may be out of step if jobs are launched side by side.
const idJitter = time.Second

// KeepInputs keeps the recorded inputs version if the newest job has none, such as another tool's, and had succeeded by
// then. That version was computed from the job's payload when the job was imported.
func (r *Record) KeepInputs(before Record) {
	if r.InputsVersion == "" && r.LastJob != nil && before.LastJob != nil && r.LastJob.ID == before.LastJob.ID && before.LastJob.State == JobSucceeded {
		r.InputsVersion = before.InputsVersion
	}
}

// NameLife sets the uid of the life of a state without one.
func (r *Record) NameLife(kind osac.Kind) {
	if r.UID == "" && r.LastJob != nil && r.LastJob.ID != "" {
		r.UID = osac.DerivedUID(r.ControllerUUID, kind.Name, r.Key, r.LastJob.ID)
	}
}

// Ref names the entry's job at its controller.
func (j JobRecord) Ref() controller.Ref {
	if ref, ok := controller.RefOf(j.URL); ok {
		return ref
	}
	return controller.Ref{Kind: controller.Kind(j.Kind), ID: j.Number()}
}

// RestartDue reports whether a desired restart is not done yet: it is later than the last request that was handled or,
// if there was none, than the creation. The life's uid contains the creation time by this machine's clock. For a life
// without our uid, the newest job's time counts, by the controller's clock, which is ahead of this machine's by the
// offset.
func (r *Record) RestartDue(desired osac.Spec, offset time.Duration) bool {
	requested := osac.RestartRequest(desired)
	switch {
	case requested == nil:
		return false
	case r.LastRestartedAt != nil:
		return requested.After(r.LastRestartedAt.Time)
	}
	if born, known := osac.BornAt(r.UID); known {
		return requested.After(born)
	}
	return r.LastJob != nil && requested.After(r.LastJob.CreatedAt.Add(-offset))
}

// NeedsRun reports whether bringing the instance to the desired inputs takes a job: the last one did not succeed, or
// applied other inputs, or a restart is due. Restart requests that are done or removed take none, and neither do
// settings that concern Terraform alone. The hub's storage classes decide whether an instance without classes of its
// own has none at all.
func (r *Record) NeedsRun(desired osac.Instance, hubStorageClasses []osac.StorageClass) bool {
	if r.ReconciledConfigVersion == "" || r.RestartDue(desired.Spec, 0) {
		return true
	}
	if len(hubStorageClasses) > 0 && (r.StorageClasses == nil) != (desired.StorageClasses == nil) {
		return true // the inputs version is that of no classes in either case
	}
	if r.InputsVersion != desired.InputsVersion() {
		return true
	}
	return r.ReconciledConfigVersion != r.Spec.ConfigVersion() || !r.Spec.Same(desired.Spec)
}
