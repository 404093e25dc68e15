// Package acceptance holds the acceptance tests: what a user of osac_compute_instance may rely on, each behaviour under
// its scenario's id as TestAcc<id>_<name>. Real Terraform runs the provider against a simulated controller, and every
// test judges by three witnesses: what Terraform says, what the state holds, and what the controller saw.
//
// There are two ways to run Terraform. What is about plans, state and diagnostics runs through terraform-plugin-testing,
// which serves the provider in process. What is about signals, kills, exit codes and logs runs the built binary under
// the real CLI in a process group of its own (workspace, command).
//
// The tests want TF_ACC, which `make test` sets. With OSAC_ACC_URL and OSAC_ACC_TOKEN set (`make test-controller`) they use
// that controller instead of a sandbox; examples/playbooks/README.md says what it must have. How a job goes is asked for in
// its payload, which the sandbox and the example playbooks understand alike (creating, doomed, simulate); what an
// administrator does by hand is behind the interface operator, with the sandbox's API and a controller's behind it. What
// can't be brought about at a real controller begins with StartSimulated and is skipped there, and needsSandbox says why.
package acceptance
