package diagnose

import (
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/osac-project/terraform-provider-osac/internal/controller"
	"github.com/osac-project/terraform-provider-osac/internal/jobs"
	"github.com/osac-project/terraform-provider-osac/internal/osac"
	"github.com/osac-project/terraform-provider-osac/internal/provisioning"
	"github.com/osac-project/terraform-provider-osac/internal/transport"
)

// Operation is the Terraform operation that failed: it decides what is kept, and what to do next.
type Operation int

// The operations.
const (
	Configure Operation = iota
	Plan
	Read
	Create
	Update
	Delete
	Import
	Restart
	ReadJob
	ReadTemplates
	Find
	List
)

// String returns the operation in words, as in "could not …".
func (o Operation) String() string {
	return [...]string{
		"configure the provider", "plan the instance", "read the instance", "create the instance", "update the instance",
		"delete the instance", "import the instance", "restart the instance", "read the job", "read the templates",
		"find the instance", "list the instances",
	}[o]
}

// Error says what went wrong, what Terraform has kept, and what to do next. kept says whether a record of this
// operation goes into state alongside the error.
func Error(o Operation, err error, kept bool) diag.Diagnostic {
	var failure *provisioning.Error
	if !errors.As(err, &failure) {
		return diag.NewErrorDiagnostic("Could not "+o.String(),
			Printable(fmt.Sprintf("Tried to %s: %s", o, err)))
	}
	head := headlineOf(failure)
	paragraphs := []string{failure.Error()}
	for _, more := range []string{whatIsKept(o, kept), whatNext(o, failure, kept)} {
		if more != "" {
			paragraphs = append(paragraphs, more)
		}
	}
	detail := Printable(strings.Join(paragraphs, "\n\n"))
	// The provider block has none of the instance's attributes.
	if len(head.at.Steps()) == 0 || o == Configure || o == Import {
		return diag.NewErrorDiagnostic(head.summary, detail)
	}
	if at, exists := restartAttributes[head.at.String()]; o == Restart {
		if !exists {
			return diag.NewErrorDiagnostic(head.summary, detail)
		}
		head.at = at
	}
	return diag.NewAttributeErrorDiagnostic(head.at, head.summary, detail)
}

// AppendWarnings adds the domain's warnings as diagnostics.
func AppendWarnings(diags *diag.Diagnostics, warnings []jobs.Warning) {
	for _, warning := range warnings {
		diags.AddWarning(Printable(warning.Summary), Printable(warning.Detail))
	}
}

// headline is a failure's summary, and the attribute that it is about.
type headline struct {
	summary string
	at      path.Path
}

// headlineOf returns the headline of every reason.
//
//nolint:gocyclo // one exhaustive switch is what the linter can check for completeness
func headlineOf(failure *provisioning.Error) headline {
	job := "The job"
	if failure.Job != nil && failure.Job.ID != "" {
		job = "Job " + Printable(failure.Job.ID)
	}
	switch failure.Reason {
	case provisioning.ReasonInterrupted:
		return headline{summary: "Interrupted"}
	case provisioning.ReasonTimeout:
		return headline{"The operation took too long", path.Root("timeouts")}
	case provisioning.ReasonJobFailed:
		return headline{summary: job + " failed"}
	case provisioning.ReasonJobCanceled:
		return headline{summary: job + " was cancelled"}
	case provisioning.ReasonOutcomeUnknown:
		return headline{summary: job + " has an unknown outcome"}
	case provisioning.ReasonAlreadyExists:
		return headline{"The instance exists already", path.Root("name")}
	case provisioning.ReasonDestroyed:
		return headline{summary: "The instance was destroyed meanwhile"}
	case provisioning.ReasonMadeHere:
		return headline{"The instance was made by this same run", path.Root("name")}
	case provisioning.ReasonOtherController:
		return headline{"The hub is another controller", path.Root("hub")}
	case provisioning.ReasonOtherPlace:
		return headline{"The hub is another place", path.Root("hub")}
	case provisioning.ReasonTaken:
		return headline{"The instance was taken", path.Root("name")}
	case provisioning.ReasonOvertaken:
		return headline{summary: "The run was overtaken"}
	case provisioning.ReasonHub:
		return headline{hubSummary(failure), path.Root("hub")}
	case provisioning.ReasonTemplate:
		return headline{"The job template can't be used", path.Root("hub")}
	case provisioning.ReasonStart:
		return headline{summary: "The run could not be started"}
	case provisioning.ReasonRestart:
		return headline{"The restart can't be done", path.Root("restart_requested_at")}
	case provisioning.ReasonExtraVars:
		return headline{"The extra vars can't be used", path.Root("extra_vars")}
	case provisioning.ReasonImport:
		return headline{summary: "The instance can't be read from its jobs"}
	case provisioning.ReasonNoInstance:
		return headline{summary: "There is no instance to restart"}
	case provisioning.ReasonMove:
		return headline{summary: "The state can't be moved"}
	}
	return headline{summary: "The operation failed"}
}

