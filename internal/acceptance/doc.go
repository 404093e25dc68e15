// Package acceptance holds the acceptance tests: what a user of osac_compute_instance may rely on, each behaviour under
// its scenario's id as TestAcc<id>_<name>. Real Terraform runs the provider against a simulated controller, and every
// test judges by three witnesses: what Terraform says, what the state holds, and what the controller saw.
//
// There are two ways to run Terraform. What is about plans, state and diagnostics runs through terraform-plugin-testing,
// which serves the provider in process. What is about signals, kills, exit codes and logs runs the built binary under
// the real CLI in a process group of its own (workspace, command).
//
// The tests want TF_ACC, which `make test` sets. With OSAC_ACC_URL and OSAC_ACC_TOKEN set they use that controller
// instead of a sandbox, and those that need an injected fault skip.
package acceptance
