// Package eda is the client of Event-Driven Ansible: it posts events to the webhook of a rulebook or to an event stream of
// an EDA server, and asks an EDA server's rule audit why an event led to nothing.
//
// It knows what these answer (contract/eda/README.md, 4 to 6), and nothing of what the events say. Neither a webhook nor
// an event stream tells what became of an event: 200 means taken in, and that is all. Whoever posts looks for the job.
package eda
