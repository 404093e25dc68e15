package controller

import (
	"encoding/json"
	"fmt"
	"time"
)

// Kind is one of the two sorts of jobs of a controller. The values are those of the API's `type` field. Jobs and
// workflow jobs share one sequence of ids (recordings 450, 451), and have different paths.
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

// String returns the reference as messages show it, e.g. "job 16" or "workflow job 62".
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

// Job is the controller's record of a job. Times are zero while the controller has none.
type Job struct {
	Ref
	// URL is the job's absolute address in the API, and UIURL is the address of its web page.
	URL   string
	UIURL string
	// Name is the template's name at the launch, even if the template was renamed or deleted since.
	Name         string
	TemplateID   int64
	Organization string
	Status       Status
	LaunchType   string
	// CreatedBy is the name of the user who launched the job.
	CreatedBy string
	// ExtraVars is the JSON object that the job was launched with. The API writes it as a string (recording 201).
	ExtraVars string
	// ExtraVarsAbsent is set if the answer left the extra vars out: they are unknown, not empty.
	ExtraVarsAbsent bool
	// Artifacts is the JSON object of the job's set_stats; empty for workflow jobs (recording 502).
	Artifacts json.RawMessage
	// ArtifactsAbsent is set if the answer had no artifacts, though such a job may have some.
	ArtifactsAbsent bool
	Explanation     string
	// Traceback is in the job's detail only, never in lists (recording 310).
	Traceback string
	// EventsProcessed is false while the job's events and output may be incomplete; it is always true for workflow jobs.
	EventsProcessed bool
	// NoHosts is set if the job's playbook has matched no host. It is in the job's detail only.
	NoHosts    bool
	Created    time.Time
	Started    time.Time
	Finished   time.Time
	CanceledOn time.Time
}

// Terminal reports whether the job is over.
func (j Job) Terminal() bool { return j.Status.Terminal() }
