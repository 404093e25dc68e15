// Package diagnose makes diagnostics of the domain's errors and warnings: what failed, why, what Terraform has kept, what to do
// next, and the job's address. It is the only place that does.
package diagnose
