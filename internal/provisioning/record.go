package provisioning

import (
	"encoding/json"
	"slices"
	"time"
)

// Verb tells whether a run provisions or deprovisions. The values are those of OSAC's JobStatus.
type Verb string

// The verbs.
const (
	Provision   Verb = "provision"
	Deprovision Verb = "deprovision"
)

// Phase is the instance's own state, in the words of OSAC's API as far as jobs can tell it.
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

// The states. Unknown is not terminal: it is what a status of tomorrow maps to.
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

// Terminal tells whether nothing more is to be expected of a job in this state.
func (s JobState) Terminal() bool {
	switch s {
	case JobSucceeded, JobFailed, JobCanceled, JobPurged:
		return true
	default:
		return false
	}
}

// JobRecord is one entry of an instance's history.
type JobRecord struct {
	// ID is the controller's number of the job; empty while the run's job has not been found.
	ID   string
	Type Verb
	// Kind is the controller's: "job" or "workflow_job"; empty while the run's job has not been found.
	Kind    string
	Backend string
	// RunID is the run that the job was launched for; empty for jobs of other makers.
	RunID         string
	State         JobState
	Message       string
	ConfigVersion string
	CreatedAt     time.Time
	// URL is the job's address in the API, and UIURL the page that shows it to people.
	URL, UIURL string
}

// Record is what is known of an instance: what Terraform keeps in state.
type Record struct {
	Instance
	Phase                Phase
	DesiredConfigVersion string
	// ReconciledConfigVersion is what the newest provision job applied, and empty while that is unknown.
	ReconciledConfigVersion string
	// InputsVersion is that of the inputs that were asked for last or, where a refresh has found others applied since,
	// of those; empty for a job that doesn't say.
	InputsVersion   string
	LastRestartedAt *Timestamp
	// UID is the life's id; empty in states of older releases until they are refreshed.
	UID string
	// HubIdentity says which hub the object lives on; empty in states of older releases until they are refreshed.
	HubIdentity string
	// LastJob is the object's newest job; nil means none is known.
	LastJob *JobRecord
	// OpenRuns are runs that may still begin, and second jobs of a run whose cancelling is not confirmed.
	OpenRuns []JobRecord
	// Jobs are the newest first.
	Jobs      []JobRecord
	IPAddress string
	// Artifacts is the JSON object of the newest successful provision job's set_stats; nil means none.
	Artifacts json.RawMessage
	// Seen is the watermark that the last look has left; zero if there was none.
	Seen Watermark
	// ControllerUUID is the install uuid of the controller that runs the instance.
	ControllerUUID string
}

// NewestJob returns the newest entry of the given verbs (any, if none is given), or nil.
func (r *Record) NewestJob(verbs ...Verb) *JobRecord {
	for i := range r.Jobs {
		if len(verbs) == 0 || slices.Contains(verbs, r.Jobs[i].Type) {
			return &r.Jobs[i]
		}
	}
	return nil
}

// recordJob puts a job into the history: in place of its entry, if it has one, else among the others by time.
// The newest limit entries are kept, and beyond that the newest of each type.
func (r *Record) recordJob(job JobRecord, limit int) {
	r.Jobs = slices.Clone(r.Jobs)
	at := slices.IndexFunc(r.Jobs, func(known JobRecord) bool { return known.ID != "" && known.ID == job.ID })
	if at >= 0 {
		r.Jobs[at] = job
	} else {
		r.Jobs = append(r.Jobs, job)
	}
	slices.SortStableFunc(r.Jobs, func(a, b JobRecord) int { return b.CreatedAt.Compare(a.CreatedAt) })
	r.Jobs = boundHistory(r.Jobs, limit)
}

func boundHistory(jobs []JobRecord, limit int) []JobRecord {
	if len(jobs) <= limit {
		return jobs
	}
	kept := slices.Clone(jobs[:limit])
	seen := map[Verb]bool{}
	for _, job := range kept {
		seen[job.Type] = true
	}
	for _, job := range jobs[limit:] {
		if !seen[job.Type] {
			seen[job.Type] = true
			kept[len(kept)-1] = job
		}
	}
	return kept
}

// jobsFromState and jobsToState map what a state keeps to the history that the state machine works on.
func (r *Record) jobsFromState() {
	if r.Jobs != nil {
		return
	}
	r.Jobs = slices.Clone(r.OpenRuns)
	if r.LastJob != nil {
		r.Jobs = append(r.Jobs, *r.LastJob)
	}
	slices.SortStableFunc(r.Jobs, func(a, b JobRecord) int { return b.CreatedAt.Compare(a.CreatedAt) })
}

func (r *Record) jobsToState() {
	r.LastJob, r.OpenRuns = nil, nil
	for _, job := range r.Jobs {
		switch {
		case job.unseen():
			r.OpenRuns = append(r.OpenRuns, job)
		case r.LastJob == nil:
			r.LastJob = &job
		}
	}
}
