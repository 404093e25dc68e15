// Package controller is a client of the API of an Ansible Automation Platform controller or AWX.
//
// It is the only code that knows the controller's URLs, fields and error answers. It knows nothing of compute
// instances: callers hand it templates' names, extra vars and jobs' references, and get jobs and typed errors back.
// What it relies on was recorded from a real AWX; comments cite the recordings by number.
package controller
