// Package eda is the client of Event-Driven Ansible: it posts events to the webhook of a rulebook or to an event stream of
// an EDA server, and asks an EDA server's rule audit why an event led to nothing.
//
// It knows their answers, and nothing of what the events say. Neither a webhook nor an event stream says what became of an
// event: 200 means that the event was accepted, and no more. The caller looks for the job.
//
// Comments cite the recordings in internal/sandbox/eda/testdata/eda by their numbers, as in "eda 04", and the facts in
// internal/sandbox/FACTS.md, as in "F63".
package eda
