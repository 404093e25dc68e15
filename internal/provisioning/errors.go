package provisioning

import (
	"errors"
	"strings"

	"github.com/osac-project/terraform-provider-osac/internal/controller"
	"github.com/osac-project/terraform-provider-osac/internal/jobs"
	"github.com/osac-project/terraform-provider-osac/internal/transport"
)

// Reason classifies an [Error] for callers that act on it.
type Reason int

// The reasons.
const (
	// ReasonInterrupted: the caller's context was cancelled.
	ReasonInterrupted Reason = iota + 1
	// ReasonTimeout: the operation's own time ran out.
	ReasonTimeout
	// ReasonJobFailed: the job ended as failed or in error.
	ReasonJobFailed
	// ReasonJobCanceled: somebody cancelled the job.
	ReasonJobCanceled
	// ReasonOutcomeUnknown: the job was purged, or can't be read any more, before its end was seen.
	ReasonOutcomeUnknown
	// ReasonAlreadyExists: the hub's jobs show a live instance of this name that isn't this configuration's.
	ReasonAlreadyExists
	// ReasonDestroyed: a delete job has destroyed the instance since it was last read, or is about to.
	ReasonDestroyed
	// ReasonMadeHere: this process has made the instance that it is to make or to delete.
	ReasonMadeHere
	// ReasonOtherController: the hub's URL leads to another controller than the one that made the instance.
	ReasonOtherController
	// ReasonOtherPlace: the hub's organization or templates are others than those that the instance was made with.
	ReasonOtherPlace
	// ReasonTaken: another life's job has run on the machine on record.
	ReasonTaken
	// ReasonOvertaken: the run succeeded, and another's job has undone or changed it since.
	ReasonOvertaken
	// ReasonHub: the hub can't be used: unreachable, no controller, not authorised.
	ReasonHub
	// ReasonTemplate: a job template is missing, ambiguous, or can't take its input.
	ReasonTemplate
	// ReasonStart: the run could not be started.
	ReasonStart
	// ReasonRestart: the requested restart can't be done.
	ReasonRestart
	// ReasonExtraVars: the extra vars can't be used.
	ReasonExtraVars
	// ReasonImport: nothing was found to import, or it can't be represented.
	ReasonImport
	// ReasonNoInstance: the hub's jobs show no live instance of this name.
	ReasonNoInstance
	// ReasonMove: the job that another provider has launched has not provisioned an instance.
	ReasonMove
)

// Error is the error of an operation that did not reach its end. It has the whole story, except for what the caller
// itself keeps, which the caller must add.
type Error struct {
	Reason Reason
	// Instance is the instance's id.
	Instance string
	// Job is the job in question; nil if there was none.
	Job *jobs.JobRecord
	// What says, in whole sentences, what was tried and what came back.
	What string
	// Next says, in whole sentences, what to do about it; it may be empty.
	Next string
	// Err is the cause; nil if What says everything.
	Err error
}

// Error returns the text of the error, on one or more lines.
func (e *Error) Error() string {
	var text strings.Builder
	text.WriteString(e.What)
	if e.Err != nil {
		text.WriteString(" ")
		text.WriteString(e.Err.Error())
	}
	if e.Job != nil && e.Job.URL != "" {
		text.WriteString("\n\nJob: " + e.Job.URL)
	}
	if e.Next != "" {
		text.WriteString("\n\n" + e.Next)
	}
	return text.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// remedy says what to do about an answer of the controller.
func remedy(err error) string {
	switch {
	case errors.Is(err, controller.ErrUnauthorized):
		return "The controller did not accept the credentials: check the hub's token, or username and password, and whether they have expired."
	case errors.Is(err, controller.ErrForbidden):
		return "The credentials are valid but lack a permission: the user needs the role Execute on both templates, and a token needs the scope Write."
	case errors.Is(err, controller.ErrScope):
		return "The token may only read, which is enough for plans and refreshes: make one of scope Write. No role mends this."
	case errors.Is(err, controller.ErrDenied):
		return "No role mends this: the answer says what it is that refuses, such as a license, a limit, or something in front of the controller."
	case errors.Is(err, controller.ErrNotController):
		return "Check the hub's url: it is the address of the automation controller (AAP or AWX), such as https://aap.example.com."
	case errors.Is(err, transport.ErrTooLarge):
		return "No answer of a controller is that large, unless a job was given or has set (set_stats) an enormous value: look at what this URL gives, and purge such a job."
	default:
		return ""
	}
}
