// Package sandbox is a simulated AAP controller (AWX): an http.Handler that answers as a real AWX does. Comments cite the
// recordings of that AWX in testdata/awx by their numbers, and the facts in FACTS.md as F12 or L6. The package is test
// equipment and a stage for demonstrations; the provider never imports it.
//
// It has the same paths, status codes, headers, fields, filters, pages, rights and errors, and jobs that live: pending,
// waiting, running, over. A job's status is computed from the clock at each request. A sandbox therefore works in a
// testing/synctest bubble, needs no clean-up, and holds many jobs. contract_test.go replays the recordings, and lists every
// remaining difference with its reason.
//
// # What is invented
//
// Everything under /sandbox/ is the sandbox's own. Real AAP has no such thing, and it takes no credentials:
//
//	GET    /sandbox/                   a page that shows instances, jobs and the request rate, live
//	GET    /sandbox/api/overview       what that page shows, without anything that may be secret
//	GET    /sandbox/api/instances      the compute instances that exist, by the jobs that have succeeded
//	GET    /sandbox/api/jobs           all jobs
//	GET    /sandbox/api/requests       the log of API requests; DELETE empties it
//	DELETE /sandbox/api/jobs/16        purges a job; without an id, all finished ones
//	POST   /sandbox/api/behaviors      {"template": "...", "always": {Behavior}, "next": [{Behavior}, ...]}
//	POST   /sandbox/api/faults         {"fault": {Fault}}; DELETE clears all
//	GET    /sandbox/api/answers        the answers that a Fault can name
//	POST   /sandbox/api/templates      {"new": {Template}}
//	POST   /sandbox/api/launches       {"template": "...", "extra_vars": {...}, "user": "admin"}: a launch by hand
//	POST   /sandbox/api/cancels        {"job": 16}: a cancel by hand
//	POST   /sandbox/api/down           {"seconds": 30}: connections are cut; POST /sandbox/api/up ends it
//
// Durations in JSON are nanoseconds. The fields are those of the types of this package, in snake_case.
//
// A payload can choose the course of its job, and the example playbooks understand the same: if
// spec.templateParameters of the compute instance, a JSON string, has an object "simulate", its "seconds" are the
// job's duration, "fail" is the message that it fails with, "artifacts" are its set_stats; "delete_seconds" and
// "delete_fail" are the same for delete jobs. A launch's own template_parameters override those of the spec, and BehaveNext
// overrides both.
//
// With Options.Playbooks, jobs are not simulated: they are runs of ansible-playbook. Such a sandbox has processes, and Close
// ends them.
//
// AAP's gateways (Options.Gateway) were not recorded either: they follow documents and source. README.md has the whole list
// of what is invented, what differs from the recordings, and what is missing.
package sandbox
