// Package eda is a simulated Event-Driven Ansible: an ansible-rulebook with its webhook, and an EDA server with its event
// streams and rule audit. It is test equipment and a stage for demonstrations; the provider never imports it.
//
// Like a real one, it knows the controller only by its API: it finds templates, launches them and polls the jobs, with a
// token of its own. Comments cite the recordings in testdata/eda by their numbers, as in "eda 04", and the facts in
// ../FACTS.md, as in "F61". "src" is what was read in the source of ansible-rulebook, ansible.eda or eda-server, and not
// seen.
//
// # What is recorded
//
// The answers of the webhook and of event streams, each with its text and headers. The requests to the controller, what
// is in them, and when they are sent: a sequential rulebook launches when its poll, every ten seconds, has seen the previous
// job end, and a parallel one has up to 25 actions at once. Back pressure reaches the clients of a webhook, never those of
// an event stream. Requests to a controller that is away are retried for a minute. Events that were accepted and not
// launched are lost with the process. Rule audit is written when an action ends. TestContract replays the recordings, and
// lists every remaining difference with its reason.
//
// # What is invented
//
// Everything under /sandbox/api/eda/ of APIHandler is the sandbox's own, and takes no credentials:
//
//	GET    requests, events, log   posts, what became of them, and the log of ansible-rulebook; DELETE requests
//	POST   faults                  {"post": {PostFault}} or {"event": {EventFault}}; DELETE clears all
//	POST   rules                   {"rule": "...", "disabled": true}
//	POST   token                   {"token": "..."}: EDA's own, for the controller
//	POST   stop, start             {"kill": true}: the process of the rulebook
//
// So are AAP's gateway before the EDA server, and the rulebook as a Go value. README.md has the whole list of what is
// invented, what differs from the recordings, and what is missing.
package eda
