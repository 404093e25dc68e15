// Package jobs reads an object's story from a hub's jobs: it finds the jobs, reads their inputs, keeps the newest ones
// for all lookups, and decides whose the object is.
//
// It launches, cancels and deletes nothing. Package provisioning decides what to do about the jobs.
package jobs
