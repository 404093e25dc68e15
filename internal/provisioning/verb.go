package provisioning

// Verb tells whether a run provisions or deprovisions. The values are those of OSAC's JobStatus.
type Verb string

// The verbs.
const (
	Provision   Verb = "provision"
	Deprovision Verb = "deprovision"
)
