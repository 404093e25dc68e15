// Package provisioning is the domain: what it means to create, change and delete a compute instance by running jobs.
//
// It holds the one state machine that every backend shares. Objects are values of package osac, and package jobs tells what
// a hub's jobs say of them. A [Backend] only makes a run's job happen; finding,
// watching, cancelling and reading jobs are the same for all of them. There is no Terraform in here: the caller maps
// plan and state to an [osac.Instance] and a [jobs.Record], and gets records, warnings and typed errors back.
//
// The rules are those of OSAC's operator where they hold (contract/osac/README.md, section 3), and of design.md
// where the operator's are known to fail.
package provisioning
