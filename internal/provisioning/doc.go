// Package provisioning is the domain: what it means to create, change and delete an object by running jobs.
//
// It has the one state machine of all backends. Objects are values of package osac, and package jobs reads a hub's
// jobs. A [Backend] only starts a run's job; finding, following, cancelling and reading jobs are the same for all
// backends. There is no Terraform in this package: the caller converts plan and state to an [osac.Instance] and a
// [jobs.Record], and gets records, warnings and typed errors back.
//
// The rules are those of OSAC's operator (internal/sandbox/FACTS.md F84), except where the operator is known to fail.
package provisioning
