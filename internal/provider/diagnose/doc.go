// Package diagnose turns the domain's errors and warnings into diagnostics: what failed, why, what Terraform has kept,
// what to do next, and the job's address. No other package makes diagnostics of them.
package diagnose
