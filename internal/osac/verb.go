package osac

// Verb says what a run does: it provisions or deprovisions. The values are those of OSAC's JobStatus.
type Verb string

// The verbs.
const (
	Provision   Verb = "provision"
	Deprovision Verb = "deprovision"
)
