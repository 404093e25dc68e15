package jobs

import "github.com/osac-project/terraform-provider-osac/internal/osac"

// Operation is one request for a run on a hub: all that a backend needs to start the run's job.
type Operation struct {
	Verb osac.Verb
	Key  osac.Key
	// RunID is unique to the operation and part of the payload, so that its job is found again.
	RunID string
	// Template is the name of the job template or workflow template.
	Template string
	Payload  osac.Payload
	// Seen is the watermark of the lookup that decided on the operation: the operation's job is newer.
	Seen Watermark
}
