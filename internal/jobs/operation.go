package jobs

import "github.com/osac-project/terraform-provider-osac/internal/osac"

// Operation is one run that is asked of a hub: what a backend needs to make its job happen.
type Operation struct {
	Verb osac.Verb
	Key  osac.Key
	// RunID is unique to the operation and part of the payload: the job is found again by it.
	RunID string
	// Template is the name of the job template or workflow template.
	Template string
	Payload  osac.Payload
	// Seen is the watermark of the look that decided on the operation: its job is newer.
	Seen Watermark
}