// hubSummary distinguishes credentials and rights from everything else that makes a hub unusable.
func hubSummary(failure *provisioning.Error) string {
	switch {
	case errors.Is(failure, controller.ErrUnauthorized):
		return "The hub refused the credentials"
	case errors.Is(failure, controller.ErrForbidden):
		return "The hub denied a permission"
	case errors.Is(failure, controller.ErrScope):
		return "The hub's token may only read"
	case errors.Is(failure, controller.ErrDenied):
		return "The hub refused the request"
	default:
		return "The hub can't be used"
	}
}

// whatIsKept says, in sentences, what Terraform's state now holds.
func whatIsKept(o Operation, kept bool) string {
	switch o {
	case Create:
		if kept {
			return "Terraform has kept the instance in its state, marked as tainted."
		}
		return "Terraform has recorded nothing: the instance is not in its state."
	case Update:
		if kept {
			return "Terraform has kept the instance in its state, with this run's job: the next plan shows what is left to do."
		}
		return "Terraform's state is as it was before."
	case Delete:
		return "The instance stays in Terraform's state."
	case Read:
		return "Terraform's state is as it was before."
	case Configure, Plan, Import, Restart, ReadJob, ReadTemplates,
		Find, List:
	}
	return ""
}

// whatNext says, in sentences, how to go on, in addition to the domain's own advice.
func whatNext(o Operation, failure *provisioning.Error, kept bool) string {
	switch {
	case o == Create && kept:
		return nextAfterCreate(failure)
	case o == Update && kept && unfinished(failure):
		return fmt.Sprintf("The next apply goes on with job %s.", failure.Job.ID)
	case o == Update && kept:
		return "When the cause is mended, the next apply runs the create template again."
	case o == Delete && unfinished(failure) && failure.Job.Type == osac.Deprovision:
		return fmt.Sprintf("The next destroy goes on with job %s.", failure.Job.ID)
	case o == Restart && unfinished(failure):
		return fmt.Sprintf("The job may restart the machine yet. To wait for it, invoke the action again: while job %s runs, it is followed, and no other is launched.", failure.Job.ID)
	case o == Delete && failure.Job != nil:
		return "The next destroy launches the delete template again."
	default:
		return ""
	}
}

// nextAfterCreate is the advice after a create that Terraform has tainted: the next apply deletes and creates, unless the
// user untaints the resource (internal/sandbox/FACTS.md F40).
func nextAfterCreate(failure *provisioning.Error) string {
	const untaint = "`terraform untaint <address of the resource>` and then `terraform apply`"
	if unfinished(failure) {
		return fmt.Sprintf("To go on with job %[1]s: %[2]s. A plain apply cancels job %[1]s, deletes the instance and builds it anew.",
			failure.Job.ID, untaint)
	}
	return "When the cause is mended, the next apply deletes what there is and builds it anew. " +
		"To run the create template on what there is instead: " + untaint + "."
}

// unfinished reports whether the failure's job is known and may still run.
func unfinished(failure *provisioning.Error) bool {
	return failure.Job != nil && failure.Job.ID != "" && !failure.Job.State.Terminal()
}

// Printable makes a text safe for a terminal and a log, since much of a diagnostic comes from playbooks.
func Printable(text string) string { return transport.Plain(text) }

// PrintableLine returns a text as one bounded line.
func PrintableLine(text string) string { return transport.Cut(transport.OneLine(text), maxLine) }

const maxLine = 2 << 10

// restartAttributes are the action's attributes that failures are about, by the resource's names for them.
var restartAttributes = map[string]path.Path{"hub": path.Root("hub"), "timeouts": path.Root("timeout")}
