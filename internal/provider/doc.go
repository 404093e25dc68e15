// Package provider is the Terraform layer: schemas, plans, state and diagnostics.
//
// It maps the provider block to hubs, and plan and state of an osac_compute_instance to what the provisioning domain
// works on. Whatever is done for an instance is decided there; whatever Terraform must be told is decided here. How
// Terraform treats a provider, which explains much of this code, is recorded in contract/terraform/README.md.
package provider
