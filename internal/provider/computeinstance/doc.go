// Package computeinstance is osac_compute_instance in all its forms: resource, data sources, list resource, restart
// action and functions.
//
// A model is a plan or a state as Terraform has it. model.go alone converts it to and from the domain's values. Package
// provisioning decides what to do for an instance.
package computeinstance
