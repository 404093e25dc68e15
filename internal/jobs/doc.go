// Package jobs tells what a hub's jobs say of an object: it finds the jobs, reads what they ran for, keeps the newest ones at
// hand for all who ask at the same time, and answers whose the object is.
//
// It launches, cancels and deletes nothing. What is to be done about what it says is the business of package provisioning.
package jobs
