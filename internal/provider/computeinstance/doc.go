// Package computeinstance is osac_compute_instance in all its forms: resource, data sources, list resource, restart action and
// functions.
//
// A model is a plan or a state as Terraform has it, and model.go alone converts it to and from the domain's values. What is
// done for an instance is decided in package provisioning.
package computeinstance
