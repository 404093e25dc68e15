// Package controller is a client of the API of an Ansible Automation Platform controller or AWX.
//
// It is the only code that knows the controller's URLs, fields and error answers. It knows nothing of compute
// instances: callers pass templates' names, extra vars and jobs' references, and get jobs and typed errors back.
//
// The client relies on the behaviour of a real AWX. Comments cite the recordings in internal/sandbox/testdata/awx by their
// numbers, and the facts in internal/sandbox/FACTS.md as F12 or L6.
package controller
