package osac

// Verb is what a run does: provision or deprovision. The values are those of OSAC's JobStatus.
type Verb string

// The verbs.
const (
	Provision   Verb = "provision"
	Deprovision Verb = "deprovision"
)
