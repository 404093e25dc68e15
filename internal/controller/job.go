package controller

import (
	"encoding/json"
	"fmt"
	"time"
)

// Kind tells the two sorts of runs apart that a controller has. The values are those of the API's `type` field.
// Jobs and workflow jobs share one sequence of ids (recordings 450, 451), but are asked for at different paths.
type Kind string

// The kinds of jobs that a template's launch can make.
const (
	KindJob         Kind = "job"
	KindWorkflowJob Kind = "workflow_job"
)

// Ref names one job on one controller.
type Ref struct {
	Kind Kind
	ID   int64
}

// String returns the reference as it is written in messages, e.g. "job 16" or "workflow job 62".
func (r Ref) String() string {
	if r.Kind == KindWorkflowJob {
		return fmt.Sprintf("workflow job %d", r.ID)
	}
	return fmt.Sprintf("job %d", r.ID)
}

// Status is a job's status in the controller's own words. A controller may answer with words that are not listed
// here ("new" exists in AWX's source only); such a job is not over.
type Status string

// The statuses that were recorded (211 to 214, 241, 414, 821, 851).
const (
	StatusPending    Status = "pending"
	StatusWaiting    Status = "waiting"
	StatusRunning    Status = "running"
	StatusSuccessful Status = "successful"
	StatusFailed     Status = "failed"
	StatusError      Status = "error"
	StatusCanceled   Status = "canceled"
)

// Terminal reports whether a job in this status is over.
func (s Status) Terminal() bool {
	switch s {
	case StatusSuccessful, StatusFailed, StatusError, StatusCanceled:
		return true
	default:
		return false
	}
}

// Job is the controller's record of a run. Times are zero while the controller has none.
type Job struct {
	Ref
	// URL is the job's absolute address in the API, UIURL that of its page for people.
	URL   string
	UIURL string
	// Name is that of the template, kept also after the template was renamed or deleted.
	Name         string
	TemplateID   int64
	Organization string
	Status       Status
	LaunchType   string
	// CreatedBy is the name of the user who launched the job.
	CreatedBy string
	// ExtraVars is the JSON object that the job was launched with. The API gives it as a string (recording 201).
	ExtraVars string
	// ExtraVarsAbsent is set if the answer had no extra vars: what they are is unknown, not that there are none.
	ExtraVarsAbsent bool
	// Artifacts is the JSON object of the job's set_stats; empty for workflow jobs (recording 502).
	Artifacts json.RawMessage
	// ArtifactsAbsent is set if the answer had no artifacts, though such a job may have some.
	ArtifactsAbsent bool
	Explanation     string
	// Traceback is given by the job's detail only, never by lists (recording 310).
	Traceback string
	// EventsProcessed is false while the job's events and output may be incomplete; always true for workflow jobs.
	EventsProcessed bool
	// NoHosts is set if the job's playbook has met no host. It is given by the job's detail only.
	NoHosts    bool
	Created    time.Time
	Started    time.Time
	Finished   time.Time
	CanceledOn time.Time
}

// Terminal reports whether the job is over.
func (j Job) Terminal() bool { return j.Status.Terminal() }
