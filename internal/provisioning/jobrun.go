package provisioning

// Operation is one run that is asked of a hub: what a backend needs to make its job happen.
type Operation struct {
	Verb Verb
	Key  Key
	// RunID is unique to the operation and part of the payload: the job is found again by it.
	RunID string
	// Template is the name of the job template or workflow template.
	Template string
	Payload  Payload
	// Seen is the watermark of the look that decided on the operation: its job is newer.
	Seen Watermark
}
